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
  const text = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 60 }),
    fc
      .array(fc.constantFrom(...'丁目番地号一二十-ー０1ノの　 条町大字ヶがケガ区'), { maxLength: 30 })
      .map((signs) => signs.join('')),
  );
  it.each(cases.map(([what, fold]) => [what, fold] as const))(
    'folding %s never throws and is stable',
    (what, fold) => {
      fc.assert(
        fc.property(text, (each) => {
          const folded = fold(each);
          // Addresses give up marks in favour of hyphens, so a second fold may read a numeral anew: only no throw is asked.
          if (!what.startsWith('address')) expect(fold(folded)).toBe(folded);
        }),
        { numRuns: 2_000 },
      );
    },
  );
});
