import { SekishoError } from '../ground/errors.ts';
import type { Dice } from './dice.ts';

/** First days of the eras (rescripts of 1912-07-30 and 1926-12-25; cabinet orders for 1989-01-08 and 2019-05-01). */
const eras = [
  { name: '令和', letter: 'R', starts: '2019-05-01', before: 2018 },
  { name: '平成', letter: 'H', starts: '1989-01-08', before: 1988 },
  { name: '昭和', letter: 'S', starts: '1926-12-25', before: 1925 },
  { name: '大正', letter: 'T', starts: '1912-07-30', before: 1911 },
] as const;

/** The ways in which a resident system writes a date. */
export type DateStyle =
  | 'era'
  | 'era-padded'
  | 'era-full-width'
  | 'letter'
  | 'letter-padded'
  | 'iso'
  | 'slashes';

/** How often each style occurs among Japanese residents, in percent: an assumption. Foreign residents have Western dates. */
const eraStyles: readonly [DateStyle, number][] = [
  ['era', 72],
  ['era-padded', 8],
  ['era-full-width', 6],
  ['letter', 10],
  ['letter-padded', 4],
];

const padded = (n: number) => String(n).padStart(2, '0');
const fullWidth = (text: string) =>
  text.replace(/[0-9]/g, (digit) => String.fromCharCode(digit.charCodeAt(0) + 0xfee0));

/**
 * Writes an ISO date in a style, e.g. 昭和50年1月2日, S50.1.2, 平成元年1月8日.
 *
 * @throws bad-input for an era style and a day before 1912-07-30 (Taishō)
 */
export function writeDate(iso: string, style: DateStyle): string {
  const [year, month, day] = iso.split('-').map(Number) as [number, number, number];
  if (style === 'iso') return iso;
  if (style === 'slashes') return `${year}/${month}/${day}`;
  const era = eras.find(({ starts }) => iso >= starts);
  if (!era) throw new SekishoError('bad-input', { what: 'sample-date', reason: 'before-taisho' });
  const n = year - era.before;
  if (style === 'letter') return `${era.letter}${n}.${month}.${day}`;
  if (style === 'letter-padded') return `${era.letter}${padded(n)}.${padded(month)}.${padded(day)}`;
  const first = n === 1 ? '元' : String(n);
  if (style === 'era-padded')
    return `${era.name}${n === 1 ? '元' : padded(n)}年${padded(month)}月${padded(day)}日`;
  const plain = `${era.name}${first}年${month}月${day}日`;
  return style === 'era' ? plain : fullWidth(plain);
}

/** Draws the style of one resident's dates. */
export function drawDateStyle(dice: Dice, japanese: boolean): DateStyle {
  if (!japanese) return dice.chance(0.8) ? 'iso' : 'slashes';
  let mark = dice.unit() * 100;
  for (const [style, percent] of eraStyles) {
    mark -= percent;
    if (mark < 0) return style;
  }
  return 'era';
}

const DAY = 86_400_000;

/** Days since 1970-01-01 of an ISO date, and back. */
export const dayOf = (iso: string): number => Date.parse(iso) / DAY;
export const isoOf = (day: number): string => new Date(day * DAY).toISOString().slice(0, 10);

/** The ISO date `years` years before (or after, where negative) the given one; 29 February becomes the 28th. */
export function yearsBefore(iso: string, years: number): string {
  const [year, month, day] = iso.split('-') as [string, string, string];
  const moved = `${String(Number(year) - years).padStart(4, '0')}-${month}-${day}`;
  return month === '02' && day === '29' && !isLeap(Number(year) - years) ? `${moved.slice(0, 8)}28` : moved;
}

const isLeap = (year: number) => year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);

/** A birth date of somebody who has completed `age` years on the day `asOf`. */
export function drawBirthDate(dice: Dice, asOf: string, age: number): string {
  const latest = dayOf(yearsBefore(asOf, age));
  const earliest = dayOf(yearsBefore(asOf, age + 1)) + 1;
  return isoOf(dice.between(earliest, latest));
}
