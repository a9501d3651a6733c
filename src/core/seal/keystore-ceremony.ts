import { SekishoError } from '../../ground/errors.ts';
import type { Masked } from '../../ground/masked.ts';
import { type Randomness, systemRandomness } from '../../ground/randomness.ts';
import { FileKeyStore } from './file-key-store.ts';
import {
  type KeystoreFile,
  type KeystoreHeader,
  keyCheckValue,
  readKeystoreFile,
  type ScryptCost,
  scryptDefault,
  writeKeystoreFile,
} from './keystore-file.ts';
import type { Share } from './share.ts';
import { drawRoot, sealRoot, splitRoot, type Unlock, unlockRoot } from './unlock.ts';

/**
 * Makes a keystore file with a fresh root under a passphrase, mode 0600.
 * @param options demo: the store is a demonstration's and production refuses it for ever
 * @throws already-exists; keystore-unsafe for a short passphrase; bad-input for shares (they come from
 *   {@link splitShares} later)
 */
export async function createFileKeyStore(
  file: string,
  unlock: Unlock,
  randomness: Randomness,
  options: { demo?: boolean; cost?: ScryptCost } = {},
): Promise<void> {
  if (!('passphrase' in unlock)) throw new SekishoError('bad-input', { what: 'unlock', reason: 'shares' });
  const root = drawRoot(randomness);
  const storeId = randomness.bytes(16);
  const id = storeId.toString('base64');
  const header: KeystoreHeader = {
    format: 'sekisho-keystore/v1',
    store_id: id,
    demo: options.demo ?? false,
    passphrase: await sealRoot(root, id, unlock.passphrase, options.cost ?? scryptDefault, randomness),
    shares: null,
    key_check_value: keyCheckValue(root, storeId).toString('base64'),
  };
  await writeKeystoreFile(file, root, header, false);
  root.fill(0);
}

/**
 * Opens a keystore file. Nothing is derived before root and header are proven right.
 * @param options production: a demonstration's keystore is refused
 * @throws keystore-missing (facts.missing says what), keystore-wrong-secret, keystore-unsafe, seal-broken
 */
export async function openFileKeyStore(
  file: string,
  unlock: Unlock,
  options: { production?: boolean; randomness?: Randomness } = {},
): Promise<FileKeyStore> {
  const { keystore, root } = await unlockFile(file, unlock, options.production ?? false);
  return new FileKeyStore(
    root,
    Buffer.from(keystore.store_id, 'base64'),
    options.randomness ?? systemRandomness(),
  );
}

export interface Sharing {
  shares: number;
  threshold: number;
  /** The passphrase part is removed: from then on only the officers together open the store. */
  sharesOnly?: boolean;
  /** Puts the shares where they stay. Awaited before the file names them: a failure leaves what opened it until now. */
  deliver?: (shares: readonly Share[]) => Promise<void>;
}

/**
 * Splits the root among officers; the shares made before no longer open this file. They would still give the root
 * to who holds enough of them and an old copy of the file: have them destroyed.
 * @throws as {@link openFileKeyStore}; bad-input unless 2 ≤ threshold ≤ shares ≤ 255
 */
export async function splitShares(
  file: string,
  unlock: Unlock,
  sharing: Sharing,
  randomness: Randomness = systemRandomness(),
): Promise<Share[]> {
  const { shares: count, threshold } = sharing;
  const whole = Number.isInteger(count) && Number.isInteger(threshold);
  if (!whole || threshold < 2 || threshold > count || count > 255) {
    throw new SekishoError('bad-input', { what: 'sharing', shares: count, threshold });
  }
  const { keystore, root } = await unlockFile(file, unlock, false);
  const setId = randomness.bytes(4);
  const shares = await splitRoot(root, Buffer.from(keystore.store_id, 'base64'), setId, sharing);
  try {
    await sharing.deliver?.(shares);
  } catch (error) {
    root.fill(0);
    throw error;
  }
  const header = {
    ...withoutMac(keystore),
    passphrase: sharing.sharesOnly === true ? null : keystore.passphrase,
    shares: { set_id: setId.toString('base64'), count, threshold },
  };
  await writeKeystoreFile(file, root, header, true);
  root.fill(0);
  return shares;
}

/**
 * Seals the same root under another passphrase; keys and data stay as they are. A demonstration's keystore remains
 * one: its root lay open to whoever read the old passphrase.
 */
export async function changePassphrase(
  file: string,
  unlock: Unlock,
  passphrase: Masked,
  randomness: Randomness = systemRandomness(),
  cost: ScryptCost = scryptDefault,
): Promise<void> {
  const { keystore, root } = await unlockFile(file, unlock, false);
  const part = await sealRoot(root, keystore.store_id, passphrase, cost, randomness);
  await writeKeystoreFile(file, root, { ...withoutMac(keystore), passphrase: part }, true);
  root.fill(0);
}

/**
 * Takes the passphrase part away from a keystore that has been split: only enough shares open it from then on. They are
 * asked for here, so that nobody locks himself out.
 * @throws as {@link openFileKeyStore}; keystore-missing {missing: 'passphrase', reason: 'not-split'}
 */
export async function removePassphrase(file: string, shares: readonly Masked[]): Promise<void> {
  const { keystore, root } = await unlockFile(file, { shares }, false);
  await writeKeystoreFile(file, root, { ...withoutMac(keystore), passphrase: null }, true);
  root.fill(0);
}

/** What a keystore file says of itself. `demo` is proven only once the file has been opened. */
export interface KeystoreParts {
  /** Names the keystore; no secret. */
  storeId: string;
  demo: boolean;
  passphrase: boolean;
  shares: { count: number; threshold: number } | null;
}

/** @throws keystore-missing, keystore-unsafe, seal-broken */
export async function readKeystoreParts(file: string): Promise<KeystoreParts> {
  const { store_id, demo, passphrase, shares } = await readKeystoreFile(file);
  return {
    storeId: store_id,
    demo,
    passphrase: passphrase !== null,
    shares: shares && { count: shares.count, threshold: shares.threshold },
  };
}

async function unlockFile(
  file: string,
  unlock: Unlock,
  production: boolean,
): Promise<{ keystore: KeystoreFile; root: Buffer }> {
  const keystore = await readKeystoreFile(file);
  const root = await unlockRoot(keystore, unlock);
  // Only now is `demo` known to be what was written.
  if (production && keystore.demo) {
    root.fill(0);
    throw new SekishoError('keystore-unsafe', { reason: 'demo-keystore', file });
  }
  return { keystore, root };
}

function withoutMac(keystore: KeystoreFile): KeystoreHeader {
  const { header_mac: _, ...header } = keystore;
  return header;
}
