import type pg from 'pg';
import { isDatabaseError } from '../../ground/database/index.ts';
import { asSekishoError, SekishoError } from '../../ground/errors.ts';
import type { MunicipalityCode, PersonId } from '../../ground/ids.ts';
import { isLineKind, type NewLine } from '../journal/index.ts';
import type { Authority, Decision } from './authority.ts';
import { withCost } from './bookkeeping.ts';
import type { Budget, Reservation, Spent } from './budget.ts';
import type { Cases, StaffCase } from './cases.ts';
import type { Departures } from './departures.ts';
import { spenderOf } from './disclosure.ts';
import type { GateJournal } from './journal-port.ts';
import { replacing } from './line-place.ts';
import { actorOf, basisOf, spokenReason } from './lines.ts';
import { claimKey, IndexTaken, StaleRow } from './record-store.ts';
import { writeRows } from './record-writer.ts';
import type { Refusals } from './refusals.ts';
import type { Session, Sessions } from './sessions.ts';
import type { ShownHits } from './shown-hits.ts';
import type { SearchKey } from './statute-table.ts';
import {
  aimOf,
  asksOf,
  checkOp,
  eventOf,
  type Planned,
  refused,
  type Work,
  type WriteOp,
  type WriteResult,
} from './write-op.ts';
import { type PlanParts, WritePlanner } from './write-plan.ts';

export interface WriteInput {
  session: string;
  terminal?: string | undefined;
  caseId?: string | undefined;
  importId?: string | undefined;
  ops: WriteOp[];
}

export interface WriterParts extends PlanParts {
  shownHits: ShownHits;
  sessions: Sessions;
  cases: Cases;
  authority: Authority;
  budget: Budget;
  refusals: Refusals;
  departures: Departures;
  journalOf: (municipality: MunicipalityCode) => GateJournal;
  hashes: { statutes: string; policies: string };
}

export const opsMax = 5_000;
const plansMax = 5;
/** Ids in one line, far below a payload's limit. */
const hitsPerLine = 1_000;
/** Receipts go with what a desk writes; an import of thousands has its lines in the journal. */
const receiptsMax = 100;
/** The purpose of an import that names no case: keeping the register (住民基本台帳法 5条). */
const importPurpose = 'register-keeping';

/** One call: who writes, under what. */
interface Writing {
  session: Session;
  staffCase: StaffCase | null;
  municipality: MunicipalityCode;
  decide: (op: WriteOp, kind?: string) => Decision;
  /** @throws where the session may not look anybody up by this key */
  find: (by: SearchKey) => Decision;
  actor: Record<string, unknown>;
  /** What the call cost, until a line of it takes it along. */
  spent: readonly Spent[];
}

/** The only writer of sealed rows: row, history, nation-wide index and line commit together or not at all. */
export class Writer {
  readonly #parts: WriterParts;
  readonly #planner: WritePlanner;

  constructor(parts: WriterParts) {
    this.#parts = parts;
    this.#planner = new WritePlanner(parts);
  }

  /**
   * Writes a batch; the results stand in the order of the ops. One refused op does not keep the others back.
   * @throws what concerns the whole call: session, case, too many ops, the journal or the database
   */
  async write(input: WriteInput, caller: string): Promise<WriteResult[]> {
    let session: Session | undefined;
    try {
      session = this.#parts.sessions.get(input.session, input.terminal);
      const writing = this.#begin(input, session, caller);
      if (input.ops.length > opsMax) throw new SekishoError('too-large', { what: 'ops', max: opsMax });
      this.#charge(writing, input.ops);
      const settled = await this.#all(writing, input.ops);
      await this.#noteRefusals(writing, input.ops, settled);
      await this.#noteFound(writing, input.ops, settled);
      return settled;
    } catch (error) {
      const body = { ...(input.caseId ? { case: input.caseId } : {}), count: input.ops.length };
      throw await this.#parts.refusals.note('write.refused', error, { session, caller, body });
    }
  }

