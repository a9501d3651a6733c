import { createPublicKey, verify } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { FileKeyStore } from './file-key-store.ts';
import { passphrase, randomness, refusal, StagedKeystores } from './keystore.fixture.ts';
import { openFileKeyStore } from './keystore-ceremony.ts';

const stage = new StagedKeystores();
const { file } = stage;
let store: FileKeyStore;
beforeAll(async () => {
  await stage.start();
  store = stage.store;
});
afterAll(() => stage.remove());
const fresh = (options: { demo?: boolean } = {}) => stage.fresh(options);

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
