import { generateKeyPairSync } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { fakeOffice, session } from '../../../../test/fake-office.fixture.ts';
import { SekishoError } from '../../../ground/errors.ts';
import { type HttpShell, httpShell } from '../../../ground/http/index.ts';
import { silentLog } from '../../../ground/log.ts';
import { houseLayout, initHouse } from '../../../processes/index.ts';
import { exitCodes } from '../exit-codes.ts';
import { main } from '../program.ts';
import { recordedTerminal } from '../recorded-terminal.fixture.ts';

async function run(
  data: string,
  argv: string[],
  o: { typed?: string; tty?: boolean; env?: Record<string, string> } = {},
) {
  const terminal = recordedTerminal({ env: {}, ...o });
  const signal = new AbortController().signal;
  const code = await main([...argv, '--data', data, '--lang', 'en', '--json'], { terminal, signal });
  return { code, out: terminal.out(), err: terminal.err() };
}

describe('sekisho gate staff first', () => {
  let data: string;
  let gate: HttpShell;
  let url: string;
  const asked: { path: string; body: Record<string, unknown> }[] = [];
  let refusal: SekishoError | undefined;
  beforeAll(async () => {
    data = mkdtempSync(join(tmpdir(), 'sekisho-first-'));
    await initHouse({
      ...{ folder: data, municipalities: ['202029'], originPrefix: 'test.sekisho.invalid' },
      ...{ mode: 'demo', database: 'embedded' },
    });
    const tls = JSON.parse(readFileSync(houseLayout(data).tls('gate'), 'utf8'));
    gate = httpShell({ name: 'gate', log: silentLog, tls });
    for (const path of ['/gate/v1/enrol-terminal', '/gate/v1/enrol-staff'])
      gate.post(path, (request) => {
        asked.push({ path, body: request.body as Record<string, unknown> });
        if (refusal !== undefined && path.endsWith('staff')) throw refusal;
        return {};
      });
    url = (await gate.listen({ host: '127.0.0.1', port: 0 })).replace('http:', 'https:');
  });
  beforeEach(() => {
    asked.length = 0;
    refusal = undefined;
  });
  afterAll(async () => {
    await gate?.close();
    rmSync(data, { recursive: true, force: true });
  });

  const argv = (staff: string, more: Record<string, string> = {}) => {
    const o = {
      municipality: '202029',
      staff,
      office: 'security',
      terminal: 'security-1',
      gate: url,
      ...more,
    };
    return ['gate', 'staff', 'first', ...Object.entries(o).flatMap(([name, value]) => [`--${name}`, value])];
  };

  it('enrols the terminal and then him, and leaves his key in an owner-only file', async () => {
    const { code, out } = await run(data, argv('tanaka'), { typed: '864213\n' });
    expect(code).toBe(exitCodes.ok);
    const { keyFile } = JSON.parse(out);
    expect(statSync(keyFile).mode & 0o777).toBe(0o600);
    expect(readFileSync(keyFile, 'utf8')).not.toContain('864213');
    expect(asked.map(({ path }) => path)).toEqual(['/gate/v1/enrol-terminal', '/gate/v1/enrol-staff']);
    expect(asked[1]?.body).toMatchObject({
      ...{ municipality: '202029', staff: 'tanaka', role: 'administrator' },
      ...{ office: 'security', pin: '864213' },
    });
  });

  it('never makes a second key for a name, and asks the gate nothing', async () => {
    const { code } = await run(data, argv('tanaka'), { typed: '864213\n' });
    expect(code).toBe(exitCodes.conflict);
    expect(asked).toEqual([]);
  });

  it('where somebody was enrolled before says so, and leaves no key behind', async () => {
    refusal = new SekishoError('session-invalid', { reason: 'needed' });
    const { code, err } = await run(data, argv('late'), { typed: '864213\n' });
    expect(code).toBe(exitCodes.conflict);
    expect(JSON.parse(err).error).toMatchObject({
      kind: 'already-exists',
      facts: { reason: 'not-the-first' },
    });
    expect(existsSync(join(data, 'staff', 'late.json'))).toBe(false);
  });

  it.each([
    ['a PIN of five', 'suzuki', {}, '12345\n', exitCodes.input],
    ['a name that leads out of the folder', '../x', {}, '864213\n', exitCodes.input],
    ['a code whose check digit is wrong', 'suzuki', { municipality: '202028' }, '864213\n', exitCodes.input],
    ['a gate without TLS', 'suzuki', { gate: 'http://127.0.0.1:1' }, '864213\n', exitCodes.input],
  ])('refuses %s and asks the gate nothing', async (_what, staff, more, typed, expected) => {
    const { code } = await run(data, argv(staff, more), { typed });
    expect(code).toBe(expected);
    expect(asked).toEqual([]);
    expect(existsSync(join(data, 'staff', 'suzuki.json'))).toBe(false);
  });
});

