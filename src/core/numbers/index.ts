/** The door of core/numbers: formats, check digits, drawing, masking and finding of the system's numbers. Pure. */
export { BasicPensionNumber } from './basic-pension-number.ts';
export { CorporateNumber, corporateNumberCheckDigit } from './corporate-number.ts';
export type { RefusalReason } from './digits.ts';
export { type FindOptions, type FoundNumber, findNumbers } from './find/find-numbers.ts';
export type { NumberKind } from './find/kinds.ts';
export { drawIndividualNumber, IndividualNumber, individualNumberCheckDigit } from './individual-number.ts';
export { InsurerNumber, insurerNumberCheckDigit } from './insurer-number.ts';
export {
  localGovernmentCodeCheckDigit,
  parseLocalGovernmentCode,
  tryParseLocalGovernmentCode,
} from './local-government-code.ts';
export { mask } from './mask.ts';
export {
  drawResidentRecordCode,
  ResidentRecordCode,
  residentRecordCodeCheckDigits,
} from './resident-record-code.ts';
