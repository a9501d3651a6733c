import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { UsageError } from './exit-codes.ts';
import { japanTime, parseMoment } from './moment.ts';

describe('a moment as typed', () => {
  it.each([
    ['2026-04-01T09:30', '2026-04-01T00:30:00.000Z'],
    ['2026-04-01 09:30:15', '2026-04-01T00:30:15.000Z'],
    ['2026-04-01T09:30:15.5', '2026-04-01T00:30:15.500Z'],
    ['2026-04-01T09:30Z', '2026-04-01T09:30:00.000Z'],
    ['2026-04-01T09:30:00.123-0500', '2026-04-01T14:30:00.123Z'],
    ['2028-02-29T00:00+09:00', '2028-02-28T15:00:00.000Z'],
  ])('%s is %s', (text, iso) => {
    expect(new Date(parseMoment(text, '--to')).toISOString()).toBe(iso);
  });

  it.each([
    '',
    'yesterday',
    '2026-04-01',
    '2026-13-01T00:00',
    '2026-06-31T00:00',
    '2027-02-29T00:00',
    '2026-04-01T24:01',
    '2026-04-01T09:60',
    '2026-04-01T09:30+99:00',
    '２０２６-04-01T09:30',
  ])('%s is refused', (text) => {
    expect(() => parseMoment(text, '--to')).toThrow(UsageError);
  });

  it('is shown as it may be typed again', () => {
    const moments = fc.integer({ min: 0, max: 4_000_000_000 }).map((seconds) => seconds * 1000);
    fc.assert(
      fc.property(moments, (ms) => {
        expect(parseMoment(japanTime(ms).replace(' +', '+'), '--to')).toBe(ms);
      }),
    );
  });

  it('whatever is typed is a moment or a usage error', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        try {
          expect(Number.isFinite(parseMoment(text, '--to'))).toBe(true);
        } catch (error) {
          expect(error).toBeInstanceOf(UsageError);
        }
      }),
    );
  });
});
