import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { exitCodes } from '../exit-codes.ts';
import { main } from '../program.ts';
import { recordedTerminal } from '../recorded-terminal.fixture.ts';

let data: string;
beforeAll(async () => {
  data = mkdtempSync(join(tmpdir(), 'sekisho-cli-keystore-'));
  const { code } = await run('init', '--municipality', '202029', '--host', 'gate.town.example');
  expect(code).toBe(exitCodes.ok);
});
afterAll(() => rmSync(data, { recursive: true, force: true }));

async function run(...argv: string[]) {
  const terminal = recordedTerminal({ env: {} });
  const signal = new AbortController().signal;
  const code = await main([...argv, '--data', data, '--lang', 'en'], { terminal, signal });
  return { code, out: terminal.out(), err: terminal.err() };
}
const passphrase = () =>
  readFileSync(join(data, 'secrets', 'passphrase'), 'utf8')
    .trim()
    .split('\n')
    .at(-1)!;
const shareArgv = (...numbers: number[]) =>
  numbers.flatMap((number) => ['--share-file', join(data, 'shares', `share-${number}`)]);

describe('sekisho keystore', { timeout: 60_000 }, () => {
  it('check says what opens it and that it is a demonstration’s, and shows nothing secret', async () => {
    const { code, out } = await run('keystore', 'check');
    expect(code).toBe(exitCodes.ok);
    expect(out).toMatch(/demonstration +yes/);
    expect(out).toMatch(/passphrase +opens it/);
    expect(out).toMatch(/shares +there is none/);
    expect(out).not.toContain(passphrase());
    expect(JSON.parse((await run('keystore', 'check', '--json')).out)).toMatchObject({
      demo: true,
      ownHouse: true,
    });
  });

  it('split writes a file for each, prints no share, and any three open', async () => {
    const { code, out } = await run('keystore', 'split', '--to', join(data, 'shares'));
    expect(code).toBe(exitCodes.ok);
    expect(readdirSync(join(data, 'shares'))).toHaveLength(5);
    expect(out).not.toContain('SKS1');
    const check = await run('keystore', 'check', ...shareArgv(1, 3, 5));
    expect(check.code).toBe(exitCodes.ok);
    expect(check.out).toMatch(/shares needed +3 \/ 5/);
  });

  it('check with too few shares exits as a refusal and says how many are needed', async () => {
    const { code, out } = await run('keystore', 'check', ...shareArgv(1, 3));
    expect(code).toBe(exitCodes.refused);
    expect(out).toMatch(/too few shares.*there are: 2.*needed: 3/);
  });

  it('passphrase takes that of another file, and the old one opens no more', async () => {
    const newFile = join(data, 'new-passphrase');
    writeFileSync(newFile, 'another long passphrase\n', { mode: 0o600 });
    expect((await run('keystore', 'passphrase', '--new-file', newFile)).code).toBe(exitCodes.ok);
    expect((await run('keystore', 'check')).code).toBe(exitCodes.refused);
    const { code, out } = await run('keystore', 'check', '--passphrase-file', newFile, '--json');
    expect(code).toBe(exitCodes.ok);
    expect(out).not.toContain('another long');
  });

  it.each([
    [['split', '--to', 'x', '--shares', 'five'], exitCodes.usage],
    [['split'], exitCodes.usage],
    [['passphrase'], exitCodes.usage],
    [['passphrase', '--new-file', '/nowhere/p'], exitCodes.unavailable],
    [['check', '--share-file', '/nowhere/share'], exitCodes.refused],
  ])('%j exits as documented', async (argv, expected) => {
    expect((await run('keystore', ...argv)).code).toBe(expected);
  });
});

describe('sekisho init', { timeout: 60_000 }, () => {
  it('--renew-certificates makes them anew with the hosts they had', async () => {
    const file = join(data, 'secrets', 'tls-gate.json');
    const before = readFileSync(file, 'utf8');
    const { code, out } = await run('init', '--renew-certificates', '--json');
    expect(code).toBe(exitCodes.ok);
    expect(JSON.parse(out).hosts).toEqual(['localhost', '127.0.0.1', 'gate.town.example']);
    expect(readFileSync(file, 'utf8')).not.toBe(before);
  });

  it.each([
    [['--municipality', '202029', '--pkcs11', '/nowhere.so']],
    [['--municipality', '202029', '--token', 'town', '--store', 's']],
    [[]],
  ])('%j is a usage error', async (argv) => {
    expect((await run('init', ...argv)).code).toBe(exitCodes.usage);
  });
});

describe('sekisho database prepare', () => {
  it('without a server says how to name one', async () => {
    const { code, err } = await run('database', 'prepare');
    expect(code).toBe(exitCodes.usage);
    expect(err).toContain('DATABASE_URL');
  });

  it('--check of a server that was never made tells which command makes it', async () => {
    const { code, err } = await run('database', 'prepare', '--embedded', '--check');
    expect(code).toBe(exitCodes.broken);
    expect(err).toContain('sekisho database prepare');
  });
});
