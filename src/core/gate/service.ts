import { createHash } from 'node:crypto';
import type pg from 'pg';
import type { Clock } from '../../ground/clock.ts';
import { SekishoError } from '../../ground/errors.ts';
import type { MunicipalityCode } from '../../ground/ids.ts';
import type { Log } from '../../ground/log.ts';
import type { Randomness } from '../../ground/randomness.ts';
import type { OnBatch } from '../journal/index.ts';
import { type KeyStore, type PersonKeys, SealingThread } from '../seal/index.ts';
import { Administration } from './administration.ts';
import { Authority } from './authority.ts';
import { BackupNotes } from './backup-note.ts';
import { Bookkeeping } from './bookkeeping.ts';
import { Budget, type Budgets, readBudgets } from './budget.ts';
import { BulkGrants } from './bulk-grants.ts';
import { CaseDesk } from './case-desk.ts';
import { Cases } from './cases.ts';
import { PinChange } from './change-pin.ts';
import { Departures } from './departures.ts';
import { Disclosure } from './disclosure.ts';
import { Enrolments } from './enrolments.ts';
import { Eraser } from './erase.ts';
import type { Gate } from './gate.ts';
import { Grants } from './grants.ts';
import { History } from './history.ts';
import { Honey } from './honey.ts';
import { ImportNotes } from './import-note.ts';
import type { GateJournal } from './journal-port.ts';
import { latestClock } from './latest-clock.ts';
import { Locks } from './locks.ts';
import { assemblePasskeys, type SignInOptions } from './passkey-parts.ts';
import { PersonalHistory } from './personal-history.ts';
import { Policy, type PolicySources, readPolicies } from './policy.ts';
import { RecordStore } from './record-store.ts';
import { Refusals } from './refusals.ts';
import { StoredResidentSessions } from './resident-sessions.ts';
import { assembleRights } from './rights-parts.ts';
import { RowMacs } from './row-mac.ts';
import { RowSealer } from './row-sealer.ts';
import { Rows } from './rows.ts';
import { checkTable, type SealedTable } from './sealed-table.ts';
import { Search } from './search.ts';
import { type Session, Sessions } from './sessions.ts';
import { ShownHits } from './shown-hits.ts';
import { SignIn } from './sign-in.ts';
import { Staff } from './staff.ts';
import { readStatuteTable, type StatuteTable } from './statute-table.ts';
import { StrangerLines } from './stranger-lines.ts';
import { Terminals } from './terminals.ts';
import { stepLimitMs } from './time-limit.ts';
import { type Finding, type Verified, verifyRecords } from './verify-records.ts';
import { Writer } from './write.ts';

export interface GateOptions extends SignInOptions {
  /** The gate's role; the journals use the same database. */
  pool: pg.Pool;
  store: KeyStore;
  keys: PersonKeys;
  table: SealedTable;
  municipalities: readonly MunicipalityCode[];
  /** Opens a municipality's journal with the gate's hook on its batches. */
  openJournal: (municipality: MunicipalityCode, onBatch: OnBatch) => Promise<GateJournal>;
  clock: Clock;
  randomness: Randomness;
  log: Log;
  /** Default: what is checked in beside this file. */
  statutes?: StatuteTable;
  policies?: PolicySources;
  budgets?: Budgets;
  /** How long one step of an opening or a search may wait for the database or the journal; default 10,000 ms. */
  limitMs?: number;
  /** Between two tries to finish an erasure whose line stands; default 10,000 ms. */
  erasureRetryMs?: number;
}

/** Everything the gate is made of, wired once. */
type Parts = Awaited<ReturnType<typeof assemble>>;

/** What a call within the house is called where no certificate names the caller. */
export const inProcess = 'in-process';

/**
 * The gate in one process. Every method takes the caller's name second: the server puts the certificate's name there.
 * One gate serves one set of municipalities; two gates for the same one are kept out by the journal's lock.
 */
export class GateService implements Gate {
  readonly #p: Parts;

  private constructor(parts: Parts) {
    this.#p = parts;
  }

  /** Opens journals, loads sessions, cases, grants and what was spent, and finishes what a crash left undone. */
  static async open(options: GateOptions): Promise<GateService> {
    const gate = new GateService(await assemble(options));
    try {
      await gate.#p.load();
    } catch (error) {
      await gate.close();
      throw error;
    }
    return gate;
  }

