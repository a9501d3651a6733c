import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { seededRandomness } from '../../../ground/randomness.ts';
import { drawIndividualNumber } from '../individual-number.ts';
import { findNumbers, search } from './find-numbers.ts';

interface FindCase {
  readonly text: string;
  readonly note?: string;
  readonly found: readonly [string, number, number, number][];
}
const { cases } = JSON.parse(
  readFileSync(new URL('../vectors/find-numbers.json', import.meta.url), 'utf8'),
) as { cases: FindCase[] };

const NUMBER = '123456789018';

describe('vectors', () => {
  it.each(cases)('$text', ({ text, found }) => {
    expect(findNumbers(text).map((f) => [f.kind, f.start, f.end, f.confidence])).toEqual(found);
  });
});

describe('signs', () => {
  const first = (text: string, options = {}) => findNumbers(text, { minimumConfidence: 0, ...options })[0]!;

  it('gives its reasons', () => {
    expect(first(`個人番号 ${NUMBER}`).reasons).toEqual(['plain', 'check-digit', 'word-near']);
    expect(first('1234-5678-9018').reasons).toEqual(['customary', 'check-digit']);
    expect(first('1234-5678-9018-0000').reasons).toContain('part-of-longer-run');
    expect(first(`1.${NUMBER}`).reasons).toContain('decimal');
    expect(first(`x${NUMBER}`).reasons).toContain('touches-letters');
    expect(first('000000000000').reasons).toContain('one-digit-repeated');
  });

  it.each([
    ['decimal', `0.${NUMBER}`],
    ['letters', `A${NUMBER}B`],
    ['another number’s word', `口座番号 ${NUMBER}`],
    ['a longer run', '1234-5678-9018-7777'],
    ['a sign', `+${NUMBER}`],
    ['other digits beside it', `${NUMBER} 77`],
  ])('%s lowers the confidence', (_, text) => {
    expect(first(text).confidence).toBeLessThan(first(NUMBER).confidence);
  });

  it('a word raises it, a word far before raises it less, a word of another number near lowers it', () => {
    const plain = first(NUMBER).confidence;
    const near = first(`個人番号${NUMBER}`).confidence;
    const far = first(`個人番号${'\n氏名など'.repeat(20)}${NUMBER}`).confidence;
    expect(near).toBeGreaterThan(far);
    expect(far).toBeGreaterThan(plain);
    expect(first(`法人番号 ${NUMBER}`).confidence).toBeLessThan(plain);
  });

  it('takes a column’s heading from outside the text', () => {
    expect(first(NUMBER, { context: '個人番号' }).confidence).toBe(0.85);
    expect(first(NUMBER, { context: '注文番号' }).confidence).toBe(0.25);
    expect(first(NUMBER, { context: '備考' }).confidence).toBe(0.5);
  });

  it('finds a number whose leading zero a spreadsheet dropped, less surely', () => {
    const withZero = '012345678903';
    const whole = first(withZero, { context: '個人番号' });
    const stripped = first(withZero.slice(1), { context: '個人番号' });
    expect(whole).toMatchObject({ kind: 'individual-number', start: 0, end: 12 });
    expect(stripped).toMatchObject({ kind: 'individual-number', start: 0, end: 11 });
    expect(stripped.reasons).toContain('zero-stripped');
    expect(stripped.confidence).toBeLessThan(whole.confidence);
    expect(stripped.confidence).toBeGreaterThanOrEqual(0.5);
  });

  it('tells both kinds where eleven digits can be a code or a number without its zero', () => {
    const both = (() => {
      for (let n = 20_000_000_000; ; n++) {
        const kinds = findNumbers(String(n), { minimumConfidence: 0 });
        if (kinds[0]?.reasons.some((reason) => reason.startsWith('also:'))) return kinds;
      }
    })();
    expect(both).toHaveLength(1);
    expect(both[0]!.kind).toBe('resident-record-code');
    expect(both[0]!.reasons).toContain('also:individual-number');
  });

  it('leaves out what is below the minimum', () => {
    expect(findNumbers(NUMBER, { minimumConfidence: 0.51 })).toEqual([]);
    expect(findNumbers(NUMBER, { minimumConfidence: 0.5 })).toHaveLength(1);
  });
});

