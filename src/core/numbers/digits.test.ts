import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isSekishoError } from '../../ground/errors.ts';
import { digitValue, readDigits, requireBody, weightedSum } from './digits.ts';
import {
  corporateNumberCheckDigit,
  IndividualNumber,
  individualNumberCheckDigit,
  insurerNumberCheckDigit,
} from './index.ts';

const separators = [
  ' ',
  '\u3000',
  '\u00a0',
  '\u2009',
  '\u200b',
  '\t',
  '-',
  '‐',
  '‑',
  '‒',
  '–',
  '—',
  '―',
  '−',
  '－',
  'ー',
  'ｰ',
  '﹣',
  '─',
];

describe('reading digits', () => {
  it.each(separators.map((s) => [s.codePointAt(0)!.toString(16), s]))(
    'takes U+%s between digits',
    (_, separator) => {
      expect(readDigits(`12${separator}34`, 'x', [4]).digits).toBe('1234');
      expect(readDigits(`12${separator}34`, 'x', [4]).offsets).toEqual([0, 1, 3, 4]);
    },
  );

  it('reads any mixture of widths, separators and outer space to the same digits', () => {
    const digit = fc.tuple(fc.integer({ min: 0, max: 9 }), fc.boolean(), fc.constantFrom('', ...separators));
    fc.assert(
      fc.property(
        fc.array(digit, { minLength: 1, maxLength: 20 }),
        fc.stringMatching(/^[ \u3000\r\n\t]{0,3}$/),
        (parts, space) => {
          const text = parts.map(([d, wide, after], i) => {
            const shown = wide ? String.fromCharCode(0xff10 + d) : String(d);
            return i < parts.length - 1 ? shown + after : shown;
          });
          const { digits, offsets } = readDigits(space + text.join('') + space, 'x', [parts.length]);
          expect(digits).toBe(parts.map(([d]) => d).join(''));
          expect(offsets.map((at) => digitValue((space + text.join('')).charCodeAt(at))).join('')).toBe(
            digits,
          );
        },
      ),
    );
  });

  it('refuses any string with a typed refusal and a place inside it, and never throws anything else', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 120 }), (text) => {
        try {
          IndividualNumber.parse(text);
        } catch (error) {
          if (!isSekishoError(error, 'bad-input')) throw error;
          expect(error.facts.place).toBeGreaterThanOrEqual(0);
          expect(error.facts.place).toBeLessThanOrEqual(text.length);
        }
      }),
      { numRuns: 2000 },
    );
  });

  it('refuses a character inserted anywhere, at its place', () => {
    const foreign = fc.constantFrom('a', '.', '/', '０x'.slice(1), '八', '①', '٣', '\n', '\0', '〜', ',');
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 11 }), foreign, (at, character) => {
        const text = `${'123456789018'.slice(0, at)}${character}${'123456789018'.slice(at)}`;
        expect(() => IndividualNumber.parse(text)).toThrowError(
          expect.objectContaining({ facts: { what: 'individual-number', reason: 'character', place: at } }),
        );
      }),
    );
  });

  it('walks no text that is longer than a number can be', () => {
    expect(() => readDigits(' '.repeat(10_000_000), 'x', [1])).toThrowError(
      expect.objectContaining({ facts: { what: 'x', reason: 'length', place: 96 } }),
    );
  });

  it('knows full-width digits and no other script', () => {
    expect([...'09０９'].map((c) => digitValue(c.charCodeAt(0)))).toEqual([0, 9, 0, 9]);
    expect([...'/:／：٣३〇①²'].map((c) => digitValue(c.charCodeAt(0)))).toEqual(new Array(9).fill(-1));
  });
});

describe('check-digit functions', () => {
  it.each([
    ['individual', individualNumberCheckDigit, 11],
    ['corporate', corporateNumberCheckDigit, 12],
    ['insurer', insurerNumberCheckDigit, 7],
  ] as const)('%s: refuse a body of another length or with another character', (_, checkDigit, length) => {
    expect(() => checkDigit('1'.repeat(length - 1))).toThrowError(
      expect.objectContaining({ kind: 'bad-input' }),
    );
    expect(() => checkDigit('1'.repeat(length + 1))).toThrowError(
      expect.objectContaining({ kind: 'bad-input' }),
    );
    expect(() => checkDigit(`${'1'.repeat(length - 1)}x`)).toThrowError(
      expect.objectContaining({ facts: expect.objectContaining({ reason: 'character', place: length - 1 }) }),
    );
    expect(checkDigit('0'.repeat(length))).toBe(length === 12 ? 9 : 0);
  });

  it('weigh from left to right', () => {
    expect(weightedSum('123', [100, 10, 1])).toBe(123);
    expect(() => requireBody('12', 'x', 3)).toThrowError(
      expect.objectContaining({ facts: { what: 'x', reason: 'length', place: 2 } }),
    );
  });
});
