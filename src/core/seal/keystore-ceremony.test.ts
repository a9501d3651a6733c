import { chmodSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SekishoError } from '../../ground/errors.ts';
import { Masked } from '../../ground/masked.ts';
import type { FileKeyStore } from './file-key-store.ts';
import { cost, passphrase, randomness, refusal, StagedKeystores } from './keystore.fixture.ts';
import {
  changePassphrase,
  createFileKeyStore,
  openFileKeyStore,
  readKeystoreParts,
  removePassphrase,
  splitShares,
} from './keystore-ceremony.ts';
import { readPassphraseFile, writeDemoPassphrase } from './passphrase-file.ts';

const stage = new StagedKeystores();
const { folder, file } = stage;
let store: FileKeyStore;
beforeAll(async () => {
  await stage.start();
  store = stage.store;
});
afterAll(() => stage.remove());
const fresh = (options: { demo?: boolean } = {}) => stage.fresh(options);

describe('the keystore file', () => {
  it('is for its owner alone, leaves no draft, and shows neither root nor passphrase', () => {
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(readdirSync(folder).filter((name) => name.endsWith('.new'))).toEqual([]);
    expect(readFileSync(file, 'utf8')).not.toContain(passphrase.reveal());
  });

  it('is never overwritten by a new one', async () => {
    const before = readFileSync(file);
    expect((await refusal(() => createFileKeyStore(file, { passphrase }, randomness, { cost }))).kind).toBe(
      'already-exists',
    );
    expect(readFileSync(file)).toEqual(before);
  });

  it('missing is said to be missing', async () => {
    const absent = join(folder, 'absent.json');
    expect(await refusal(() => openFileKeyStore(absent, { passphrase }))).toEqual({
      kind: 'keystore-missing',
      missing: 'keystore-file',
      file: absent,
      reason: 'not-found',
    });
  });

  it('is refused when group or others may read it', async () => {
    for (const mode of [0o640, 0o604, 0o660, 0o601]) {
      const name = await fresh();
      chmodSync(name, mode);
      expect(await refusal(() => openFileKeyStore(name, { passphrase }))).toMatchObject({
        kind: 'keystore-unsafe',
        reason: 'readable-by-others',
      });
    }
  });

  it('is refused when it is a folder', async () => {
    expect(await refusal(() => openFileKeyStore(folder, { passphrase }))).toMatchObject({
      kind: 'keystore-unsafe',
      reason: 'not-a-file',
    });
  });

  it('is refused as garbage, truncated, or of another form', async () => {
    const name = await fresh();
    const whole = readFileSync(name, 'utf8');
    const value = JSON.parse(whole);
    const cases = ['', '{', 'null', whole.slice(0, -20), JSON.stringify({ ...value, format: 'v2' })];
    cases.push(JSON.stringify({ ...value, more: 1 }), JSON.stringify({ ...value, key_check_value: 'AAAA' }));
    for (const text of cases) {
      writeFileSync(name, text);
      expect((await refusal(() => openFileKeyStore(name, { passphrase }))).kind).toBe('seal-broken');
    }
  });

  it('with its scrypt cost lowered or raised past reason is refused before any work', async () => {
    const name = await fresh();
    const value = JSON.parse(readFileSync(name, 'utf8'));
    for (const n of [2, 1_000, 2 ** 24]) {
      value.passphrase.cost.n = n;
      writeFileSync(name, JSON.stringify(value));
      expect((await refusal(() => openFileKeyStore(name, { passphrase }))).kind).toBe('seal-broken');
    }
  });

  it('with any field exchanged opens nothing', async () => {
    const name = await fresh({ demo: true });
    await splitShares(name, { passphrase }, { shares: 3, threshold: 2 }, randomness);
    const other = JSON.parse(readFileSync(await fresh(), 'utf8'));
    const value = JSON.parse(readFileSync(name, 'utf8'));
    const changes = [
      { demo: false },
      { store_id: other.store_id },
      { key_check_value: other.key_check_value },
      { header_mac: other.header_mac },
      { passphrase: other.passphrase },
      { shares: null },
      { shares: { ...value.shares, threshold: 3 } },
    ];
    for (const change of changes) {
      writeFileSync(name, JSON.stringify({ ...value, ...change }));
      const { kind } = await refusal(() => openFileKeyStore(name, { passphrase }));
      expect(['seal-broken', 'keystore-wrong-secret'], JSON.stringify(Object.keys(change))).toContain(kind);
    }
  });
});

