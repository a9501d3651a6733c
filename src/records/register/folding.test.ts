import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { addressKey, foldAddress, foldPostcode } from './address-folding.ts';
import { foldKanji, foldName, foldReading, stored } from './folding.ts';
import variantTable from './variants.json' with { type: 'json' };
import vectors from './vectors/folding.json' with { type: 'json' };

const cases = [
  ['readings', foldReading, vectors.readings],
  ['names', foldName, vectors.names],
  ['addresses', foldAddress, vectors.addresses],
  ['address keys', addressKey, vectors.address_keys],
] as const;

for (const [what, fold, { agree, differ }] of cases) {
  describe(`${what} that agree`, () => {
    it.each(agree as [string, string][])('%s = %s', (left, right) => expect(fold(left)).toBe(fold(right)));
  });
  describe(`${what} that differ`, () => {
    it.each(differ as [string, string][])('%s ≠ %s', (left, right) =>
      expect(fold(left)).not.toBe(fold(right)),
    );
  });
}

describe('stored text', () => {
  it.each(vectors.stored as [string, string][])('%s stays', (text, kept) => expect(stored(text)).toBe(kept));

  it('keeps every compatibility ideograph, which NFC would replace', () => {
    for (let code = 0xf900; code <= 0xfad9; code++) {
      const sign = String.fromCodePoint(code);
      expect(stored(`${sign}か\u3099`)).toBe(`${sign}が`);
    }
  });

  it('is stable', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(stored(stored(text))).toBe(stored(text));
      }),
    );
  });
});

describe('variant table', () => {
  it('leads to an end in one step, and no sign to two ends', () => {
    const sources = variantTable.variants.flatMap(({ from }) => [...from]);
    expect(new Set(sources).size).toBe(sources.length);
    for (const { to, from } of variantTable.variants) {
      expect([...to]).toHaveLength(1);
      expect(sources).not.toContain(to);
      for (const sign of from) expect(foldKanji(sign)).toBe(to);
    }
  });
});

describe('postcode', () => {
  it.each([
    ['100-8111', '1008111'],
    ['〒１００－８１１１', '1008111'],
    ['1008111', '1008111'],
    ['100ー8111', '1008111'],
    ['100-811', null],
    ['10081111', null],
    ['1008-111', null],
    ['', null],
  ])('%s', (text, digits) => expect(foldPostcode(text)).toBe(digits));
});

describe('properties', () => {
  const single =
    'あいうゔがぱゃっーｱｲｰアヴガパャッヶ々山辺邊髙﨑神aBé１2-‐ 　・丁目番地号一二十のノ条町大字ヶケガ区';
  const signs = [...single, 'ｶﾞ', 'ﾊﾟ'];
  const written = fc.array(fc.constantFrom(...signs), { maxLength: 30 }).map((list) => list.join(''));
  const anything = fc.string({ unit: 'binary', maxLength: 60 });

  it.each(cases.map(([what, fold]) => [what, fold] as const))('folding %s never throws', (_, fold) => {
    fc.assert(
      fc.property(fc.oneof(written, anything), (text) => {
        expect(fold(text)).toBeTypeOf('string');
      }),
      { numRuns: 2_000 },
    );
  });

  // Addresses give up marks in favour of hyphens, so a second fold may read a numeral anew; strange combining marks may
  // compose only then. What people write in names and readings is folded for good the first time.
  it.each([
    ['readings', foldReading],
    ['names', foldName],
  ])('what was folded stays so: %s', (_, fold) => {
    fc.assert(
      fc.property(written, (text) => {
        expect(fold(fold(text))).toBe(fold(text));
      }),
      { numRuns: 5_000 },
    );
  });
});
