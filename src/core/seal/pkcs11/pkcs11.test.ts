import { execFileSync } from 'node:child_process';
import { createHmac, createPublicKey, verify } from 'node:crypto';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type ErrorFacts, isSekishoError } from '../../../ground/errors.ts';
import { Masked } from '../../../ground/masked.ts';
import { seededRandomness, systemRandomness } from '../../../ground/randomness.ts';
import { openPkcs11KeyStore, type Pkcs11KeyStore, type Pkcs11Options } from './pkcs11-key-store.ts';

// Against a real token library, SoftHSM2 (Debian: softhsm2), through the compiled binding. Where either is absent
// the tests are skipped and say why, unless SEKISHO_REQUIRE_PKCS11=1.
const module = [
  process.env['SEKISHO_PKCS11_MODULE'] ?? '',
  '/usr/lib/softhsm/libsofthsm2.so',
  '/usr/lib/x86_64-linux-gnu/softhsm/libsofthsm2.so',
  '/usr/local/lib/softhsm/libsofthsm2.so',
].find((path) => existsSync(path));

function whyNot(): string | undefined {
  if (module === undefined) return 'SoftHSM2 is not installed';
  try {
    createRequire(import.meta.url)('pkcs11js');
  } catch {
    return 'pkcs11js is not compiled (npm rebuild pkcs11js --ignore-scripts=false)';
  }
  return undefined;
}

const reason = whyNot();
const required = process.env['SEKISHO_REQUIRE_PKCS11'] === '1';
const pin = new Masked('pin', '482913');
const randomness = seededRandomness('pkcs11');
let folder = '';
const opened: Pkcs11KeyStore[] = [];
let tokens = 0;

function newToken(): string {
  const label = `token-${tokens++}`;
  const options = ['--init-token', '--free', '--label', label, '--pin', pin.reveal(), '--so-pin', '731055'];
  execFileSync('softhsm2-util', options, { stdio: 'ignore' });
  return label;
}

async function open(options: Partial<Pkcs11Options> & { token: string }): Promise<Pkcs11KeyStore> {
  const store = await openPkcs11KeyStore({
    module: module ?? '/nowhere',
    pin,
    store: 'sekisho-test',
    folder: join(folder, `beside-${options.token}`),
    shards: 4,
    randomness: systemRandomness(),
    ...options,
  });
  opened.push(store);
  return store;
}

async function closeAll(): Promise<void> {
  for (const store of opened) store.close();
  await Promise.all(opened.splice(0).map((store) => store.ended));
}

/** Logs in as the store does and asks each secret and private key for its value: prints what the token answers. */
const readValues = `
  const p11 = require('pkcs11js');
  const [module, token, pin] = process.argv.slice(1);
  const library = new p11.PKCS11();
  library.load(module);
  library.C_Initialize();
  const slot = library.C_GetSlotList(true).find((s) => library.C_GetTokenInfo(s).label.trimEnd() === token);
  const session = library.C_OpenSession(slot, p11.CKF_SERIAL_SESSION);
  library.C_Login(session, p11.CKU_USER, pin);
  const answers = [];
  for (const value of [p11.CKO_SECRET_KEY, p11.CKO_PRIVATE_KEY]) {
    library.C_FindObjectsInit(session, [{ type: p11.CKA_CLASS, value }]);
    const handles = library.C_FindObjects(session, 10);
    library.C_FindObjectsFinal(session);
    for (const handle of handles) {
      try {
        library.C_GetAttributeValue(session, handle, [{ type: p11.CKA_VALUE }]);
        answers.push('given');
      } catch (error) {
        answers.push(error.message);
      }
    }
  }
  console.log(JSON.stringify(answers));
`;

async function refusal(work: Promise<unknown>): Promise<{ kind: string } & ErrorFacts> {
  try {
    await work;
  } catch (error) {
    if (isSekishoError(error)) return { kind: error.kind, ...error.facts };
    throw error;
  }
  return { kind: 'done' };
}

it.runIf(required)('PKCS#11 was required (SEKISHO_REQUIRE_PKCS11=1) and can be tried here', () => {
  expect(reason).toBeUndefined();
});

