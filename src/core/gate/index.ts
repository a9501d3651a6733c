/** The door of core/gate: the only code that opens a field. */

export { type BudgetLeft, type Budgets, budgetsSchema, readBudgets } from './budget.ts';
export { type Callers, readCallers } from './callers.ts';
export { type Carried, carryRecords, hasCarried } from './carry-records.ts';
export { GateClient } from './client.ts';
export { type CutOff, cutOffAgain } from './cut-off.ts';
export type { Enrolled, WaitingEnrolment } from './enrolments.ts';
export { erasuresOf } from './erase.ts';
export type { Gate, GateHead, GateOperation } from './gate.ts';
export type { GateJournal } from './journal-port.ts';
export { gateMigrations } from './migrations.ts';
export type { ContestAbout } from './own-contests.ts';
export type {
  DeskSignedIn,
  DeskState,
  Invited,
  PasskeyGate,
  ResidentSignedIn,
  ResidentState,
} from './passkey-gate.ts';
export { answeredPasskey, madePasskey } from './passkey-messages.ts';
export { type PolicySources, readPolicies } from './policy.ts';
export type { Resident, ResidentSessions } from './resident-sessions.ts';
export type { JournalKeys, Rights } from './rights.ts';
export { type StoredRow, stateDigest } from './row-digest.ts';
export {
  checkTable,
  type Fields,
  type IndexCall,
  placeOf,
  type SealedTable,
  stateColumns,
} from './sealed-table.ts';
export type { Hit, SearchBy } from './search.ts';
export { type GateServerOptions, gateServer } from './server.ts';
export { type GateOptions, GateService } from './service.ts';
export { signNonce } from './sessions.ts';
export { showHitsAgain } from './shown-hits.ts';
export { type SiteName, type SiteOrigins, siteIdentities } from './sites.ts';
export { pinMinimumCharacters, type Role, roles } from './staff.ts';
export { readStatuteTable, type Statute, StatuteTable } from './statute-table.ts';
export type { Finding, Verified } from './verify-records.ts';
export type { WriteOp, WriteResult } from './write-op.ts';
