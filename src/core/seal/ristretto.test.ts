import { ristretto255, ristretto255_hasher } from '@noble/curves/ed25519.js';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isSekishoError } from '../../ground/errors.ts';
import { seededRandomness } from '../../ground/randomness.ts';
import { loadRistretto } from './ristretto.ts';
import vectors from './vectors/rfc9496-ristretto255.json' with { type: 'json' };

const group = await loadRistretto();
const randomness = seededRandomness('ristretto');
const scalar = (n: number) => {
  const bytes = Buffer.alloc(32);
  bytes.writeUInt32LE(n);
  return bytes;
};
const generator = Buffer.from(vectors.multiples_of_generator[1]!, 'hex');
/** The group's order, little-endian (RFC 9496 §4.4). */
const order = Buffer.from('edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010', 'hex');

function refused(work: () => unknown): unknown {
  try {
    work();
  } catch (error) {
    if (isSekishoError(error, 'bad-input')) return error.facts['what'];
    throw error;
  }
  return 'taken';
}

describe('ristretto255, RFC 9496', () => {
  it('gives the multiples of the generator of appendix A.1', () => {
    for (let n = 1; n < vectors.multiples_of_generator.length; n++) {
      expect(group.multiply(scalar(n), generator).toString('hex')).toBe(vectors.multiples_of_generator[n]);
    }
  });

  it('refuses every bad encoding of appendix A.2', () => {
    expect(vectors.bad_encodings.length).toBe(29);
    for (const bad of vectors.bad_encodings) {
      expect(
        refused(() => group.multiply(scalar(2), Buffer.from(bad, 'hex'))),
        bad,
      ).toBe('element');
    }
  });

  it('refuses the identity, and an element of another length', () => {
    for (const bad of [Buffer.alloc(32), Buffer.alloc(0), generator.subarray(1), Buffer.alloc(64, 1)]) {
      expect(refused(() => group.multiply(scalar(1), bad))).toBe('element');
    }
  });

  it('refuses a scalar that is zero, the order or above, or of another length', () => {
    const above = Buffer.from(order);
    above[0]! += 1;
    for (const bad of [Buffer.alloc(32), order, above, Buffer.alloc(32, 0xff), Buffer.alloc(31, 1)]) {
      expect(refused(() => group.multiply(bad, generator))).toBe('scalar');
      expect(refused(() => group.inverse(bad))).toBe('scalar');
      expect(refused(() => group.product(scalar(2), bad))).toBe('scalar');
    }
  });

  it('takes the order less one', () => {
    const last = Buffer.from(order);
    last[0]! -= 1;
    expect(group.multiply(last, group.multiply(last, generator))).toEqual(generator);
  });

  it('agrees with an independent implementation on products, hashes to elements and to scalars', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 300 }),
        fc.string({ minLength: 1, maxLength: 60 }),
        (bytes, tag) => {
          const message = Buffer.from(bytes);
          const dst = Buffer.from(tag, 'utf8').subarray(0, 255);
          const element = group.hashToElement(message, dst);
          const theirs = ristretto255_hasher.hashToCurve(bytes, { DST: new Uint8Array(dst) });
          expect(element.toString('hex')).toBe(theirs.toHex());
          const k = group.hashToScalar(message, dst);
          const theirK = ristretto255_hasher.hashToScalar(bytes, { DST: new Uint8Array(dst) });
          expect(BigInt(`0x${Buffer.from(k).reverse().toString('hex')}`)).toBe(theirK);
          expect(group.multiply(k, element).toString('hex')).toBe(theirs.multiply(theirK).toHex());
          const point = ristretto255.Point.fromHex(element.toString('hex'));
          expect(point.equals(theirs)).toBe(true);
        },
      ),
      { numRuns: 40 },
    );
  });

  it('draws scalars that differ, and inverts them', () => {
    const a = group.randomScalar(randomness);
    const b = group.randomScalar(randomness);
    expect(a).not.toEqual(b);
    expect(group.product(a, group.inverse(a))).toEqual(scalar(1));
    expect(group.multiply(group.product(a, b), generator)).toEqual(
      group.multiply(a, group.multiply(b, generator)),
    );
  });
});
