import { createHash, randomFillSync } from 'node:crypto';

/** Randomness comes in as an argument. The seeded one exists for samples and tests only. */
export interface Randomness {
  /** `n` fresh random bytes. */
  bytes(n: number): Buffer;
}

const POOL_SIZE = 65_536;

/** The operating system's randomness, drawn in bulk: one call per field would cost more than the sealing. */
export function systemRandomness(): Randomness {
  let pool = Buffer.alloc(0);
  let offset = 0;
  return {
    bytes(n) {
      if (n > POOL_SIZE / 4) return randomFillSync(Buffer.allocUnsafeSlow(n));
      if (offset + n > pool.length) {
        // A new pool each time: slices handed out must never be overwritten.
        pool = randomFillSync(Buffer.allocUnsafeSlow(POOL_SIZE));
        offset = 0;
      }
      offset += n;
      return pool.subarray(offset - n, offset);
    },
  };
}

/** Reproducible bytes: SHA-256 of seed and counter. Never for keys outside tests. */
export function seededRandomness(seed: string): Randomness {
  let counter = 0;
  let block = Buffer.alloc(0);
  return {
    bytes(n) {
      const parts: Buffer[] = [];
      let have = 0;
      while (have < n) {
        if (block.length === 0) {
          block = createHash('sha256').update(`${seed}\n${counter++}`).digest();
        }
        const take = block.subarray(0, n - have);
        parts.push(take);
        have += take.length;
        block = block.subarray(take.length);
      }
      return Buffer.concat(parts);
    },
  };
}

/** A uniform integer in [0, bound), without modulo bias. `bound` ≤ 2^48. */
export function uniformInteger(randomness: Randomness, bound: number): number {
  const limit = Math.floor(2 ** 48 / bound) * bound;
  for (;;) {
    const drawn = randomness.bytes(6).readUIntBE(0, 6);
    if (drawn < limit) return drawn % bound;
  }
}
