import { isSekishoError } from '../../ground/errors.ts';
import { Masked } from '../../ground/masked.ts';
import { type Randomness, uniformInteger } from '../../ground/randomness.ts';
import { readDigits, refuse, requireBody, weightedSum } from './digits.ts';

const WHAT = 'resident-record-code';

/** As for the individual number, one digit shorter; agrees with every published sample code. */
const WEIGHTS = [5, 4, 3, 2, 7, 6, 5, 4, 3, 2] as const;

/**
 * The check digits a resident record code (住民票コード) may end in.
 * One digit, 11 − r, where r ≥ 2. The notice that sets the rule for r ≤ 1 is not at hand:
 * the individual number's rule gives 0 and 0, the local government code's rule (last digit of 11 − r) gives 1 and 0.
 * A validator accepts both; a drawer avoids such bodies.
 *
 * @param body the first 10 digits
 */
export function residentRecordCodeCheckDigits(body: string): readonly number[] {
  requireBody(body, WHAT, 10);
  const r = weightedSum(body, WEIGHTS) % 11;
  if (r === 0) return [0, 1];
  if (r === 1) return [0];
  return [11 - r];
}

/** Whether both readings of the rule agree on the body's check digit and it is not the doubtful case (r ≥ 2). */
export function isDrawableResidentRecordBody(body: string): boolean {
  requireBody(body, WHAT, 10);
  return weightedSum(body, WEIGHTS) % 11 >= 2;
}

/** Resident record code (住民票コード), 11 digits, the last of them the check digit. */
export class ResidentRecordCode extends Masked<'resident-record-code'> {
  private constructor(digits: string) {
    super(WHAT, digits);
  }

  /** @throws bad-input {what, reason: character | length | check-digit, place} */
  static parse(text: string): ResidentRecordCode {
    const { digits, offsets } = readDigits(text, WHAT, [11]);
    const code = new ResidentRecordCode(digits);
    if (!residentRecordCodeCheckDigits(digits.slice(0, 10)).includes(code.checkDigit)) {
      refuse(WHAT, 'check-digit', offsets[10]!);
    }
    return code;
  }

  static tryParse(text: string): ResidentRecordCode | undefined {
    try {
      return ResidentRecordCode.parse(text);
    } catch (error) {
      if (isSekishoError(error, 'bad-input')) return undefined;
      throw error;
    }
  }

  get checkDigit(): number {
    return this.reveal().charCodeAt(10) - 0x30;
  }
}

/** Draws a code: uniform over the bodies with r ≥ 2, so that it is right under either reading of the rule. */
export function drawResidentRecordCode(randomness: Randomness): ResidentRecordCode {
  for (;;) {
    const body = String(uniformInteger(randomness, 10 ** 10)).padStart(10, '0');
    if (isDrawableResidentRecordBody(body)) {
      return ResidentRecordCode.parse(body + residentRecordCodeCheckDigits(body)[0]!);
    }
  }
}
