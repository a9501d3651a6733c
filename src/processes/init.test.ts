import {
  chmodSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type InitOptions, initHouse, isInitialised, readRoles, readSettings } from './init.ts';
import { houseLayout } from './layout.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sekisho-init-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const root = () => join(folder, 'data');
const layout = () => houseLayout(root());
const init = (more: Partial<InitOptions> = {}) =>
  initHouse({
    folder: root(),
    municipalities: ['202029', '131016'],
    originPrefix: 'log.example.jp',
    mode: 'demo',
    database: 'embedded',
    ...more,
  });
/** Every file below a folder with its bytes. */
function files(at = root(), path = ''): Record<string, string> {
  if (!existsSync(at)) return {};
  return Object.assign(
    {},
    ...readdirSync(at, { withFileTypes: true }).map((entry) =>
      entry.isDirectory()
        ? files(join(at, entry.name), `${path}${entry.name}/`)
        : { [`${path}${entry.name}`]: readFileSync(join(at, entry.name), 'base64') },
    ),
  );
}

describe('init', { timeout: 30_000 }, () => {
  it('decides once who the house is', async () => {
    const settings = await init();
    expect(settings).toMatchObject({
      format: 'sekisho-house/v1',
      mode: 'demo',
      municipalities: [
        { code: '202029', origin: 'log.example.jp/journal/202029' },
        { code: '131016', origin: 'log.example.jp/journal/131016' },
      ],
      witness: { name: 'log.example.jp/witness' },
    });
    expect(await readSettings(root())).toEqual(settings);
    expect(Buffer.from(settings.log_public_key, 'base64')).toHaveLength(32);
    expect(Buffer.from(settings.witness.public_key, 'base64')).toHaveLength(32);
  });

  it('every secret is its owner’s alone', async () => {
    await init();
    for (const name of ['secrets', 'keystore', 'staff', 'run'])
      expect([name, statSync(join(root(), name)).mode & 0o777]).toEqual([name, 0o700]);
    for (const name of readdirSync(layout().secrets))
      expect([name, statSync(join(layout().secrets, name)).mode & 0o777]).toEqual([name, 0o600]);
    expect(statSync(layout().keystoreFile).mode & 0o777).toBe(0o600);
    expect(existsSync(layout().authorityFile)).toBe(false); // nobody can add a caller later
  });

  it('draws every password and key anew for each house', async () => {
    const first = await init();
    const roles = await readRoles(layout());
    const second = await init({ folder: join(folder, 'other') });
    const otherRoles = await readRoles(houseLayout(join(folder, 'other')));
    expect(second.log_public_key).not.toBe(first.log_public_key);
    expect(second.witness.public_key).not.toBe(first.witness.public_key);
    const passwords = [...Object.values(roles), ...Object.values(otherRoles)];
    expect(new Set(passwords).size).toBe(passwords.length);
    for (const password of passwords) expect(String(password).length).toBeGreaterThan(20);
  });

  it('a second time is refused, and nothing is changed', async () => {
    await init();
    const before = files();
    await expect(init({ originPrefix: 'other.example.jp' })).rejects.toMatchObject({
      kind: 'already-exists',
      facts: { what: 'house' },
    });
    expect(files()).toEqual(before);
  });

  const steps = ['folders', 'certificates', 'keystore', 'witness', 'settings'] as const;
  it.each(steps)('cut short at %s it is simply run again, and keeps what it had made', async (stop) => {
    const cut = new Error('cut short');
    const stopping = init({
      onStep: (step) => {
        if (step === stop) throw cut;
      },
    });
    await expect(stopping).rejects.toBe(cut);
    expect(isInitialised(root())).toBe(false);
    const before = files();
    const settings = await init();
    expect(files()).toMatchObject(before);
    expect(isInitialised(root())).toBe(true);
    expect(await readSettings(root())).toEqual(settings);
  });

  it('certificates that are there in part are made anew as one set', async () => {
    await init();
    const gate = readFileSync(layout().tls('gate'), 'utf8');
    rmSync(layout().tls('office'));
    rmSync(layout().settingsFile);
    await init();
    const authorities = ['gate', 'office', 'cli-admin'].map(
      (name) => JSON.parse(readFileSync(layout().tls(name), 'utf8')).ca,
    );
    expect(new Set(authorities).size).toBe(1);
    expect(readFileSync(layout().tls('gate'), 'utf8')).not.toBe(gate);
  });
});

describe('init of production', { timeout: 30_000 }, () => {
  const words = 'eleven purple otters file quietly\n';
  const passphraseFile = (text = words, mode = 0o600) => {
    const file = join(folder, 'passphrase');
    writeFileSync(file, text, { mode });
    chmodSync(file, mode);
    return file;
  };

  it('without a passphrase file says that it is missing, and makes no keystore', async () => {
    await expect(init({ mode: 'production' })).rejects.toMatchObject({
      kind: 'keystore-missing',
      facts: { missing: 'passphrase' },
    });
    expect(existsSync(layout().keystoreFile)).toBe(false);
    expect(existsSync(layout().passphraseFile)).toBe(false);
    expect(isInitialised(root())).toBe(false);
  });

  it('with one makes a keystore, and leaves the passphrase where it was', async () => {
    const file = passphraseFile();
    await init({ mode: 'production', passphraseFile: file });
    expect(existsSync(layout().passphraseFile)).toBe(false);
    const everything = Buffer.from(
      Object.values(files())
        .map((each) => Buffer.from(each, 'base64').toString('latin1'))
        .join('\n'),
    );
    expect(everything.includes(words.trim())).toBe(false);
  });

  it('refuses one that others may read, an empty one, and the demonstration’s', async () => {
    const make = (file: string) => init({ mode: 'production', passphraseFile: file });
    await expect(make(passphraseFile(words, 0o644))).rejects.toMatchObject({ kind: 'keystore-unsafe' });
    rmSync(join(folder, 'passphrase'));
    await expect(make(passphraseFile('\n# nothing\n'))).rejects.toMatchObject({ kind: 'keystore-missing' });
    await init({ folder: join(folder, 'demo') });
    const demo = houseLayout(join(folder, 'demo')).passphraseFile;
    await expect(make(demo)).rejects.toMatchObject({
      kind: 'keystore-unsafe',
      facts: { reason: 'demo-passphrase' },
    });
    expect(existsSync(layout().keystoreFile)).toBe(false);
  });

  it('does not take over a keystore that a demonstration made, even with its passphrase', async () => {
    await init();
    rmSync(layout().settingsFile);
    const text = readFileSync(layout().passphraseFile, 'utf8').split('\n').slice(1).join('\n');
    await expect(init({ mode: 'production', passphraseFile: passphraseFile(text) })).rejects.toMatchObject({
      kind: 'keystore-unsafe',
    });
  });

  it('cut short, a second try with another passphrase is refused', async () => {
    const cut = init({
      mode: 'production',
      passphraseFile: passphraseFile(),
      onStep: (step) => {
        if (step === 'settings') throw new Error('cut short');
      },
    });
    await expect(cut).rejects.toThrow('cut short');
    const other = passphraseFile('something else altogether, longer than before\n');
    await expect(init({ mode: 'production', passphraseFile: other })).rejects.toMatchObject({
      kind: 'keystore-wrong-secret',
    });
  });
});
