import type { MunicipalityCode, PersonId } from '../../ground/ids.ts';
import type { Receipt } from '../journal/index.ts';
import type { EnrolStaffInput, EnrolTerminalInput, SuspendInput } from './administration.ts';
import type { BackupNote } from './backup-note.ts';
import type { AskGrantInput, GrantInput, GrantStatus } from './bulk-grants.ts';
import type { ChangePinInput } from './change-pin.ts';
import type { Opened, OpenInput } from './disclosure.ts';
import type { Enrolled, WaitingEnrolment } from './enrolments.ts';
import type { EraseInput } from './erase.ts';
import type { HistoryInput } from './history.ts';
import type { ImportNote } from './import-note.ts';
import type { PasskeyGate } from './passkey-gate.ts';
import type { PersonalAnswer } from './personal-history.ts';
import type { Rights } from './rights.ts';
import type { Searched, SearchInput } from './search.ts';
import type { SignedIn, SignInInput } from './sign-in.ts';
import type { Finding, Verified } from './verify-records.ts';
import type { WriteInput } from './write.ts';
import type { WriteResult } from './write-op.ts';

/** What every call within a session may say of where it comes from; it must then be the session's own terminal. */
export interface Within {
  session: string;
  terminal?: string | undefined;
}

/**
 * The gate as others use it: in process (`GateService`) or over mutual TLS (`GateClient`). Every refusal is a
 * SekishoError of class `refused`, `missing`, `conflict` or `input`, and a line in the journal.
 */
export interface Gate extends Rights, PasskeyGate {
  /** The nonce is a text; the device signs its characters (`signNonce`). */
  challenge(i: { staff: string }): Promise<{ nonce: string }>;
  signIn(i: SignInInput): Promise<SignedIn>;
  signOut(i: Within): Promise<void>;
  /** The note stays in the gate, sealed. `basis` is the id of the statute row. */
  openCase(i: Within & { purpose: string; note: string }): Promise<{ caseId: string; basis: string }>;
  closeCase(i: Within & { caseId: string }): Promise<void>;
  search(i: SearchInput): Promise<Searched>;
  open(i: OpenInput): Promise<Opened>;
  write(i: WriteInput): Promise<WriteResult[]>;
  /** Begin and end of an import, as lines of their own. */
  noteImport(i: ImportNote): Promise<{ line: number }>;
  /** A backup of the database, as a line; no session: whoever holds the machine makes it. */
  noteBackup(i: BackupNote): Promise<{ line: number }>;
  erase(i: EraseInput): Promise<{ line: number; receipt: Receipt }>;
  askGrant(i: AskGrantInput): Promise<{ grant: string }>;
  approveGrant(i: GrantInput): Promise<GrantStatus>;
  revokeGrant(i: GrantInput): Promise<GrantStatus>;
  grant(i: GrantInput): Promise<GrantStatus>;
  /** A person's lines with proofs, compact (`expandHistory` of the checker takes them apart); a resident's own without naming him. */
  history(i: HistoryInput): Promise<PersonalAnswer>;
  /** One who would approve waits for a second person where the municipality has one; then `enrolment` is set. */
  enrolStaff(i: EnrolStaffInput): Promise<Enrolled>;
  /** What waits for a second person. */
  enrolments(i: Within): Promise<{ enrolments: WaitingEnrolment[] }>;
  /** The second signature, not by who asked. */
  confirmEnrolment(i: Within & { enrolment: string }): Promise<{ staff: string }>;
  enrolTerminal(i: EnrolTerminalInput): Promise<void>;
  /** One's own PIN; the other sessions of the member end. */
  changePin(i: ChangePinInput): Promise<{ sessionsEnded: number }>;
  suspend(i: SuspendInput): Promise<{ sessionsEnded: number }>;
  reinstate(i: SuspendInput): Promise<void>;
  markHoney(i: Within & { person: PersonId }): Promise<void>;
  /** Recomputes every row from the journal; for the security officer. */
  verifyRecords(i: Within): Promise<{ verified: Verified; findings: Finding[] }>;
  /** The head of a municipality's journal; no session, for it is public. */
  head(i: { municipality: MunicipalityCode }): Promise<GateHead>;
  /** Which of these persons are honey; for watch. */
  honey(i: { municipality: MunicipalityCode; persons: PersonId[] }): Promise<{ persons: PersonId[] }>;
}

export interface GateHead {
  size: number;
  witnessedSize: number;
  overdueMs: number;
  /** True while the gate opens nothing because no witness has seen the oldest line. */
  overdue: boolean;
  checkpoint: string;
}

/** The operations, by their name in the interface. */
export type GateOperation = keyof Gate;
