import type { MunicipalityCode } from '../../ground/ids.ts';
import type { LogKeys, Receipt } from '../journal/index.ts';
import type { GrantStatus } from './bulk-grants.ts';
import type { ContestInput, ListedContest } from './contest-desk.ts';
import type { ContestState } from './contest-store.ts';
import type { BudgetOverview, ListedCase, ListedStaff, ListedTerminal, ListInput } from './desk-lists.ts';
import type { Activity, SearchLinesInput, SeenLine } from './journal-reading.ts';
import type { Verification, VerificationInput } from './journal-verification.ts';
import type { ContestAbout, OwnContest } from './own-contests.ts';
import type { PageInput, PersonalAnswer } from './personal-history.ts';
import type { OwnInput } from './resident-acts.ts';
import type { OwnState } from './resident-desk.ts';
import type { Fields } from './sealed-table.ts';

export type JournalKeys = LogKeys & { municipality: MunicipalityCode };

/** What the pages of desk and portal ask of the gate beside the path of a disclosure. */
export interface Rights {
  /** Lines by who, where, what for and when; the security officer's, and a line itself. */
  searchLines(i: SearchLinesInput): Promise<{ lines: SeenLine[]; next: number | null }>;
  lineActivity(i: { session: string; from: number; to: number }): Promise<Activity>;
  /** The public keys of the journals; no session. */
  journalKeys(i: Record<string, never>): Promise<{ journals: JournalKeys[] }>;
  lastVerification(i: VerificationInput): Promise<{ last: Verification | null }>;
  noteVerification(i: VerificationInput & { verdict: string; size: number }): Promise<Verification>;
  listCases(i: ListInput): Promise<{ cases: ListedCase[] }>;
  budgetLeft(i: ListInput & { caseId: string }): Promise<BudgetOverview>;
  listGrants(i: ListInput): Promise<{ grants: GrantStatus[] }>;
  listStaff(i: ListInput): Promise<{ staff: ListedStaff[] }>;
  /** A resident's own state. Here and below the session is a resident's, and says whom it is about. */
  me(i: OwnInput): Promise<OwnState>;
  lockLookUps(i: OwnInput & { until: number }): Promise<{ lock: { until: number } }>;
  openOwn(i: OwnInput & { groups: string[] }): Promise<{ fields: Fields; receipt: Receipt }>;
  /** Names and relations; himself first. */
  household(i: OwnInput): Promise<{ members: Record<string, string>[] }>;
  /** Lines about himself: what tells of others only that it stands, what a law hides for now only counted. */
  ownHistory(i: OwnInput & PageInput): Promise<PersonalAnswer>;
  contest(i: OwnInput & { about: ContestAbout; text: string }): Promise<{ contest: string }>;
  ownContests(i: OwnInput): Promise<{ contests: OwnContest[] }>;
  /** At the desk; the session is a member's again. */
  contests(i: { session: string }): Promise<{ contests: ListedContest[] }>;
  /** Its text; a line about the resident. */
  readContest(i: ContestInput): Promise<{ text: string }>;
  takeContest(i: ContestInput): Promise<{ state: ContestState }>;
  answerContest(
    i: ContestInput & { state: 'accepted' | 'rejected'; answer: string },
  ): Promise<{ state: ContestState }>;
  unlockLookUps(i: OwnInput): Promise<{ lock: null }>;
  listTerminals(i: ListInput): Promise<{ terminals: ListedTerminal[] }>;
}
