import type pg from 'pg';
import { SekishoError } from '../../ground/errors.ts';
import type { MunicipalityCode } from '../../ground/ids.ts';
import type { Authority } from './authority.ts';
import type { Budget, BudgetLeft } from './budget.ts';
import { type GrantStatus, statusOf } from './bulk-grants.ts';
import type { Cases } from './cases.ts';
import { spenderOf } from './disclosure.ts';
import type { Grants } from './grants.ts';
import type { Passkeys } from './passkeys.ts';
import type { StandingAct } from './policy.ts';
import type { Refusals } from './refusals.ts';
import type { Session, Sessions } from './sessions.ts';
import type { Staff } from './staff.ts';
import type { Terminals } from './terminals.ts';

/** What a list is asked for with. */
export interface ListInput {
  session: string;
  terminal?: string | undefined;
}

export interface ListedCase {
  caseId: string;
  purpose: string;
  /** Id of the statute row. */
  basis: string;
  openedAt: number;
  closed: boolean;
  staff: string;
  mine: boolean;
  /** Of one's own cases alone. */
  note?: string;
}

export interface BudgetOverview {
  open: BudgetLeft;
  search: BudgetLeft;
  limits: { open: BudgetLeft; search: BudgetLeft };
  windowMinutes: number;
  /** ms since 1970; null while there is something left. */
  freesAt: number | null;
}

export interface ListedStaff {
  staff: string;
  role: string;
  office: string;
  state: string;
  enrolledAt: number;
  /** How many he may sign in with. */
  passkeys: number;
}

export interface ListedTerminal {
  terminal: string;
  office: string;
  state: string;
  enrolledAt: number;
}

export interface DeskListsParts {
  pool: pg.Pool;
  sessions: Sessions;
  cases: Cases;
  authority: Authority;
  budget: Budget;
  grants: Grants;
  staff: Staff;
  terminals: Terminals;
  passkeys: Passkeys;
  refusals: Refusals;
  now: () => number;
}

/** A grant that is over is shown for one more day. */
const shownAfterEndMs = 24 * 3_600_000;

/** What a desk shows of its own affairs. Nothing of a resident is opened; a refusal is a line. */
export class DeskLists {
  readonly #parts: DeskListsParts;

  constructor(parts: DeskListsParts) {
    this.#parts = parts;
  }

  /** The cases of one's own and of one's office, the newest first. */
  async cases(input: ListInput, caller: string): Promise<{ cases: ListedCase[] }> {
    return await this.#list('list-cases', 'seeWork', input, caller, async (session) => {
      const { cases } = this.#parts;
      const { municipality, staffId } = session.member;
      const seen = cases.seenBy(session);
      const own = seen.filter((each) => each.staffId === staffId).map(({ caseId }) => caseId);
      const notes = await cases.notes(municipality, own);
      return {
        cases: seen.map(({ caseId, purpose, basis, openedAt, closed, staffId: staff }) => {
          const note = notes.get(caseId);
          const told = { caseId, purpose, basis, openedAt, closed, staff, mine: staff === staffId };
          return note === undefined ? told : { ...told, note };
        }),
      };
    });
  }

  /** What is left in a case one works on. @throws case-required, policy-denied for another office's */
  async budget(input: ListInput & { caseId: string }, caller: string): Promise<BudgetOverview> {
    return await this.#list('budget', 'seeWork', input, caller, async (session) => {
      const { cases, budget } = this.#parts;
      const staffCase = cases.get(input.caseId, session);
      const { staffId, office } = session.member;
      if (staffCase.staffId !== staffId && staffCase.office !== office)
        throw new SekishoError('policy-denied', { reason: 'other-office' });
      const spender = spenderOf(session, staffCase.purpose);
      return {
        open: budget.left('open', spender),
        search: budget.left('search', spender),
        limits: { open: budget.limits('open'), search: budget.limits('search') },
        windowMinutes: budget.windowMinutes,
        freesAt: budget.freesAt('open', spender) ?? budget.freesAt('search', spender),
      };
    });
  }

  /** The bulk grants of the municipality; a clerk sees those he asked for. */
  async grants(input: ListInput, caller: string): Promise<{ grants: GrantStatus[] }> {
    return await this.#list('list-grants', 'seeGrants', input, caller, async (session) => {
      const { municipality, staffId, role } = session.member;
      const since = this.#parts.now() - shownAfterEndMs;
      return {
        grants: this.#parts.grants
          .of(municipality)
          .filter(({ endsAt, askedBy }) => endsAt > since && (role !== 'clerk' || askedBy === staffId))
          .map(statusOf),
      };
    });
  }

  /** Who may sign in. Residents are not on the list. */
  async staff(input: ListInput, caller: string): Promise<{ staff: ListedStaff[] }> {
    return await this.#list('list-staff', 'seePeople', input, caller, async (session) => {
      const { municipality } = session.member;
      const [since, passkeys] = await Promise.all([
        this.#enrolled('staff', municipality),
        this.#parts.passkeys.countsOfStaff(municipality),
      ]);
      return {
        staff: this.#parts.staff.of(municipality).map(({ staffId: staff, role, office, state }) => ({
          ...{ staff, role, office, state },
          enrolledAt: since.get(staff) ?? 0,
          passkeys: passkeys.get(staff) ?? 0,
        })),
      };
    });
  }

  /** Where one may sign in. */
  async terminals(input: ListInput, caller: string): Promise<{ terminals: ListedTerminal[] }> {
    return await this.#list('list-terminals', 'seePeople', input, caller, async (session) => {
      const { municipality } = session.member;
      const since = await this.#enrolled('terminal', municipality);
      return {
        terminals: this.#parts.terminals.of(municipality).map(({ terminalId: terminal, office, state }) => ({
          ...{ terminal, office, state },
          enrolledAt: since.get(terminal) ?? 0,
        })),
      };
    });
  }

  /** Only shown: nothing rests on it, so it stands outside the rows' MACs. */
  async #enrolled(what: 'staff' | 'terminal', municipality: MunicipalityCode): Promise<Map<string, number>> {
    const { rows } = await this.#parts.pool.query<{ id: string; at: string }>(
      `SELECT ${what}_id AS id, enrolled_at_ms AS at FROM gate.${what} WHERE municipality_code = $1`,
      [municipality],
    );
    return new Map(rows.map(({ id, at }) => [id, Number(at)]));
  }

  async #list<T>(
    operation: string,
    act: StandingAct,
    input: ListInput,
    caller: string,
    list: (session: Session) => Promise<T>,
  ): Promise<T> {
    let session: Session | undefined;
    try {
      session = this.#parts.sessions.get(input.session, input.terminal);
      this.#parts.authority.requireAct(act, session);
      return await list(session);
    } catch (error) {
      throw await this.#parts.refusals.note('request.refused', error, {
        session,
        caller,
        body: { operation },
      });
    }
  }
}
