import { join } from 'node:path';
import {
  type KeyStore,
  openFileKeyStore,
  openPkcs11KeyStore,
  readPassphraseFile,
  readShareFile,
  type Unlock,
} from '../core/seal/index.ts';
import { SekishoError } from '../ground/errors.ts';
import { Masked } from '../ground/masked.ts';
import { readPrivateFile } from '../ground/private-file.ts';
import type { HouseLayout } from './layout.ts';
import type { HouseSettings, KeystoreConfig, TokenKeystore } from './settings.ts';

/** Where the secret lies that opens a file keystore: one of the two. */
export interface UnlockFiles {
  passphraseFile?: string | undefined;
  /** One owner-only file a share. */
  shareFiles?: readonly string[] | undefined;
}

/**
 * Reads what opens a file keystore.
 * @throws keystore-missing {missing: 'passphrase' | 'share', file}; keystore-unsafe; bad-input when both are named
 */
export async function readUnlock(files: UnlockFiles, o: { production: boolean }): Promise<Unlock> {
  const { passphraseFile, shareFiles } = files;
  if (passphraseFile !== undefined && shareFiles !== undefined)
    throw new SekishoError('bad-input', { what: 'unlock', reason: 'passphrase-and-shares' });
  if (shareFiles !== undefined) return { shares: await Promise.all(shareFiles.map(readShareFile)) };
  if (passphraseFile === undefined) throw new SekishoError('keystore-missing', { missing: 'passphrase' });
  return { passphrase: await readPassphraseFile(passphraseFile, o) };
}

/**
 * Opens the key store that a configuration names, file or token. Nothing is derived before its secret is proven right.
 * @throws keystore-missing (`missing` says what, of shares how many are there and needed), keystore-wrong-secret (of shares
 *   which), keystore-unsafe, seal-broken, unsupported {what: 'pkcs11js'}
 */
export async function openKeyStore(config: KeystoreConfig, o: { production: boolean }): Promise<KeyStore> {
  if (config.kind === 'pkcs11') return await openToken(config);
  const { file, passphrase_file: passphraseFile, share_files: shareFiles } = config;
  return await openFileKeyStore(file, await readUnlock({ passphraseFile, shareFiles }, o), o);
}

async function openToken({ module, token, pin_file, store, folder }: TokenKeystore): Promise<KeyStore> {
  const pin = new Masked('pin', (await readPrivateFile(pin_file, 'token-pin')).trim());
  return await openPkcs11KeyStore({ module, token, store, folder, pin });
}

/** The key store of a house by its settings; for a file, opened by what is named or by the demonstration's passphrase. */
export function keystoreOf(
  layout: HouseLayout,
  settings: Pick<HouseSettings, 'keystore'>,
  files: UnlockFiles = {},
): KeystoreConfig {
  if (settings.keystore !== undefined) return settings.keystore;
  const { passphraseFile, shareFiles } = files;
  return {
    kind: 'file',
    file: layout.keystoreFile,
    ...(shareFiles === undefined ? { passphrase_file: passphraseFile ?? layout.passphraseFile } : {}),
    ...(shareFiles === undefined ? {} : { share_files: [...shareFiles] }),
  };
}

/** Where what belongs to a token lies in a house. */
export function tokenFolder(layout: HouseLayout): string {
  return join(layout.root, 'token');
}
