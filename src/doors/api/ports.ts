import type { Clock } from '../../ground/clock.ts';
import type { MunicipalityCode, PersonId } from '../../ground/ids.ts';
import type { Log } from '../../ground/log.ts';
import type { Randomness } from '../../ground/randomness.ts';
import type { ImportGate, RegisterService, RegisterStore } from '../../records/register/index.ts';

/** What the API asks of the gate; core/gate's `Gate`, in process or over mTLS, has this shape. */
export interface GatePort {
  challenge(i: { staff: string }): Promise<{ nonce: string }>;
  signIn(i: {
    staff: string;
    terminal: string;
    nonce: string;
    signature: string;
    pin: string;
  }): Promise<{ session: string; expiresAt: number; role: string; office: string; municipality?: string }>;
  signOut(i: { session: string }): Promise<void>;
  openCase(i: { session: string; purpose: string; note: string }): Promise<{ caseId: string; basis: string }>;
  search(i: SearchInput): Promise<Searched>;
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
  write: ImportGate['write'];
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
export interface Searched {
  hits: Hit[];
  line: number;
  budget?: BudgetLeft;
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
  path: readonly string[];
}
export interface HistoryInput {
  session: string;
  person: PersonId;
  caseId?: string | undefined;
  limit?: number | undefined;
  before?: number | undefined;
}
export interface Proof {
  index: number;
  size: number;
  leafHash: string;
  path: readonly string[];
  checkpoint: string;
}
export interface HistoryLine {
  municipality: string;
  index: number;
  at: number;
  kind: string;
  body: Record<string, unknown>;
  payload: string;
  salt: string;
  leafHash: string;
  proof: Proof;
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

/** The register of one municipality: the service that desks call, and the store its imports are kept in. */
export interface RegisterDesk {
  service: RegisterService;
  store: RegisterStore;
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

/** Everything the handlers reach for. */
export interface ApiPorts {
  gate: GatePort;
  /** By municipality. */
  registers: ReadonlyMap<MunicipalityCode, RegisterDesk>;
  /** Folder with the mirror of each municipality's log: `<folder>/131016/checkpoint` … */
  journalFolder: string;
  /** Where uploads lie, sealed under a key of this process's memory, while they are imported. Exists, owner-only. */
  uploadFolder: string;
  statutes: readonly StatuteRow[];
  clock: Clock;
  randomness: Randomness;
  log: Log;
  /** Resolves when gate and database answer. */
  ready(): Promise<void>;
}
