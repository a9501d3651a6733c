import { isSekishoError } from '../../ground/errors.ts';
import { Masked } from '../../ground/masked.ts';
import { type Randomness, uniformInteger } from '../../ground/randomness.ts';
import { readDigits, refuse, requireBody, weightedSum } from './digits.ts';

const WHAT = 'individual-number';

/** Ordinance of the Ministry of Internal Affairs No. 85 of 2014, art. 5: Q_n written from left to right. */
const WEIGHTS = [6, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2] as const;

/**
 * Check digit of an individual number (個人番号).
 * r = Σ P_n·Q_n mod 11; the check digit is 11 − r, and 0 where r ≤ 1 (Ordinance No. 85 of 2014, art. 5).
 *
 * @param body the first 11 digits
 */
export function individualNumberCheckDigit(body: string): number {
  requireBody(body, WHAT, 11);
  const r = weightedSum(body, WEIGHTS) % 11;
  return r <= 1 ? 0 : 11 - r;
}

/**
 * Individual number (個人番号, "My Number"), 12 digits, the last of them the check digit.
 * A right check digit says that the number was probably typed without a slip, never that it was issued to anybody.
 */
export class IndividualNumber extends Masked<'individual-number'> {
  private constructor(digits: string) {
    super(WHAT, digits);
  }

  /** @throws bad-input {what, reason: character | length | check-digit, place} */
  static parse(text: string): IndividualNumber {
    const { digits, offsets } = readDigits(text, WHAT, [12]);
    const number = new IndividualNumber(digits);
    if (number.checkDigit !== individualNumberCheckDigit(digits.slice(0, 11))) {
      refuse(WHAT, 'check-digit', offsets[11]!);
    }
    return number;
  }

  static tryParse(text: string): IndividualNumber | undefined {
    try {
      return IndividualNumber.parse(text);
    } catch (error) {
      if (isSekishoError(error, 'bad-input')) return undefined;
      throw error;
    }
  }

  get checkDigit(): number {
    return this.reveal().charCodeAt(11) - 0x30;
  }
}

/**
 * Draws a number: a uniform body of 11 digits and its check digit. Nothing goes in but randomness, so nothing can be
 * recovered from the number (Act art. 8(2): the resident record code must not be). Whoever draws must still refuse
 * a number that was ever issued: about 1 draw in 800 hits one of a nation's.
 */
export function drawIndividualNumber(randomness: Randomness): IndividualNumber {
  const body = String(uniformInteger(randomness, 10 ** 11)).padStart(11, '0');
  return IndividualNumber.parse(body + individualNumberCheckDigit(body));
}
