import { generateKeyPairSync } from 'node:crypto';
import type pg from 'pg';
import { SekishoError } from '../../ground/errors.ts';
import type { MunicipalityCode, PersonId } from '../../ground/ids.ts';
import type { Randomness } from '../../ground/randomness.ts';
import { decodeLine, type LineKind } from '../journal/index.ts';
import type { Authority } from './authority.ts';
import type { Enrolled, Enrolments } from './enrolments.ts';
import type { Honey } from './honey.ts';
import type { GateJournal } from './journal-port.ts';
import { actorOf, spokenReason } from './lines.ts';
import type { Refusals } from './refusals.ts';
import type { Session, Sessions } from './sessions.ts';
import { newPin, type Role, type Staff, type StaffMember } from './staff.ts';
import type { Terminal, Terminals } from './terminals.ts';

export interface EnrolStaffInput {
  /** Left out only for the first member of a municipality, who must be an administrator. */
  session?: string | undefined;
  terminal?: string | undefined;
  municipality: MunicipalityCode;
  staff: string;
  role: Role;
  office: string;
  /** Class of requester in the statute table; default `resident-desk`, for a resident `resident`. */
  requester?: string | undefined;
  /** For role resident: whose record he may see. */
  person?: PersonId | undefined;
  /** Ed25519, 32 raw bytes in base64; with the PIN. Without both a member signs in by passkey alone. */
  publicKey?: string | undefined;
  pin?: string | undefined;
}

export interface EnrolTerminalInput {
  session?: string | undefined;
  municipality: MunicipalityCode;
  terminal: string;
  office: string;
}

/** One member or one terminal. */
export interface SuspendInput {
  session: string;
  staff?: string | undefined;
  terminal?: string | undefined;
  reason?: string | undefined;
}

export interface AdministrationParts {
  sessions: Sessions;
  staff: Staff;
  terminals: Terminals;
  authority: Authority;
  honey: Honey;
  enrolments: Enrolments;
  refusals: Refusals;
  journalOf: (municipality: MunicipalityCode) => GateJournal;
  randomness: Randomness;
  now: () => number;
}

/** The factors given, or such that nobody has: then only a passkey signs in. @throws bad-input for one without the other */
function factorsOf(
  { publicKey, pin, role }: EnrolStaffInput,
  randomness: Randomness,
): { publicKey: Buffer; pin: string } {
  if (publicKey !== undefined && pin !== undefined)
    return { publicKey: Buffer.from(publicKey, 'base64'), pin };
  if (publicKey !== undefined || pin !== undefined || role === 'resident')
    throw new SekishoError('bad-input', { at: pin === undefined ? 'pin' : 'publicKey' });
  // The private half is thrown away here, and the PIN with it.
  const spki = generateKeyPairSync('ed25519').publicKey.export({ format: 'der', type: 'spki' });
  return { publicKey: spki.subarray(-32), pin: Buffer.from(randomness.bytes(32)).toString('base64') };
}

/** Who may sign in and where; cutting off and letting in again. Every act is a line. */
export class Administration {
  readonly #parts: AdministrationParts;

  constructor(parts: AdministrationParts) {
    this.#parts = parts;
  }

