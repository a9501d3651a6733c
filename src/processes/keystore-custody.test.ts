import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { initHouse } from './init.ts';
import { checkKeystore, renewPassphrase, splitKeystore } from './keystore-custody.ts';
import { houseLayout } from './layout.ts';

let root: string;
let folder: string;
let first: string;
beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), 'sekisho-custody-'));
  folder = join(root, 'data');
  first = secret('first', 'the first passphrase');
  await initHouse({
    ...{ folder, municipalities: ['202029'], originPrefix: 'test.sekisho.invalid' },
    ...{ mode: 'production', database: 'server', passphraseFile: first },
  });
});
afterAll(() => rmSync(root, { recursive: true }));

function secret(name: string, text: string): string {
  const file = join(root, name);
  writeFileSync(file, `${text}\n`, { mode: 0o600 });
  return file;
}
const keystore = () => readFileSync(houseLayout(folder).keystoreFile, 'utf8');
const results = async (o: { passphraseFile?: string; shareFiles?: string[] }) => {
  const check = await checkKeystore({ folder, ...o });
  return Object.fromEntries(check.tried.map(({ way, result }) => [way, result]));
};

describe('custody of a keystore, from its making on', { timeout: 60_000 }, () => {
  let shares: string[];

  it('a fresh one opens by its passphrase and was never split', async () => {
    expect(await checkKeystore({ folder, passphraseFile: first })).toMatchObject({
      ...{ kind: 'file', demo: false, shares: null, ownHouse: true },
      tried: [
        { way: 'passphrase', result: 'opens' },
        { way: 'shares', result: 'none' },
      ],
    });
    expect(await results({})).toEqual({ passphrase: 'untried', shares: 'none' });
  });

  it('split gives owner-only files of which three open it, and the passphrase does so too', async () => {
    const to = join(root, 'shares');
    const made = await splitKeystore({ folder, passphraseFile: first, to, shares: 5, threshold: 3 });
    shares = made.files;
    expect(made).toMatchObject({ threshold: 3, passphrase: true });
    expect(readdirSync(to)).toHaveLength(5);
    for (const file of shares) expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(await results({ passphraseFile: first, shareFiles: shares.slice(2) })).toEqual({
      passphrase: 'opens',
      shares: 'opens',
    });
    expect(await results({ shareFiles: shares.slice(3) })).toMatchObject({ shares: 'refused' });
  });

  it('split into a folder with shares already changes nothing', async () => {
    const before = keystore();
    await expect(
      splitKeystore({ folder, passphraseFile: first, to: join(root, 'shares'), shares: 3, threshold: 2 }),
    ).rejects.toMatchObject({ kind: 'already-exists' });
    expect(keystore()).toBe(before);
    expect(await results({ shareFiles: shares.slice(0, 3) })).toMatchObject({ shares: 'opens' });
  });

  it.each([
    [1, 1],
    [3, 4],
    [2.5, 2],
    [300, 3],
  ])('a sharing of %s by %s is refused and writes no share', async (count, threshold) => {
    const to = join(root, `odd-${count}`);
    await expect(
      splitKeystore({ folder, passphraseFile: first, to, shares: count, threshold }),
    ).rejects.toMatchObject({ kind: 'bad-input' });
    expect(existsSync(to)).toBe(false);
  });

  it('by passphrase and shares at once is refused: which of them was it?', async () => {
    const both = { passphraseFile: first, shareFiles: shares };
    await expect(renewPassphrase({ folder, ...both, newFile: first })).rejects.toMatchObject({
      kind: 'bad-input',
    });
  });

  it('with another passphrase the old one opens no more, and shares go on', async () => {
    const second = secret('second', 'the second passphrase');
    await renewPassphrase({ folder, passphraseFile: first, newFile: second });
    expect(await results({ passphraseFile: first, shareFiles: shares })).toEqual({
      passphrase: 'refused',
      shares: 'opens',
    });
    expect(await results({ passphraseFile: second })).toMatchObject({ passphrase: 'opens' });
  });

  it('with a new passphrase too short, or readable by others, keeps the old', async () => {
    const before = keystore();
    const second = join(root, 'second');
    const attempt = (newFile: string) => renewPassphrase({ folder, passphraseFile: second, newFile });
    await expect(attempt(secret('short', 'short'))).rejects.toMatchObject({ kind: 'keystore-unsafe' });
    const open = join(root, 'open');
    writeFileSync(open, 'long enough but open\n', { mode: 0o644 });
    await expect(attempt(open)).rejects.toMatchObject({ kind: 'keystore-unsafe' });
    expect(keystore()).toBe(before);
  });

  it('given over to shares alone, and back by them', async () => {
    const second = join(root, 'second');
    const to = join(root, 'again');
    const made = await splitKeystore({
      folder,
      passphraseFile: second,
      to,
      shares: 3,
      threshold: 2,
      sharesOnly: true,
    });
    expect(made.passphrase).toBe(false);
    expect(await results({ passphraseFile: second, shareFiles: made.files.slice(1) })).toEqual({
      passphrase: 'none',
      shares: 'opens',
    });
    // Those of the first splitting are another set.
    const old = await checkKeystore({ folder, shareFiles: shares.slice(0, 3) });
    expect(old.tried[1]?.error).toMatchObject({
      kind: 'keystore-wrong-secret',
      facts: { reason: 'share-of-another-splitting', share: 1 },
    });
    expect(old.ownHouse).toBeNull();
    await renewPassphrase({ folder, shareFiles: made.files.slice(0, 2), newFile: first });
    expect(await results({ passphraseFile: first })).toMatchObject({ passphrase: 'opens' });
  });

  it('put beside the settings of another house says that it is not its own', async () => {
    const file = houseLayout(folder).settingsFile;
    const kept = readFileSync(file, 'utf8');
    const other = { ...JSON.parse(kept), log_public_key: Buffer.alloc(32).toString('base64') };
    writeFileSync(file, JSON.stringify(other), { mode: 0o600 });
    expect((await checkKeystore({ folder, passphraseFile: first })).ownHouse).toBe(false);
    writeFileSync(file, kept, { mode: 0o600 });
  });

  it('without a house says that there is none', async () => {
    await expect(checkKeystore({ folder: join(root, 'nowhere') })).rejects.toMatchObject({
      kind: 'keystore-missing',
      facts: { missing: 'house' },
    });
  });
});
