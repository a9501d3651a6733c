import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createFileKeyStore, splitShares, writeDemoPassphrase, writeShareFile } from '../core/seal/index.ts';
import { Masked } from '../ground/masked.ts';
import { systemRandomness } from '../ground/randomness.ts';
import { keystoreOf, openKeyStore } from './key-store.ts';
import { houseLayout } from './layout.ts';
import { gateConfig, type KeystoreConfig, readPem } from './settings.ts';

const randomness = systemRandomness();
const cost = { n: 2 ** 14, r: 8, p: 1 } as const;
const passphrase = new Masked('passphrase', 'twelve or more characters');
const production = { production: true };
let folder: string;
let file: string;
let passphraseFile: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'sekisho-key-store-'));
  file = await keystore('town');
  passphraseFile = join(folder, 'passphrase');
  writeFileSync(passphraseFile, `${passphrase.reveal()}\n`, { mode: 0o600 });
});
afterAll(() => rmSync(folder, { recursive: true }));

/** A keystore of this name, split 3 of 5, its shares beside it as `<name>-1` … */
async function keystore(name: string): Promise<string> {
  const made = join(folder, `${name}.json`);
  await createFileKeyStore(made, { passphrase }, randomness, { cost });
  const shares = await splitShares(made, { passphrase }, { shares: 5, threshold: 3 });
  for (const [i, share] of shares.entries())
    await writeShareFile(join(folder, `${name}-${i + 1}`), share, { number: i + 1, count: 5, threshold: 3 });
  return made;
}

const byShares = (...names: string[]): KeystoreConfig => ({
  kind: 'file',
  file,
  share_files: names.map((name) => join(folder, name)),
});

describe('a keystore file', () => {
  it('opens by its passphrase and by any three shares to the same keys', async () => {
    const one = await openKeyStore({ kind: 'file', file, passphrase_file: passphraseFile }, production);
    const other = await openKeyStore(byShares('town-5', 'town-1', 'town-3'), production);
    expect(await other.publicKey('journal')).toEqual(await one.publicKey('journal'));
    one.close();
    other.close();
  });

  it.each([
    [
      ['town-1', 'town-2'],
      { kind: 'keystore-missing', facts: { reason: 'too-few-shares', have: 2, needed: 3 } },
    ],
    [[], { kind: 'keystore-missing', facts: { reason: 'too-few-shares', have: 0, needed: 3 } }],
    [['town-1', 'town-2', 'gone-3'], { kind: 'keystore-missing', facts: { missing: 'share' } }],
    [['town-1', 'town-4', 'town-1'], { facts: { reason: 'share-twice', share: 3, earlier: 1 } }],
  ])('with the shares %j is refused with what is missing', async (names, expected) => {
    await expect(openKeyStore(byShares(...names), production)).rejects.toMatchObject(expected);
  });

  it('with a share of another keystore is refused, and the share is named', async () => {
    await keystore('village');
    await expect(openKeyStore(byShares('town-1', 'village-2', 'town-3'), production)).rejects.toMatchObject({
      kind: 'keystore-wrong-secret',
      facts: { reason: 'share-of-another-store', share: 2 },
    });
  });

  it('with a share that was copied wrong is refused, and the share is named', async () => {
    writeFileSync(join(folder, 'slip'), 'SKS1-AAAAA-AAAAA\n', { mode: 0o600 });
    await expect(openKeyStore(byShares('town-1', 'town-2', 'slip'), production)).rejects.toMatchObject({
      facts: { reason: 'share-damaged', share: 3 },
    });
  });

  it('with a share that others may read is refused', async () => {
    chmodSync(join(folder, 'town-4'), 0o644);
    await expect(openKeyStore(byShares('town-1', 'town-2', 'town-4'), production)).rejects.toMatchObject({
      kind: 'keystore-unsafe',
    });
    chmodSync(join(folder, 'town-4'), 0o600);
  });

  it('with a demonstration’s passphrase is refused in production', async () => {
    const demo = join(folder, 'demo');
    await writeDemoPassphrase(demo, randomness);
    await expect(
      openKeyStore({ kind: 'file', file, passphrase_file: demo }, production),
    ).rejects.toMatchObject({ kind: 'keystore-unsafe' });
  });
});

describe('the configuration', () => {
  const shape = gateConfig.shape;

  it.each([
    [{ passphrase_file: 'p' }, true],
    [{ share_files: ['1', '2', '3'] }, true],
    [{ passphrase_file: 'p', share_files: ['1'] }, false],
    [{}, false],
  ])('of a file keystore with %j is right: %s', (given, right) => {
    expect(shape.keystore.safeParse({ kind: 'file', file: 'f', ...given }).success).toBe(right);
  });

  it.each([
    [{ url: 'https://witness.example', ca_file: 'ca.crt' }, true],
    [{ url: 'https://witness.example' }, true],
    [{ url: 'http://127.0.0.1:8701' }, true],
    [{ url: 'http://127.0.0.1:8701', ca_file: 'ca.crt' }, false],
    [{ url: 'ftp://witness.example' }, false],
  ])('of a witness with %j is right: %s', (given, right) => {
    expect(shape.witnesses.safeParse([{ name: 'w', public_key: 'k', ...given }]).success).toBe(right);
  });

  it('names the setting whose certificate file is missing or none', async () => {
    for (const wrong of [join(folder, 'gone.crt'), passphraseFile])
      await expect(readPem(wrong, 'ca_file')).rejects.toMatchObject({
        kind: 'config-invalid',
        facts: { key: 'ca_file' },
      });
  });
});

describe('the key store of a house', () => {
  const layout = houseLayout('/srv/town');
  it('is its token, where it has one, whatever else is named', () => {
    const token = { module: 'm', token: 't', pin_file: 'p', store: 's', folder: 'f' };
    const keystoreConfig = { kind: 'pkcs11' as const, ...token };
    expect(keystoreOf(layout, { keystore: keystoreConfig }, { passphraseFile: 'x' })).toEqual(keystoreConfig);
  });

  it('is its file, by shares where they are named, else by the passphrase', () => {
    expect(keystoreOf(layout, {}, { shareFiles: ['a'] })).toMatchObject({ share_files: ['a'] });
    expect(keystoreOf(layout, {}, { passphraseFile: 'p' })).toMatchObject({ passphrase_file: 'p' });
    expect(keystoreOf(layout, {})).toMatchObject({ passphrase_file: layout.passphraseFile });
  });
});