  /** Who would approve what others ask for waits for a second person (`Enrolments`); anybody else counts from the line on. */
  async enrolStaff(input: EnrolStaffInput, caller: string): Promise<Enrolled> {
    const { staff, enrolments, randomness, now } = this.#parts;
    return await this.#act('enrol-staff', input, caller, async (session) => {
      await this.#requireEnrolment(session, input.municipality, input.role === 'administrator');
      if (staff.find(input.staff)) throw new SekishoError('already-exists', { what: 'staff' });
      if ((input.role === 'resident') !== (input.person !== undefined)) {
        throw new SekishoError('bad-input', { at: 'person' });
      }
      const { publicKey, pin } = factorsOf(input, randomness);
      if (publicKey.length !== 32) throw new SekishoError('bad-input', { at: 'publicKey' });
      const { salt, hash } = await newPin(pin, randomness);
      const member: StaffMember = {
        municipality: input.municipality,
        staffId: input.staff,
        role: input.role,
        office: input.office,
        requester: input.requester ?? (input.role === 'resident' ? 'resident' : 'resident-desk'),
        person: input.person ?? null,
        publicKey,
        pinSalt: salt,
        pinHash: hash,
        pinFailures: 0,
        state: 'active',
      };
      if (session && (await enrolments.needsSecond(session, member.role)))
        return await enrolments.ask(session, member, caller);
      const body = { staff: member.staffId, role: member.role, office: member.office };
      const key = { publicKey: publicKey.toString('base64') };
      const within = (tx: pg.PoolClient) => staff.insert(tx, member, now());
      const lineBody = { ...body, ...key };
      // A resident sees in his history when access to his record was given.
      const { person } = input;
      await this.#line(input.municipality, 'staff.enrolled', session, caller, lineBody, within, person);
      staff.add(member);
      return { enrolment: null, expiresAt: null };
    });
  }

  async enrolTerminal(input: EnrolTerminalInput, caller: string): Promise<void> {
    const { terminals, now } = this.#parts;
    await this.#act('enrol-terminal', { session: input.session }, caller, async (session) => {
      await this.#requireEnrolment(session, input.municipality, true);
      const terminal: Terminal = {
        municipality: input.municipality,
        terminalId: input.terminal,
        office: input.office,
        state: 'active',
      };
      const body = { enrolled: terminal.terminalId, office: terminal.office };
      await this.#line(input.municipality, 'terminal.enrolled', session, caller, body, (tx) =>
        terminals.insert(tx, terminal, now()),
      );
      terminals.add(terminal);
    });
  }

  /** Cuts off a member or a terminal: sessions end and every decision is forgotten before this returns. */
  async suspend(input: SuspendInput, caller: string): Promise<{ sessionsEnded: number }> {
    return await this.#act('suspend', { session: input.session }, caller, async (session) => {
      const by = this.#oversee(session);
      const { sessions, staff, terminals } = this.#parts;
      const { member, terminal } = this.#target(input, by.member.municipality);
      // In memory first: whatever comes of the line, nothing more is opened from now on.
      if (member) member.state = 'suspended';
      if (terminal) terminal.state = 'suspended';
      this.#parts.authority.policy.forget();
      const ended = await sessions.end(
        (each) => (member ? each.member === member : each.terminal === terminal),
        'suspended',
      );
      const kind = member ? 'staff.suspended' : 'terminal.suspended';
      await this.#line(by.member.municipality, kind, by, caller, this.#cutBody(input, member), async (tx) => {
        if (member) await staff.storeState(tx, member, 'suspended');
        if (terminal) await terminals.storeState(tx, terminal, 'suspended');
      });
      return { sessionsEnded: ended };
    });
  }

  /** Lets a member or a terminal in again; the sessions of before stay ended. */
  async reinstate(input: SuspendInput, caller: string): Promise<void> {
    await this.#act('reinstate', { session: input.session }, caller, async (session) => {
      const by = this.#oversee(session);
      const { staff, terminals } = this.#parts;
      const { member, terminal } = this.#target(input, by.member.municipality);
      if (member && member === by.member)
        throw new SekishoError('policy-denied', { reason: 'own-reinstatement' });
      const kind = member ? 'staff.reinstated' : 'terminal.enrolled';
      const body = member
        ? this.#cutBody(input, member)
        : { enrolled: terminal!.terminalId, outcome: 'reinstated' };
      await this.#line(by.member.municipality, kind, by, caller, body, async (tx) => {
        if (member) await staff.storeState(tx, member, 'active');
        if (terminal) await terminals.storeState(tx, terminal, 'active');
      });
      if (member) {
        member.state = 'active';
        member.pinFailures = 0;
      }
      if (terminal) terminal.state = 'active';
      this.#parts.authority.policy.forget();
    });
  }

  async markHoney(
    input: { session: string; terminal?: string | undefined; person: PersonId },
    caller: string,
  ): Promise<void> {
    const { honey } = this.#parts;
    await this.#act('mark-honey', input, caller, async (session) => {
      const by = this.#oversee(session);
      const { municipality } = by.member;
      // The line does not say who: a reader of the journal must not learn it either.
      await this.#line(municipality, 'honey.marked', by, caller, { marked: 1 }, (tx) =>
        honey.store(tx, municipality, input.person),
      );
      await honey.know(municipality, input.person);
    });
  }

  /** An administrator's session; without one only the first administrator and the first terminal may be enrolled. */
  async #requireEnrolment(
    session: Session | undefined,
    municipality: MunicipalityCode,
    first: boolean,
  ): Promise<void> {
    if (session === undefined) {
      const { staff } = this.#parts;
      if (first && staff.isEmpty(municipality) && !(await this.#hasEnrolled(municipality))) return;
      throw new SekishoError('session-invalid', { reason: 'needed' });
    }
    this.#parts.authority.requireAct('administer', session);
    if (session.member.municipality !== municipality)
      throw new SekishoError('no-authority', { at: 'municipality' });
  }

  /** The journal remembers who emptied the table of staff: without this he could enrol himself as the first. */
  async #hasEnrolled(municipality: MunicipalityCode): Promise<boolean> {
    const journal = this.#parts.journalOf(municipality);
    // Who had been enrolled stands in a log that this one succeeded.
    if (journal.number > 1) return true;
    for await (const line of journal.read(0, journal.head().size)) {
      if (!line.erased && decodeLine(line.payload).kind === 'staff.enrolled') return true;
    }
    return false;
  }

  #oversee(session: Session | undefined): Session {
    if (!session) throw new SekishoError('session-invalid', { reason: 'needed' });
    this.#parts.authority.requireAct('oversee', session);
    return session;
  }

  #target(
    input: SuspendInput,
    municipality: MunicipalityCode,
  ): { member: StaffMember | undefined; terminal: Terminal | undefined } {
    const { staff, terminals } = this.#parts;
    const found = input.staff === undefined ? undefined : staff.find(input.staff);
    const member = found?.municipality === municipality ? found : undefined;
    const terminal =
      input.staff === undefined && input.terminal !== undefined
        ? terminals.find(municipality, input.terminal)
        : undefined;
    if (!member && !terminal) throw new SekishoError('not-found', { what: 'staff-or-terminal' });
    return { member, terminal };
  }

  #cutBody(input: SuspendInput, member: StaffMember | undefined): Record<string, unknown> {
    return {
      ...(member ? { staff: member.staffId } : { suspended: input.terminal }),
      epoch: this.#parts.authority.policy.epoch,
      ...(input.reason === undefined ? {} : { reason: spokenReason(input.reason) }),
    };
  }

  async #line(
    municipality: MunicipalityCode,
    kind: LineKind,
    session: Session | undefined,
    caller: string,
    body: Record<string, unknown>,
    within: (tx: pg.PoolClient) => Promise<void>,
    person?: PersonId,
  ): Promise<void> {
    const actor = session ? actorOf(session, caller) : { caller };
    const line = { kind, body: { outcome: 'done', ...actor, ...body } };
    await this.#parts.journalOf(municipality).append({
      lines: [person === undefined ? line : { ...line, person }],
      within,
    });
  }

  /** Runs an act; what refuses it is a line too. */
  async #act<T>(
    operation: string,
    // Where an operation's `terminal` is what it aims at, it is not where the caller sits, and is left out.
    from: { session?: string | undefined; terminal?: string | undefined },
    caller: string,
    act: (session: Session | undefined) => Promise<T>,
  ): Promise<T> {
    let session: Session | undefined;
    try {
      if (from.session !== undefined) session = this.#parts.sessions.get(from.session, from.terminal);
      return await act(session);
    } catch (error) {
      throw await this.#parts.refusals.note('request.refused', error, {
        session,
        caller,
        body: { operation },
      });
    }
  }
}
