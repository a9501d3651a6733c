import type { Grouping, NumberKind } from './kinds.ts';

/** One sign for or against a candidate: what was seen and what it adds to the confidence. */
export interface Sign {
  readonly reason: string;
  readonly weight: number;
}

/** A candidate as the signs see it: digits, place, and whether more digit groups are joined to it. */
export interface Candidate {
  readonly kind: NumberKind;
  readonly grouping: Grouping;
  readonly digits: string;
  readonly start: number;
  readonly end: number;
  /** All digits of the run, if it is short enough to matter. */
  readonly runDigits: string;
  /** Groups of the same run stand directly before or behind, joined by a hyphen / by a space. */
  readonly joined: 'no' | 'hyphen' | 'space';
}

const letter = /[A-Za-z_]/;

/** The Luhn sum of ISO/IEC 7812-1: what payment card numbers satisfy. */
export function luhnValid(digits: string): boolean {
  let sum = 0;
  for (let i = 0; i < digits.length; i++) {
    const digit = digits.charCodeAt(digits.length - 1 - i) - 0x30;
    const doubled = i % 2 === 1 ? digit * 2 : digit;
    sum += doubled > 9 ? doubled - 9 : doubled;
  }
  return sum % 10 === 0;
}

/** Whether the digits begin like a day of 1900–2099 written YYYYMMDD, with HHMM or HHMMSS behind it if there is more. */
export function looksLikeDate(digits: string): boolean {
  if (digits.length !== 8 && digits.length !== 10 && digits.length !== 12) return false;
  const within = (at: number, low: number, high: number) => {
    const value = Number(digits.slice(at, at + 2));
    return value >= low && value <= high;
  };
  const day = within(0, 19, 20) && within(4, 1, 12) && within(6, 1, 31);
  const hour = digits.length < 10 || within(8, 0, 23);
  return day && hour && (digits.length < 12 || within(10, 0, 59));
}

/** Japanese telephone numbers: 0 and 9 digits, or 0x0 (mobile, IP) and 8. */
export function looksLikePhone(digits: string): boolean {
  return /^0\d{9}$/.test(digits) || /^0[5-9]0\d{8}$/.test(digits);
}

function shapeSigns(candidate: Candidate): Sign[] {
  const { digits, kind, runDigits } = candidate;
  const signs: Sign[] = [];
  if (/^(\d)\1*$/.test(digits)) signs.push({ reason: 'one-digit-repeated', weight: -0.45 });
  else if ('0123456789012345'.includes(digits)) signs.push({ reason: 'counting-up', weight: -0.2 });
  if (looksLikeDate(digits)) signs.push({ reason: 'date', weight: -0.3 });
  // A number that lost its zero never begins with 0, so only the digits as written can be a telephone number.
  if (candidate.grouping !== 'zero-stripped' && looksLikePhone(digits)) {
    signs.push({ reason: 'phone', weight: -0.4 });
  }
  if (runDigits.length >= 14 && runDigits.length <= 19 && luhnValid(runDigits)) {
    signs.push({ reason: 'card-number', weight: -0.5 });
  }
  if (kind === 'corporate-number' && /^4[59]/.test(digits) && ean13Valid(digits)) {
    signs.push({ reason: 'article-code', weight: -0.2 });
  }
  return signs;
}

/** GTIN-13 check digit (GS1 General Specifications §7.9): Japanese articles begin with 45 or 49. */
function ean13Valid(digits: string): boolean {
  let sum = 0;
  for (let i = 0; i < 13; i++) sum += (digits.charCodeAt(i) - 0x30) * (i % 2 === 1 ? 3 : 1);
  return sum % 10 === 0;
}

function neighbourSigns(candidate: Candidate, text: string): Sign[] {
  const { start, end, kind, joined } = candidate;
  const signs: Sign[] = [];
  const before = text[start - 1] ?? '';
  const after = text[end] ?? '';
  const isDigit = (at: number) => /^[0-9]$/.test(text[at] ?? '');
  if (joined === 'hyphen') signs.push({ reason: 'part-of-longer-run', weight: -0.4 });
  if (joined === 'space') signs.push({ reason: 'beside-other-digits', weight: -0.15 });
  if ((before === '.' && isDigit(start - 2)) || (after === '.' && isDigit(end + 1))) {
    signs.push({ reason: 'decimal', weight: -0.4 });
  }
  if (kind === 'corporate-number' && before === 'T' && !letter.test(text[start - 2] ?? '')) {
    // Qualified invoice issuers are registered as T and the corporate number (Consumption Tax Act art. 57-2).
    signs.push({ reason: 'invoice-prefix', weight: 0.35 });
  } else if (letter.test(before) || letter.test(after)) {
    signs.push({ reason: 'touches-letters', weight: -0.3 });
  }
  const identifier = (at: number, hyphen: string) => hyphen === '-' && letter.test(text[at] ?? '');
  if (identifier(start - 2, before) || identifier(end + 1, after)) {
    signs.push({ reason: 'part-of-identifier', weight: -0.3 });
  }
  if (before === '+' || before === '#') signs.push({ reason: 'signed', weight: -0.2 });
  return signs;
}

/** All signs that the candidate itself and its neighbours give; context words are weighed by the caller. */
export function signsOf(candidate: Candidate, text: string): Sign[] {
  return [...shapeSigns(candidate), ...neighbourSigns(candidate, text)];
}
