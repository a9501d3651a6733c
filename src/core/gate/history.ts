import type pg from 'pg';
import { SekishoError } from '../../ground/errors.ts';
import type { MunicipalityCode, PersonId } from '../../ground/ids.ts';
import { decodeLine, type Proof } from '../journal/index.ts';
import type { Authority } from './authority.ts';
import type { Budget } from './budget.ts';
import type { Cases } from './cases.ts';
import { type GateTag, isUnknownOutcome, spenderOf } from './disclosure.ts';
import type { GateJournal } from './journal-port.ts';
import { actorOf, basisOf } from './lines.ts';
import type { Refusals } from './refusals.ts';
import type { SealedTable } from './sealed-table.ts';
import type { Session, Sessions } from './sessions.ts';

export interface HistoryInput {
  session: string;
  terminal?: string | undefined;
  /** Needed at the desk; a resident's own history needs none. */
  caseId?: string | undefined;
  /** Default: the resident's own person. */
  person?: PersonId | undefined;
  limit?: number | undefined;
  /** Lines before this index; with it, `municipality` says in which journal. */
  before?: number | undefined;
  municipality?: MunicipalityCode | undefined;
}

/** One line of a person with its proof; what a browser needs to check it by itself. Binary values in base64. */
export interface HistoryLine {
  municipality: MunicipalityCode;
  index: number;
  /** ms since 1970 */
  at: number;
  kind: string;
  body: Record<string, unknown>;
  payload: string;
  salt: string;
  leafHash: string;
  proof: Proof;
}

export interface HistoryParts {
  pool: pg.Pool;
  sessions: Sessions;
  cases: Cases;
  authority: Authority;
  budget: Budget;
  refusals: Refusals;
  table: SealedTable;
  journalOf: (municipality: MunicipalityCode) => GateJournal | undefined;
  hashes: { statutes: string; policies: string };
}

const linesMax = 500;

/** Who looked at a record and who changed it (個人情報保護法 76条): a person's lines, each with its proof. */
export class History {
  readonly #parts: HistoryParts;

  constructor(parts: HistoryParts) {
    this.#parts = parts;
  }

  /**
   * A person's lines, newest first, 50 unless told. A resident sees his own, wherever he lived. The desk needs a case,
   * sees its own municipality's alone, leaves a line of its own, and pays as for opening him: lines tell of a life too.
   * @throws budget-spent, witness-overdue at the desk; no-authority for another municipality's lines
   */
  async read(input: HistoryInput, caller: string): Promise<{ lines: HistoryLine[] }> {
    let session: Session | undefined;
    let giveBack = () => {};
    const person = input.person;
    try {
      session = this.#parts.sessions.get(input.session, input.terminal);
      const own = session.member.person;
      const asked = person ?? own;
      if (asked === null) throw new SekishoError('bad-input', { at: 'person' });
      const staffCase = input.caseId === undefined ? null : this.#parts.cases.get(input.caseId, session);
      const purpose = staffCase?.purpose ?? 'own-record';
      const request = { action: 'history', session, staffCase, purpose, person: asked } as const;
      const decision = this.#parts.authority.decide({ ...request, asks: ['history'] });
      const places = await this.#places(asked);
      if (own !== null) return { lines: await this.#lines(asked, input, places) };
      const { municipality } = session.member;
      // A desk looks after its own register: whoever never lived here is not its to tell of, nor what others did there.
      if (!places.includes(municipality))
        throw new SekishoError('not-found', { what: this.#parts.table.name });
      if (input.municipality !== undefined && input.municipality !== municipality)
        throw new SekishoError('no-authority', { at: 'municipality' });
      // A desk looks after its own register: whoever never lived here is not its to tell of.
      if (!places.includes(municipality))
        throw new SekishoError('not-found', { what: this.#parts.table.name });
      const reservation = this.#parts.budget.reserve('open', spenderOf(session, purpose), asked);
      giveBack = reservation.release;
      this.#parts.journalOf(municipality)?.assertFresh();
      const lines = await this.#lines(asked, input, [municipality]);
      const tag: GateTag = { spent: reservation.spent };
      await this.#note(session, caller, asked, input, decision, lines.length, tag);
      return { lines };
    } catch (error) {
      if (!isUnknownOutcome(error)) giveBack();
      const body = { operation: 'history', ...(input.caseId === undefined ? {} : { case: input.caseId }) };
      throw await this.#parts.refusals.note('request.refused', error, { session, caller, person, body });
    }
  }

  async #note(
    session: Session,
    caller: string,
    person: PersonId,
    input: HistoryInput,
    decision: Parameters<typeof basisOf>[0],
    lines: number,
    tag: GateTag,
  ): Promise<void> {
    const journal = this.#parts.journalOf(session.member.municipality);
    if (!journal) throw new SekishoError('journal-unavailable');
    const body = {
      ...actorOf(session, caller),
      case: input.caseId,
      ...basisOf(decision, this.#parts.hashes),
      lines,
      outcome: 'read',
    };
    await journal.append({ lines: [{ kind: 'history.read', person, body }], tag });
  }

  /** Of all municipalities where the person is or was registered and whose journals this gate keeps. */
  async #lines(
    person: PersonId,
    input: HistoryInput,
    registered: readonly MunicipalityCode[],
  ): Promise<HistoryLine[]> {
    const limit = Math.min(input.limit ?? 50, linesMax);
    const places = input.municipality === undefined ? registered : [input.municipality];
    const found = await Promise.all(places.map((place) => this.#linesIn(place, person, limit, input.before)));
    return found
      .flat()
      .sort((a, b) => b.at - a.at || b.index - a.index)
      .slice(0, limit);
  }

  /** All municipalities where the person is or was registered. */
  async #places(person: PersonId): Promise<MunicipalityCode[]> {
    const { rows } = await this.#parts.pool.query<{ municipality_code: MunicipalityCode }>({
      name: `gate-places-${this.#parts.table.name}`,
      text: `SELECT municipality_code FROM ${this.#parts.table.table} WHERE person_id = $1`,
      values: [person],
    });
    return rows.map((row) => row.municipality_code);
  }

  async #linesIn(
    municipality: MunicipalityCode,
    person: PersonId,
    limit: number,
    before: number | undefined,
  ): Promise<HistoryLine[]> {
    const journal = this.#parts.journalOf(municipality);
    if (!journal) return [];
    const stored = await journal.linesOf(person, { limit, ...(before === undefined ? {} : { before }) });
    const told = stored.filter((line) => !line.erased);
    const proofs = await journal.prove(told.map((line) => line.index));
    return told.map((line, i) => {
      const { kind, body } = decodeLine(line.payload);
      return {
        municipality,
        index: line.index,
        at: line.at,
        kind,
        body,
        payload: line.payload.toString('base64'),
        salt: line.salt.toString('base64'),
        leafHash: line.leafHash.toString('base64'),
        proof: proofs[i]!,
      };
    });
  }
}
