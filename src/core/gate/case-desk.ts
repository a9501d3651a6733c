import type { Clock } from '../../ground/clock.ts';
import { SekishoError } from '../../ground/errors.ts';
import type { MunicipalityCode } from '../../ground/ids.ts';
import { uuidv7 } from '../../ground/ids.ts';
import type { Randomness } from '../../ground/randomness.ts';
import type { Authority } from './authority.ts';
import type { Cases, StaffCase } from './cases.ts';
import type { GateJournal } from './journal-port.ts';
import { actorOf, basisOf } from './lines.ts';
import type { Refusals } from './refusals.ts';
import type { Session, Sessions } from './sessions.ts';

export interface CaseDeskParts {
  sessions: Sessions;
  cases: Cases;
  authority: Authority;
  refusals: Refusals;
  journalOf: (municipality: MunicipalityCode) => GateJournal;
  hashes: { statutes: string; policies: string };
  clock: Clock;
  randomness: Randomness;
}

/** Opening and closing cases. */
export class CaseDesk {
  readonly #parts: CaseDeskParts;

  constructor(parts: CaseDeskParts) {
    this.#parts = parts;
  }

  /** @throws no-authority where no statute row in force knows the purpose for this requester */
  async open(
    input: { session: string; terminal?: string | undefined; purpose: string; note: string },
    caller: string,
  ): Promise<{ caseId: string; basis: string }> {
    const { sessions, cases, authority, clock, randomness, refusals } = this.#parts;
    let session: Session | undefined;
    try {
      session = sessions.get(input.session, input.terminal);
      const { purpose } = input;
      const decision = authority.decide({
        action: 'openCase',
        session,
        staffCase: null,
        purpose,
        asks: ['purpose'],
      });
      const staffCase: StaffCase = {
        caseId: uuidv7(clock, randomness),
        municipality: session.member.municipality,
        staffId: session.member.staffId,
        office: session.member.office,
        purpose,
        basis: decision.statute.id,
        openedAt: clock.now(),
        closed: false,
        decisions: new Map(),
      };
      const body = {
        ...actorOf(session, caller),
        case: staffCase.caseId,
        ...basisOf(decision, this.#parts.hashes),
      };
      await this.#parts.journalOf(staffCase.municipality).append({
        lines: [{ kind: 'case.opened', body: { ...body, outcome: 'opened' } }],
        within: (tx) => cases.store(tx, staffCase, decision.statute, input.note),
      });
      cases.add(staffCase);
      return { caseId: staffCase.caseId, basis: decision.statute.id };
    } catch (error) {
      throw await refusals.note('request.refused', error, {
        session,
        caller,
        body: { operation: 'open-case', purpose: authority.table.word(input.purpose) },
      });
    }
  }

  async close(
    input: { session: string; terminal?: string | undefined; caseId: string },
    caller: string,
  ): Promise<void> {
    const { sessions, cases, clock, refusals } = this.#parts;
    let session: Session | undefined;
    try {
      session = sessions.get(input.session, input.terminal);
      const staffCase = cases.get(input.caseId, session);
      if (staffCase.staffId !== session.member.staffId && staffCase.office !== session.member.office) {
        throw new SekishoError('policy-denied', { reason: 'other-office' });
      }
      cases.close(staffCase);
      const body = { ...actorOf(session, caller), case: staffCase.caseId, purpose: staffCase.purpose };
      await this.#parts.journalOf(staffCase.municipality).append({
        lines: [{ kind: 'case.closed', body: { ...body, outcome: 'closed' } }],
        within: (tx) => cases.storeClosed(tx, staffCase, clock.now()),
      });
    } catch (error) {
      const body = { operation: 'close-case', case: input.caseId };
      throw await refusals.note('request.refused', error, { session, caller, body });
    }
  }
}
