import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isSekishoError } from '../../ground/errors.ts';
import { seededRandomness } from '../../ground/randomness.ts';
import { linkCodes } from './link-code.ts';

const link = await linkCodes();
const randomness = seededRandomness('link codes');
const draw = () => link.randomScalar(randomness);
const hex = (bytes: Buffer) => bytes.toString('hex');

const keyA = draw();
const keyB = draw();
const seeds = Array.from({ length: 40 }, () => randomness.bytes(32));

/** One question from A to B through the hub; what each party has seen, all of it. */
function ask(seed: Buffer) {
  const codeA = link.element(keyA, seed);
  const r = draw();
  const toHub = link.blind(codeA, r);
  const toB = link.translate(toHub, keyA, keyB);
  const codeB = link.unblind(toB, r);
  return { codeB, seenByA: [codeA, r, toHub], seenByHub: [toHub, toB], seenByB: [toB, r, codeB] };
}

describe('link codes', () => {
  it('translated through the hub are exactly the code that B holds', () => {
    for (const seed of seeds) expect(ask(seed).codeB).toEqual(link.element(keyB, seed));
  });

  it('do not depend on the number: the same seed, the same code', () => {
    expect(link.element(keyA, seeds[0]!)).toEqual(link.element(keyA, seeds[0]!));
    expect(link.element(keyA, seeds[0]!)).not.toEqual(link.element(keyA, seeds[1]!));
  });

  it('of two agencies share no value over a whole population', () => {
    const codes = [keyA, keyB].flatMap((key) => seeds.map((seed) => hex(link.element(key, seed))));
    expect(new Set(codes).size).toBe(2 * seeds.length);
  });

  it('never show A the code of B, nor B the code of A, whatever is asked how often', () => {
    for (const seed of seeds) {
      const [codeA, codeB] = [link.element(keyA, seed), link.element(keyB, seed)].map(hex) as [
        string,
        string,
      ];
      for (let again = 0; again < 3; again++) {
        const seen = ask(seed);
        expect(seen.seenByA.map(hex)).not.toContain(codeB);
        // B knows r, so he could undo the hub only with a key he has not: dividing his view by r gives F_B alone.
        expect(seen.seenByB.map(hex)).not.toContain(codeA);
        expect(hex(link.unblind(seen.seenByB[0]!, seen.seenByB[1]!))).toBe(codeB);
      }
    }
  });

  it('leave the hub no stable value: ten questions for one resident look like ten for ten', () => {
    const seen = Array.from({ length: 10 }, () => ask(seeds[0]!).seenByHub.map(hex)).flat();
    expect(new Set(seen).size).toBe(seen.length);
    const stable = [keyA, keyB].map((key) => hex(link.element(key, seeds[0]!)));
    for (const value of stable) expect(seen).not.toContain(value);
  });

  it('would be joined by a hub if r were used twice: why it must be fresh', () => {
    const code = link.element(keyA, seeds[0]!);
    const r = draw();
    expect(link.blind(code, r)).toEqual(link.blind(code, r));
  });

  it('rotate to a new key without seed or number, and translate on from there', () => {
    const keyNew = draw();
    const rotated = link.rotate(link.element(keyA, seeds[2]!), keyA, keyNew);
    expect(rotated).toEqual(link.element(keyNew, seeds[2]!));
    const r = draw();
    const toB = link.translate(link.blind(rotated, r), keyNew, keyB);
    expect(link.unblind(toB, r)).toEqual(link.element(keyB, seeds[2]!));
  });

  it('come from 2-of-2 product keys: two operators in turn do what the whole key does', () => {
    const [a1, a2, b1, b2] = [draw(), draw(), draw(), draw()] as const;
    const [wholeA, wholeB] = [link.product(a1, a2), link.product(b1, b2)];
    const seed = seeds[3]!;
    const codeA = link.extend(a2, link.element(a1, seed));
    expect(codeA).toEqual(link.element(wholeA, seed));
    const r = draw();
    const half = link.translate(link.blind(codeA, r), a1, b1);
    const codeB = link.unblind(link.translate(half, a2, b2), r);
    expect(codeB).toEqual(link.element(wholeB, seed));
    // One operator's halves alone reach neither code.
    expect(link.unblind(half, r)).not.toEqual(codeB);
    expect(link.element(a1, seed)).not.toEqual(codeA);
  });

  it('take their keys from a key store’s secrets', () => {
    const secret = randomness.bytes(32);
    const key = link.scalarOf(secret);
    expect(key).toEqual(link.scalarOf(secret));
    expect(key).not.toEqual(link.scalarOf(randomness.bytes(32)));
    expect(link.element(key, seeds[0]!).length).toBe(32);
  });
});

describe('refused as bad-input', () => {
  const code = link.element(keyA, seeds[0]!);
  const kind = (work: () => unknown) => {
    try {
      work();
    } catch (error) {
      if (isSekishoError(error)) return error.kind;
      throw error;
    }
    return 'taken';
  };

  it('the identity, in every call that takes an element', () => {
    const identity = Buffer.alloc(32);
    for (const work of [
      () => link.blind(identity, keyA),
      () => link.translate(identity, keyA, keyB),
      () => link.unblind(identity, keyA),
      () => link.rotate(identity, keyA, keyB),
      () => link.extend(keyA, identity),
    ]) {
      expect(kind(work)).toBe('bad-input');
    }
  });

  it('bytes that are no element, and scalars that are none', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 0, maxLength: 64 }), (bytes) => {
        const garbage = Buffer.from(bytes);
        // One random string of 32 bytes in sixteen is an element; all else must be refused, and never crash.
        const result = kind(() => link.translate(garbage, keyA, keyB));
        expect(['bad-input', ...(bytes.length === 32 ? ['taken'] : [])]).toContain(result);
      }),
    );
    for (const scalar of [Buffer.alloc(32), Buffer.alloc(32, 0xff), Buffer.alloc(5)]) {
      expect(kind(() => link.blind(code, scalar))).toBe('bad-input');
      expect(kind(() => link.translate(code, scalar, keyB))).toBe('bad-input');
      expect(kind(() => link.element(scalar, seeds[0]!))).toBe('bad-input');
    }
  });

  it('a seed that is not 32 bytes: a number is no seed', () => {
    expect(kind(() => link.element(keyA, Buffer.from('123456789018')))).toBe('bad-input');
    expect(kind(() => link.scalarOf(Buffer.alloc(31)))).toBe('bad-input');
  });
});
