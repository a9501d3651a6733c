import { SekishoError } from '../../ground/errors.ts';
import type { Randomness } from '../../ground/randomness.ts';
import { createOprf, type Oprf } from './oprf.ts';
import { loadRistretto } from './ristretto.ts';

/**
 * Link codes (情報提供用個人識別符号, Individual Number Act art. 21-2): under them two agencies speak of one resident without
 * the number. Agency A knows him as F_A = k_A · H(seed), with k_A unknown to A's database and the seed drawn once for
 * the resident, so that a change of number changes no code.
 *
 * A asks B through the hub: A sends r·F_A with a fresh r (and r, sealed to B, inside the body); the hub multiplies by
 * k_B/k_A and passes on r·F_B; B divides by r. No table of pairs exists; the hub sees only blinded elements; A never
 * meets F_B nor B F_A. Scalars and elements are 32 bytes; all calls throw bad-input for the identity, for a
 * non-canonical encoding and for a scalar that is 0 or not reduced.
 */
export interface LinkCodes {
  /** A fresh key or blinding factor. */
  randomScalar(randomness: Randomness): Buffer;
  /** The scalar of a secret that a key store keeps: an agency's key, or one operator's half of it. */
  scalarOf(secret: Buffer): Buffer;
  /** k = k1 · k2: what two operators, each with one half, do one after the other. */
  product(k1: Buffer, k2: Buffer): Buffer;
  /** F = k · H(seed). @param seed the resident's 32 random bytes, never his number */
  element(key: Buffer, seed: Buffer): Buffer;
  /** Multiplies by a key: the second operator's half of `element`. */
  extend(key: Buffer, code: Buffer): Buffer;
  /** r · F; r fresh each time, or the hub could join two requests for one resident. */
  blind(code: Buffer, r: Buffer): Buffer;
  /** (k_B / k_A) · blinded. With halves at two operators: each in turn with his own halves of k_A and k_B. */
  translate(blinded: Buffer, keyA: Buffer, keyB: Buffer): Buffer;
  /** (1 / r) · translated. */
  unblind(translated: Buffer, r: Buffer): Buffer;
  /** Brings a stored code from an agency's old key to its new one, without seed or number. */
  rotate(code: Buffer, keyOld: Buffer, keyNew: Buffer): Buffer;
  /** RFC 9497 OPRF(ristretto255, SHA-512), for onboarding by a value that the operator must not see. */
  readonly oprf: Oprf;
}

const seedTag = Buffer.from('sekisho/link-code/v1/seed');
const keyTag = Buffer.from('sekisho/link-code/v1/key');
export const linkSeedBytes = 32;

/** Loads the group; what comes back is synchronous. */
export async function linkCodes(): Promise<LinkCodes> {
  const group = await loadRistretto();
  const change = (element: Buffer, from: Buffer, to: Buffer) =>
    group.multiply(group.product(to, group.inverse(from)), element);
  return {
    randomScalar: (randomness) => group.randomScalar(randomness),
    scalarOf(secret) {
      if (secret.length !== 32) throw new SekishoError('bad-input', { what: 'secret', reason: 'length' });
      return group.hashToScalar(secret, keyTag);
    },
    product: (k1, k2) => group.product(k1, k2),
    element(key, seed) {
      // A number's 12 digits would be guessable by whoever has the key; a seed is not.
      if (seed.length !== linkSeedBytes)
        throw new SekishoError('bad-input', { what: 'seed', reason: 'length' });
      return group.multiply(key, group.hashToElement(seed, seedTag));
    },
    extend: (key, code) => group.multiply(key, code),
    blind: (code, r) => group.multiply(r, code),
    translate: change,
    unblind: (translated, r) => group.multiply(group.inverse(r), translated),
    rotate: change,
    oprf: createOprf(group),
  };
}
