/** The door of records/register: residents, households, life events, import. Who may call what: see README.md. */
export { addressKey, foldAddress, foldPostcode } from './address-folding.ts';
export {
  type DateOptions,
  type DateReason,
  type DateResult,
  formatEra,
  parseDate,
  type StatedDate,
} from './era-date.ts';
export { eventOfWord, mayUndergo, type ResidentEvent, residentEvents, ruleOf, statusAfter } from './event.ts';
export { foldKanji, foldName, foldReading, stored, toKatakana } from './folding.ts';
export type { ImportGate, RegisterGate } from './gate-port.ts';
export { changeHead, headOfHousehold, type Member, mergeHouseholds, splitHousehold } from './household.ts';
export { type ImportOptions, type ImportResult, importResidents } from './import.ts';
export type { OnProgress, Progress } from './import-progress.ts';
export {
  birth,
  correction,
  death,
  householdChange,
  moveIn,
  moveOut,
  moveWithin,
  type NewAddress,
  type Newcomer,
  type NewName,
  type Notice,
  type NumberChangeCause,
  nameChange,
  numberChange,
  type RecordNotice,
  removal,
} from './life-event.ts';
export { registerMigrations } from './migrations.ts';
export {
  type PlainResident,
  type ResidentGroup,
  type ResidentStatus,
  residentGroups,
  residentStatuses,
  type Sex,
} from './resident.ts';
export { type CheckedFile, checkFile, type FilePass, readResidentFile } from './resident-file/check.ts';
export { headerNames, type ResidentColumn, residentColumns } from './resident-file/columns.ts';
export { type Encoding, encodings } from './resident-file/encoding.ts';
export { type Refusal, type RefusalReason, refusalReasons } from './resident-file/refusal.ts';
export { RefusalReport, wordsOf } from './resident-file/report.ts';
export { type RowResult, type RowRules, readRow } from './resident-file/row.ts';
export { bufferSource, fileSource, type ResidentSource } from './resident-file/source.ts';
export { residentTable } from './sealed-table.ts';
export { type Desk, type Find, RegisterService } from './service.ts';
export { type ImportJob, type ImportState, RegisterStore } from './store.ts';
