import type { Clock } from '../../ground/clock.ts';
import type { PersonId } from '../../ground/ids.ts';
import type { Imports } from './imports.ts';
import type { KnownSessions } from './sessions.ts';

/** What the API asks of the gate; core/gate's `Gate`, in process or over mTLS, has this shape. */
export interface GatePort {
  challenge(i: { staff: string }): Promise<{ nonce: string }>;
  signIn(i: {
    staff: string;
    terminal: string;
    nonce: string;
    signature: string;
    pin: string;
  }): Promise<{ session: string; expiresAt: number; role: string; office: string }>;
  signOut(i: { session: string }): Promise<void>;
  openCase(i: { session: string; purpose: string; note: string }): Promise<{ caseId: string; basis: string }>;
  search(i: SearchInput): Promise<{ hits: Hit[]; line: number; budget: BudgetLeft }>;
  open(i: {
    session: string;
    caseId: string;
    person: PersonId;
    groups: string[];
    grant?: string | undefined;
  }): Promise<{ fields: Record<string, Record<string, string>>; receipt: Receipt; budget: BudgetLeft }>;
  history(i: HistoryInput): Promise<{ lines: HistoryLine[] }>;
  erase(i: {
    session: string;
    caseId: string;
    person: PersonId;
    reason: string;
  }): Promise<{ erased: boolean; line: number }>;
  askGrant(i: {
    session: string;
    purpose: string;
    groups: string[];
    count: number;
    endsAt: number;
    note: string;
  }): Promise<Grant>;
  approveGrant(i: { session: string; grantId: string }): Promise<Grant>;
  revokeGrant(i: { session: string; grantId: string }): Promise<Grant>;
  grant(i: { session: string; grantId: string }): Promise<Grant>;
  enrolStaff(i: StaffInput & { session: string }): Promise<unknown>;
  enrolTerminal(i: { session: string; terminal: string; office: string }): Promise<unknown>;
  suspend(i: SuspensionInput): Promise<unknown>;
  reinstate(i: SuspensionInput): Promise<unknown>;
}

export type SearchBy =
  | { number: string }
  | { residentCode: string }
  | { reading: string; birthDate: string }
  | { address: string }
  | { addressNumber: string };
export interface SearchInput {
  session: string;
  caseId: string;
  by: SearchBy;
  limit?: number | undefined;
}
export interface Hit {
  person: PersonId;
  masked: Record<string, string>;
  status: string;
}
export interface BudgetLeft {
  session: number;
  terminal: number;
  purpose: number;
  office: number;
}
export interface Receipt {
  statement: string;
  signature: string;
  index: number;
  leafHash: string;
  path: string[];
}
export interface HistoryInput {
  session: string;
  person: PersonId;
  caseId?: string | undefined;
  limit?: number | undefined;
  before?: number | undefined;
}
export interface HistoryLine {
  index: number;
  at: number;
  kind: string;
  body: Record<string, unknown>;
  payload: string;
  salt: string;
  proof: string | null;
}
export interface Grant {
  grantId: string;
  purpose: string;
  groups: string[];
  count: number;
  left: number;
  endsAt: number;
  askedBy: string;
  askedAt: number;
  approvedBy: string | null;
  approvedAt: number | null;
  state: string;
}
export interface StaffInput {
  staff: string;
  role: string;
  office: string;
  requester: string;
  publicKey: string;
  pin: string;
  person?: PersonId | undefined;
}
export interface SuspensionInput {
  session: string;
  target: 'staff' | 'terminal' | 'office';
  name: string;
  reason: string;
}

/** What the API asks of the register. */
export interface RegisterPort {
  search(i: SearchInput): Promise<{ hits: Hit[]; line: number; budget: BudgetLeft }>;
  lifeEvent(i: {
    session: string;
    requestId: string;
    caseId: string;
    event: string;
    eventDate: string;
    person?: PersonId | undefined;
    fields: Record<string, Record<string, string>>;
    reason?: string | undefined;
  }): Promise<{ person: string; outcome: string; line: number | null }>;
}

/** One row of core/gate's statute table. */
export interface StatuteRow {
  purpose: string;
  title: { ja: string; en: string };
  law: { ja: string; en: string };
  article: string;
  requester: string;
  roles: readonly string[];
  opens: readonly string[];
  searches_by: readonly string[];
  writes: readonly string[];
  history: boolean;
  bulk_grant: boolean;
  valid_from: string;
  valid_to: string | null;
}

export interface JournalPort {
  heads(): Promise<
    { municipality: string; size: number; witnessedSize: number; overdueMs: number; checkpoint: string }[]
  >;
  /** @throws not-found beyond the latest witnessed head */
  prove(municipality: string, index: number): Promise<{ index: number; leafHash: string; proof: string }>;
  /** Folder of the static files of a log, undefined for a municipality that is not here. */
  folder(municipality: string): string | undefined;
}

export interface RecordsPort {
  verify(i: { session: string; most: number; signal: AbortSignal }): Promise<{
    checked: number;
    findings: { person: string; what: string; line: number | null }[];
    more: boolean;
  }>;
}

/** Everything the handlers reach for. */
export interface ApiPorts {
  gate: GatePort;
  register: RegisterPort;
  imports: Imports;
  journals: JournalPort;
  records: RecordsPort;
  sessions: KnownSessions;
  statutes: readonly StatuteRow[];
  clock: Clock;
  /** Resolves when gate and database answer. */
  ready(): Promise<void>;
}
