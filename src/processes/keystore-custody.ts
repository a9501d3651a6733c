import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import {
  changePassphrase,
  openFileKeyStore,
  readKeystoreParts,
  readPassphraseFile,
  readShareFile,
  removePassphrase,
  splitShares,
  type Unlock,
  writeShareFile,
} from '../core/seal/index.ts';
import { asSekishoError, type ErrorFacts, type ErrorKind, SekishoError } from '../ground/errors.ts';
import { readSettings } from './init.ts';
import { journalKeyName } from './journal-ports.ts';
import { openKeyStore, readUnlock, type UnlockFiles } from './key-store.ts';
import { type HouseLayout, houseLayout } from './layout.ts';
import type { HouseSettings } from './settings.ts';

export interface CustodyOptions extends UnlockFiles {
  /** The house's data folder. */
  folder: string;
}

interface FileHouse {
  layout: HouseLayout;
  settings: HouseSettings;
  unlock: Unlock;
}

/** A house with a keystore file, and what opens it: named, or the passphrase in the house's own secrets. */
async function fileHouse(o: CustodyOptions): Promise<FileHouse> {
  const layout = houseLayout(o.folder);
  const settings = await readSettings(o.folder);
  if (settings.keystore !== undefined)
    throw new SekishoError('unsupported', { what: 'keystore', reason: 'token' });
  const files =
    o.shareFiles === undefined ? { passphraseFile: o.passphraseFile ?? layout.passphraseFile } : o;
  return {
    layout,
    settings,
    unlock: await readUnlock(files, { production: settings.mode === 'production' }),
  };
}

/**
 * Splits the keystore's root into share files, `share-1` … in a folder. The files are written and read back before anything else: with
 * `sharesOnly` the passphrase stops opening only once the shares as they lie there have opened it.
 * @throws as the keystore reports; already-exists where a share file is there; bad-input for a sharing that is none
 */
export async function splitKeystore(
  o: CustodyOptions & { shares: number; threshold: number; to: string; sharesOnly?: boolean },
): Promise<{ files: string[]; threshold: number; passphrase: boolean }> {
  const { layout, unlock } = await fileHouse(o);
  const { shares: count, threshold } = o;
  const files = Array.from({ length: Number.isInteger(count) ? count : 0 }, (_, i) =>
    join(o.to, `share-${i + 1}`),
  );
  await splitShares(layout.keystoreFile, unlock, {
    shares: count,
    threshold,
    deliver: async (shares) => {
      await mkdir(o.to, { recursive: true, mode: 0o700 });
      for (const [i, share] of shares.entries())
        await writeShareFile(files[i]!, share, { number: i + 1, count, threshold });
    },
  });
  const written = await Promise.all(files.map(readShareFile));
  (await openFileKeyStore(layout.keystoreFile, { shares: written })).close();
  if (o.sharesOnly === true) await removePassphrase(layout.keystoreFile, written);
  return { files, threshold, passphrase: (await readKeystoreParts(layout.keystoreFile)).passphrase };
}

/**
 * Seals the same root under the passphrase of another file, tries it, and lets the old one open no more. Shares go on opening it.
 * @throws as the keystore reports; keystore-unsafe for a passphrase too short, or a file that others may read
 */
export async function renewPassphrase(o: CustodyOptions & { newFile: string }): Promise<void> {
  const { layout, settings, unlock } = await fileHouse(o);
  const production = settings.mode === 'production';
  const passphrase = await readPassphraseFile(o.newFile, { production });
  await changePassphrase(layout.keystoreFile, unlock, passphrase);
  (await openFileKeyStore(layout.keystoreFile, { passphrase }, { production })).close();
}

/** One way to open a key store, and what came of trying it. */
export interface Tried {
  way: 'passphrase' | 'shares' | 'token';
  /** `none`: the store has no such part; `untried`: nothing was named to try it with. */
  result: 'opens' | 'refused' | 'untried' | 'none';
  /** Of a refusal: why. Paths and counts, nothing secret. */
  error?: { kind: ErrorKind; facts: ErrorFacts };
}

export interface KeystoreCheck {
  kind: 'file' | 'pkcs11';
  file: string;
  demo: boolean;
  /** Of a file that is split. */
  shares: { count: number; threshold: number } | null;
  tried: Tried[];
  /** Whether its key is the one that signs this house's journals; null where nothing opened it. */
  ownHouse: boolean | null;
}

/** Tries every way that is named, or at hand in the house, and says which opens. Changes nothing, shows nothing secret. */
export async function checkKeystore(o: CustodyOptions): Promise<KeystoreCheck> {
  const layout = houseLayout(o.folder);
  const settings = await readSettings(o.folder);
  if (settings.keystore !== undefined) return await checkToken(settings, settings.keystore);
  const { demo, passphrase, shares } = await readKeystoreParts(layout.keystoreFile);
  const keys: string[] = [];
  const attempt = async (way: Tried['way'], present: boolean, files: UnlockFiles): Promise<Tried> => {
    if (!present) return { way, result: 'none' };
    if (files.passphraseFile === undefined && files.shareFiles === undefined)
      return { way, result: 'untried' };
    return await attemptOpening(way, keys, async () => {
      const unlock = await readUnlock(files, { production: settings.mode === 'production' });
      return await openFileKeyStore(layout.keystoreFile, unlock);
    });
  };
  // The demonstration's passphrase lies in the house; in production none is looked for that was not named.
  const inHouse = settings.mode === 'demo' ? layout.passphraseFile : undefined;
  const tried = [
    await attempt('passphrase', passphrase, { passphraseFile: o.passphraseFile ?? inHouse }),
    await attempt('shares', shares !== null, { shareFiles: o.shareFiles }),
  ];
  return { kind: 'file', file: layout.keystoreFile, demo, shares, tried, ownHouse: isOwn(settings, keys) };
}

async function checkToken(
  settings: HouseSettings,
  keystore: NonNullable<HouseSettings['keystore']>,
): Promise<KeystoreCheck> {
  const keys: string[] = [];
  const tried = [await attemptOpening('token', keys, () => openKeyStore(keystore, { production: true }))];
  const { folder: file } = keystore;
  return { kind: 'pkcs11', file, demo: false, shares: null, tried, ownHouse: isOwn(settings, keys) };
}

const isOwn = (settings: HouseSettings, keys: readonly string[]): boolean | null =>
  keys.length === 0 ? null : keys.every((key) => key === settings.log_public_key);

async function attemptOpening(
  way: Tried['way'],
  keys: string[],
  open: () => ReturnType<typeof openKeyStore>,
): Promise<Tried> {
  try {
    const store = await open();
    try {
      keys.push(Buffer.from(await store.publicKey(journalKeyName)).toString('base64'));
    } finally {
      store.close();
    }
    return { way, result: 'opens' };
  } catch (error) {
    const { kind, facts } = asSekishoError(error);
    return { way, result: 'refused', error: { kind, facts } };
  }
}
