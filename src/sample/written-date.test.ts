import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Dice } from './dice.ts';
import {
  type DateStyle,
  dayOf,
  drawBirthDate,
  drawDateStyle,
  isoOf,
  writeDate,
  yearsBefore,
} from './written-date.ts';

describe('written dates', () => {
  it.each<[string, DateStyle, string]>([
    ['1975-01-02', 'era', '昭和50年1月2日'],
    ['1975-01-02', 'era-padded', '昭和50年01月02日'],
    ['1975-01-02', 'era-full-width', '昭和５０年１月２日'],
    ['1975-01-02', 'letter', 'S50.1.2'],
    ['1975-01-02', 'letter-padded', 'S50.01.02'],
    ['1975-01-02', 'iso', '1975-01-02'],
    ['1975-01-02', 'slashes', '1975/1/2'],
    ['1989-01-07', 'era', '昭和64年1月7日'],
    ['1989-01-08', 'era', '平成元年1月8日'],
    ['1989-01-08', 'era-padded', '平成元年01月08日'],
    ['1989-01-08', 'letter', 'H1.1.8'],
    ['1989-01-08', 'letter-padded', 'H01.01.08'],
    ['2019-04-30', 'era', '平成31年4月30日'],
    ['2019-05-01', 'era', '令和元年5月1日'],
    ['1926-12-24', 'era', '大正15年12月24日'],
    ['1926-12-25', 'era', '昭和元年12月25日'],
    ['1912-07-30', 'era', '大正元年7月30日'],
    ['1911-01-01', 'iso', '1911-01-01'],
  ])('%s in the style %s is %s', (iso, style, written) => {
    expect(writeDate(iso, style)).toBe(written);
  });

  it('refuses an era for a day before Taishō', () => {
    expect(() => writeDate('1912-07-29', 'era')).toThrowError(expect.objectContaining({ kind: 'bad-input' }));
  });

  it('writes eras for Japanese residents, mostly in the plain style, and Western dates for foreign ones', () => {
    const dice = new Dice('styles');
    const count: Record<string, number> = {};
    for (let i = 0; i < 5000; i++) {
      const style = drawDateStyle(dice, true);
      count[style] = (count[style] ?? 0) + 1;
    }
    expect(count['era']! / 5000).toBeCloseTo(0.72, 1);
    expect(Object.keys(count).sort()).toEqual([
      'era',
      'era-full-width',
      'era-padded',
      'letter',
      'letter-padded',
    ]);
    for (let i = 0; i < 100; i++) expect(drawDateStyle(dice, false)).toMatch(/^(iso|slashes)$/);
  });
});

describe('ages', () => {
  it('moves by years, 29 February to the 28th where there is none', () => {
    expect(yearsBefore('2026-04-01', 10)).toBe('2016-04-01');
    expect(yearsBefore('2024-02-29', 1)).toBe('2023-02-28');
    expect(yearsBefore('2024-02-29', 4)).toBe('2020-02-29');
    expect(yearsBefore('2000-02-29', 100)).toBe('1900-02-28');
  });

  it('counts days both ways', () => {
    fc.assert(
      fc.property(fc.integer({ min: -40_000, max: 40_000 }), (day) => {
        expect(dayOf(isoOf(day))).toBe(day);
      }),
    );
  });

  it('draws a birth date of exactly the age asked for', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 110 }),
        fc.integer({ min: 0, max: 20_000 }),
        fc.string(),
        (age, later, seed) => {
          const asOf = isoOf(dayOf('2000-01-01') + later);
          const born = drawBirthDate(new Dice(seed), asOf, age);
          const [by, bm, bd] = born.split('-').map(Number) as [number, number, number];
          const [y, m, d] = asOf.split('-').map(Number) as [number, number, number];
          const had = m > bm || (m === bm && d >= bd) || (bm === 2 && bd === 29 && m === 2 && d === 28);
          const completed = y - by - (had ? 0 : 1);
          expect(completed === age || (asOf.endsWith('02-28') && completed === age + 1)).toBe(true);
        },
      ),
    );
  });
});
