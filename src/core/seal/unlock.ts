import { combine, split } from 'shamir-secret-sharing';
import { SekishoError } from '../../ground/errors.ts';
import type { Masked } from '../../ground/masked.ts';
import type { Randomness } from '../../ground/randomness.ts';
import { keyBytes, openBytes, sealBytes } from './aead.ts';
import { checkHeader, checkRoot, type KeystoreFile, type ScryptCost, stretch } from './keystore-file.ts';
import { formatShare, parseShare, type Share, type ShareContent } from './share.ts';

/** What opens a file keystore: its passphrase, or as many officers' shares as the splitting asks for. */
export type Unlock = { readonly passphrase: Masked } | { readonly shares: readonly Masked[] };

/** Shorter passphrases are refused: scrypt slows guessing down, it does not make a short one long. */
export const passphraseMinimumCharacters = 12;

const rootPlace = (storeId: string) => Buffer.from(`sekisho/root/v1\0${storeId}`, 'latin1');

export function checkPassphrase(passphrase: Masked): void {
  const length = [...passphrase.reveal().normalize('NFKC')].length;
  if (length === 0) throw new SekishoError('keystore-missing', { missing: 'passphrase' });
  if (length < passphraseMinimumCharacters) {
    throw new SekishoError('keystore-unsafe', {
      reason: 'passphrase-short',
      minimum: passphraseMinimumCharacters,
    });
  }
}

/** The keystore file's passphrase part: the root sealed under the stretched passphrase. */
export async function sealRoot(
  root: Buffer,
  storeId: string,
  passphrase: Masked,
  cost: ScryptCost,
  randomness: Randomness,
): Promise<NonNullable<KeystoreFile['passphrase']>> {
  checkPassphrase(passphrase);
  const salt = randomness.bytes(16);
  const key = await stretch(passphrase.reveal(), salt, cost);
  const sealed = sealBytes(key, rootPlace(storeId), root, randomness);
  key.fill(0);
  const { n, r, p } = cost;
  return {
    kdf: 'scrypt',
    cost: { n, r, p },
    salt: salt.toString('base64'),
    sealed_root: sealed.toString('base64'),
  };
}

/**
 * The root, checked against the key check value; the file's header is then checked under it.
 * @throws keystore-missing {missing: 'passphrase' | 'shares'} and keystore-wrong-secret {reason}
 */
export async function unlockRoot(keystore: KeystoreFile, unlock: Unlock): Promise<Buffer> {
  const root =
    'passphrase' in unlock
      ? await rootFromPassphrase(keystore, unlock.passphrase)
      : await rootFromShares(keystore, unlock.shares);
  try {
    checkRoot(root, keystore);
    checkHeader(root, keystore);
    return root;
  } catch (error) {
    root.fill(0);
    throw error;
  }
}

async function rootFromPassphrase(keystore: KeystoreFile, passphrase: Masked): Promise<Buffer> {
  const part = keystore.passphrase;
  // The keystore may have been given over to the officers' shares alone.
  if (part === null) throw new SekishoError('keystore-missing', { missing: 'shares', reason: 'shares-only' });
  if (passphrase.reveal() === '') throw new SekishoError('keystore-missing', { missing: 'passphrase' });
  const key = await stretch(passphrase.reveal(), Buffer.from(part.salt, 'base64'), part.cost);
  try {
    return openBytes(key, rootPlace(keystore.store_id), Buffer.from(part.sealed_root, 'base64'));
  } catch {
    throw new SekishoError('keystore-wrong-secret', { reason: 'passphrase' });
  } finally {
    key.fill(0);
  }
}

async function rootFromShares(keystore: KeystoreFile, shares: readonly Masked[]): Promise<Buffer> {
  const set = keystore.shares;
  if (set === null)
    throw new SekishoError('keystore-missing', { missing: 'passphrase', reason: 'not-split' });
  const parts = shares.map((share, i) => parseShare(share, i + 1));
  const seen = new Map<number, number>();
  for (const [i, part] of parts.entries()) refuseForeign(keystore, set.set_id, part, i + 1, seen);
  if (parts.length < set.threshold) {
    throw new SekishoError('keystore-missing', {
      missing: 'shares',
      reason: 'too-few-shares',
      have: parts.length,
      needed: set.threshold,
    });
  }
  // The library takes plain Uint8Array only. More shares than the threshold are all used: a wrong one shows.
  return Buffer.from(await combine(parts.map(({ part }) => new Uint8Array(part))));
}

function refuseForeign(
  keystore: KeystoreFile,
  setId: string,
  share: ShareContent,
  position: number,
  seen: Map<number, number>,
): void {
  const refuse = (reason: string, more: Record<string, number> = {}) => {
    throw new SekishoError('keystore-wrong-secret', { reason, share: position, ...more });
  };
  if (share.storeId.toString('base64') !== keystore.store_id) refuse('share-of-another-store');
  if (share.setId.toString('base64') !== setId) refuse('share-of-another-splitting');
  const x = share.part.at(-1) ?? 0;
  const earlier = seen.get(x);
  if (earlier !== undefined) refuse('share-twice', { earlier });
  seen.set(x, position);
}

/** Splits a root into `count` shares of which any `threshold` give it back and fewer tell nothing (Shamir 1979). */
export async function splitRoot(
  root: Buffer,
  storeId: Buffer,
  setId: Buffer,
  sharing: { shares: number; threshold: number },
): Promise<Share[]> {
  const parts = await split(new Uint8Array(root), sharing.shares, sharing.threshold);
  return parts.map((part) => formatShare({ storeId, setId, part: Buffer.from(part) }));
}

export function drawRoot(randomness: Randomness): Buffer {
  // A copy: the root must not lie in a pool that other bytes are drawn from.
  return Buffer.from(randomness.bytes(keyBytes));
}
