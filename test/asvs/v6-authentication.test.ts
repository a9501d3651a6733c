import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { signNonce } from '../../src/core/gate/index.ts';
import { deviceKey, matsumoto, TestHouse } from '../house.ts';

let house: TestHouse;
let session: string;
beforeAll(async () => {
  house = await TestHouse.start();
  ({ session } = await house.desk('administrator'));
});
afterAll(() => house[Symbol.asyncDispose]());

/** Enrols somebody with a PIN and says whether another one signs him in. */
async function signsIn(staff: string, pin: string, typed: string): Promise<boolean> {
  const { privateKey, publicKey } = deviceKey(staff);
  const terminal = `terminal-of-${staff}`;
  await house.gate.enrolTerminal({ session, municipality: matsumoto, terminal, office: 'desk' });
  await house.gate.enrolStaff({
    ...{ session, municipality: matsumoto, staff, role: 'clerk', office: 'desk' },
    publicKey: publicKey.toString('base64'),
    pin,
  });
  const { nonce } = await house.gate.challenge({ staff });
  const signature = signNonce(privateKey, nonce);
  return house.gate.signIn({ staff, terminal, nonce, signature, pin: typed }).then(
    () => true,
    () => false,
  );
}

describe('the PIN', () => {
  it('v5.0.0-6.2.9 may be 64 characters long, and all of them count', async () => {
    const long = 'a'.repeat(63);
    expect(await signsIn('long', `${long}x`, `${long}x`)).toBe(true);
    expect(await signsIn('longer', `${long}x`, `${long}y`)).toBe(false);
  });

  it('v5.0.0-6.2.5 may be of any characters, and none are asked for', async () => {
    expect(await signsIn('kana', '関所を通る 🗝', '関所を通る 🗝')).toBe(true);
    expect(await signsIn('digits', '246813', '246813')).toBe(true);
  });

  it('v5.0.0-6.2.8 is compared with its case and its blanks', async () => {
    expect(await signsIn('case', 'Pass word', 'pass word')).toBe(false);
    expect(await signsIn('blank', 'Pass word', 'Password')).toBe(false);
  });
});
