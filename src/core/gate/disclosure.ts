import { isSekishoError, SekishoError } from '../../ground/errors.ts';
import type { PersonId } from '../../ground/ids.ts';
import type { Receipt } from '../journal/index.ts';
import type { Authority, Decision } from './authority.ts';
import { withCost } from './bookkeeping.ts';
import type { Budget, BudgetLeft, Spender, Spent } from './budget.ts';
import type { Cases, StaffCase } from './cases.ts';
import { type Grants, takeStored } from './grants.ts';
import type { GateJournal } from './journal-port.ts';
import { actorOf, basisOf } from './lines.ts';
import type { Locks } from './locks.ts';
import type { Refusals } from './refusals.ts';
import type { Rows } from './rows.ts';
import type { Fields, SealedTable } from './sealed-table.ts';
import type { Session, Sessions } from './sessions.ts';
import { withinLimit } from './time-limit.ts';

/** What a unit tells the gate's hook on the batch: what to store with its line. */
export interface GateTag {
  spent: readonly Spent[];
}

export interface OpenInput {
  session: string;
  terminal?: string | undefined;
  caseId: string;
  person: PersonId;
  groups: string[];
  grant?: string | undefined;
}

export interface Opened {
  fields: Fields;
  receipt: Receipt;
  budget: BudgetLeft;
}

export interface DisclosureParts {
  sessions: Sessions;
  cases: Cases;
  authority: Authority;
  budget: Budget;
  grants: Grants;
  rows: Rows;
  refusals: Refusals;
  locks: Locks;
  table: SealedTable;
  journalOf: (session: Session) => GateJournal;
  hashes: { statutes: string; policies: string };
  now: () => number;
  /** How long one step may wait for the database or the journal. */
  limitMs: number;
}

/** Constant parts of the lines of one session in one case, made once. */
interface Prepared {
  decision: Decision;
  groups: readonly string[];
  body: Record<string, unknown>;
  spender: Spender;
}

/**
 * Keys of the four scopes, each a municipality's own. All sessions of one member count as one: signing in again, here or
 * at the next terminal, gives no new budget.
 */
export function spenderOf(session: Session, purpose: string): Spender {
  const { municipality, office, staffId } = session.member;
  return {
    session: `${municipality}/${staffId}`,
    terminal: `${municipality}/${session.terminal.terminalId}`,
    purpose: `${municipality}/${purpose}`,
    office: `${municipality}/${office}`,
  };
}

/** The path of one disclosure: the only way a field leaves the house. */
export class Disclosure {
  readonly #parts: DisclosureParts;
  readonly #prepared = new WeakMap<Decision, Prepared>();

  constructor(parts: DisclosureParts) {
    this.#parts = parts;
  }

  /**
   * session → case → statute row → policy → budget or grant → freshness of the witness → ciphertext and wrapped key →
   * line durable → key unwrapped → fields, receipt, what is left. Whatever fails before the line is a refusal with a
   * line of its own; whatever fails after it is an error, and no field is given.
   */
  async open(input: OpenInput, caller: string): Promise<Opened> {
    const { rows, table, refusals } = this.#parts;
    let session: Session | undefined;
    let staffCase: StaffCase | undefined;
    let giveBack = () => {};
    try {
      session = this.#parts.sessions.get(input.session, input.terminal);
      staffCase = this.#parts.cases.get(input.caseId, session);
      const { prepared, spent, release } = this.#allow(input, session, staffCase, caller);
      giveBack = release;
      const journal = this.#parts.journalOf(session);
      journal.assertFresh();
      const { limitMs } = this.#parts;
      const fetching = rows.get(table, session.member.municipality, input.person, prepared.groups);
      const fetched = await withinLimit(fetching, limitMs, 'records');
      const line = await this.#line(journal, session, input, prepared, spent);
      giveBack = () => {};
      const fields = await withinLimit(rows.open(table, fetched, prepared.groups), limitMs, 'keys');
      return { fields, receipt: line, budget: this.#parts.budget.left('open', prepared.spender) };
    } catch (error) {
      // Where nobody knows whether the line came to be, what was reserved stays spent.
      if (!isUnknownOutcome(error)) giveBack();
      throw await refusals.note('field.refused', error, {
        session,
        caller,
        person: input.person,
        body: {
          case: input.caseId,
          // By it a law that hides the case hides the attempt as well.
          ...(staffCase === undefined ? {} : { purpose: staffCase.purpose }),
          fields: input.groups.filter((group) => Object.hasOwn(table.groups, group)),
        },
      });
    }
  }

  /** Everything that needs no waiting. */
  #allow(input: OpenInput, session: Session, staffCase: StaffCase, caller: string) {
    const { authority, budget, grants } = this.#parts;
    if (input.groups.length === 0) throw new SekishoError('bad-input', { at: 'groups' });
    const decision = authority.decide({
      action: 'open',
      session,
      staffCase,
      purpose: staffCase.purpose,
      asks: input.groups.map((group) => `open:${group}` as const),
      person: input.person,
    });
    this.#parts.locks.check(input.person, decision.statute);
    const prepared = this.#prepare(decision, input, session, staffCase, caller);
    if (input.grant === undefined) {
      const reservation = budget.reserve('open', prepared.spender, input.person);
      return { prepared, spent: reservation.spent, release: reservation.release };
    }
    const release = grants.take(
      {
        grantId: input.grant,
        municipality: session.member.municipality,
        purpose: staffCase.purpose,
        groups: prepared.groups,
      },
      this.#parts.now(),
    );
    return { prepared, spent: [], release };
  }

  #prepare(
    decision: Decision,
    input: OpenInput,
    session: Session,
    staffCase: StaffCase,
    caller: string,
  ): Prepared {
    const known = this.#prepared.get(decision);
    if (known && known.body['caller'] === caller) return known;
    const groups = [...new Set(input.groups)];
    const unknown = groups.some((group) => !Object.hasOwn(this.#parts.table.groups, group));
    if (unknown) throw new SekishoError('bad-input', { at: 'groups' });
    const body = {
      ...actorOf(session, caller),
      case: staffCase.caseId,
      ...basisOf(decision, this.#parts.hashes),
      fields: groups,
      outcome: 'opened',
    };
    const prepared = { decision, groups, body, spender: spenderOf(session, staffCase.purpose) };
    this.#prepared.set(decision, prepared);
    return prepared;
  }

  async #line(
    journal: GateJournal,
    session: Session,
    input: OpenInput,
    prepared: Prepared,
    spent: readonly Spent[],
  ): Promise<Receipt> {
    const { grant, person } = input;
    const { municipality } = session.member;
    const body = grant === undefined ? prepared.body : { ...prepared.body, grant };
    const appending = journal.append({
      ...withCost([{ kind: 'field.opened', person, body }], spent),
      // The stored grant has the last word: where it says no, this line alone is not written.
      ...(grant === undefined ? {} : { within: (tx) => takeStored(tx, municipality, grant) }),
    });
    const [line] = await withinLimit(appending, this.#parts.limitMs, 'journal', 'unknown');
    if (!line) throw new SekishoError('journal-unavailable', { municipality });
    return line.receipt;
  }
}

/** True when a COMMIT got no answer: the line may or may not be there. */
export const isUnknownOutcome = (error: unknown): boolean =>
  isSekishoError(error) && (error.facts['outcome'] === 'unknown' || error.facts['outcome'] === 'durable');
