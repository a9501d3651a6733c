import { isSekishoError } from '../../ground/errors.ts';
import { Masked } from '../../ground/masked.ts';
import { readDigits } from './digits.ts';

const WHAT = 'basic-pension-number';

/**
 * Basic pension number (基礎年金番号), 10 digits: 4 of the office that gave it (課所符号) and 6 of a serial.
 * No source shows a check digit, so every 10 digits parse: a slip of the pen cannot be seen here.
 */
export class BasicPensionNumber extends Masked<'basic-pension-number'> {
  private constructor(digits: string) {
    super(WHAT, digits);
  }

  /** @throws bad-input {what, reason: character | length, place} */
  static parse(text: string): BasicPensionNumber {
    return new BasicPensionNumber(readDigits(text, WHAT, [10]).digits);
  }

  static tryParse(text: string): BasicPensionNumber | undefined {
    try {
      return BasicPensionNumber.parse(text);
    } catch (error) {
      if (isSekishoError(error, 'bad-input')) return undefined;
      throw error;
    }
  }

  /** The 4 digits of the office or mutual-aid association at the time of assignment. */
  get officeCode(): string {
    return this.reveal().slice(0, 4);
  }
}
