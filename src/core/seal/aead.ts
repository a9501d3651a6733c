import { createCipheriv, createDecipheriv, createSecretKey, KeyObject } from 'node:crypto';
import { type ErrorFacts, SekishoError } from '../../ground/errors.ts';
import type { Randomness } from '../../ground/randomness.ts';

/** First byte of everything sealed here: AES-256-GCM, 96-bit IV, 128-bit tag. Another scheme takes another byte. */
export const sealVersion = 1;
export const ivBytes = 12;
export const tagBytes = 16;
/** What sealing adds to the plaintext: version byte, IV and tag. */
export const sealOverheadBytes = 1 + ivBytes + tagBytes;
export const keyBytes = 32;

const cipherName = 'aes-256-gcm';
const cipherOptions = { authTagLength: tagBytes };

/** Node prepares a bare Buffer at each use by a slow path: a KeyObject, even a fresh one, doubles the rate. */
function keyObject(key: Buffer | KeyObject): KeyObject {
  return key instanceof KeyObject ? key : createSecretKey(key);
}

/**
 * AES-256-GCM (NIST SP 800-38D) with a random 96-bit IV: version byte | IV | ciphertext | tag.
 * A random IV allows 2^32 seals under one key; whoever calls keeps each key below that.
 * @param place additional data: must be encoded so that two different places never give the same bytes
 */
export function sealBytes(
  key: Buffer | KeyObject,
  place: Buffer,
  plain: Buffer,
  randomness: Randomness,
): Buffer {
  const out = Buffer.allocUnsafe(plain.length + sealOverheadBytes);
  sealInto(out, key, randomness.bytes(ivBytes), place, plain);
  return out;
}

/** {@link sealBytes} with an IV drawn before, into `out`, which has `sealOverheadBytes` more than the plaintext. */
export function sealInto(
  out: Buffer,
  key: Buffer | KeyObject,
  iv: Buffer,
  place: Buffer,
  plain: Buffer,
): void {
  const cipher = createCipheriv(cipherName, keyObject(key), iv, cipherOptions);
  cipher.setAAD(place);
  out[0] = sealVersion;
  iv.copy(out, 1);
  cipher.update(plain).copy(out, 1 + ivBytes);
  cipher.final();
  cipher.getAuthTag().copy(out, out.length - tagBytes);
}

/**
 * Opens what {@link sealBytes} made; nothing of the plaintext leaves before the tag has been checked.
 * @param facts said in the error: where the sealed bytes lay, never what they held
 * @throws seal-broken: too short, unknown version, or wrong key, place or bytes (which of these, GCM cannot tell)
 */
export function openBytes(
  key: Buffer | KeyObject,
  place: Buffer,
  sealed: Buffer,
  facts: ErrorFacts = {},
): Buffer {
  if (sealed.length < sealOverheadBytes)
    throw new SekishoError('seal-broken', { reason: 'length', ...facts });
  if (sealed[0] !== sealVersion) throw new SekishoError('seal-broken', { reason: 'version', ...facts });
  const end = sealed.length - tagBytes;
  const decipher = createDecipheriv(
    cipherName,
    keyObject(key),
    sealed.subarray(1, 1 + ivBytes),
    cipherOptions,
  );
  decipher.setAAD(place);
  decipher.setAuthTag(sealed.subarray(end));
  const plain = decipher.update(sealed.subarray(1 + ivBytes, end));
  try {
    decipher.final();
  } catch {
    plain.fill(0);
    throw new SekishoError('seal-broken', { reason: 'tag', ...facts });
  }
  return plain;
}
