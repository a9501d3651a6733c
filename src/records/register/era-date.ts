import eraTable from './eras.json' with { type: 'json' };
import { japaneseNumeral } from './japanese-numeral.ts';

/**
 * Dates as Japanese resident systems write them: eras by name, single kanji, letter or code, kanji and full-width
 * numerals, 元年, and Western dates (ISO, slashes, 8 digits). Every answer is a date or a reason; nothing throws.
 *
 * Era days are taken as written and Gregorian; before 1873 (Meiji 6) the lunisolar calendar was in force, and resident
 * systems keep such days unconverted, so we do. On 1912-07-30 and 1926-12-25 the era changed within the day: both
 * names are right for it.
 */
export const dateReasons = [
  'empty',
  'format',
  'era',
  'era-range',
  'month',
  'day',
  'unknown-part',
  'too-early',
  'future',
] as const;
export type DateReason = (typeof dateReasons)[number];

/** `date`: ISO `YYYY-MM-DD`; an unknown month or day is `00` and then `stated` holds the text as it came. */
export interface StatedDate {
  date: string;
  stated: string;
  complete: boolean;
}
export type DateResult = { ok: true; value: StatedDate } | { ok: false; reason: DateReason };

export interface DateOptions {
  /** ISO date; later dates are refused as `future`. */
  today?: string;
  /** What to do with 不詳 or 00 for month or day. The year must always be known. Default `refuse`. */
  unknown?: 'refuse' | 'keep';
}

interface Era {
  name: string;
  letter: string;
  code: string;
  starts: string;
  ends: string | null;
}
const eras: readonly Era[] = eraTable.eras;
const eraBySign = new Map(
  eras.flatMap((era) => [era.name, era.name[0]!, era.letter, era.code].map((sign) => [sign, era])),
);
export const earliestDate = eras[0]!.starts;

const separators = '[-./,・年月]';
const numeral = '[0-9〇零一二三四五六七八九十廿卅百壱弌壹弐貳参參元]+';
const part = `(${numeral}|不詳|不明)`;
const patterns = {
  /** S450401, H010203 and the code form 3450401: one sign, then exactly six digits. */
  packedEra: /^([MTSHR1-5])(\d{2})(\d{2})(\d{2})$/,
  packedWestern: /^(\d{4})(\d{2})(\d{2})$/,
  era: new RegExp(
    `^(\\p{Script=Han}{1,2}?|[A-Z])${separators}?${part}${separators}${part}(?:${separators}${part}日?)$`,
    'u',
  ),
  western: new RegExp(`^(?:西暦)?${part}${separators}${part}${separators}${part}日?$`, 'u'),
  /** 昭和20年不詳, 昭和20年5月不詳, 1945年5月日不詳: the end of the date is unknown. */
  openEra: new RegExp(`^(\\p{Script=Han}{1,2}?|[A-Z])${part}年(?:${part}月)?(?:月日|日)?(?:不詳|不明)$`, 'u'),
  openWestern: new RegExp(`^(?:西暦)?${part}年(?:${part}月)?(?:月日|日)?(?:不詳|不明)$`, 'u'),
};

/** Full width to half, squared eras (㍼) opened, dashes and minus signs made one, blanks dropped, letters raised. */
function canonical(text: string): string {
  return text
    .normalize('NFKC')
    .replace(/\s+/gu, '')
    .replace(/[‐‑‒–—―−ー]/gu, '-')
    .toUpperCase();
}

/** Reads one date. `text` may be anything; see `DateReason` for what is refused. */
export function parseDate(text: string, options: DateOptions = {}): DateResult {
  if (text.length > 64) return refuse('format');
  const plain = canonical(text);
  if (plain === '') return refuse('empty');
  // 2010 812 without its blank would be the code form of 大正1年8月12日.
  if (/\d\s+\d/u.test(text.normalize('NFKC').trim())) return refuse('format');
  const western = patterns.packedWestern.exec(plain);
  if (western) return build(text, null, western[1]!, western[2]!, western[3]!, options);
  const packed = patterns.packedEra.exec(plain);
  if (packed) return build(text, packed[1]!, packed[2]!, packed[3]!, packed[4]!, options);
  const spelled = patterns.western.exec(plain);
  if (spelled) return build(text, null, spelled[1]!, spelled[2]!, spelled[3]!, options);
  const era = patterns.era.exec(plain);
  if (era) return build(text, era[1]!, era[2]!, era[3]!, era[4]!, options);
  const openWestern = patterns.openWestern.exec(plain);
  if (openWestern) return build(text, null, openWestern[1]!, openWestern[2] ?? '00', '00', options);
  const openEra = patterns.openEra.exec(plain);
  if (openEra) return build(text, openEra[1]!, openEra[2]!, openEra[3] ?? '00', '00', options);
  return refuse('format');
}