describe.skipIf(reason !== undefined)(
  `PKCS#11 key store${reason === undefined ? '' : ` — skipped: ${reason}`}`,
  () => {
    beforeAll(() => {
      folder = mkdtempSync(join(tmpdir(), 'sekisho-pkcs11-'));
      mkdirSync(join(folder, 'tokens'));
      const lines = [`directories.tokendir = ${join(folder, 'tokens')}`, 'objectstore.backend = file'];
      writeFileSync(join(folder, 'softhsm2.conf'), [...lines, 'log.level = ERROR', ''].join('\n'));
      process.env['SOFTHSM2_CONF'] = join(folder, 'softhsm2.conf');
    });
    afterEach(closeAll);
    afterAll(() => rmSync(folder, { recursive: true }));

    it('wraps and unwraps in the token, only in place and shard', async () => {
      const store = await open({ token: newToken() });
      const key = randomness.bytes(32);
      const wrapped = await store.wrap(1, key, 'here');
      expect(wrapped.length).toBe(61);
      expect(await store.unwrap(1, wrapped, 'here')).toEqual(key);
      const flipped = Buffer.from(wrapped);
      flipped[20]! ^= 1;
      for (const [shard, bytes, place] of [
        [1, wrapped, 'there'],
        [2, wrapped, 'here'],
        [1, flipped, 'here'],
        [1, wrapped.subarray(0, 40), 'here'],
        [1, wrapped.subarray(0, 10), 'here'],
      ] as const) {
        expect((await refusal(store.unwrap(shard, bytes, place))).kind).toBe('seal-broken');
      }
      // A refused unwrapping leaves the session in order.
      expect(await store.unwrap(1, wrapped, 'here')).toEqual(key);
      expect((await refusal(store.wrap(4, key, 'here'))).kind).toBe('bad-input');
      expect((await refusal(store.wrap(0, key.subarray(1), 'here'))).kind).toBe('bad-input');
    });

    it('answers many calls at once, each with its own answer', async () => {
      const store = await open({ token: newToken() });
      const keys = Array.from({ length: 300 }, () => Buffer.from(randomness.bytes(32)));
      const wrapped = await Promise.all(keys.map((key, i) => store.wrap(i % 4, key, `p${i}`)));
      expect(new Set(wrapped.map((bytes) => bytes.toString('hex'))).size).toBe(300);
      expect(await Promise.all(wrapped.map((bytes, i) => store.unwrap(i % 4, bytes, `p${i}`)))).toEqual(keys);
    });

    it('makes the same HMACs after every opening, others by name, and takes an empty message', async () => {
      const token = newToken();
      const store = await open({ token });
      const first = await store.mac('number/national', '123456789018');
      expect(first.length).toBe(32);
      expect(await store.mac('number/national', Buffer.from('123456789018'))).toEqual(first);
      expect(await store.mac('reading/131016', '123456789018')).not.toEqual(first);
      const empty = await store.mac('number/national', '');
      expect(empty).not.toEqual(createHmac('sha256', '').update('').digest());
      await closeAll();
      const again = await open({ token });
      expect(await again.mac('number/national', '123456789018')).toEqual(first);
      expect(await again.mac('number/national', '')).toEqual(empty);
    });

    it('signs by Ed25519 so that node:crypto verifies', async () => {
      const store = await open({ token: newToken() });
      const data = Buffer.from('a checkpoint');
      const publicKey = await store.publicKey('journal/131016');
      expect(publicKey.length).toBe(32);
      const jwk = { kty: 'OKP', crv: 'Ed25519', x: publicKey.toString('base64url') };
      const key = createPublicKey({ key: jwk, format: 'jwk' });
      const signature = await store.sign('journal/131016', data);
      expect(verify(null, data, key, signature)).toBe(true);
      expect(verify(null, Buffer.from('another'), key, signature)).toBe(false);
      expect(await store.publicKey('journal/271004')).not.toEqual(publicKey);
    });

    it('keeps secrets beside the token, wrapped, the same after every opening', async () => {
      const token = newToken();
      const beside = join(folder, 'secrets');
      const store = await open({ token, folder: beside });
      const [a, b] = await Promise.all([store.secret('link/a'), store.secret('link/a')]);
      expect(a.length).toBe(32);
      expect(b).toEqual(a);
      expect(await store.secret('link/b')).not.toEqual(a);
      for (const file of readdirSync(beside)) {
        const text = readFileSync(join(beside, file), 'utf8');
        expect(statSync(join(beside, file)).mode & 0o777).toBe(0o600);
        expect(text).not.toContain(a.toString('base64'));
        expect(text).not.toContain(pin.reveal());
      }
      await closeAll();
      expect(await (await open({ token, folder: beside })).secret('link/a')).toEqual(a);
    });

    it('refuses a secret carried under another name', async () => {
      const beside = join(folder, 'exchanged');
      const store = await open({ token: newToken(), folder: beside });
      await store.secret('link/a');
      const before = new Set(readdirSync(beside));
      await store.secret('link/b');
      const fileB = readdirSync(beside).find((name) => !before.has(name))!;
      const fileA = [...before].find((name) => name.startsWith('secret-'))!;
      writeFileSync(join(beside, fileA), readFileSync(join(beside, fileB)));
      expect((await refusal(store.secret('link/a'))).kind).toBe('seal-broken');
      writeFileSync(join(beside, fileA), '{"format":');
      expect((await refusal(store.secret('link/a'))).kind).toBe('seal-broken');
      chmodSync(join(beside, fileB), 0o644);
      expect((await refusal(store.secret('link/b'))).kind).toBe('keystore-unsafe');
    });

    it('has keys that never leave the token', async () => {
      const token = newToken();
      const store = await open({ token });
      await store.wrap(0, randomness.bytes(32), 'p');
      await store.mac('a', 'x');
      await store.sign('s', Buffer.from('x'));
      // In a process of its own: a library once initialised here would not see the tokens of the tests that follow.
      const answers = execFileSync(process.execPath, ['-e', readValues, module!, token, pin.reveal()], {
        encoding: 'utf8',
        cwd: import.meta.dirname,
      });
      expect(JSON.parse(answers)).toEqual(Array(4).fill('CKR_ATTRIBUTE_SENSITIVE'));
    });

    it('refuses a wrong PIN, an empty one, a strange token, a missing library: each says what', async () => {
      const token = newToken();
      expect(await refusal(open({ token, pin: new Masked('pin', '000000') }))).toEqual({
        kind: 'keystore-wrong-secret',
        reason: 'pin',
      });
      expect(await refusal(open({ token, pin: new Masked('pin', '') }))).toEqual({
        kind: 'keystore-missing',
        missing: 'pin',
      });
      expect(await refusal(open({ token: 'nobody' }))).toEqual({
        kind: 'keystore-missing',
        missing: 'token',
        token: 'nobody',
      });
      expect(await refusal(open({ token, module: '/nowhere/lib.so' }))).toMatchObject({
        kind: 'keystore-missing',
        missing: 'module',
      });
      const notALibrary = join(folder, 'not-a-library.so');
      writeFileSync(notALibrary, 'text');
      expect((await refusal(open({ token, module: notALibrary }))).kind).toBe('keystore-missing');
      expect((await refusal(open({ token, store: 'No Label' }))).kind).toBe('bad-input');
    });

    it('exchanged for an empty token makes no new keys: it says which key is missing', async () => {
      const beside = join(folder, 'kept');
      const first = await open({ token: newToken(), folder: beside });
      await first.mac('number/national', 'x');
      await closeAll();
      expect(await refusal(open({ token: newToken(), folder: beside }))).toEqual({
        kind: 'keystore-missing',
        missing: 'token-key',
        label: 'sekisho-test/secret-wrap',
      });
    });

    it('with its folder lost says so and makes no new secrets', async () => {
      const token = newToken();
      await open({ token, folder: join(folder, 'first') });
      await closeAll();
      expect(await refusal(open({ token, folder: join(folder, 'second') }))).toMatchObject({
        kind: 'keystore-missing',
        missing: 'keystore-folder',
      });
    });

    it('killed between making a key and noting it finds the key again', async () => {
      const token = newToken();
      const beside = join(folder, 'killed');
      const store = await open({ token, folder: beside });
      const before = new Set(readdirSync(beside));
      const value = await store.mac('a', 'x');
      const mark = join(beside, readdirSync(beside).find((name) => !before.has(name))!);
      expect(JSON.parse(readFileSync(mark, 'utf8')).state).toBe('made');
      await closeAll();
      writeFileSync(mark, readFileSync(mark, 'utf8').replace('"made"', '"making"'));
      expect(await (await open({ token, folder: beside })).mac('a', 'x')).toEqual(value);
      expect(JSON.parse(readFileSync(mark, 'utf8')).state).toBe('made');
    });

    it('closed lets what was asked finish, then refuses', async () => {
      const store = await open({ token: newToken() });
      await store.mac('a', 'x');
      const asked = store.mac('a', 'y');
      // The key is known, so the question is on its way after one turn.
      await new Promise((resolve) => setImmediate(resolve));
      store.close();
      expect((await asked).length).toBe(32);
      expect(await refusal(store.mac('a', 'x'))).toMatchObject({
        kind: 'keystore-missing',
        missing: 'token',
      });
      await store.ended;
    });
  },
);
