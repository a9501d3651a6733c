import { SekishoError } from '../../ground/errors.ts';

/** What a number's text is refused for: a character that does not belong, the count of digits, a range, the check digit. */
export type RefusalReason = 'character' | 'length' | 'range' | 'check-digit';

/** Digits read from a text, with the offset (UTF-16 code units, from 0) of each digit in that text. */
export interface ReadDigits {
  readonly digits: string;
  readonly offsets: readonly number[];
}

/**
 * Hyphens as people and systems write them between groups: ASCII, soft, U+2010–2015, bullet, minus, box line,
 * the long-vowel marks ー and ｰ that Japanese keyboards give instead, small and full-width hyphens.
 */
export const hyphenPattern =
  '\\-\\u00ad\\u2010-\\u2015\\u2043\\u2212\\u2500\\u30fc\\ufe58\\ufe63\\uff0d\\uff70';

/** Spaces within one line, zero-width ones included: they hide a number from the eye's neighbour, not from us. */
export const spacePattern = ' \\t\\u00a0\\u1680\\u2000-\\u200d\\u202f\\u205f\\u2060\\u3000\\ufeff';

const separator = new RegExp(`^[${hyphenPattern}${spacePattern}]$`);
const outerSpace = new RegExp(`^[${spacePattern}\\r\\n]$`);

/** `1234 - 5678` is how some people write a group; more than three separators in a row is another field. */
const SEPARATORS_IN_A_ROW = 3;

/** No written number is longer; hostile input is refused before it is walked. */
const LONGEST_TEXT = 96;

export function refuse(what: string, reason: RefusalReason, place: number): never {
  throw new SekishoError('bad-input', { what, reason, place });
}

/** 0–9 for an ASCII or full-width digit, otherwise -1. */
export function digitValue(codeUnit: number): number {
  if (codeUnit >= 0x30 && codeUnit <= 0x39) return codeUnit - 0x30;
  if (codeUnit >= 0xff10 && codeUnit <= 0xff19) return codeUnit - 0xff10;
  return -1;
}

/**
 * Reads the digits of one number: ASCII or full-width digits, spaces and hyphens between them, space around them.
 * Everything else is refused with `bad-input` {what, reason, place}; place is the offset of the first character
 * that does not belong, or of the end of the text where digits are missing. The character itself is not told.
 *
 * @param lengths the counts of digits allowed
 */
export function readDigits(text: string, what: string, lengths: readonly number[]): ReadDigits {
  if (text.length > LONGEST_TEXT) refuse(what, 'length', LONGEST_TEXT);
  let start = 0;
  let end = text.length;
  while (start < end && outerSpace.test(text[start]!)) start++;
  while (end > start && outerSpace.test(text[end - 1]!)) end--;
  let digits = '';
  const offsets: number[] = [];
  let separators = 0;
  for (let i = start; i < end; i++) {
    const value = digitValue(text.charCodeAt(i));
    if (value >= 0) {
      digits += value;
      offsets.push(i);
      separators = 0;
      continue;
    }
    const between = digits !== '' && i < end - 1 && separators < SEPARATORS_IN_A_ROW;
    if (!between || !separator.test(text[i]!)) refuse(what, 'character', i);
    separators++;
  }
  if (!lengths.includes(digits.length)) {
    const allowed = Math.max(...lengths);
    refuse(what, 'length', digits.length > allowed ? offsets[allowed]! : end);
  }
  return { digits, offsets };
}

/** Σ digit × weight, both taken from left to right. */
export function weightedSum(digits: string, weights: readonly number[]): number {
  let sum = 0;
  for (let i = 0; i < weights.length; i++) sum += (digits.charCodeAt(i) - 0x30) * weights[i]!;
  return sum;
}

/** Checks that a body handed to a check-digit function is exactly `length` ASCII digits. */
export function requireBody(body: string, what: string, length: number): void {
  if (body.length !== length) refuse(what, 'length', Math.min(body.length, length));
  for (let i = 0; i < length; i++) {
    const codeUnit = body.charCodeAt(i);
    if (codeUnit < 0x30 || codeUnit > 0x39) refuse(what, 'character', i);
  }
}
