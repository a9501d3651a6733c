import type { Clock } from '../../ground/clock.ts';
import { SekishoError } from '../../ground/errors.ts';
import type { PersonId } from '../../ground/ids.ts';
import type { StaffCase } from './cases.ts';
import type { Circumstance, Policy, PolicyAction, StandingAct } from './policy.ts';
import type { Session } from './sessions.ts';
import type { Ask, Statute, StatuteTable } from './statute-table.ts';
import { statuteDay } from './statute-table.ts';
import type { Terminals } from './terminals.ts';

/** What the law and the policy have said yes to; it names the law in the line. */
export interface Decision {
  readonly statute: Statute;
  readonly epoch: number;
  readonly day: number;
}

export interface Request {
  action: PolicyAction;
  session: Session;
  staffCase: StaffCase | null;
  purpose: string;
  asks: readonly Ask[];
  /** The one resident it is about, where there is one. */
  person?: PersonId;
}

const japanDay = (ms: number): number => Math.floor((ms + 9 * 3_600_000) / 86_400_000);
const noCircumstance: Record<Circumstance, boolean> = {
  terminalKnown: false,
  terminalSuspended: false,
  sameMunicipality: false,
  caseNeeded: false,
  caseOpen: false,
  caseOwned: false,
  caseSameOffice: false,
  ownPerson: false,
  ownRequest: false,
  freshSecondFactor: false,
};

/** Statute row first, then policy; both must say yes. */
export class Authority {
  readonly table: StatuteTable;
  readonly policy: Policy;
  readonly #terminals: Terminals;
  readonly #clock: Clock;
  readonly #freshMs: number;

  constructor(o: {
    table: StatuteTable;
    policy: Policy;
    terminals: Terminals;
    clock: Clock;
    freshSecondFactorMs: number;
  }) {
    this.table = o.table;
    this.policy = o.policy;
    this.#terminals = o.terminals;
    this.#clock = o.clock;
    this.#freshMs = o.freshSecondFactorMs;
  }

  /**
   * The row and the yes for a use of records.
   * @throws no-authority, case-required, policy-denied, suspended
   */
  decide(request: Request): Decision {
    const { session, staffCase, asks, action } = request;
    const day = japanDay(this.#clock.now());
    const epoch = this.policy.epoch;
    // Per case, not per gate: it goes with the case. A resident's own decision is never shared between persons.
    const memo = staffCase !== null && session.member.person === null ? staffCase.decisions : undefined;
    const key = memo ? `${action}|${session.ref}|${asks.join('|')}` : '';
    const known = memo?.get(key) as Decision | undefined;
    if (known && known.epoch === epoch && known.day === day) return known;
    const decision = { statute: this.#judge(request), epoch, day };
    memo?.set(key, decision);
    return decision;
  }

  #judge(request: Request): Statute {
    const { session, staffCase, purpose, asks, person, action } = request;
    const { member } = session;
    const statute = this.table.get(member.requester, purpose, asks, statuteDay(this.#clock.now()));
    const caseNeeded = action !== 'openCase' && statute.conditions.includes('case');
    if (caseNeeded && staffCase === null) throw new SekishoError('case-required', { purpose });
    const ownPerson = member.person !== null && (person === undefined || person === member.person);
    if (statute.conditions.includes('own-person') && !ownPerson) {
      throw new SekishoError('no-authority', { purpose, condition: 'own-person' });
    }
    this.policy.require({
      action,
      role: member.role,
      suspended: member.state !== 'active',
      factors: 2,
      basisRoles: statute.roles,
      circumstances: {
        ...this.#place(session),
        caseNeeded,
        caseOpen: staffCase !== null && !staffCase.closed,
        caseOwned: staffCase?.staffId === member.staffId,
        caseSameOffice: staffCase?.office === member.office,
        ownPerson,
      },
    });
    return statute;
  }

  /** A yes for an act that rests on no statute row: approving, revoking, administering, overseeing, and those of a role. */
  requireAct(
    action: 'approveGrant' | 'revokeGrant' | 'administer' | 'oversee' | 'confirmEnrolment' | StandingAct,
    session: Session,
    o: { ownRequest?: boolean } = {},
  ): void {
    const { member } = session;
    const freshSecondFactor = this.#isFresh(session);
    const approves =
      (action === 'approveGrant' && member.role === 'supervisor') ||
      (action === 'confirmEnrolment' && ['supervisor', 'officer', 'administrator'].includes(member.role));
    if (approves && !freshSecondFactor) {
      throw new SekishoError('second-factor-required');
    }
    this.policy.require({
      action,
      role: member.role,
      suspended: member.state !== 'active',
      factors: 2,
      basisRoles: [],
      circumstances: {
        ...this.#place(session),
        ownPerson: member.person !== null,
        ownRequest: o.ownRequest ?? false,
        freshSecondFactor,
      },
    });
  }

  /**
   * The row and the yes for a resident's use of his own record at the portal.
   * @throws no-authority, policy-denied
   */
  decideOwn(action: 'open' | 'history', purpose: string, asks: readonly Ask[]): Decision {
    const now = this.#clock.now();
    const statute = this.table.get('resident', purpose, asks, statuteDay(now));
    this.#requireResident(action, statute.roles);
    return { statute, epoch: this.policy.epoch, day: japanDay(now) };
  }

  /** The yes for what a resident does about his own record beside opening it. */
  requireOwn(): void {
    this.#requireResident('exerciseRights', []);
  }

  /** He sits at no terminal of the house: the caller's certificate has said that it is the portal. His passkey is two factors. */
  #requireResident(action: PolicyAction, basisRoles: readonly string[]): void {
    const place = { terminalKnown: true, sameMunicipality: true };
    this.policy.require({
      ...{ action, role: 'resident', suspended: false, factors: 2, basisRoles },
      circumstances: { ...noCircumstance, ...place, ownPerson: true },
    });
  }

  /** ms since 1970: until then both factors count as just shown. */
  freshUntil(session: Session): number {
    return session.freshAt + this.#freshMs;
  }

  /** @throws second-factor-required where both factors were not shown in the last minutes */
  requireFresh(session: Session): void {
    if (!this.#isFresh(session)) throw new SekishoError('second-factor-required');
  }

  #isFresh({ freshAt }: Session): boolean {
    const age = this.#clock.now() - freshAt;
    return age >= 0 && age <= this.#freshMs;
  }

  #place(session: Session): Record<Circumstance, boolean> {
    const { member, terminal } = session;
    const known = this.#terminals.find(member.municipality, terminal.terminalId);
    return {
      ...noCircumstance,
      terminalKnown: known !== undefined,
      terminalSuspended: known?.state !== 'active',
      sameMunicipality: terminal.municipality === member.municipality,
    };
  }
}
