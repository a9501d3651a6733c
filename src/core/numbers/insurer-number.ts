import { isSekishoError } from '../../ground/errors.ts';
import { Masked } from '../../ground/masked.ts';
import { readDigits, refuse, requireBody } from './digits.ts';

const WHAT = 'insurer-number';

/**
 * Check digit of an insurer number (保険者番号): from the right of the body × 2, 1, 2, 1 …, the digits of the products
 * added, and the sum filled up to the next ten (設定要領 of the health ministry).
 *
 * @param body 7 digits, or 5 for National Health Insurance
 */
export function insurerNumberCheckDigit(body: string): number {
  requireBody(body, WHAT, body.length === 5 ? 5 : 7);
  let sum = 0;
  for (let i = 0; i < body.length; i++) {
    const digit = body.charCodeAt(i) - 0x30;
    const product = (body.length - i) % 2 === 1 ? digit * 2 : digit;
    sum += product > 9 ? product - 9 : product;
  }
  return (10 - (sum % 10)) % 10;
}

/**
 * Health insurer's number (保険者番号), the last digit the check digit: 8 digits (law 2, prefecture 2, insurer 3), or
 * 6 without the law's two (National Health Insurance).
 */
export class InsurerNumber extends Masked<'insurer-number'> {
  private constructor(digits: string) {
    super(WHAT, digits);
  }

  /** @throws bad-input {what, reason: character | length | check-digit, place} */
  static parse(text: string): InsurerNumber {
    const { digits, offsets } = readDigits(text, WHAT, [6, 8]);
    const number = new InsurerNumber(digits);
    if (number.checkDigit !== insurerNumberCheckDigit(digits.slice(0, -1))) {
      refuse(WHAT, 'check-digit', offsets.at(-1)!);
    }
    return number;
  }

  static tryParse(text: string): InsurerNumber | undefined {
    try {
      return InsurerNumber.parse(text);
    } catch (error) {
      if (isSekishoError(error, 'bad-input')) return undefined;
      throw error;
    }
  }

  get checkDigit(): number {
    return this.reveal().charCodeAt(this.reveal().length - 1) - 0x30;
  }
}
