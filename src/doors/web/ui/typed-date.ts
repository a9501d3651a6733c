import { type DateReason, formatEra, parseDate } from '../../../records/register/index.ts';

/** Newest first: most people at a desk are of Shōwa and after. */
export const eras = ['令和', '平成', '昭和', '大正', '明治', '西暦'] as const;
export type Era = (typeof eras)[number];

/** A date as it is typed: by era or Western, each part as text. */
export interface TypedDate {
  era: Era;
  year: string;
  month: string;
  day: string;
}

export const noDate: TypedDate = { era: '昭和', year: '', month: '', day: '' };

export const todayTyped = (now: number): TypedDate => {
  const [year = '', month = '', day = ''] = isoInTokyo(now).split('-');
  return {
    era: '令和',
    year: String(Number(year) - 2018),
    month: String(Number(month)),
    day: String(Number(day)),
  };
};

/** The day in Japan, wherever the browser's clock thinks it is: `YYYY-MM-DD`. */
export function isoInTokyo(now: number): string {
  return new Intl.DateTimeFormat('sv-SE', { timeZone: 'Asia/Tokyo', dateStyle: 'short' }).format(now);
}

export const isTyped = ({ year, month, day }: TypedDate): boolean => `${year}${month}${day}`.trim() !== '';

/** The date typed as `YYYY-MM-DD`, or why it is none. Whole dates pasted into the year are read too. */
export function readTypedDate(typed: TypedDate, today?: string): { date: string } | { reason: DateReason } {
  const { era, year, month, day } = typed;
  if (!isTyped(typed)) return { reason: 'empty' };
  const text = /[^\s0-9０-９元]/.test(year) ? year : `${era}${year}年${month}月${day}日`;
  const result = parseDate(text, today === undefined ? {} : { today });
  return result.ok ? { date: result.value.date } : { reason: result.reason };
}

/** A whole date that was put into the year, taken apart: era and Western alike are then read part by part. */
export function spreadOut(typed: TypedDate): TypedDate {
  if (!/[^\s0-9０-９元]/.test(typed.year)) return typed;
  const read = readTypedDate(typed);
  if ('reason' in read) return typed;
  const [year = '', month = '', day = ''] = read.date.split('-').map((part) => String(Number(part)));
  const era = /^(\D+?)(\d+|元)年/.exec(formatEra(read.date) ?? '');
  const named = eras.find((each) => each === era?.[1]);
  if (month === '0' || day === '0') return typed;
  if (named === undefined) return { era: '西暦', year, month, day };
  return { era: named, year: era![2] === '元' ? '1' : era![2]!, month, day };
}

/** An ISO date as the reader writes it: 昭和45年4月1日（1970年）, or 1970-04-01 (Showa). */
export function dateInWords(date: string, language: 'ja' | 'en'): string {
  const era = formatEra(date);
  if (era === null) return date;
  return language === 'ja' ? `${era}（${Number(date.slice(0, 4))}年）` : `${date} (${era})`;
}
