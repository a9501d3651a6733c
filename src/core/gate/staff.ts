import { scrypt, timingSafeEqual } from 'node:crypto';
import type pg from 'pg';
import { SekishoError } from '../../ground/errors.ts';
import type { MunicipalityCode, PersonId } from '../../ground/ids.ts';
import type { Randomness } from '../../ground/randomness.ts';
import type { MacValue, RowMacs } from './row-mac.ts';

export const roles = ['clerk', 'supervisor', 'registrar', 'officer', 'administrator', 'resident'] as const;
export type Role = (typeof roles)[number];
export type StaffState = 'active' | 'locked' | 'suspended';

/** One who may sign in. A resident at the portal is one too, bound to his own person. */
export interface StaffMember {
  readonly municipality: MunicipalityCode;
  readonly staffId: string;
  readonly role: Role;
  readonly office: string;
  /** Class of requester in the statute table, e.g. `resident-desk`. */
  readonly requester: string;
  readonly person: PersonId | null;
  /** Ed25519, 32 raw bytes: the key of the device or card. */
  readonly publicKey: Buffer;
  pinSalt: Buffer;
  pinHash: Buffer;
  pinFailures: number;
  state: StaffState;
}

export const pinFailuresMax = 5;
/** Of a new PIN. One enrolled before may be shorter and goes on working. */
export const pinMinimumCharacters = 6;
/** RFC 7914 parameters: about 16 MiB and some ten milliseconds a try, off the event loop. */
const cost = { N: 16_384, r: 8, p: 1 };

const hashPin = (pin: string, salt: Buffer): Promise<Buffer> =>
  new Promise((resolve, reject) => {
    scrypt(pin.normalize('NFKC'), salt, 32, cost, (error, key) => (error ? reject(error) : resolve(key)));
  });

/** Salt and hash of a new PIN. @throws bad-input below 6 or over 64 characters */
export async function newPin(pin: string, randomness: Randomness): Promise<{ salt: Buffer; hash: Buffer }> {
  const length = [...pin].length;
  if (length < pinMinimumCharacters || pin.length > 64) {
    throw new SekishoError('bad-input', { at: 'pin', reason: 'pin-length', minimum: pinMinimumCharacters });
  }
  const salt = Buffer.from(randomness.bytes(16));
  return { salt, hash: await hashPin(pin, salt) };
}

/** A member nobody can be: an unknown name costs the same time as a wrong PIN. */
const nobody = { pinSalt: Buffer.alloc(16), pinHash: Buffer.alloc(32) };

interface StaffRow {
  municipality_code: string;
  staff_id: string;
  role: Role;
  office: string;
  requester: string;
  person_id: string | null;
  public_key: Buffer;
  pin_salt: Buffer;
  pin_hash: Buffer;
  pin_failures: number;
  state: StaffState;
  row_mac: Buffer;
}

function memberOf(row: StaffRow): StaffMember {
  return {
    municipality: row.municipality_code as MunicipalityCode,
    staffId: row.staff_id,
    role: row.role,
    office: row.office,
    requester: row.requester,
    person: row.person_id as PersonId | null,
    publicKey: row.public_key,
    pinSalt: row.pin_salt,
    pinHash: row.pin_hash,
    pinFailures: row.pin_failures,
    state: row.state,
  };
}

/** All but the count of failures, which changes at every try. */
function macValues(member: StaffMember, state: StaffState = member.state): MacValue[] {
  const { municipality, staffId, role, office, requester, person, publicKey, pinSalt, pinHash } = member;
  return [municipality, staffId, role, office, requester, person, publicKey, pinSalt, pinHash, state];
}

/** The members of staff of all municipalities of this gate, in memory: a suspension counts at once. */
export class Staff {
  readonly #pool: pg.Pool;
  readonly #macs: RowMacs;
  readonly #members = new Map<string, StaffMember>();

  constructor(pool: pg.Pool, macs: RowMacs) {
    this.#pool = pool;
    this.#macs = macs;
  }

  async load(): Promise<void> {
    const { rows } = await this.#pool.query<StaffRow>('SELECT * FROM gate.staff');
    for (const row of await this.#macs.own('gate.staff', rows, (each) => macValues(memberOf(each)))) {
      this.#members.set(row.staff_id, memberOf(row));
    }
  }

  find(staffId: string): StaffMember | undefined {
    return this.#members.get(staffId);
  }

