import { isSekishoError } from '../../ground/errors.ts';
import type { MunicipalityCode } from '../../ground/ids.ts';
import { readDigits, refuse, requireBody, weightedSum } from './digits.ts';

const WHAT = 'local-government-code';
const WEIGHTS = [6, 5, 4, 3, 2] as const;
const PREFECTURES = 47;

/**
 * Check digit of a local government code (全国地方公共団体コード): r = 6a+5b+4c+3d+2e mod 11, then the last digit of
 * 11 − r; so r = 0 gives 1 and r = 1 gives 0, unlike the individual number.
 *
 * @param body 5 digits: prefecture 2, body 3
 */
export function localGovernmentCodeCheckDigit(body: string): number {
  requireBody(body, WHAT, 5);
  return (11 - (weightedSum(body, WEIGHTS) % 11)) % 10;
}

/**
 * Reads a local government code of 6 digits. Public, therefore a plain branded string.
 *
 * @throws bad-input {what, reason: character | length | range (no such prefecture) | check-digit, place}
 */
export function parseLocalGovernmentCode(text: string): MunicipalityCode {
  const { digits, offsets } = readDigits(text, WHAT, [6]);
  const prefecture = Number(digits.slice(0, 2));
  if (prefecture < 1 || prefecture > PREFECTURES) refuse(WHAT, 'range', offsets[0]!);
  if (Number(digits[5]) !== localGovernmentCodeCheckDigit(digits.slice(0, 5))) {
    refuse(WHAT, 'check-digit', offsets[5]!);
  }
  return digits as MunicipalityCode;
}

export function tryParseLocalGovernmentCode(text: string): MunicipalityCode | undefined {
  try {
    return parseLocalGovernmentCode(text);
  } catch (error) {
    if (isSekishoError(error, 'bad-input')) return undefined;
    throw error;
  }
}