describe('a passphrase', () => {
  it('that is wrong, empty or short is refused', async () => {
    const open = (text: string) =>
      refusal(() => openFileKeyStore(file, { passphrase: new Masked('p', text) }));
    expect(await open('twelve or more character')).toEqual({
      kind: 'keystore-wrong-secret',
      reason: 'passphrase',
    });
    expect(await open('')).toEqual({ kind: 'keystore-missing', missing: 'passphrase' });
    const short = { passphrase: new Masked('p', 'elevenchars') };
    expect(
      await refusal(() => createFileKeyStore(join(folder, 's.json'), short, randomness, { cost })),
    ).toMatchObject({ kind: 'keystore-unsafe', reason: 'passphrase-short', minimum: 12 });
  });

  it('is the same in full-width letters', async () => {
    const wide = new Masked('p', 'ｔｗｅｌｖｅ or more characters');
    expect((await openFileKeyStore(file, { passphrase: wide })).secret('a')).toEqual(store.secret('a'));
  });

  it('can be changed: the new one opens the same keys, the old one nothing', async () => {
    const name = await fresh();
    const before = (await openFileKeyStore(name, { passphrase })).secret('a');
    const next = new Masked('p', 'another long passphrase');
    await changePassphrase(name, { passphrase }, next, randomness, cost);
    expect((await openFileKeyStore(name, { passphrase: next })).secret('a')).toEqual(before);
    expect((await refusal(() => openFileKeyStore(name, { passphrase }))).kind).toBe('keystore-wrong-secret');
    expect(statSync(name).mode & 0o777).toBe(0o600);
  });

  it('wrong does not change it', async () => {
    const wrong = { passphrase: new Masked('p', 'not at all the right one') };
    const before = readFileSync(file);
    expect((await refusal(() => changePassphrase(file, wrong, passphrase, randomness, cost))).kind).toBe(
      'keystore-wrong-secret',
    );
    expect(readFileSync(file)).toEqual(before);
  });
});

describe("a demonstration's passphrase file", () => {
  it('is read in a demonstration and refused in production', async () => {
    const name = join(folder, 'passphrase');
    const written = await writeDemoPassphrase(name, randomness);
    expect(statSync(name).mode & 0o777).toBe(0o600);
    expect((await readPassphraseFile(name, { production: false })).reveal()).toBe(written.reveal());
    expect(await refusal(() => readPassphraseFile(name, { production: true }))).toMatchObject({
      kind: 'keystore-unsafe',
      reason: 'demo-passphrase',
    });
    expect((await refusal(() => writeDemoPassphrase(name, randomness))).kind).toBe('already-exists');
  });

  it("is not needed for a demonstration's keystore to be refused, before or after a change of passphrase", async () => {
    const name = await fresh({ demo: true });
    const production = { production: true };
    const unsafe = { kind: 'keystore-unsafe', reason: 'demo-keystore' };
    expect(await refusal(() => openFileKeyStore(name, { passphrase }, production))).toMatchObject(unsafe);
    const next = new Masked('p', 'another long passphrase');
    await changePassphrase(name, { passphrase }, next, randomness, cost);
    expect(await refusal(() => openFileKeyStore(name, { passphrase: next }, production))).toMatchObject(
      unsafe,
    );
    await expect(openFileKeyStore(name, { passphrase: next })).resolves.toBeDefined();
    await expect(openFileKeyStore(file, { passphrase }, production)).resolves.toBeDefined();
  });

  it('readable by others, empty or absent is refused', async () => {
    const name = join(folder, 'pass-2');
    expect(await refusal(() => readPassphraseFile(name, { production: true }))).toMatchObject({
      kind: 'keystore-missing',
      missing: 'passphrase',
    });
    writeFileSync(name, '# only a comment\n\n', { mode: 0o600 });
    expect(await refusal(() => readPassphraseFile(name, { production: true }))).toMatchObject({
      kind: 'keystore-missing',
      reason: 'empty',
    });
    writeFileSync(name, 'an operator wrote this\r\n');
    expect((await readPassphraseFile(name, { production: true })).reveal()).toBe('an operator wrote this');
    chmodSync(name, 0o644);
    expect(await refusal(() => readPassphraseFile(name, { production: true }))).toMatchObject({
      kind: 'keystore-unsafe',
      reason: 'readable-by-others',
      mode: '0644',
    });
  });
});

