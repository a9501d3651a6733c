import { createHash } from 'node:crypto';
import { SekishoError } from '../../ground/errors.ts';
import type { Ristretto } from './ristretto.ts';

/**
 * RFC 9497, mode OPRF (0x00), suite ristretto255-SHA512: the server evaluates a keyed function on an input it never
 * sees, the client learns the output and nothing of the key. Who is asked too often by one client must count the
 * calls: the function itself does not stop a client from trying inputs (RFC 9497 §7.2).
 */
export interface Oprf {
  /** @param blind a random scalar, fresh for each call; @returns the element for the server */
  blind(input: Buffer, blind: Buffer): Buffer;
  /** Server's part, BlindEvaluate. @throws bad-input for the identity or a bad encoding */
  evaluate(key: Buffer, blinded: Buffer): Buffer;
  /** @returns 64 bytes */
  finalize(input: Buffer, blind: Buffer, evaluated: Buffer): Buffer;
  /** RFC 9497 §3.2.1: the server's key from a 32-byte seed and a public label. */
  deriveKey(seed: Buffer, info: Buffer): Buffer;
}

const context = Buffer.concat([Buffer.from('OPRFV1-'), Buffer.of(0x00), Buffer.from('-ristretto255-SHA512')]);
const groupTag = Buffer.concat([Buffer.from('HashToGroup-'), context]);
const keyTag = Buffer.concat([Buffer.from('DeriveKeyPair'), context]);

export function createOprf(group: Ristretto): Oprf {
  return {
    blind(input, blind) {
      checkLength(input);
      return group.multiply(blind, group.hashToElement(input, groupTag));
    },
    evaluate(key, blinded) {
      return group.multiply(key, blinded);
    },
    finalize(input, blind, evaluated) {
      checkLength(input);
      const unblinded = group.multiply(group.inverse(blind), evaluated);
      const sha = createHash('sha512');
      for (const part of [input, unblinded]) sha.update(lengthBytes(part.length)).update(part);
      return sha.update('Finalize').digest();
    },
    deriveKey(seed, info) {
      if (seed.length !== 32) throw new SekishoError('bad-input', { what: 'seed', reason: 'length' });
      const input = Buffer.concat([seed, lengthBytes(info.length), info]);
      // The counter goes up only when the hash gives 0, which nobody will live to see.
      for (let counter = 0; counter <= 255; counter++) {
        const key = group.hashToScalar(Buffer.concat([input, Buffer.of(counter)]), keyTag);
        if (key.some((byte) => byte !== 0)) return key;
      }
      throw new SekishoError('internal', { what: 'oprf-key' });
    },
  };
}

/** RFC 9497 §1.2: inputs are at most 2^16 − 1 bytes. */
function checkLength(input: Buffer): void {
  if (input.length > 0xffff) throw new SekishoError('bad-input', { what: 'oprf-input', reason: 'length' });
}

function lengthBytes(length: number): Buffer {
  const bytes = Buffer.alloc(2);
  bytes.writeUInt16BE(length);
  return bytes;
}