  #begin(input: WriteInput, session: Session, caller: string): Writing {
    const { cases, authority } = this.#parts;
    const staffCase = input.caseId === undefined ? null : cases.get(input.caseId, session);
    if (staffCase === null && input.importId === undefined) throw new SekishoError('case-required');
    const purpose = staffCase?.purpose ?? importPurpose;
    const { table } = this.#parts.records;
    const decide = (op: WriteOp, kind: string = op.kind): Decision =>
      authority.decide({ action: 'write', session, staffCase, purpose, asks: asksOf(table, op, kind) });
    const find = (by: SearchKey): Decision =>
      authority.decide({ action: 'search', session, staffCase, purpose, asks: [`search:${by}`] });
    const actor = {
      ...actorOf(session, caller),
      ...(staffCase ? { case: staffCase.caseId, purpose: staffCase.purpose } : {}),
      ...(input.importId === undefined ? {} : { import: input.importId }),
    };
    const { municipality } = session.member;
    return { session, staffCase, municipality, decide, find, actor, spent: [] };
  }

  /**
   * A notice finds its person and tells whether what it says was known already: at the desk each op costs a search. An
   * import is free as far as it states whole rows; who sends less of them, or numbers, is asking.
   */
  #charge(writing: Writing, ops: readonly WriteOp[]): void {
    const { session, staffCase } = writing;
    const asking = this.#isImport(writing) ? ops.filter((op) => !this.#isWhole(op)) : ops;
    const spender = spenderOf(session, staffCase?.purpose ?? importPurpose);
    const reserved: Reservation[] = [];
    try {
      for (let op = 0; op < asking.length; op++) reserved.push(this.#parts.budget.reserve('search', spender));
    } catch (error) {
      // Nothing is done, so nothing is spent.
      for (const { release } of reserved) release();
      throw error;
    }
    writing.spent = reserved.flatMap(({ spent }) => spent);
  }

  #isImport({ staffCase }: Writing): boolean {
    return staffCase === null || staffCase.purpose === importPurpose;
  }

  /** An op that says all there is of a resident, the number excepted, which the gate draws: who sends it knows him. */
  #isWhole(op: WriteOp): boolean {
    if (op.fields['number'] !== undefined || op.expect !== undefined) return false;
    const groups = Object.keys(this.#parts.records.table.groups).filter((group) => group !== 'number');
    return groups.every((group) => Object.keys(op.fields[group] ?? {}).length > 0);
  }

  /** Checks each op, then plans and writes them in rounds in which no two aim at the same person. */
  async #all(writing: Writing, ops: readonly WriteOp[]): Promise<WriteResult[]> {
    const results: WriteResult[] = [];
    const requests = new Set<string>();
    let waiting: Work[] = [];
    for (const [position, op] of ops.entries()) {
      try {
        if (requests.has(op.requestId))
          throw new SekishoError('bad-input', { at: 'requestId', reason: 'twice' });
        requests.add(op.requestId);
        this.#check(writing, op);
        const from = this.#startsFrom(writing, op);
        waiting.push({ op, position, ...(from ? { from } : {}) });
      } catch (error) {
        results[position] = refused(op, asSekishoError(error));
      }
    }
    while (waiting.length > 0) {
      const aims = new Set<string>();
      const later: Work[] = [];
      const round = waiting.filter((work) => {
        const aim = aimOf(work.op);
        if (aims.has(aim)) later.push(work);
        else aims.add(aim);
        return !later.includes(work);
      });
      for (const [work, result] of await this.#round(writing, round)) results[work.position] = result;
      waiting = later;
    }
    return results;
  }

  #check(writing: Writing, op: WriteOp): void {
    checkOp(this.#parts.records.table, op);
    const { statute } = writing.decide(op);
    if (op.municipality !== writing.municipality) {
      throw new SekishoError('no-authority', { at: 'municipality' });
    }
    if (statute.conditions.includes('reason') && !op.reason?.trim()) {
      throw new SekishoError('bad-input', { at: 'reason', reason: 'required' });
    }
    // Finding is searching. Only who enters a newcomer asks whether he is new, and an import pays where it asks.
    const mayAsk = op.findBy !== 'number' && (op.kind === 'record.created' || this.#isImport(writing));
    if (op.findBy !== undefined && !mayAsk) writing.find(op.findBy);
  }

  /**
   * The statuses an op may start from. An import takes the register over as it stood, and its rows tell the last event
   * only: there is nothing it would have to start from.
   */
  #startsFrom(writing: Writing, op: WriteOp): readonly string[] | undefined {
    if (this.#isImport(writing)) return undefined;
    const { table } = this.#parts.records;
    const rule = table.events.rules[eventOf(table, op)];
    const { status } = op.clear;
    return rule?.to === 'same' ? rule.from.filter((each) => each === status) : rule?.from;
  }

  /** Plans and writes until it holds: others may write, or take a number, between reading and writing. */
  async #round(writing: Writing, round: readonly Work[]): Promise<Map<Work, WriteResult>> {
    const results = new Map<Work, WriteResult>();
    let works = [...round];
    for (let plans = 1; works.length > 0; plans++) {
      const plan = await this.#planner.plan(writing.municipality, works, (op) =>
        writing.decide(op, 'record.moved'),
      );
      for (const [work, result] of plan.settled) results.set(work, result);
      const { planned, later } = plan;
      let again: Work[] = [];
      try {
        if (planned.length > 0) {
          for (const [work, result] of await this.#commit(writing, planned)) results.set(work, result);
        }
      } catch (error) {
        again = await this.#after(error, plans, writing, planned, results);
      }
      works = [...again, ...later];
      if (again.length === 0) plans = 0;
    }
    return results;
  }

  /** What is to be planned again after a failed commit; what cannot be written is settled as refused. */
  async #after(
    error: unknown,
    plans: number,
    writing: Writing,
    planned: readonly Planned[],
    results: Map<Work, WriteResult>,
  ): Promise<Work[]> {
    const works = planned.map(({ work }) => work);
    const settle = (work: Work, reason: SekishoError) => results.set(work, refused(work.op, reason));
    const doubled = isDatabaseError(error, '23505');
    if (!(error instanceof IndexTaken) && !(error instanceof StaleRow) && !doubled) throw error;
    if (error instanceof IndexTaken && plans > 1) {
      const lost = planned
        .filter((each) => holdsLost(each, error.lost, this.#nationalColumns()))
        .map(({ work }) => work);
      if (lost.length === works.length) {
        for (const work of lost) settle(work, new SekishoError('already-exists', { what: 'index' }));
        return [];
      }
      if (lost.length > 0) {
        // The others first: among them may be the one who holds the index, and then he is found.
        const others = works.filter((work) => !lost.includes(work));
        for (const round of [others, lost])
          for (const [w, r] of await this.#round(writing, round)) results.set(w, r);
        return [];
      }
    }
    // The first time somebody may have written the same meanwhile: then the next plan finds it.
    if (plans < plansMax && !(doubled && plans > 1)) return works;
    if (works.length > 1) {
      // One of them cannot stand beside what is stored: each alone, so that the others do not suffer.
      for (const work of works) for (const [w, r] of await this.#round(writing, [work])) results.set(w, r);
      return [];
    }
    const reason = doubled
      ? new SekishoError('already-exists', { what: 'unique-column' })
      : asSekishoError(error);
    for (const work of works) settle(work, reason);
    return [];
  }

  #nationalColumns(): string[] {
    return Object.values(this.#parts.records.table.indexes)
      .filter((index) => index.national)
      .map((index) => index.column);
  }

  async #commit(writing: Writing, planned: readonly Planned[]): Promise<Map<Work, WriteResult>> {
    const { municipality } = writing;
    const journal = this.#parts.journalOf(municipality);
    const lines = await journal.append({
      // The cost goes with the first line that is written.
      ...withCost(
        planned.map((each) => this.#line(writing, each)),
        writing.spent,
      ),
      within: (tx: pg.PoolClient, indexes: number[]) =>
        writeRows(tx, this.#parts.records, municipality, planned, { log: journal.number, indexes }),
    });
    writing.spent = [];
    const results = new Map<Work, WriteResult>();
    for (const [i, each] of planned.entries()) {
      const { work, outcome, person, after } = each;
      const line = lines[i]!;
      results.set(work, {
        requestId: work.op.requestId,
        outcome,
        person,
        line: line.index,
        state: after.toString('hex'),
        ...(planned.length <= receiptsMax ? { receipt: line.receipt } : {}),
      });
    }
    for (const from of new Set(planned.flatMap((each) => (each.origin ? [each.origin.municipality] : [])))) {
      await this.#parts.departures.settle(from);
    }
    return results;
  }

  #line(writing: Writing, each: Planned): NewLine {
    const { op } = each.work;
    const { values } = each;
    return {
      kind: each.kind,
      person: each.person,
      body: {
        ...writing.actor,
        ...basisOf(
          writing.decide(op, each.kind === 'record.moved' ? 'record.moved' : op.kind),
          this.#parts.hashes,
        ),
        request: op.requestId,
        table: op.table,
        fields: each.groups,
        outcome: each.outcome,
        before: each.before?.toString('hex') ?? null,
        after: each.after.toString('hex'),
        ...replacing(each.base, this.#parts.journalOf(writing.municipality).number),
        status: values['status'] ?? null,
        keyVersion: values['key_version'] ?? null,
        ...(values['event'] ? { event: values['event'] } : {}),
        ...(values['event_date'] ? { eventDate: values['event_date'] } : {}),
        ...(each.drawnIndex === null ? {} : { number: 'drawn' }),
        ...(each.origin ? { from: each.origin.municipality, to: writing.municipality } : {}),
        ...(op.reason ? { reason: spokenReason(op.reason) } : {}),
      },
    };
  }

  async #noteRefusals(
    writing: Writing,
    ops: readonly WriteOp[],
    results: readonly WriteResult[],
  ): Promise<void> {
    const lines = results.flatMap((result, i): NewLine[] => {
      if (result.outcome !== 'refused') return [];
      const { person, requestId, kind } = ops[i]!;
      const body = {
        ...writing.actor,
        request: requestId,
        event: isLineKind(kind) ? kind : 'unknown',
        outcome: 'refused',
      };
      const line: NewLine = {
        kind: 'write.refused',
        body: { ...body, reason: result.kind, facts: result.facts },
      };
      return [person === undefined ? line : { ...line, person }];
    });
    if (lines.length === 0) return;
    await this.#parts.journalOf(writing.municipality).append(withCost(lines, writing.spent));
    writing.spent = [];
  }

  /**
   * Who changes nothing has still learnt that what he said is so: such ops are a search, and stand in the journal as one.
   * Not the rows of an import that say all there is: who sends them knows it.
   */
  async #noteFound(
    writing: Writing,
    ops: readonly WriteOp[],
    results: readonly WriteResult[],
  ): Promise<void> {
    const isImport = this.#isImport(writing);
    const hits = results.flatMap(({ outcome, person }, i) =>
      outcome !== 'unchanged' || (isImport && this.#isWhole(ops[i]!)) ? [] : [person!],
    );
    if (hits.length === 0) return;
    const lines: NewLine[] = [];
    const shown: PersonId[][] = [];
    for (let from = 0; from < hits.length; from += hitsPerLine) {
      const some = hits.slice(from, from + hitsPerLine);
      shown.push(some);
      const body = { ...writing.actor, by: 'write', hits: some, count: some.length, outcome: 'unchanged' };
      lines.push({ kind: 'search.made', body });
    }
    const { municipality } = writing;
    await this.#parts.journalOf(municipality).append({
      ...withCost(lines, writing.spent),
      within: async (tx, indexes) => {
        for (const [i, some] of shown.entries())
          await this.#parts.shownHits.store(tx, municipality, indexes[i]!, some);
      },
    });
    writing.spent = [];
  }
}

function holdsLost(each: Planned, lost: ReadonlySet<string>, columns: readonly string[]): boolean {
  return columns.some((column) => {
    const value = each.values[column];
    if (!Buffer.isBuffer(value)) return false;
    // A number drawn here is simply drawn anew.
    return lost.has(claimKey(value, each.person)) && value.toString('hex') !== each.drawnIndex;
  });
}
