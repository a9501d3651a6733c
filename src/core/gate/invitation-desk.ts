import type pg from 'pg';
import { SekishoError } from '../../ground/errors.ts';
import type { MunicipalityCode, PersonId } from '../../ground/ids.ts';
import type { LineKind } from '../journal/index.ts';
import type { Authority, Decision } from './authority.ts';
import type { Budget } from './budget.ts';
import type { Cases } from './cases.ts';
import { type GateTag, isUnknownOutcome, spenderOf } from './disclosure.ts';
import { type Invitations, type Invited as InvitedTo, spokenCode } from './invitations.ts';
import type { GateJournal } from './journal-port.ts';
import { actorOf, basisOf } from './lines.ts';
import type { Invited } from './passkey-gate.ts';
import type { Holder, Passkeys } from './passkeys.ts';
import type { RecordStore } from './record-store.ts';
import type { Refusals } from './refusals.ts';
import type { StoredResidentSessions } from './resident-sessions.ts';
import type { Session, Sessions } from './sessions.ts';
import type { SiteIdentity, SiteName } from './sites.ts';
import type { Staff } from './staff.ts';
import type { Terminals } from './terminals.ts';

export interface InvitationDeskParts {
  sites: Readonly<Record<SiteName, SiteIdentity>> | undefined;
  links: boolean;
  pool: pg.Pool;
  sessions: Sessions;
  residents: StoredResidentSessions;
  cases: Cases;
  authority: Authority;
  budget: Budget;
  staff: Staff;
  terminals: Terminals;
  records: RecordStore;
  passkeys: Passkeys;
  invitations: Invitations;
  refusals: Refusals;
  journalOf: (municipality: MunicipalityCode) => GateJournal;
  hashes: { statutes: string; policies: string };
}

interface Counter {
  session: string;
  caseId: string;
  person: PersonId;
}

/** Who may make a passkey, which browser is a terminal: one-time codes, each a line, as is what takes passkeys away. */
export class InvitationDesk {
  readonly #parts: InvitationDeskParts;

  constructor(parts: InvitationDeskParts) {
    this.#parts = parts;
  }

