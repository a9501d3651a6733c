import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { noDate } from '../ui/typed-date.ts';
import { lockChoices, lockUntil } from './lock-until.ts';

// 2026-04-01 09:00 in Japan.
const now = Date.parse('2026-04-01T09:00:00+09:00');
const end = (day: string) => Date.parse(`${day}T23:59:59+09:00`);
const typed = (year: string, month: string, day: string) => ({ era: '令和' as const, year, month, day });

describe('a lock ends with its last day in Japan', () => {
  it.each([
    ['month', '2026-05-01'],
    ['quarter', '2026-07-01'],
    ['year', '2027-04-01'],
  ] as const)('%s: %s', (choice, day) => expect(lockUntil(choice, noDate, now)).toBe(end(day)));

  it('late in the evening of another time zone it is still the day in Japan', () => {
    const evening = Date.parse('2026-04-01T16:00:00Z'); // 2 April, 01:00 in Japan
    expect(lockUntil('month', noDate, evening)).toBe(end('2026-05-02'));
  });

  it('a typed day from tomorrow on, within a year', () => {
    expect(lockUntil('date', typed('8', '4', '2'), now)).toBe(end('2026-04-02'));
    expect(lockUntil('date', typed('9', '4', '1'), now)).toBe(end('2027-04-01'));
    expect(lockUntil('date', typed('8', '4', '1'), now)).toBeUndefined();
    expect(lockUntil('date', typed('9', '4', '2'), now)).toBeUndefined();
    expect(lockUntil('date', typed('8', '2', '30'), now)).toBeUndefined();
    expect(lockUntil('date', noDate, now)).toBeUndefined();
  });

  it('never lies behind, nor more than a year and a day ahead, whatever is typed', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...lockChoices),
        fc.integer({ min: 1, max: 20 }),
        fc.integer({ min: 1, max: 12 }),
        fc.integer({ min: 1, max: 31 }),
        (choice, year, month, day) => {
          const until = lockUntil(choice, typed(String(year), String(month), String(day)), now);
          if (until === undefined) return;
          expect(until).toBeGreaterThan(now);
          expect(until - now).toBeLessThan(366 * 86_400_000);
        },
      ),
    );
  });
});