describe('sekisho gate staff pin', () => {
  let data: string;
  let office: ReturnType<typeof fakeOffice>;
  const keyFile = () => join(data, 'staff', 'sato.json');
  beforeEach(() => {
    data = mkdtempSync(join(tmpdir(), 'sekisho-pin-'));
    for (const folder of ['staff', 'run']) mkdirSync(join(data, folder));
  });
  afterEach(async () => {
    await office?.end();
    rmSync(data, { recursive: true, force: true });
  });

  async function serve(changePin: unknown, pin?: string): Promise<void> {
    const privateKeyPem = generateKeyPairSync('ed25519').privateKey.export({ format: 'pem', type: 'pkcs8' });
    const key = { staff: 'sato', terminal: 't-01', privateKeyPem, ...(pin === undefined ? {} : { pin }) };
    writeFileSync(keyFile(), JSON.stringify(key), { mode: 0o600 });
    office = fakeOffice({
      challenge: { nonce: 'sekisho-sign-in/v1 sato n' },
      signIn: { session, expiresAt: 4_000_000_000_000, role: 'clerk', office: 'desk' },
      signOut: () => undefined,
      changePin,
    });
    const officeUrl = await office.app.listen({ port: 0, host: '127.0.0.1' });
    writeFileSync(join(data, 'run', 'house.json'), JSON.stringify({ officeUrl }));
  }
  const change = () => office.asked.find(({ operation }) => operation === 'changePin')?.input;

  it('signs in with the present one, changes it, signs out, and writes neither down', async () => {
    await serve({ sessionsEnded: 2 });
    const { code, out } = await run(data, ['gate', 'staff', 'pin', '--as', 'sato'], {
      typed: '471147\n908070\n',
    });
    expect(code).toBe(exitCodes.ok);
    expect(JSON.parse(out)).toEqual({ changed: true, sessionsEnded: 2 });
    expect(change()).toEqual({ session, oldPin: '471147', newPin: '908070' });
    expect(office.asked.at(-1)?.operation).toBe('signOut');
    expect(readFileSync(keyFile(), 'utf8')).not.toMatch(/471147|908070/);
  });

  it('of a demonstration keeps the new one in the file that held the old', async () => {
    await serve({ sessionsEnded: 0 }, '471147');
    expect((await run(data, ['gate', 'staff', 'pin', '--as', 'sato'], { typed: '908070\n' })).code).toBe(0);
    expect(JSON.parse(readFileSync(keyFile(), 'utf8'))).toMatchObject({ staff: 'sato', pin: '908070' });
    expect(statSync(keyFile()).mode & 0o777).toBe(0o600);
  });

  it('refused keeps the file as it was', async () => {
    await serve(new SekishoError('sign-in-failed'), '471147');
    const before = readFileSync(keyFile(), 'utf8');
    const { code } = await run(data, ['gate', 'staff', 'pin', '--as', 'sato'], { typed: '908070\n' });
    expect(code).toBe(exitCodes.refused);
    expect(readFileSync(keyFile(), 'utf8')).toBe(before);
  });

  it('too short does not get as far as the gate', async () => {
    await serve({ sessionsEnded: 0 }, '471147');
    const { code } = await run(data, ['gate', 'staff', 'pin', '--as', 'sato'], { typed: '12345\n' });
    expect(code).toBe(exitCodes.input);
    expect(change()).toBeUndefined();
  });
});
