import { CorporateNumber } from '../corporate-number.ts';
import { individualNumberCheckDigit } from '../individual-number.ts';
import { InsurerNumber } from '../insurer-number.ts';
import { residentRecordCodeCheckDigits } from '../resident-record-code.ts';

/** The kinds of number that can be found in text. */
export type NumberKind =
  | 'individual-number'
  | 'resident-record-code'
  | 'corporate-number'
  | 'basic-pension-number'
  | 'insurer-number';

/** How a candidate is written. `boxes`: one digit a box. `irregular`: the whole run, in groups nobody prescribes. */
export type Grouping = 'plain' | 'customary' | 'boxes' | 'irregular' | 'zero-stripped';

export interface KindRule {
  readonly kind: NumberKind;
  readonly length: number;
  /** The customary groups, where there are any. */
  readonly groups?: readonly number[];
  /** Confidence before any other sign, by the way it is written. Absent: never looked for in that form. */
  readonly base: Partial<Readonly<Record<Grouping, number>>>;
  /** What a context word near, and one earlier in the text, adds. */
  readonly near: number;
  readonly earlier: number;
  /** Whether the digits (exactly `length` of them) satisfy the check digit. */
  readonly valid: (digits: string) => boolean;
}

const individual = (d: string) => Number(d[11]) === individualNumberCheckDigit(d.slice(0, 11));
const resident = (d: string) => residentRecordCodeCheckDigits(d.slice(0, 10)).includes(Number(d[10]));

/**
 * The bases follow from how many unrelated digit strings pass the check: 1 in 11 (individual, resident), 1 in 9
 * (corporate), 1 in 10 (insurer), all (pension); a short number or one without check digit needs a word beside it.
 */
export const kindRules: readonly KindRule[] = [
  {
    kind: 'individual-number',
    length: 12,
    groups: [4, 4, 4],
    base: { plain: 0.5, customary: 0.65, boxes: 0.5, irregular: 0.15, 'zero-stripped': 0.15 },
    near: 0.35,
    earlier: 0.15,
    valid: individual,
  },
  {
    kind: 'resident-record-code',
    length: 11,
    base: { plain: 0.3, boxes: 0.3, irregular: 0.1, 'zero-stripped': 0.05 },
    near: 0.5,
    earlier: 0.15,
    valid: resident,
  },
  {
    kind: 'corporate-number',
    length: 13,
    groups: [1, 4, 4, 4],
    base: { plain: 0.4, customary: 0.6, boxes: 0.4, irregular: 0.1 },
    near: 0.45,
    earlier: 0.15,
    valid: (d) => CorporateNumber.tryParse(d) !== undefined,
  },
  {
    kind: 'basic-pension-number',
    length: 10,
    groups: [4, 6],
    base: { plain: 0.05, customary: 0.35, boxes: 0.05, irregular: 0.02, 'zero-stripped': 0.01 },
    near: 0.5,
    earlier: 0.2,
    valid: () => true,
  },
  {
    kind: 'insurer-number',
    length: 8,
    base: { plain: 0.08, boxes: 0.05 },
    near: 0.65,
    earlier: 0.2,
    valid: (d) => InsurerNumber.tryParse(d) !== undefined,
  },
  {
    kind: 'insurer-number',
    length: 6,
    base: { plain: 0.03 },
    near: 0.6,
    earlier: 0.1,
    valid: (d) => InsurerNumber.tryParse(d) !== undefined,
  },
];
