import { generateKeyPairSync } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { logVerifierKey, witnessVerifierKey } from '../../core/journal/index.ts';
import { Cli } from './cli.ts';
import {
  copyingSource,
  folderSource,
  municipalityOf,
  readTrust,
  trustFile,
  urlSource,
  verifierKey,
} from './journal-source.ts';
import { recordedTerminal } from './recorded-terminal.fixture.ts';

const publicKey = generateKeyPairSync('ed25519')
  .publicKey.export({ format: 'der', type: 'spki' })
  .subarray(-32);
const signer = (name: string) => ({ name, publicKey, sign: () => Buffer.alloc(64) });
const settings = {
  municipalities: [
    { code: '131016', origin: 'a.example/131016' },
    { code: '131024', origin: 'a.example/131024' },
  ],
  log_public_key: publicKey.toString('base64'),
  witness: { name: 'w.example', public_key: publicKey.toString('base64') },
};

let data: string;
let cli: Cli;
let server: Server | undefined;
beforeEach(() => {
  data = mkdtempSync(join(tmpdir(), 'sekisho-trust-'));
  cli = new Cli({
    terminal: recordedTerminal(),
    language: 'en',
    json: true,
    signal: new AbortController().signal,
  });
  cli.options = { data };
});
afterEach(() => {
  server?.close();
  rmSync(data, { recursive: true, force: true });
});

describe('verifier keys', () => {
  it('are those that the journal makes', () => {
    expect(verifierKey('a.example/1', 1, publicKey)).toBe(logVerifierKey(signer('a.example/1')));
    expect(verifierKey('w.example', 4, publicKey)).toBe(witnessVerifierKey(signer('w.example')));
  });
});

describe('whom a verification trusts', () => {
  const write = (name: string, value: unknown) =>
    writeFileSync(join(data, name), typeof value === 'string' ? value : JSON.stringify(value));

  it('the keys of the house, by municipality', async () => {
    write('settings.json', settings);
    const policy = await readTrust(cli, undefined, '131024');
    expect(policy).toMatchObject({ origin: 'a.example/131024', quorum: 1 });
    expect(policy.witnessKeys).toEqual([witnessVerifierKey(signer('w.example'))]);
  });

  it('a file given by hand, of one log or of several', async () => {
    const one = { origin: 'o', log_key: 'k', witness_keys: [], quorum: 0 };
    write('one.json', one);
    expect(await readTrust(cli, join(data, 'one.json'), '999999')).toMatchObject({ origin: 'o' });
    write('several.json', { '131016': one, '131024': { ...one, origin: 'p' } });
    expect(await readTrust(cli, join(data, 'several.json'), '131024')).toMatchObject({ origin: 'p' });
    await expect(readTrust(cli, join(data, 'several.json'))).rejects.toMatchObject({ kind: 'not-found' });
  });

  it('what `journal trust` prints can be given to --trust', async () => {
    write('settings.json', settings);
    write('given.json', await trustFile(cli));
    const given = await readTrust(cli, join(data, 'given.json'), '131016');
    expect(given).toEqual(await readTrust(cli, undefined, '131016'));
  });

  it.each([
    ['missing', undefined, 'not-found'],
    ['no JSON', '{', 'config-invalid'],
    ['empty', {}, 'not-found'],
    ['without keys', { origin: 'o' }, 'config-invalid'],
    ['a negative quorum', { origin: 'o', log_key: 'k', witness_keys: [], quorum: -1 }, 'config-invalid'],
    [
      'of another municipality',
      { '131024': { origin: 'o', log_key: 'k', witness_keys: [], quorum: 0 } },
      'not-found',
    ],
  ])('a file that is %s is refused', async (_name, value, kind) => {
    if (value !== undefined) write('t.json', value);
    await expect(readTrust(cli, join(data, 't.json'), '131016')).rejects.toMatchObject({ kind });
  });

  it.each([
    ['data/journal/131016', '131016'],
    ['https://example.jp/journal/131016/', '131016'],
    ['copy', undefined],
    ['131016x', undefined],
  ])('%s is of municipality %s', (where, code) => {
    expect(municipalityOf(where)).toBe(code);
  });
});

describe('where a log is read from', () => {
  it('a file that is not there is no error, a folder that cannot be read is', async () => {
    mkdirSync(join(data, 'tile'));
    expect(await folderSource(data).get('checkpoint')).toBeUndefined();
    await expect(folderSource(data).get('tile')).rejects.toThrow();
  });

  it('a server that fails is not a tile that is gone', async () => {
    server = createServer((request, response) => {
      response.statusCode = request.url === '/gone' ? 404 : request.url === '/moved' ? 302 : 500;
      response.setHeader('location', '/gone');
      response.end();
    });
    await new Promise<void>((ready) => server!.listen(0, '127.0.0.1', ready));
    const source = urlSource(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`, cli.signal);
    expect(await source.get('gone')).toBeUndefined();
    await expect(source.get('broken')).rejects.toMatchObject({ kind: 'unreachable' });
    await expect(source.get('moved')).rejects.toMatchObject({ kind: 'unreachable' });
  });

  it('a copy broken off has no checkpoint', async () => {
    const files: Record<string, Buffer> = { checkpoint: Buffer.from('c'), 'tile/0/000': Buffer.from('t') };
    const to = join(data, 'copy');
    const copy = copyingSource({ get: async (path) => files[path] }, to);
    await copy.get('checkpoint');
    await copy.get('tile/0/000');
    await copy.get('tile/0/001');
    expect(existsSync(join(to, 'tile/0/000'))).toBe(true);
    expect(existsSync(join(to, 'checkpoint'))).toBe(false);
    expect(await copy.finish()).toBe(2);
    expect(existsSync(join(to, 'checkpoint'))).toBe(true);
  });
});
