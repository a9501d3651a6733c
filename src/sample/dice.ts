import { createHash } from 'node:crypto';
import type { Randomness } from '../ground/randomness.ts';

/**
 * Reproducible chance for the sample population: sfc32 (Chris Doty-Humphrey's small fast counting generator), seeded
 * by SHA-256. Millions of draws a second where `seededRandomness` hashes for each few; never for anything but samples.
 */
export class Dice implements Randomness {
  readonly #state: Uint32Array;

  constructor(seed: string) {
    const digest = createHash('sha256').update(`sekisho sample\n${seed}`).digest();
    this.#state = Uint32Array.from([0, 4, 8, 12], (at) => digest.readUInt32LE(at));
    this.#state[3]! |= 1;
    for (let i = 0; i < 16; i++) this.word();
  }

  /** A uniform 32-bit word. */
  word(): number {
    const s = this.#state;
    const out = (s[0]! + s[1]! + s[3]!) >>> 0;
    s[3] = s[3]! + 1;
    s[0] = s[1]! ^ (s[1]! >>> 9);
    s[1] = s[2]! + (s[2]! << 3);
    s[2] = ((s[2]! << 21) | (s[2]! >>> 11)) + out;
    return out;
  }

  /** Uniform in [0, 1). */
  unit(): number {
    return this.word() / 2 ** 32;
  }

  /** A uniform integer from low to high, both included. */
  between(low: number, high: number): number {
    return low + Math.floor(this.unit() * (high - low + 1));
  }

  chance(probability: number): boolean {
    return this.unit() < probability;
  }

  pick<T>(list: readonly T[]): T {
    return list[this.between(0, list.length - 1)]!;
  }

  /** Randomness for core/numbers, which draws the resident record codes. */
  bytes(n: number): Buffer {
    const bytes = Buffer.allocUnsafe(n);
    for (let i = 0; i < n; i++) bytes[i] = this.word() >>> 24;
    return bytes;
  }
}

/** Draws items in proportion to their weights: one binary search a draw. */
export class WeightedChoice<T> {
  readonly #items: readonly T[];
  readonly #cumulative: Float64Array;

  constructor(items: readonly T[], weight: (item: T, rank: number) => number) {
    this.#items = items;
    this.#cumulative = new Float64Array(items.length);
    let sum = 0;
    for (let i = 0; i < items.length; i++) {
      sum += weight(items[i]!, i);
      this.#cumulative[i] = sum;
    }
  }

  draw(dice: Dice): T {
    const total = this.#cumulative[this.#cumulative.length - 1]!;
    const mark = dice.unit() * total;
    let low = 0;
    let high = this.#cumulative.length - 1;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#cumulative[middle]! <= mark) low = middle + 1;
      else high = middle;
    }
    return this.#items[low]!;
  }
}
