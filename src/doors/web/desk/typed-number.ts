import { IndividualNumber, type RefusalReason, ResidentRecordCode } from '../../../core/numbers/index.ts';
import { isSekishoError } from '../../../ground/errors.ts';

/** What is known of a number while it is typed. */
export type TypedNumber =
  | { state: 'empty' }
  /** Nothing wrong yet, digits are still missing. */
  | { state: 'short'; digits: number }
  | { state: 'wrong'; reason: RefusalReason }
  | { state: 'good' };

const kinds = {
  number: { length: 12, parse: (text: string) => IndividualNumber.parse(text) },
  residentCode: { length: 11, parse: (text: string) => ResidentRecordCode.parse(text) },
} as const;
export type NumberKind = keyof typeof kinds;

export const lengthOf = (kind: NumberKind): number => kinds[kind].length;

/** Reads a number as far as it is typed: full width, blanks and hyphens are fine; a slip shows with the last digit. */
export function readTypedNumber(kind: NumberKind, text: string): TypedNumber {
  if (text.trim() === '') return { state: 'empty' };
  try {
    kinds[kind].parse(text);
    return { state: 'good' };
  } catch (error) {
    if (!isSekishoError(error, 'bad-input')) throw error;
    const reason = error.facts['reason'] as RefusalReason;
    const digits = text.normalize('NFKC').replace(/[^0-9]/g, '').length;
    // A separator at the end is refused as a character that does not belong; while typing it is only early.
    const unfinished = digits < kinds[kind].length && /^[\s0-9‐-―−ー-]*$/u.test(text.normalize('NFKC'));
    return unfinished ? { state: 'short', digits } : { state: 'wrong', reason };
  }
}
