import { SekishoError } from '../../ground/errors.ts';
import type { MunicipalityCode, PersonId } from '../../ground/ids.ts';
import type { Authority } from './authority.ts';
import { withCost } from './bookkeeping.ts';
import type { Budget, Spent } from './budget.ts';
import type { Cases, StaffCase } from './cases.ts';
import { isUnknownOutcome, spenderOf } from './disclosure.ts';
import type { GateJournal } from './journal-port.ts';
import { actorOf, basisOf } from './lines.ts';
import type { Locks } from './locks.ts';
import type { PersonalAnswer, PersonalHistory } from './personal-history.ts';
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

export interface HistoryParts {
  sessions: Sessions;
  cases: Cases;
  authority: Authority;
  budget: Budget;
  refusals: Refusals;
  locks: Locks;
  table: SealedTable;
  journalOf: (municipality: MunicipalityCode) => GateJournal | undefined;
  hashes: { statutes: string; policies: string };
  personal: PersonalHistory;
}

/**
 * Who looked at a record and who changed it (個人情報保護法 76条): a person's lines, each with its proof. What tells of others and what
 * a law hides for now comes to the desk no more than to the resident, for it is shown to him there.
 */
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
  async read(input: HistoryInput, caller: string): Promise<PersonalAnswer> {
    let session: Session | undefined;
    let staffCase: StaffCase | null = null;
    let giveBack = () => {};
    const person = input.person;
    try {
      session = this.#parts.sessions.get(input.session, input.terminal);
      const own = session.member.person;
      const asked = person ?? own;
      if (asked === null) throw new SekishoError('bad-input', { at: 'person' });
      if (input.caseId !== undefined) staffCase = this.#parts.cases.get(input.caseId, session);
      const purpose = staffCase?.purpose ?? 'own-record';
      const request = { action: 'history', session, staffCase, purpose, person: asked } as const;
      const decision = this.#parts.authority.decide({ ...request, asks: ['history'] });
      if (own === null) this.#parts.locks.check(asked, decision.statute);
      const places = await this.#parts.personal.places(asked);
      if (own !== null) return await this.#parts.personal.read(asked, places, input);
      const { municipality } = session.member;
      // A desk looks after its own register: whoever never lived here is not its to tell of, nor what others did there.
      if (!places.includes(municipality))
        throw new SekishoError('not-found', { what: this.#parts.table.name });
      if (input.municipality !== undefined && input.municipality !== municipality)
        throw new SekishoError('no-authority', { at: 'municipality' });
      const reservation = this.#parts.budget.reserve('open', spenderOf(session, purpose), asked);
      giveBack = reservation.release;
      this.#parts.journalOf(municipality)?.assertFresh();
      const answer = await this.#parts.personal.read(asked, [municipality], input);
      const told = answer.lines.length + answer.coarse.length;
      await this.#note(session, caller, asked, input, decision, told, reservation.spent);
      return answer;
    } catch (error) {
      if (!isUnknownOutcome(error)) giveBack();
      const body = {
        operation: 'history',
        ...(input.caseId === undefined ? {} : { case: input.caseId }),
        // By it a law that hides the case hides the attempt as well.
        ...(staffCase === null ? {} : { purpose: staffCase.purpose }),
      };
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
    spent: readonly Spent[],
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
    await journal.append(withCost([{ kind: 'history.read', person, body }], spent));
  }
}
