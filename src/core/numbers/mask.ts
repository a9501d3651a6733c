import type { Masked } from '../../ground/masked.ts';

/** The groups in which each number is customarily written. */
const customaryGroups: Readonly<Record<string, readonly number[]>> = {
  'individual-number': [4, 4, 4],
  'resident-record-code': [11],
  'corporate-number': [1, 4, 4, 4],
  'basic-pension-number': [4, 6],
  'insurer-number': [8],
};

/**
 * What a screen shows in place of a number: stars in the customary groups and not one digit, for four known digits of
 * twelve leave a guesser with a ten-thousandth of the work. Depends on the kind only, never on the value.
 */
export function mask(number: Masked): string {
  const groups = customaryGroups[number.kind] ?? [8];
  return groups.map((length) => '*'.repeat(length)).join('-');
}
