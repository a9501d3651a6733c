import { isoInTokyo, readTypedDate, type TypedDate } from '../ui/typed-date.ts';

export const lockChoices = ['month', 'quarter', 'year', 'date'] as const;
export type LockChoice = (typeof lockChoices)[number];

const days: { readonly [K in Exclude<LockChoice, 'date'>]: number } = { month: 30, quarter: 91, year: 365 };
const dayMs = 86_400_000;

/** The end of a day in Japan, ms since 1970. */
const endOf = (isoDay: string): number => Date.parse(`${isoDay}T23:59:59+09:00`);

/**
 * Until when a choice locks: the end of its last day in Japan, ms since 1970. Undefined where the typed day is none, is not
 * after today, or lies more than a year ahead.
 */
export function lockUntil(choice: LockChoice, typed: TypedDate, now: number): number | undefined {
  if (choice !== 'date') return endOf(isoInTokyo(now + days[choice] * dayMs));
  const read = readTypedDate(typed);
  if (!('date' in read)) return undefined;
  const until = endOf(read.date);
  return read.date > isoInTokyo(now) && until <= endOf(isoInTokyo(now + days.year * dayMs))
    ? until
    : undefined;
}