describe('whole texts', () => {
  it('finds every number of a table, in order and apart', () => {
    const randomness = seededRandomness('table');
    const numbers = Array.from({ length: 500 }, () => drawIndividualNumber(randomness).reveal());
    const rows = numbers.map(
      (n, i) => `${100_000_000 + i},山田太郎,昭和50年1月2日,${n},0${i % 9}0-1234-5678`,
    );
    const text = `宛名番号,氏名,生年月日,個人番号,電話\r\n${rows.join('\r\n')}\r\n`;
    const found = findNumbers(text);
    expect(found.map((f) => text.slice(f.start, f.end))).toEqual(numbers);
    for (let i = 1; i < found.length; i++) expect(found[i]!.start).toBeGreaterThanOrEqual(found[i - 1]!.end);
  });

  it('holds no digit of the text in its answer', () => {
    const answer = JSON.stringify(findNumbers(`個人番号 ${NUMBER} 住民票コード 24727059608`));
    expect(answer).not.toMatch(/\d{3}/);
  });

  it('finds a drawn number in any customary dress at its very place', () => {
    const dress = fc.constantFrom('', ' ', '-', '　', '－', 'ー', '−', ' - ');
    const filler = fc.stringMatching(/^[ぁ-ん。、\n]{0,30}$/);
    fc.assert(
      fc.property(
        fc.integer(),
        dress,
        fc.boolean(),
        filler,
        filler,
        (seed, separator, wide, before, after) => {
          const digits = drawIndividualNumber(seededRandomness(String(seed))).reveal();
          const groups = [digits.slice(0, 4), digits.slice(4, 8), digits.slice(8)].join(separator);
          const shown = wide
            ? groups.replace(/\d/g, (d) => String.fromCharCode(d.charCodeAt(0) + 0xfee0))
            : groups;
          const found = findNumbers(`${before}個人番号 ${shown}${after}`);
          const start = before.length + 5;
          expect(found).toEqual([
            expect.objectContaining({ kind: 'individual-number', start, end: start + shown.length }),
          ]);
        },
      ),
      { numRuns: 300 },
    );
  });
});

describe('hostile text', () => {
  const megabyte = 1_000_000;
  const hostile: [string, string][] = [
    ['one run of digits', '1'.repeat(megabyte)],
    ['single digits between spaces', '1 '.repeat(megabyte / 2)],
    ['groups of four', '1234-'.repeat(megabyte / 5)],
    ['full-width digits', '９'.repeat(megabyte)],
    ['separators only', '- '.repeat(megabyte / 2)],
    ['valid numbers end to end', `${NUMBER} `.repeat(megabyte / 13)],
    ['context words only', '個人番号'.repeat(megabyte / 4)],
    ['beginnings of context words', 'my my-my_individual resident record '.repeat(megabyte / 36)],
    ['zero-width spaces', '1\u200b'.repeat(megabyte / 2)],
    ['numbers and words of every kind', `個人番号法人番号電話 ${NUMBER}, 9600-123456 `.repeat(megabyte / 38)],
  ];

  it.each(hostile)('1 MB of %s takes steps in proportion to its length', (_, text) => {
    const { steps } = search(text);
    expect(steps).toBeLessThan(40 * text.length);
    const half = search(text.slice(0, text.length / 2)).steps;
    expect(steps).toBeLessThan(2.1 * half + 100);
  });

  it('throws on no string at all, and every place lies inside it', () => {
    const nasty = fc.constantFrom(
      ...'0123456789０９ 　-ー−.,T+#個人番号年金法人',
      '\ud800',
      '\udc00',
      '\u200b',
      '個人番号',
      NUMBER,
    );
    const text = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 400 }),
      fc.array(nasty, { maxLength: 80 }).map((parts) => parts.join('')),
    );
    fc.assert(
      fc.property(text, (t) => {
        let last = 0;
        for (const { start, end, confidence } of findNumbers(t, { minimumConfidence: 0 })) {
          expect(start).toBeGreaterThanOrEqual(last);
          expect(end).toBeGreaterThan(start);
          expect(end).toBeLessThanOrEqual(t.length);
          expect(confidence).toBeGreaterThanOrEqual(0);
          expect(confidence).toBeLessThanOrEqual(1);
          last = end;
        }
      }),
      { numRuns: 2000 },
    );
  });
});