  /** @throws second-factor-required, policy-denied, not-found */
  async inviteStaff(input: { session: string; staff: string }, caller: string): Promise<Invited> {
    return await this.#act('invite-staff', input.session, caller, async (session) => {
      this.#requireAdministration(session);
      const member = this.#parts.staff.find(input.staff);
      const { municipality } = session.member;
      if (member?.municipality !== municipality || member.role === 'resident')
        throw new SekishoError('not-found', { what: 'staff' });
      if (member.state !== 'active') throw new SekishoError('suspended', { what: 'staff' });
      const body = { ...actorOf(session, caller), staff: input.staff };
      return await this.#invite(municipality, { target: 'staff', staff: input.staff }, body);
    });
  }

  async inviteTerminal(input: { session: string; terminal: string }, caller: string): Promise<Invited> {
    return await this.#act('invite-terminal', input.session, caller, async (session) => {
      this.#requireAdministration(session);
      const { terminal } = input;
      const { municipality } = session.member;
      const found = this.#parts.terminals.find(municipality, terminal);
      if (found === undefined) throw new SekishoError('not-found', { what: 'terminal' });
      if (found.state !== 'active') throw new SekishoError('suspended', { what: 'terminal' });
      const body = { ...actorOf(session, caller), invited: terminal };
      return await this.#invite(municipality, { target: 'terminal', terminal }, body);
    });
  }

  /**
   * A resident at the counter, whose identity was checked (個人情報保護法 77条2項). It gives access to his whole record: it counts as
   * opening him, and stands in his history.
   * @throws case-required, no-authority, policy-denied, budget-spent, not-found
   */
  async inviteResident(input: Counter, caller: string): Promise<Invited> {
    return await this.#atCounter('invite-resident', input, caller, async (session, body, tag) => {
      const { person } = input;
      await this.#requireLiving(session.member.municipality, person);
      const invited = { target: 'resident', person } as const;
      return await this.#invite(session.member.municipality, invited, body, tag);
    });
  }

  async stopPasskeys(
    input: { session: string; staff: string } | Counter,
    caller: string,
  ): Promise<{ stopped: number }> {
    if ('person' in input)
      return await this.#atCounter('stop-passkeys', input, caller, async (session, body, tag) => {
        const { municipality } = session.member;
        const { person } = input;
        if (!(await this.#parts.records.wholeRows(municipality, [person])).has(person))
          throw new SekishoError('not-found', { what: this.#parts.records.table.name });
        const end = () => this.#parts.residents.endOf(person);
        return await this.#stop({ site: 'portal', municipality, person }, end, body, tag);
      });
    return await this.#act('stop-passkeys', input.session, caller, async (session) => {
      this.#requireAdministration(session);
      const { municipality } = session.member;
      const member = this.#parts.staff.find(input.staff);
      if (member?.municipality !== municipality) throw new SekishoError('not-found', { what: 'staff' });
      const holder = { site: 'desk', municipality, staff: input.staff } as const;
      const end = () =>
        this.#parts.sessions.end((each) => each.member === member && each !== session, 'session-invalid');
      return await this.#stop(holder, end, { ...actorOf(session, caller), staff: input.staff });
    });
  }

  /** @throws unsupported in production */
  async issueLink(
    input:
      | { municipality: MunicipalityCode; staff: string; terminal: string }
      | { municipality: MunicipalityCode; person: PersonId },
    caller: string,
  ): Promise<Invited> {
    const { links, staff, terminals, refusals } = this.#parts;
    const { municipality } = input;
    try {
      if (!links) throw new SekishoError('unsupported', { what: 'sign-in-links', reason: 'production' });
      if ('person' in input) {
        await this.#requireLiving(municipality, input.person);
        return await this.#invite(
          municipality,
          { target: 'resident-link', person: input.person },
          { caller },
        );
      }
      const member = staff.find(input.staff);
      const terminal = terminals.find(municipality, input.terminal);
      if (member?.municipality !== municipality || terminal === undefined)
        throw new SekishoError('not-found', { what: 'staff-or-terminal' });
      const body = { caller, staff: input.staff, invited: input.terminal };
      const { staff: name, terminal: place } = input;
      return await this.#invite(municipality, { target: 'staff-link', staff: name, terminal: place }, body);
    } catch (error) {
      const body = { operation: 'issue-link', municipality };
      throw await refusals.note('request.refused', error, { caller, municipality, body });
    }
  }

  #requireAdministration(session: Session): void {
    this.#parts.authority.requireAct('administer', session);
    this.#parts.authority.requireFresh(session);
  }

  /** @throws not-found, and conflict for who is no resident any more */
  async #requireLiving(municipality: MunicipalityCode, person: PersonId): Promise<void> {
    const { records } = this.#parts;
    const row = (await records.wholeRows(municipality, [person])).get(person);
    if (row === undefined) throw new SekishoError('not-found', { what: records.table.name });
    const status = String(row.values['status']);
    if (records.table.erasable?.includes(status) === true)
      throw new SekishoError('conflict', { what: 'status', status });
  }

  #identity(site: SiteName): SiteIdentity {
    const found = this.#parts.sites?.[site];
    if (found === undefined) throw new SekishoError('unsupported', { what: 'passkeys', reason: 'no-sites' });
    return found;
  }

  async #invite(
    municipality: MunicipalityCode,
    to: InvitedTo,
    body: Record<string, unknown>,
    tag?: GateTag,
  ): Promise<Invited> {
    const { invitations } = this.#parts;
    const { origin } = this.#identity('person' in to ? 'portal' : 'desk');
    const issuedBy = typeof body['actor'] === 'string' ? body['actor'] : 'gate';
    const { code, invitation } = await invitations.draw(municipality, to, issuedBy);
    const { expiresAt } = invitation;
    const line = {
      kind: 'invitation.issued' as const,
      ...('person' in to ? { person: to.person } : {}),
      body: { ...body, target: to.target, expiresAt, outcome: 'done' },
    };
    await this.#parts.journalOf(municipality).append({
      lines: [line],
      within: (tx) => invitations.store(tx, invitation),
      ...(tag === undefined ? {} : { tag }),
    });
    const enrols = to.target === 'staff' || to.target === 'resident';
    return { code: spokenCode(code), url: `${origin}${enrols ? '/enrol#' : '/enter/'}${code}`, expiresAt };
  }

  async #stop(
    holder: Holder,
    endSessions: () => Promise<unknown>,
    body: Record<string, unknown>,
    tag?: GateTag,
  ): Promise<{ stopped: number }> {
    const { passkeys, pool } = this.#parts;
    const { municipality } = holder;
    const person = holder.site === 'portal' ? { person: holder.person } : {};
    // First, whatever comes of the line: a device that is lost is to open nothing more.
    const stopped = await passkeys.stop(pool, holder);
    await endSessions();
    await this.#parts.journalOf(municipality).append({
      lines: [
        {
          kind: 'passkey.stopped',
          ...person,
          body: { ...body, site: holder.site, count: stopped, outcome: 'done' },
        },
      ],
      within: async (tx) => {
        await passkeys.stop(tx, holder);
        await tx.query(
          `DELETE FROM gate.invitation WHERE (municipality_code = $1 OR target = 'resident') AND target = $2
           AND staff_id IS NOT DISTINCT FROM $3 AND person_id IS NOT DISTINCT FROM $4`,
          holder.site === 'desk'
            ? [municipality, 'staff', holder.staff, null]
            : [municipality, 'resident', null, holder.person],
        );
      },
      ...(tag === undefined ? {} : { tag }),
    });
    return { stopped };
  }

  /** In a case of the purpose that checks who stands at the counter, and within the budget of openings. */
  async #atCounter<T>(
    operation: string,
    input: Counter,
    caller: string,
    act: (session: Session, body: Record<string, unknown>, tag: GateTag) => Promise<T>,
  ): Promise<T> {
    const { sessions, cases, authority, budget, refusals } = this.#parts;
    const { person, caseId } = input;
    let session: Session | undefined;
    let purpose: string | undefined;
    let giveBack = () => {};
    try {
      session = sessions.get(input.session);
      const staffCase = cases.get(caseId, session);
      purpose = staffCase.purpose;
      const decision: Decision = authority.decide({
        ...{ action: 'open', session, staffCase, purpose, person },
        asks: ['invite'],
      });
      const reservation = budget.reserve('open', spenderOf(session, purpose), person);
      giveBack = reservation.release;
      const body = { ...actorOf(session, caller), case: caseId, ...basisOf(decision, this.#parts.hashes) };
      return await act(session, body, { spent: reservation.spent });
    } catch (error) {
      if (!isUnknownOutcome(error)) giveBack();
      // By it a law that hides the case hides the attempt as well.
      const body = { operation, case: caseId, ...(purpose === undefined ? {} : { purpose }) };
      throw await refusals.note('request.refused', error, { session, caller, person, body });
    }
  }

  async #act<T>(
    operation: string,
    id: string,
    caller: string,
    act: (session: Session) => Promise<T>,
    kind: LineKind = 'request.refused',
  ): Promise<T> {
    let session: Session | undefined;
    try {
      session = this.#parts.sessions.get(id);
      return await act(session);
    } catch (error) {
      throw await this.#parts.refusals.note(kind, error, { session, caller, body: { operation } });
    }
  }
}
