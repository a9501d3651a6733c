import type { ResidentRecordCode } from '../core/numbers/index.ts';

/**
 * Which resident record codes have been given: a Bloom filter, so that a million codes stay unique within two bytes a
 * resident. It never misses a code that was given; now and then it takes a new one for an old one, and the town draws again.
 */
export class SeenCodes {
  readonly #bits: Uint32Array;
  readonly #mask: number;

  /** @param expected how many codes will be added; 16 bits each, at least 65,536 and at most 2³¹ in all */
  constructor(expected: number) {
    let bits = 65_536;
    while (bits < expected * 16 && bits < 2 ** 31) bits *= 2;
    this.#bits = new Uint32Array(bits / 32);
    this.#mask = bits - 1;
  }

  /** Notes the code; false where it was (or may have been) noted before. */
  add(code: ResidentRecordCode): boolean {
    const body = Number(code.reveal().slice(0, 10));
    // Two independent mixes of the 34-bit body, combined for four places (Kirsch and Mitzenmacher 2006).
    const a = mix(body % 0x1_0000_0000, Math.floor(body / 0x1_0000_0000));
    const b = mix(a ^ 0x9e37_79b9, body % 0x1_0000_0000) | 1;
    let fresh = false;
    for (let i = 0; i < 4; i++) {
      const place = (a + Math.imul(b, i)) & this.#mask;
      const bit = 1 << (place & 31);
      if ((this.#bits[place >>> 5]! & bit) === 0) fresh = true;
      this.#bits[place >>> 5]! |= bit;
    }
    return fresh;
  }
}

/** The 32-bit finaliser of MurmurHash3 over two words. */
function mix(low: number, high: number): number {
  let h = Math.imul(low ^ 0x85eb_ca6b, 0xcc9e_2d51) ^ Math.imul(high + 1, 0x1b87_3593);
  h = Math.imul(h ^ (h >>> 16), 0x85eb_ca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2_ae35);
  return (h ^ (h >>> 16)) >>> 0;
}
