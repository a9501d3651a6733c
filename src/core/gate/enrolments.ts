import type pg from 'pg';
import type { Clock } from '../../ground/clock.ts';
import { SekishoError } from '../../ground/errors.ts';
import { type MunicipalityCode, uuidv7 } from '../../ground/ids.ts';
import type { Randomness } from '../../ground/randomness.ts';
import { decodeLine, type NewLine } from '../journal/index.ts';
import type { Authority } from './authority.ts';
import type { GateJournal } from './journal-port.ts';
import { actorOf } from './lines.ts';
import type { Refusals } from './refusals.ts';
import type { MacValue, RowMacs } from './row-mac.ts';
import type { Session, Sessions } from './sessions.ts';
import type { Role, Staff, StaffMember } from './staff.ts';

/** Roles that sign for what another has asked: whoever enrols one of them gives power over the second signature. */
const approving: readonly Role[] = ['supervisor', 'officer', 'administrator'];
/** Roles that run a municipality's gate. Where there is a second of them, nobody enrols an approver alone. */
const running: readonly string[] = ['officer', 'administrator'];
const waitsMs = 72 * 3_600_000;

/** What came of an enrolment: done, or waiting for a second person until then. */
export interface Enrolled {
  enrolment: string | null;
  expiresAt: number | null;
}

/** An enrolment that waits for a second person. */
export interface WaitingEnrolment {
  enrolment: string;
  staff: string;
  role: Role;
  office: string;
  /** Ed25519, base64: to be compared with the key that the colleague himself has. */
  publicKey: string;
  askedBy: string;
  expiresAt: number;
}

export interface EnrolmentsParts {
  pool: pg.Pool;
  macs: RowMacs;
  staff: Staff;
  sessions: Sessions;
  authority: Authority;
  refusals: Refusals;
  journalOf: (municipality: MunicipalityCode) => GateJournal;
  clock: Clock;
  randomness: Randomness;
}

interface EnrolmentRow {
  municipality_code: MunicipalityCode;
  enrolment_id: string;
  staff_id: string;
  role: Role;
  office: string;
  requester: string;
  public_key: Buffer;
  pin_salt: Buffer;
  pin_hash: Buffer;
  asked_by: string;
  expires_at_ms: string;
  confirmed_by: string | null;
  state: 'asked' | 'confirmed' | 'withdrawn';
  row_mac: Buffer;
}

const macValues = (row: Omit<EnrolmentRow, 'row_mac'>): MacValue[] => [
  ...[row.municipality_code, row.enrolment_id, row.staff_id, row.role, row.office, row.requester],
  ...[row.public_key, row.pin_salt, row.pin_hash, row.asked_by, String(row.expires_at_ms)],
  ...[row.confirmed_by, row.state],
];

/** Enrolments of those who approve: one asks, another confirms, each with a line; then, and not before, it counts. */
export class Enrolments {
  readonly #parts: EnrolmentsParts;

  constructor(parts: EnrolmentsParts) {
    this.#parts = parts;
  }

