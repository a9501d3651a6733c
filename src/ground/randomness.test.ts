import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { seededRandomness, systemRandomness, uniformInteger } from './randomness.ts';

describe('systemRandomness', () => {
  it('never hands out the same bytes twice, nor overwrites what it handed out', () => {
    const randomness = systemRandomness();
    const drawn = Array.from({ length: 20_000 }, () => randomness.bytes(16));
    expect(new Set(drawn.map((bytes) => bytes.toString('hex'))).size).toBe(20_000);
  });

  it('serves more than its pool holds', () => {
    const big = systemRandomness().bytes(200_000);
    expect(big.length).toBe(200_000);
    expect(new Set(big).size).toBe(256);
  });
});

describe('seededRandomness', () => {
  it('gives the same bytes for the same seed, however they are asked for', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 100 }), { maxLength: 20 }), (sizes) => {
        const one = seededRandomness('seed');
        const total = sizes.reduce((sum, size) => sum + size, 0);
        const pieces = Buffer.concat(sizes.map((size) => one.bytes(size)));
        expect(pieces.equals(seededRandomness('seed').bytes(total))).toBe(true);
      }),
    );
  });

  it('gives others for another seed', () => {
    expect(seededRandomness('a').bytes(16)).not.toEqual(seededRandomness('b').bytes(16));
  });
});

describe('uniformInteger', () => {
  it('stays below its bound', () => {
    const randomness = seededRandomness('bound');
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 2 ** 40 }), (bound) => {
        const drawn = uniformInteger(randomness, bound);
        expect(Number.isInteger(drawn) && drawn >= 0 && drawn < bound).toBe(true);
      }),
    );
  });

  it('draws again above the last whole multiple, so that small results are no likelier', () => {
    // Bound 3: 2^48 − 1 is a multiple of 3, so the one draw of all ones must be thrown away.
    const draws = [Buffer.alloc(6, 0xff), Buffer.from([0, 0, 0, 0, 0, 5])];
    expect(uniformInteger({ bytes: () => draws.shift()! }, 3)).toBe(2);
    expect(draws).toEqual([]);
  });

  it('reaches every value about as often (χ², 9 degrees, p ≈ 10⁻⁶)', () => {
    const randomness = seededRandomness('uniform');
    const counts = new Array<number>(10).fill(0);
    for (let i = 0; i < 10_000; i++) counts[uniformInteger(randomness, 10)]!++;
    const chiSquare = counts.reduce((sum, count) => sum + (count - 1000) ** 2 / 1000, 0);
    expect(chiSquare).toBeLessThan(46);
  });
});