  /** Those who work for a municipality, in whatever state, by name; residents are none of them. */
  of(municipality: MunicipalityCode): StaffMember[] {
    return [...this.#members.values()]
      .filter((member) => member.municipality === municipality && member.role !== 'resident')
      .sort((a, b) => (a.staffId < b.staffId ? -1 : 1));
  }

  /** True while a municipality has nobody to enrol others: only then may the first be enrolled without a session. */
  isEmpty(municipality: MunicipalityCode): boolean {
    for (const member of this.#members.values()) {
      if (member.municipality === municipality && member.role !== 'resident') return false;
    }
    return true;
  }

  /** Stores a new member within the line's transaction. @throws already-exists */
  async insert(tx: pg.PoolClient, member: StaffMember, at: number): Promise<void> {
    const { rowCount } = await tx.query(
      `INSERT INTO gate.staff (municipality_code, staff_id, role, office, requester, person_id, public_key,
         pin_salt, pin_hash, state, enrolled_at_ms, row_mac)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) ON CONFLICT DO NOTHING`,
      [
        member.municipality,
        member.staffId,
        member.role,
        member.office,
        member.requester,
        member.person,
        member.publicKey,
        member.pinSalt,
        member.pinHash,
        member.state,
        at,
        await this.#mac(member),
      ],
    );
    if (rowCount !== 1) throw new SekishoError('already-exists', { what: 'staff' });
  }

  #mac(member: StaffMember, state?: StaffState): Promise<Buffer> {
    return this.#macs.of('gate.staff', macValues(member, state));
  }

  /** Known from the moment the line is durable. */
  add(member: StaffMember): void {
    this.#members.set(member.staffId, member);
  }

  async storeState(db: pg.Pool | pg.PoolClient, member: StaffMember, state: StaffState): Promise<void> {
    await db.query(
      `UPDATE gate.staff SET state = $3, pin_failures = $4, row_mac = $5
       WHERE municipality_code = $1 AND staff_id = $2`,
      [
        member.municipality,
        member.staffId,
        state,
        state === 'active' ? 0 : member.pinFailures,
        await this.#mac(member, state),
      ],
    );
  }

  /** Stores another PIN within the line's transaction; what is stored next already counts it. */
  async storePin(tx: pg.PoolClient, member: StaffMember, pin: { salt: Buffer; hash: Buffer }): Promise<void> {
    const changed = { ...member, pinSalt: pin.salt, pinHash: pin.hash };
    await tx.query(
      `UPDATE gate.staff SET pin_salt = $3, pin_hash = $4, pin_failures = $5, state = $6, row_mac = $7
       WHERE municipality_code = $1 AND staff_id = $2`,
      [
        member.municipality,
        member.staffId,
        pin.salt,
        pin.hash,
        member.pinFailures,
        member.state,
        await this.#mac(changed),
      ],
    );
    member.pinSalt = pin.salt;
    member.pinHash = pin.hash;
  }

  /**
   * Checks the PIN and counts failures; the fifth in a row locks the member until reinstated. The count is stored
   * before the answer, so a restart gives no new tries. Nothing is stored over a PIN that was changed meanwhile.
   */
  async checkPin(member: StaffMember | undefined, pin: string): Promise<boolean> {
    const { pinSalt, pinHash } = member ?? nobody;
    // Counted first: tries made at the same time each count.
    if (member) member.pinFailures++;
    const right = timingSafeEqual(await hashPin(pin.slice(0, 64), pinSalt), pinHash);
    if (!member) return false;
    if (right && member.pinFailures <= pinFailuresMax) {
      member.pinFailures = 0;
    } else if (member.pinFailures >= pinFailuresMax && member.state === 'active') {
      member.state = 'locked';
    }
    await this.#pool.query(
      // A suspension that came in between stands: the try that was under way does not lift it.
      `UPDATE gate.staff SET pin_failures = $3,
         state = CASE state WHEN 'suspended' THEN state ELSE $4 END,
         row_mac = CASE state WHEN 'suspended' THEN row_mac ELSE $5 END
       WHERE municipality_code = $1 AND staff_id = $2 AND pin_hash = $6`,
      [
        member.municipality,
        member.staffId,
        member.pinFailures,
        member.state,
        await this.#mac({ ...member, pinSalt, pinHash }),
        pinHash,
      ],
    );
    return right && member.state === 'active';
  }
}
