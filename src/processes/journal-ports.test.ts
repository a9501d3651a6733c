import { createHmac } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { FileKeyStore } from '../core/seal/index.ts';
import { type MunicipalityCode, type PersonId, uuidBytes } from '../ground/ids.ts';
import { seededRandomness } from '../ground/randomness.ts';
import { journalPorts } from './journal-ports.ts';

const municipality = '202029' as MunicipalityCode;
const person = '0190a1b2-c3d4-7000-8000-0123456789ab' as PersonId;
const randomness = seededRandomness('ports');
const store = () => new FileKeyStore(Buffer.alloc(32, 7), Buffer.alloc(16, 9), seededRandomness('store'));
const ports = () => journalPorts(store(), municipality, 'example.invalid/journal', randomness);
const leaf = Buffer.alloc(32, 1);
const plain = Buffer.from('a line');
// 2026-03-31 23:59:59.999 and 2026-04-01 00:00 in Japan: the last and the first millisecond of two months.
const march = Date.UTC(2026, 2, 31, 14, 59, 59, 999);
const april = march + 1;

describe('person token', () => {
  it('is the HMAC of the id, cut to 16 bytes', async () => {
    const secret = store().secret(`journal-person/${municipality}`);
    const expected = createHmac('sha256', secret).update(uuidBytes(person)).digest().subarray(0, 16);
    expect((await ports()).personToken(person)).toEqual(expected);
  });
  it('hands out bytes that the next token leaves alone', async () => {
    const { personToken } = await ports();
    const first = personToken(person);
    const kept = Buffer.from(first);
    personToken('0190a1b2-c3d4-7000-8000-ffffffffffff' as PersonId);
    expect(first).toEqual(kept);
  });
});

describe('payload sealer', () => {
  it('opens what it sealed, also after lines of another month', async () => {
    const { sealer } = await ports();
    const sealed = [march, april, march].map((at) => sealer.seal(leaf, at, plain));
    expect(sealer.open(leaf, april, sealed[1]!)).toEqual(plain);
    expect(sealer.open(leaf, march, sealed[0]!)).toEqual(plain);
    expect(sealer.open(leaf, march, sealed[2]!)).toEqual(plain);
  });
  it('changes its key with the month in Japan, to the millisecond', async () => {
    const { sealer } = await ports();
    const sealed = sealer.seal(leaf, march, plain);
    expect(sealer.open(leaf, march - 86_400_000, sealed)).toEqual(plain);
    expect(() => sealer.open(leaf, april, sealed)).toThrow('seal-broken');
  });
  it('refuses a payload put under another leaf', async () => {
    const { sealer } = await ports();
    const sealed = sealer.seal(leaf, march, plain);
    expect(() => sealer.open(Buffer.alloc(32, 2), march, sealed)).toThrow('seal-broken');
  });
  it('opens what another process sealed', async () => {
    const sealed = (await ports()).sealer.seal(leaf, april, plain);
    expect((await ports()).sealer.open(leaf, april, sealed)).toEqual(plain);
  });
});