function refuse(reason: DateReason): DateResult {
  return { ok: false, reason };
}

const numberOf = (text: string): number | null => (/^不/.test(text) ? 0 : japaneseNumeral(text));

function build(
  stated: string,
  sign: string | null,
  yearText: string,
  monthText: string,
  dayText: string,
  options: DateOptions,
): DateResult {
  const [yearNumber, month, day] = [numberOf(yearText), numberOf(monthText), numberOf(dayText)];
  if (yearNumber === null || month === null || day === null) return refuse('format');
  const era = sign === null ? null : eraBySign.get(sign);
  if (era === undefined) return refuse('era');
  if (/^不/.test(yearText)) return refuse('unknown-part');
  // Two-digit Western years are guesses between centuries; we do not guess.
  if (era === null && !/^\d{4}$|^[^\d]{4,}$/.test(yearText)) return refuse('format');
  if (yearNumber === 0) return refuse(era === null ? 'unknown-part' : 'era-range');
  const year = era === null ? yearNumber : Number(era.starts.slice(0, 4)) + yearNumber - 1;
  if (year > 9999) return refuse('era-range');
  if (month > 12) return refuse('month');
  const complete = month !== 0 && day !== 0;
  if (month === 0 && day !== 0) return refuse('month');
  if (day > (month === 0 ? 31 : daysIn(year, month))) return refuse('day');
  const date = isoDate(year, month, day);
  if (era && !withinEra(era, date, month, day)) return refuse('era-range');
  if (!complete && options.unknown !== 'keep') return refuse('unknown-part');
  if (date.slice(0, complete ? 10 : 4) < earliestDate.slice(0, complete ? 10 : 4)) return refuse('too-early');
  if (options.today !== undefined && date > options.today) return refuse('future');
  return { ok: true, value: { date, stated, complete } };
}

/** With unknown parts the era has to cover at least one day of what is known. */
function withinEra(era: Era, date: string, month: number, day: number): boolean {
  const known = month === 0 ? 4 : day === 0 ? 7 : 10;
  const start = date.slice(0, known);
  return start >= era.starts.slice(0, known) && (era.ends === null || start <= era.ends.slice(0, known));
}

const monthLengths = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

function daysIn(year: number, month: number): number {
  const leap = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
  return month === 2 && leap ? 29 : monthLengths[month - 1]!;
}

function isoDate(year: number, month: number, day: number): string {
  return `${String(year).padStart(4, '0')}-${String(month).padStart(2, '0')}-${String(day).padStart(2, '0')}`;
}

/** True for a complete ISO date that exists in the calendar. */
export function isCalendarDate(date: string): boolean {
  const match = /^(\d{4})-(\d{2})-(\d{2})$/.exec(date);
  if (!match) return false;
  const [year, month, day] = [Number(match[1]), Number(match[2]), Number(match[3])];
  return year > 0 && month >= 1 && month <= 12 && day >= 1 && day <= daysIn(year, month);
}

/**
 * An ISO date in era form: `long` 昭和45年4月1日 (元年 for year one), `short` S45.4.1. A month or day of `00` is written 不詳.
 * Null when the date lies before the first era or is no date. On a day of change the newer era is named.
 */
export function formatEra(date: string, style: 'long' | 'short' = 'long'): string | null {
  const match = /^(\d{4})-(\d{2})-(\d{2})$/.exec(date);
  if (!match) return null;
  const [year, month, day] = [Number(match[1]), Number(match[2]), Number(match[3])];
  const complete = month !== 0 && day !== 0;
  if (complete && !isCalendarDate(date)) return null;
  if (!complete && (month > 12 || day !== 0)) return null;
  const known = month === 0 ? 4 : complete ? 10 : 7;
  const era = eras.findLast((each) => date.slice(0, known) >= each.starts.slice(0, known));
  if (!era) return null;
  const eraYear = year - Number(era.starts.slice(0, 4)) + 1;
  if (style === 'short') return complete ? `${era.letter}${eraYear}.${month}.${day}` : null;
  const yearWord = `${era.name}${eraYear === 1 ? '元' : eraYear}年`;
  if (complete) return `${yearWord}${month}月${day}日`;
  return month === 0 ? `${yearWord}月日不詳` : `${yearWord}${month}月日不詳`;
}