  /**
   * True where the member would approve what others ask for, and the municipality has, or has had, another administrator or
   * officer than who asks: a colleague who is suspended counts, or suspending him would be the way round.
   */
  async needsSecond(session: Session | undefined, role: Role): Promise<boolean> {
    if (session === undefined || !approving.includes(role)) return false;
    const { municipality, staffId } = session.member;
    const isAnother = (staff: unknown, other: unknown) =>
      staff !== staffId && running.includes(String(other));
    if (this.#parts.staff.of(municipality).some((each) => isAnother(each.staffId, each.role))) return true;
    // The journal remembers whom somebody has taken out of the table.
    const journal = this.#parts.journalOf(municipality);
    for await (const line of journal.read(0, journal.head().size)) {
      if (line.erased) continue;
      const { kind, body } = decodeLine(line.payload);
      if (kind === 'staff.enrolled' && isAnother(body['staff'], body['role'])) return true;
    }
    return false;
  }

  /** Puts an enrolment down for a second person to confirm. */
  async ask(session: Session, member: StaffMember, caller: string): Promise<Enrolled> {
    const { clock, randomness } = this.#parts;
    const expiresAt = clock.now() + waitsMs;
    const row: Omit<EnrolmentRow, 'row_mac'> = {
      municipality_code: member.municipality,
      enrolment_id: uuidv7(clock, randomness),
      staff_id: member.staffId,
      role: member.role,
      office: member.office,
      requester: member.requester,
      public_key: member.publicKey,
      pin_salt: member.pinSalt,
      pin_hash: member.pinHash,
      asked_by: session.member.staffId,
      expires_at_ms: String(expiresAt),
      confirmed_by: null,
      state: 'asked',
    };
    const mac = await this.#mac(row);
    const body = { ...actorOf(session, caller), ...told(row), enrolment: row.enrolment_id, expiresAt };
    await this.#parts.journalOf(member.municipality).append({
      lines: [{ kind: 'staff.enrolment-asked', body: { ...body, outcome: 'done' } }],
      within: async (tx) => {
        await tx.query(
          `INSERT INTO gate.enrolment (municipality_code, enrolment_id, staff_id, role, office, requester, public_key,
             pin_salt, pin_hash, asked_by, expires_at_ms, confirmed_by, state, row_mac)
           VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)`,
          [...macValues(row), mac],
        );
      },
    });
    return { enrolment: row.enrolment_id, expiresAt };
  }

  /** What waits in the municipality of a session that may confirm. */
  async waiting(
    input: { session: string; terminal?: string | undefined },
    caller: string,
  ): Promise<{ enrolments: WaitingEnrolment[] }> {
    return await this.#act('enrolments', input, caller, async (session) => {
      this.#parts.authority.requireAct('confirmEnrolment', session);
      const rows = await this.#own(
        `municipality_code = $1 AND state = 'asked' AND expires_at_ms > $2 ORDER BY enrolment_id LIMIT 200`,
        [session.member.municipality, this.#parts.clock.now()],
      );
      return {
        enrolments: rows.map((row) => ({
          enrolment: row.enrolment_id,
          staff: row.staff_id,
          role: row.role,
          office: row.office,
          publicKey: row.public_key.toString('base64'),
          askedBy: row.asked_by,
          expiresAt: Number(row.expires_at_ms),
        })),
      };
    });
  }

  /** The second signature: from its line on the colleague may sign in. */
  async confirm(
    input: { session: string; terminal?: string | undefined; enrolment: string },
    caller: string,
  ): Promise<{ staff: string }> {
    return await this.#act('confirm-enrolment', input, caller, async (session) => {
      const { staff, authority, clock } = this.#parts;
      const { municipality, staffId } = session.member;
      const [row] = await this.#own('municipality_code = $1 AND enrolment_id = $2', [
        municipality,
        input.enrolment,
      ]);
      if (!row) throw new SekishoError('not-found', { what: 'enrolment' });
      authority.requireAct('confirmEnrolment', session, { ownRequest: row.asked_by === staffId });
      this.#checkWaiting(row);
      const member: StaffMember = {
        ...{ municipality, staffId: row.staff_id, role: row.role, office: row.office },
        ...{ requester: row.requester, person: null, publicKey: row.public_key },
        ...{ pinSalt: row.pin_salt, pinHash: row.pin_hash, pinFailures: 0, state: 'active' },
      };
      const mac = await this.#mac({ ...row, state: 'confirmed', confirmed_by: staffId });
      const body = { ...actorOf(session, caller), ...told(row), asker: row.asked_by };
      const line: NewLine = {
        kind: 'staff.enrolled',
        body: { ...body, enrolment: row.enrolment_id, outcome: 'done' },
      };
      await this.#parts.journalOf(municipality).append({
        lines: [line],
        within: async (tx) => {
          const { rowCount } = await tx.query(
            `UPDATE gate.enrolment SET state = 'confirmed', confirmed_by = $3, row_mac = $4
             WHERE municipality_code = $1 AND enrolment_id = $2 AND state = 'asked' AND asked_by <> $3`,
            [municipality, row.enrolment_id, staffId, mac],
          );
          if (rowCount !== 1)
            throw new SekishoError('conflict', { what: 'enrolment', reason: 'not-waiting' });
          await staff.insert(tx, member, clock.now());
        },
      });
      staff.add(member);
      return { staff: member.staffId };
    });
  }

  /** What one signed for stands only while he does: whoever was cut off since has asked in vain. */
  #checkWaiting(row: EnrolmentRow): void {
    const { staff, clock } = this.#parts;
    const refuse = (reason: string) => new SekishoError('conflict', { what: 'enrolment', reason });
    if (row.state !== 'asked') throw refuse('not-waiting');
    if (Number(row.expires_at_ms) <= clock.now()) throw refuse('expired');
    const asker = staff.find(row.asked_by);
    const stands = asker?.municipality === row.municipality_code && asker.state === 'active';
    if (!stands || asker.role !== 'administrator') throw refuse('asker-gone');
    // Names are taken once over all municipalities of a gate.
    if (staff.find(row.staff_id)) throw new SekishoError('already-exists', { what: 'staff' });
  }

  /** Rows that the gate itself wrote. */
  async #own(where: string, values: unknown[]): Promise<EnrolmentRow[]> {
    const { rows } = await this.#parts.pool.query<EnrolmentRow>(
      `SELECT * FROM gate.enrolment WHERE ${where}`,
      values,
    );
    return await this.#parts.macs.own('gate.enrolment', rows, macValues);
  }

  #mac(row: Omit<EnrolmentRow, 'row_mac'>): Promise<Buffer> {
    return this.#parts.macs.of('gate.enrolment', macValues(row));
  }

  /** Runs an act; what refuses it is a line too. */
  async #act<T>(
    operation: string,
    from: { session: string; terminal?: string | undefined },
    caller: string,
    act: (session: Session) => Promise<T>,
  ): Promise<T> {
    let session: Session | undefined;
    try {
      session = this.#parts.sessions.get(from.session, from.terminal);
      return await act(session);
    } catch (error) {
      const body = { operation };
      throw await this.#parts.refusals.note('request.refused', error, { session, caller, body });
    }
  }
}

/** What both lines say of the colleague. */
const told = (row: Omit<EnrolmentRow, 'row_mac'>) => ({
  staff: row.staff_id,
  role: row.role,
  office: row.office,
  publicKey: row.public_key.toString('base64'),
});
