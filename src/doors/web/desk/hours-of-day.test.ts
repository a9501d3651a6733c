import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { barsOf, hoursOfDay, scaleFor, startOfDay } from './hours-of-day.ts';

const day = Date.UTC(2026, 3, 1) - 9 * 3_600_000;
const hour = (h: number, opened: number, searched: number, written: number, refused: number) => ({
  at: day + h * 3_600_000,
  opened,
  searched,
  written,
  refused,
});

describe('a day in Japan', () => {
  it('begins at its midnight, nine hours before that of UTC', () => {
    expect(startOfDay(day)).toBe(day);
    expect(startOfDay(day + 86_399_999)).toBe(day);
    expect(startOfDay(day - 1)).toBe(day - 86_400_000);
  });

  it('has 24 hours, those without lines too', () => {
    const hours = hoursOfDay(day, [hour(9, 3, 2, 1, 4)]);
    expect(hours).toHaveLength(24);
    expect(hours[9]).toEqual(hour(9, 3, 2, 1, 4));
    expect(hours[10]).toEqual(hour(10, 0, 0, 0, 0));
  });

  it('takes an hour that is told by a moment within it', () => {
    expect(hoursOfDay(day, [{ ...hour(9, 3, 0, 0, 0), at: day + 9.5 * 3_600_000 }])[9]?.opened).toBe(3);
  });
});

it('the scale is the next round number', () => {
  expect([0, 3, 4, 5, 6, 11, 21, 51, 100, 101].map(scaleFor)).toEqual([
    5, 5, 5, 5, 10, 20, 50, 100, 100, 200,
  ]);
});

describe('bars', () => {
  it('what was done is stacked without gaps; what was refused stands beside it from the ground', () => {
    const { bars, top } = barsOf(hoursOfDay(day, [hour(9, 10, 5, 5, 4)]), 240, 100);
    expect(top).toBe(20);
    expect(bars.map(({ series, y, height }) => [series, y, height])).toEqual([
      ['opened', 50, 50],
      ['searched', 25, 25],
      ['written', 0, 25],
      ['refused', 80, 20],
    ]);
    expect(bars[3]!.x).toBeGreaterThanOrEqual(bars[0]!.x + bars[0]!.width);
  });

  it('stay within the chart, whatever the counts', () => {
    const count = fc.integer({ min: 0, max: 1_000_000 });
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.integer({ min: 0, max: 23 }), count, count, count, count)),
        (counted) => {
          const { bars } = barsOf(
            hoursOfDay(
              day,
              counted.map((each) => hour(...each)),
            ),
            960,
            220,
          );
          for (const bar of bars) {
            expect(bar.y).toBeGreaterThanOrEqual(-1e-6);
            expect(bar.y + bar.height).toBeLessThanOrEqual(220 + 1e-6);
            expect(bar.x + bar.width).toBeLessThanOrEqual(960);
          }
        },
      ),
    );
  });

  it('an empty day has none', () => expect(barsOf(hoursOfDay(day, []), 960, 220).bars).toEqual([]));
});
