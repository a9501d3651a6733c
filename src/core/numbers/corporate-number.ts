import { isSekishoError } from '../../ground/errors.ts';
import { Masked } from '../../ground/masked.ts';
import { readDigits, refuse, requireBody, weightedSum } from './digits.ts';

const WHAT = 'corporate-number';

/** Ordinance of the Ministry of Finance No. 70 of 2014, art. 2: 1 for odd n, 2 for even n, n counted from the right. */
const WEIGHTS = [2, 1, 2, 1, 2, 1, 2, 1, 2, 1, 2, 1] as const;

/**
 * Check digit of a corporate number (法人番号): 9 − (Σ P_n·Q_n mod 9), always 1–9 (Ordinance No. 70 of 2014, art. 2;
 * the remainder is that of the whole sum, as every published number shows).
 *
 * @param body the last 12 digits
 */
export function corporateNumberCheckDigit(body: string): number {
  requireBody(body, WHAT, 12);
  return 9 - (weightedSum(body, WEIGHTS) % 9);
}

/** Corporate number (法人番号), 13 digits, the first of them the check digit. Public, but masked like the others. */
export class CorporateNumber extends Masked<'corporate-number'> {
  private constructor(digits: string) {
    super(WHAT, digits);
  }

  /** @throws bad-input {what, reason: character | length | check-digit, place} */
  static parse(text: string): CorporateNumber {
    const { digits, offsets } = readDigits(text, WHAT, [13]);
    const number = new CorporateNumber(digits);
    if (number.checkDigit !== corporateNumberCheckDigit(digits.slice(1))) {
      refuse(WHAT, 'check-digit', offsets[0]!);
    }
    return number;
  }

  static tryParse(text: string): CorporateNumber | undefined {
    try {
      return CorporateNumber.parse(text);
    } catch (error) {
      if (isSekishoError(error, 'bad-input')) return undefined;
      throw error;
    }
  }

  get checkDigit(): number {
    return this.reveal().charCodeAt(0) - 0x30;
  }
}
