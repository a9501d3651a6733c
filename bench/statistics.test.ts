import { describe, expect, it } from 'vitest';
import { isMet, median, missedBy, percentile, perSecond } from './statistics.ts';

describe('percentile', () => {
  const hundred = Array.from({ length: 100 }, (_, i) => i + 1);
  it('takes the nearest rank', () => {
    expect(percentile(hundred, 0.5)).toBe(50);
    expect(percentile(hundred, 0.95)).toBe(95);
    expect(percentile(hundred, 0.99)).toBe(99);
    expect(percentile(hundred, 0.991)).toBe(100);
  });
  it('gives the smallest and the largest at the ends', () => {
    expect(percentile(hundred, 0)).toBe(1);
    expect(percentile(hundred, 1)).toBe(100);
  });
  it('gives the one value of one', () => expect(percentile([7], 0.99)).toBe(7));
  it('is never a value that was not measured', () => expect(percentile([1, 10], 0.5)).toBe(1));
  it('is no number for nothing', () => expect(percentile([], 0.5)).toBeNaN());
});

describe('median', () => {
  it('is the middle one, whatever the order', () => expect(median([9, 1, 5])).toBe(5));
  it('is the mean of the middle two', () => expect(median([4, 1, 2, 100])).toBe(3));
  it('leaves the given values as they are', () => {
    const given = [3, 1, 2];
    median(given);
    expect(given).toEqual([3, 1, 2]);
  });
  it('is no number for nothing', () => expect(median([])).toBeNaN());
});

describe('perSecond', () => {
  it('counts milliseconds', () => expect(perSecond(50, 250)).toBe(200));
  it('is no number where no time passed', () => expect(perSecond(50, 0)).toBeNaN());
});

describe('limits', () => {
  it('meets a lower limit exactly', () => expect(isMet(5_000, { atLeast: 5_000 })).toBe(true));
  it('misses a lower limit', () => expect(isMet(4_999, { atLeast: 5_000 })).toBe(false));
  it('meets an upper limit exactly', () => expect(isMet(2.5, { atMost: 2.5 })).toBe(true));
  it('misses an upper limit', () => expect(isMet(2.51, { atMost: 2.5 })).toBe(false));
  it('never meets one with no number', () => {
    expect(isMet(Number.NaN, { atLeast: 1 })).toBe(false);
    expect(isMet(Number.NaN, { atMost: 1 })).toBe(false);
    expect(missedBy(Number.NaN, { atMost: 1 })).toBe(1);
  });
  it('tells how far short', () => expect(missedBy(4_000, { atLeast: 5_000 })).toBeCloseTo(0.2));
  it('tells how far over', () => expect(missedBy(150, { atMost: 100 })).toBeCloseTo(0.5));
  it('is nothing where it is met', () => expect(missedBy(6_000, { atLeast: 5_000 })).toBe(0));
});
