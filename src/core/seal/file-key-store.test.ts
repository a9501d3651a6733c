import { createPublicKey, verify } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ErrorFacts, isSekishoError, SekishoError } from '../../ground/errors.ts';
import { Masked } from '../../ground/masked.ts';
import { seededRandomness } from '../../ground/randomness.ts';
import type { FileKeyStore } from './file-key-store.ts';
import { createFileKeyStore, openFileKeyStore } from './keystore-ceremony.ts';

const randomness = seededRandomness('file key store');
/** The least cost the format takes: these tests are not about slowness. */
const cost = { n: 2 ** 14, r: 8, p: 1 } as const;
const passphrase = new Masked('passphrase', 'twelve or more characters');
const folder = mkdtempSync(join(tmpdir(), 'sekisho-keystore-'));
const file = join(folder, 'keystore.json');
let store: FileKeyStore;
let counter = 0;

beforeAll(async () => {
  await createFileKeyStore(file, { passphrase }, randomness, { cost });
  store = await openFileKeyStore(file, { passphrase });
});
afterAll(() => rmSync(folder, { recursive: true }));

async function fresh(options: { demo?: boolean } = {}): Promise<string> {
  const name = join(folder, `store-${counter++}.json`);
  await createFileKeyStore(name, { passphrase }, randomness, { cost, ...options });
  return name;
}

async function refusal(work: () => unknown): Promise<{ kind: string } & ErrorFacts> {
  try {
    await work();
  } catch (error) {
    if (isSekishoError(error)) return { kind: error.kind, ...error.facts };
    throw error;
  }
  throw new SekishoError('internal', { reason: 'nothing was refused' });
}

describe('keys of the file store', () => {
  it('are the same after every opening, and others in another store', async () => {
    const again = await openFileKeyStore(file, { passphrase });
    const other = await openFileKeyStore(await fresh(), { passphrase });
    const all = (s: FileKeyStore) => [s.mac('a/b', 'x'), s.secret('a/b'), s.publicKey('a/b')];
    expect(all(again)).toEqual(all(store));
    for (const [i, value] of all(other).entries()) expect(value).not.toEqual(all(store)[i]);
  });

  it('differ by purpose and by name', () => {
    const values = [store.mac('a', ''), store.mac('b', ''), store.secret('a'), store.secret('b')];
    expect(new Set(values.map((value) => value.toString('hex'))).size).toBe(4);
    expect(store.mac('a', 'one')).not.toEqual(store.mac('a', 'two'));
    expect(store.mac('a', '数')).toEqual(store.mac('a', Buffer.from('数')));
  });

  it('wrap and unwrap at once, without a promise, only in their place and shard', () => {
    const key = randomness.bytes(32);
    const wrapped = store.wrap(7, key, 'here');
    expect(wrapped.length).toBe(61);
    expect(store.unwrap(7, wrapped, 'here')).toEqual(key);
    for (const [shard, place] of [
      [8, 'here'],
      [7, 'there'],
    ] as const) {
      expect(() => store.unwrap(shard, wrapped, place)).toThrow(/seal-broken/);
    }
    expect(() => store.wrap(4_096, key, 'here')).toThrow(/bad-input.*shard/);
    expect(() => store.unwrap(-1, wrapped, 'here')).toThrow(/bad-input.*shard/);
    expect(() => store.wrap(0, key.subarray(1), 'here')).toThrow(/bad-input.*key/);
  });

  it('sign so that others verify (RFC 8032)', () => {
    const data = Buffer.from('checkpoint');
    const signature = store.sign('journal/131016', data);
    const x = store.publicKey('journal/131016').toString('base64url');
    const key = createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x }, format: 'jwk' });
    expect(signature.length).toBe(64);
    expect(verify(null, data, key, signature)).toBe(true);
    expect(verify(null, Buffer.from('checkpoin'), key, signature)).toBe(false);
  });

  it('have names of ours only', () => {
    for (const name of ['', 'A', '/a', 'a/', 'a//b', 'a b', 'あ', 'a|b', 'x'.repeat(121)]) {
      expect(() => store.mac(name, ''), name).toThrow(/bad-input.*key-name/);
    }
  });

  it('are gone after close', async () => {
    const closing = await openFileKeyStore(file, { passphrase });
    const wrapped = closing.wrap(1, randomness.bytes(32), 'p');
    closing.mac('a', '');
    closing.close();
    for (const call of [
      () => closing.unwrap(1, wrapped, 'p'),
      () => closing.mac('a', ''),
      () => closing.secret('a'),
      () => closing.sign('a', wrapped),
    ]) {
      expect(await refusal(call)).toMatchObject({ kind: 'keystore-missing', reason: 'closed' });
    }
  });

  it('given out as a secret can be overwritten without harm', () => {
    const first = store.secret('link/a');
    const kept = Buffer.from(first);
    first.fill(0);
    expect(store.secret('link/a')).toEqual(kept);
  });
});