describe("officers' shares, 3 of 5", () => {
  const sharing = { shares: 5, threshold: 3 };

  it('open the same keys, any three of them in any order', async () => {
    const name = await fresh();
    const secret = (await openFileKeyStore(name, { passphrase })).secret('a');
    const shares = await splitShares(name, { passphrase }, sharing, randomness);
    expect(shares.length).toBe(5);
    for (const pick of [
      [0, 1, 2],
      [4, 2, 0],
      [3, 1, 4],
      [0, 1, 2, 3],
      [4, 3, 2, 1, 0],
    ]) {
      const opened = await openFileKeyStore(name, { shares: pick.map((i) => shares[i]!) });
      expect(opened.secret('a')).toEqual(secret);
    }
  });

  it('too few say how many are missing', async () => {
    const name = await fresh();
    const shares = await splitShares(name, { passphrase }, sharing, randomness);
    expect(await refusal(() => openFileKeyStore(name, { shares: shares.slice(0, 2) }))).toEqual({
      kind: 'keystore-missing',
      missing: 'shares',
      reason: 'too-few-shares',
      have: 2,
      needed: 3,
    });
    expect((await refusal(() => openFileKeyStore(name, { shares: [] }))).kind).toBe('keystore-missing');
  });

  it('one given twice is named', async () => {
    const name = await fresh();
    const [a, b] = await splitShares(name, { passphrase }, sharing, randomness);
    expect(await refusal(() => openFileKeyStore(name, { shares: [a!, b!, a!] }))).toEqual({
      kind: 'keystore-wrong-secret',
      reason: 'share-twice',
      share: 3,
      earlier: 1,
    });
  });

  it('of another store, or of an earlier splitting, is named', async () => {
    const name = await fresh();
    const elsewhere = await splitShares(await fresh(), { passphrase }, sharing, randomness);
    const early = await splitShares(name, { passphrase }, sharing, randomness);
    const late = await splitShares(name, { shares: early.slice(0, 3) }, sharing, randomness);
    const open = (third: Masked) =>
      refusal(() => openFileKeyStore(name, { shares: [late[0]!, late[1]!, third] }));
    expect(await open(elsewhere[2]!)).toMatchObject({ reason: 'share-of-another-store', share: 3 });
    expect(await open(early[2]!)).toMatchObject({ reason: 'share-of-another-splitting', share: 3 });
    await expect(openFileKeyStore(name, { shares: late.slice(2) })).resolves.toBeDefined();
  });

  it('forged with a right checksum fail the key check value, for combining them gives no error', async () => {
    const { formatShare, parseShare } = await import('./share.ts');
    const name = await fresh();
    const [a, b, c] = await splitShares(name, { passphrase }, sharing, randomness);
    const content = parseShare(c!, 3);
    const part = Buffer.from(content.part);
    part[0]! ^= 1;
    const forged = formatShare({ ...content, part });
    expect(await refusal(() => openFileKeyStore(name, { shares: [a!, b!, forged] }))).toEqual({
      kind: 'keystore-wrong-secret',
      reason: 'key-check-value',
    });
  });

  it('can be made the only way in, and back', async () => {
    const name = await fresh();
    const shares = await splitShares(name, { passphrase }, { ...sharing, sharesOnly: true }, randomness);
    expect(await refusal(() => openFileKeyStore(name, { passphrase }))).toMatchObject({
      kind: 'keystore-missing',
      missing: 'shares',
    });
    await changePassphrase(name, { shares: shares.slice(1, 4) }, passphrase, randomness, cost);
    await expect(openFileKeyStore(name, { passphrase })).resolves.toBeDefined();
  });

  it('of a store never split are refused', async () => {
    const name = await fresh();
    const shares = await splitShares(await fresh(), { passphrase }, sharing, randomness);
    expect(await refusal(() => openFileKeyStore(name, { shares }))).toMatchObject({
      kind: 'keystore-missing',
      missing: 'passphrase',
      reason: 'not-split',
    });
  });

  it('are not made in impossible numbers, nor does a new store begin with them', async () => {
    const name = await fresh();
    for (const bad of [
      { shares: 5, threshold: 1 },
      { shares: 2, threshold: 3 },
      { shares: 256, threshold: 3 },
      { shares: 2.5, threshold: 2 },
    ]) {
      expect((await refusal(() => splitShares(name, { passphrase }, bad, randomness))).kind).toBe(
        'bad-input',
      );
    }
    const unborn = join(folder, 'unborn.json');
    expect((await refusal(() => createFileKeyStore(unborn, { shares: [] }, randomness))).kind).toBe(
      'bad-input',
    );
  });
});

describe('shares that have to lie somewhere first', () => {
  it('that could not be put there leave the file as it was', async () => {
    const name = await fresh();
    const before = readFileSync(name);
    const deliver = () => Promise.reject(new SekishoError('disk-full'));
    const sharing = { shares: 3, threshold: 2, sharesOnly: true, deliver };
    expect((await refusal(() => splitShares(name, { passphrase }, sharing, randomness))).kind).toBe(
      'disk-full',
    );
    expect(readFileSync(name)).toEqual(before);
  });

  it('are put there before the file names them', async () => {
    const name = await fresh();
    const seen: unknown[] = [];
    const deliver = async () => void seen.push((await readKeystoreParts(name)).shares);
    await splitShares(name, { passphrase }, { shares: 3, threshold: 2, deliver }, randomness);
    expect(seen).toEqual([null]);
    expect((await readKeystoreParts(name)).shares).toEqual({ count: 3, threshold: 2 });
  });
});

describe('the passphrase part', () => {
  it('is taken away only by enough shares, and then shares alone open', async () => {
    const name = await fresh();
    expect(await refusal(() => removePassphrase(name, []))).toMatchObject({ reason: 'not-split' });
    const shares = await splitShares(name, { passphrase }, { shares: 3, threshold: 2 }, randomness);
    expect(await refusal(() => removePassphrase(name, shares.slice(1, 2)))).toMatchObject({
      kind: 'keystore-missing',
      have: 1,
      needed: 2,
    });
    expect((await readKeystoreParts(name)).passphrase).toBe(true);
    await removePassphrase(name, shares.slice(1));
    expect(await readKeystoreParts(name)).toMatchObject({ passphrase: false, demo: false });
    expect(await refusal(() => openFileKeyStore(name, { passphrase }))).toMatchObject({ missing: 'shares' });
    (await openFileKeyStore(name, { shares: shares.slice(0, 2) })).close();
  });
});
