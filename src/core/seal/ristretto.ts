import { createHash, hash } from 'node:crypto';
import sodium from 'libsodium-wrappers-sumo';
import { SekishoError } from '../../ground/errors.ts';
import type { Randomness } from '../../ground/randomness.ts';

/** The prime-order group ristretto255 (RFC 9496), on libsodium. Elements and scalars are 32 bytes. */
export interface Ristretto {
  /**
   * scalar · element.
   * @throws bad-input {what: 'element' | 'scalar'}: not 32 bytes, not a canonical encoding, or the identity
   */
  multiply(scalar: Buffer, element: Buffer): Buffer;
  /** Product of two scalars modulo the group's order. */
  product(a: Buffer, b: Buffer): Buffer;
  /** 1 / scalar modulo the group's order. */
  inverse(scalar: Buffer): Buffer;
  /** A uniform scalar, never 0. */
  randomScalar(randomness: Randomness): Buffer;
  /** RFC 9380 hash_to_ristretto255: expand_message_xmd with SHA-512, then the map of RFC 9496 §4.3.4. */
  hashToElement(message: Buffer, tag: Buffer): Buffer;
  /** RFC 9497 §4.1 HashToScalar: expand_message_xmd with SHA-512, read little-endian, reduced. */
  hashToScalar(message: Buffer, tag: Buffer): Buffer;
}

export const elementBytes = 32;
export const scalarBytes = 32;
const zero = Buffer.alloc(scalarBytes);

/** Loads the WebAssembly module once; afterwards everything is synchronous. */
export async function loadRistretto(): Promise<Ristretto> {
  await sodium.ready;
  return ristretto;
}

const ristretto: Ristretto = {
  multiply(scalar, element) {
    checkScalar(scalar);
    if (element.length !== elementBytes || element.equals(zero)) throw badElement();
    try {
      // Refuses non-canonical encodings and products that are the identity; it does not say which.
      return bufferOf(sodium.crypto_scalarmult_ristretto255(scalar, element));
    } catch {
      throw badElement();
    }
  },
  product(a, b) {
    return bufferOf(sodium.crypto_core_ristretto255_scalar_mul(checkScalar(a), checkScalar(b)));
  },
  inverse(scalar) {
    return bufferOf(sodium.crypto_core_ristretto255_scalar_invert(checkScalar(scalar)));
  },
  randomScalar(randomness) {
    for (;;) {
      // 64 bytes reduced: the bias is below 2^-250.
      const scalar = reduce(randomness.bytes(64));
      if (!scalar.equals(zero)) return scalar;
    }
  },
  hashToElement(message, tag) {
    return bufferOf(sodium.crypto_core_ristretto255_from_hash(expandMessage(message, tag)));
  },
  hashToScalar(message, tag) {
    return reduce(expandMessage(message, tag));
  },
};

/** @throws bad-input unless 0 < scalar < order, 32 bytes little-endian */
function checkScalar(scalar: Buffer): Buffer {
  const canonical =
    scalar.length === scalarBytes &&
    !scalar.equals(zero) &&
    reduce(Buffer.concat([scalar, zero])).equals(scalar);
  if (!canonical) throw new SekishoError('bad-input', { what: 'scalar' });
  return scalar;
}

function reduce(bytes64: Buffer): Buffer {
  return bufferOf(sodium.crypto_core_ristretto255_scalar_reduce(bytes64));
}

function badElement(): SekishoError {
  return new SekishoError('bad-input', { what: 'element' });
}

function bufferOf(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

const sha512BlockBytes = 128;
const expandedBytes = 64;

/** RFC 9380 §5.3.1, expand_message_xmd with SHA-512 for one block of 64 bytes (ell = 1). */
function expandMessage(message: Buffer, tag: Buffer): Buffer {
  if (tag.length === 0 || tag.length > 255) throw new SekishoError('bad-input', { what: 'domain-tag' });
  const suffix = Buffer.concat([tag, Buffer.of(tag.length)]);
  const first = createHash('sha512')
    .update(Buffer.alloc(sha512BlockBytes))
    .update(message)
    .update(Buffer.of(0, expandedBytes, 0))
    .update(suffix)
    .digest();
  return hash('sha512', Buffer.concat([first, Buffer.of(1), suffix]), 'buffer');
}
