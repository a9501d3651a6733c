import { UsageError } from './exit-codes.ts';

/** A whole number as typed. @throws UsageError */
export function wholeNumber(text: string, option: string, least = 1): number {
  const value = /^\d{1,12}$/.test(text) ? Number(text) : Number.NaN;
  if (!(value >= least)) {
    throw new UsageError({
      ja: `${option} は${least}以上の整数です`,
      en: `${option} is a whole number from ${least}`,
    });
  }
  return value;
}