  challenge = (i: Parameters<Gate['challenge']>[0]): Promise<{ nonce: string }> =>
    Promise.resolve({ nonce: this.#p.sessions.challenge(i.staff) });
  signIn = (i: Parameters<Gate['signIn']>[0], caller = inProcess) => this.#p.signIn.signIn(i, caller);
  signOut = (i: Parameters<Gate['signOut']>[0], caller = inProcess) => this.#p.signIn.signOut(i, caller);
  openCase = (i: Parameters<Gate['openCase']>[0], caller = inProcess) => this.#p.desk.open(i, caller);
  closeCase = (i: Parameters<Gate['closeCase']>[0], caller = inProcess) => this.#p.desk.close(i, caller);
  search = (i: Parameters<Gate['search']>[0], caller = inProcess) => this.#p.search.search(i, caller);
  open = (i: Parameters<Gate['open']>[0], caller = inProcess) => this.#p.disclosure.open(i, caller);
  write = (i: Parameters<Gate['write']>[0], caller = inProcess) => this.#p.writer.write(i, caller);
  noteImport = (i: Parameters<Gate['noteImport']>[0], caller = inProcess) => this.#p.imports.note(i, caller);
  noteBackup = (i: Parameters<Gate['noteBackup']>[0], caller = inProcess) => this.#p.backups.note(i, caller);
  erase = (i: Parameters<Gate['erase']>[0], caller = inProcess) => this.#p.eraser.erase(i, caller);
  askGrant = (i: Parameters<Gate['askGrant']>[0], caller = inProcess) => this.#p.bulk.ask(i, caller);
  approveGrant = (i: Parameters<Gate['approveGrant']>[0], caller = inProcess) =>
    this.#p.bulk.approve(i, caller);
  revokeGrant = (i: Parameters<Gate['revokeGrant']>[0], caller = inProcess) => this.#p.bulk.revoke(i, caller);
  grant = (i: Parameters<Gate['grant']>[0], caller = inProcess) => this.#p.bulk.status(i, caller);
  history = (i: Parameters<Gate['history']>[0], caller = inProcess) => this.#p.history.read(i, caller);
  enrolStaff = (i: Parameters<Gate['enrolStaff']>[0], caller = inProcess) =>
    this.#p.administration.enrolStaff(i, caller);
  enrolments = (i: Parameters<Gate['enrolments']>[0], caller = inProcess) =>
    this.#p.enrolments.waiting(i, caller);
  confirmEnrolment = (i: Parameters<Gate['confirmEnrolment']>[0], caller = inProcess) =>
    this.#p.enrolments.confirm(i, caller);
  enrolTerminal = (i: Parameters<Gate['enrolTerminal']>[0], caller = inProcess) =>
    this.#p.administration.enrolTerminal(i, caller);
  changePin = (i: Parameters<Gate['changePin']>[0], caller = inProcess) =>
    this.#p.pinChange.change(i, caller);
  suspend = (i: Parameters<Gate['suspend']>[0], caller = inProcess) =>
    this.#p.administration.suspend(i, caller);
  reinstate = (i: Parameters<Gate['reinstate']>[0], caller = inProcess) =>
    this.#p.administration.reinstate(i, caller);
  markHoney = (i: Parameters<Gate['markHoney']>[0], caller = inProcess) =>
    this.#p.administration.markHoney(i, caller);

  listCases = (i: Parameters<Gate['listCases']>[0], caller = inProcess) => this.#p.lists.cases(i, caller);
  budgetLeft = (i: Parameters<Gate['budgetLeft']>[0], caller = inProcess) => this.#p.lists.budget(i, caller);
  listGrants = (i: Parameters<Gate['listGrants']>[0], caller = inProcess) => this.#p.lists.grants(i, caller);
  listStaff = (i: Parameters<Gate['listStaff']>[0], caller = inProcess) => this.#p.lists.staff(i, caller);
  listTerminals = (i: Parameters<Gate['listTerminals']>[0], caller = inProcess) =>
    this.#p.lists.terminals(i, caller);

  searchLines = (i: Parameters<Gate['searchLines']>[0], caller = inProcess) =>
    this.#p.reading.search(i, caller);
  lineActivity = (i: Parameters<Gate['lineActivity']>[0], caller = inProcess) =>
    this.#p.reading.activity(i, caller);
  journalKeys = (_i: Parameters<Gate['journalKeys']>[0]) => Promise.resolve(this.#p.verification.keys());
  lastVerification = (i: Parameters<Gate['lastVerification']>[0], caller = inProcess) =>
    this.#p.verification.last(i, caller);
  noteVerification = (i: Parameters<Gate['noteVerification']>[0], caller = inProcess) =>
    this.#p.verification.note(i, caller);

  me = (i: Parameters<Gate['me']>[0], caller = inProcess) => this.#p.residentDesk.me(i, caller);
  lockLookUps = (i: Parameters<Gate['lockLookUps']>[0], caller = inProcess) =>
    this.#p.residentDesk.lock(i, caller);
  unlockLookUps = (i: Parameters<Gate['unlockLookUps']>[0], caller = inProcess) =>
    this.#p.residentDesk.unlock(i, caller);

  openOwn = (i: Parameters<Gate['openOwn']>[0], caller = inProcess) => this.#p.ownRecord.open(i, caller);
  household = (i: Parameters<Gate['household']>[0], caller = inProcess) =>
    this.#p.ownRecord.household(i, caller);
  ownHistory = (i: Parameters<Gate['ownHistory']>[0], caller = inProcess) =>
    this.#p.ownRecord.history(i, caller);
  contest = (i: Parameters<Gate['contest']>[0], caller = inProcess) => this.#p.ownContests.contest(i, caller);
  ownContests = (i: Parameters<Gate['ownContests']>[0], caller = inProcess) =>
    this.#p.ownContests.list(i, caller);
  contests = (i: Parameters<Gate['contests']>[0], caller = inProcess) => this.#p.contestDesk.list(i, caller);
  readContest = (i: Parameters<Gate['readContest']>[0], caller = inProcess) =>
    this.#p.contestDesk.read(i, caller);
  takeContest = (i: Parameters<Gate['takeContest']>[0], caller = inProcess) =>
    this.#p.contestDesk.take(i, caller);
  answerContest = (i: Parameters<Gate['answerContest']>[0], caller = inProcess) =>
    this.#p.contestDesk.answer(i, caller);

  deskPasskeyOptions = (i: Parameters<Gate['deskPasskeyOptions']>[0], caller = inProcess) =>
    this.#p.passkeySignIn.options('desk', i, caller);
  enrolDeskPasskey = (i: Parameters<Gate['enrolDeskPasskey']>[0], caller = inProcess) =>
    this.#p.passkeySignIn.enrolAtDesk(i, caller);
  signInAtDesk = (i: Parameters<Gate['signInAtDesk']>[0], caller = inProcess) =>
    this.#p.passkeySignIn.signInAtDesk(i, caller);
  stepUp = (i: Parameters<Gate['stepUp']>[0], caller = inProcess) => this.#p.passkeySignIn.stepUp(i, caller);
  deskSession = (i: Parameters<Gate['deskSession']>[0], caller = inProcess) =>
    this.#p.passkeySignIn.deskSession(i, caller);
  enterDesk = (i: Parameters<Gate['enterDesk']>[0], caller = inProcess) =>
    this.#p.passkeySignIn.enterDesk(i, caller);
  inviteStaff = (i: Parameters<Gate['inviteStaff']>[0], caller = inProcess) =>
    this.#p.invitationDesk.inviteStaff(i, caller);
  inviteTerminal = (i: Parameters<Gate['inviteTerminal']>[0], caller = inProcess) =>
    this.#p.invitationDesk.inviteTerminal(i, caller);
  inviteResident = (i: Parameters<Gate['inviteResident']>[0], caller = inProcess) =>
    this.#p.invitationDesk.inviteResident(i, caller);
  stopPasskeys = (i: Parameters<Gate['stopPasskeys']>[0], caller = inProcess) =>
    this.#p.invitationDesk.stopPasskeys(i, caller);
  portalPasskeyOptions = (i: Parameters<Gate['portalPasskeyOptions']>[0], caller = inProcess) =>
    this.#p.passkeySignIn.options('portal', i, caller);
  enrolPortalPasskey = (i: Parameters<Gate['enrolPortalPasskey']>[0], caller = inProcess) =>
    this.#p.passkeySignIn.enrolAtPortal(i, caller);
  signInAtPortal = (i: Parameters<Gate['signInAtPortal']>[0], caller = inProcess) =>
    this.#p.passkeySignIn.signInAtPortal(i, caller);
  portalSession = (i: Parameters<Gate['portalSession']>[0], caller = inProcess) =>
    this.#p.passkeySignIn.portalSession(i, caller);
  signOutOfPortal = (i: Parameters<Gate['signOutOfPortal']>[0], caller = inProcess) =>
    this.#p.passkeySignIn.signOutOfPortal(i, caller);
  enterPortal = (i: Parameters<Gate['enterPortal']>[0], caller = inProcess) =>
    this.#p.passkeySignIn.enterPortal(i, caller);
  issueSignInLink = (i: Parameters<Gate['issueSignInLink']>[0], caller = inProcess) =>
    this.#p.invitationDesk.issueLink(i, caller);

  /** Residents' sessions: `require` says whose one is, or that it does not hold. */
  get residents(): StoredResidentSessions {
    return this.#p.residents;
  }

  async verifyRecords(
    i: Parameters<Gate['verifyRecords']>[0],
    caller = inProcess,
  ): Promise<{ verified: Verified; findings: Finding[] }> {
    let session: Session | undefined;
    try {
      session = this.#p.sessions.get(i.session, i.terminal);
      this.#p.authority.requireAct('oversee', session);
      const { municipality } = session.member;
      let verified: Verified = { lines: 0, rows: 0, findings: 0 };
      const findings: Finding[] = [];
      const done = (result: Verified) => {
        verified = result;
      };
      for await (const finding of this.verify(municipality, done)) {
        // A register replaced as a whole needs no list of all its rows.
        if (findings.length < 10_000) findings.push(finding);
      }
      return { verified, findings };
    } catch (error) {
      throw await this.#p.refusals.note('request.refused', error, {
        session,
        caller,
        body: { operation: 'verify-records' },
      });
    }
  }

  /** The same as a stream, for a process that holds the gate itself. */
  verify(municipality: MunicipalityCode, onDone?: (verified: Verified) => void): AsyncIterable<Finding> {
    return verifyRecords(municipality, this.journal(municipality), this.#p.records, onDone);
  }

  async head(i: Parameters<Gate['head']>[0]) {
    return this.journal(i.municipality).head();
  }

  async honey(i: Parameters<Gate['honey']>[0]) {
    const found = await Promise.all(i.persons.map((person) => this.#p.honey.isHoney(i.municipality, person)));
    return { persons: i.persons.filter((_, place) => found[place]) };
  }

  /** A municipality's journal. @throws not-found where this gate does not serve it */
  journal(municipality: MunicipalityCode): GateJournal {
    return this.#p.journal(municipality);
  }

  /** Refuses a caller whose certificate may not call an operation; a line, whoever he is. */
  refuseCaller(operation: string, caller: string): Promise<SekishoError> {
    const error = new SekishoError('caller-unknown', { operation });
    return this.#p.refusals.note('request.refused', error, { caller, body: { operation } });
  }

  /** Puts new policies in force from the next request on. @throws config-invalid, and the old ones stay */
  loadPolicies(sources: PolicySources): void {
    this.#p.authority.policy.load(sources);
    this.#p.hashes.policies = hashOfPolicies(sources);
  }

  async close(): Promise<void> {
    this.#p.eraser.close();
    await Promise.all([...this.#p.journals.values()].map((journal) => journal.close()));
    await this.#p.thread.close();
  }
}

function hashOfPolicies(sources: PolicySources): string {
  const ordered = Object.entries(sources.policies).sort(([a], [b]) => (a < b ? -1 : 1));
  return createHash('sha256')
    .update(JSON.stringify([sources.schema, ordered]))
    .digest('hex');
}

/** Opens the journals one after the other; where one refuses, those already open are closed again. */
async function openJournals(o: GateOptions, books: Bookkeeping): Promise<Map<MunicipalityCode, GateJournal>> {
  const journals = new Map<MunicipalityCode, GateJournal>();
  try {
    for (const municipality of o.municipalities) {
      journals.set(municipality, await o.openJournal(municipality, books.onBatch(municipality)));
    }
  } catch (error) {
    await Promise.allSettled([...journals.values()].map((journal) => journal.close()));
    throw error;
  }
  return journals;
}

/** Journals of the municipalities this gate serves, by what is known of the request. */
function journalsOf(journals: ReadonlyMap<MunicipalityCode, GateJournal>) {
  const journal = (municipality: MunicipalityCode): GateJournal => {
    const found = journals.get(municipality);
    if (!found) throw new SekishoError('not-found', { what: 'municipality' });
    return found;
  };
  return {
    journals,
    journal,
    ofSession: (session: Session) => journal(session.member.municipality),
    find: (municipality: MunicipalityCode) => journals.get(municipality),
    /** Refusals of callers that belong nowhere stand in the first one. */
    orFirst: (municipality: MunicipalityCode | undefined) =>
      (municipality && journals.get(municipality)) ?? [...journals.values()][0]!,
  };
}

/** What needs no journal: tables, keys, law and policy. */
function foundation(o: GateOptions) {
  const { pool, store, keys, table, clock, randomness, log } = o;
  const latest = latestClock(clock);
  const budgets = o.budgets ?? readBudgets();
  const statutes = o.statutes ?? readStatuteTable();
  const sources = o.policies ?? readPolicies();
  const macs = new RowMacs(store, log);
  const staff = new Staff(pool, macs);
  const terminals = new Terminals(pool, macs);
  const budget = new Budget(budgets, clock);
  const freshSecondFactorMs = budgets.fresh_second_factor_minutes * 60_000;
  const policy = new Policy(sources);
  const thread = new SealingThread(randomness);
  return {
    ...{ pool, store, keys, table, clock, randomness, log, latest, budgets, macs, staff, terminals, budget },
    now: () => latest.now(),
    hashes: { statutes: statutes.hash, policies: hashOfPolicies(sources) },
    authority: new Authority({ table: statutes, policy, terminals, clock, freshSecondFactorMs }),
    sessions: new Sessions({ pool, clock, randomness, staff, terminals, macs, log }),
    residents: new StoredResidentSessions({ pool, clock, randomness, macs, log }),
    cases: new Cases({ pool, clock: latest, store, randomness }),
    grants: new Grants(),
    books: new Bookkeeping({ pool, budget, clock, randomness, log }),
    honey: new Honey(pool, store),
    locks: new Locks({ pool, macs, clock }),
    shownHits: new ShownHits(pool, store),
    records: new RecordStore(pool, table),
    rows: new Rows(pool, keys),
    thread,
    sealer: new RowSealer(table, store, thread),
    limitMs: o.limitMs ?? stepLimitMs,
  };
}

async function assemble(o: GateOptions) {
  checkTable(o.table);
  if (o.municipalities.length === 0) throw new SekishoError('config-invalid', { key: 'municipalities' });
  const f = foundation(o);
  const { staff, terminals, sessions, residents, cases, locks, honey, books, latest } = f;
  // The journals' locks first: what is loaded below no other gate can change any more.
  const { journals, journal, ofSession, find, orFirst } = journalsOf(await openJournals(o, books));
  const refusals = new Refusals(orFirst, f.log, f.limitMs);
  const common = { ...f, refusals, strangers: new StrangerLines({ refusals, clock: latest, log: f.log }) };
  const opening = { ...common, journalOf: ofSession };
  const departures = new Departures({ ...common, journalOf: find });
  const eraser = new Eraser({ ...common, journalOf: journal, erasureRetryMs: o.erasureRetryMs });
  const bulk = new BulkGrants({ ...common, journalOf: journal, clock: latest });
  const enrolments = new Enrolments({ ...common, journalOf: journal, clock: latest });
  const personal = new PersonalHistory({ ...common, journalOf: find });
  const signingIn = assemblePasskeys(o, { ...common, journalOf: journal });
  const load = async (): Promise<void> => {
    await Promise.all([staff.load(), terminals.load(), honey.load(), cases.load(), bulk.load()]);
    await Promise.all([sessions.load(), books.load(journals), locks.load(), residents.load()]);
    await signingIn.secrets.load();
    for (const municipality of o.municipalities) {
      await departures.settle(municipality);
      await eraser.settle(municipality);
    }
  };
  return {
    ...common,
    ...signingIn,
    ...{ journals, journal, eraser, bulk, enrolments, load },
    ...assembleRights({ ...common, personal, journals, journal, ofSession }),
    pinChange: new PinChange({ ...common, journalOf: ofSession }),
    signIn: new SignIn({ ...common, journalOf: journal }),
    desk: new CaseDesk({ ...common, journalOf: journal, clock: latest }),
    disclosure: new Disclosure(opening),
    search: new Search({ ...opening, hitsMax: f.budgets.hits_per_search }),
    writer: new Writer({ ...common, departures, journalOf: journal }),
    backups: new BackupNotes({ ...common, journalOf: journal }),
    imports: new ImportNotes({ ...common, journalOf: journal }),
    history: new History({ ...common, personal, journalOf: find }),
    administration: new Administration({ ...common, enrolments, journalOf: journal }),
  };
}
