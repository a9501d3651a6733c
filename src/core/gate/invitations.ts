import { timingSafeEqual } from 'node:crypto';
import type pg from 'pg';
import type { Clock } from '../../ground/clock.ts';
import type { MunicipalityCode, PersonId } from '../../ground/ids.ts';
import type { Randomness } from '../../ground/randomness.ts';
import type { KeyStore } from '../seal/index.ts';
import type { MacValue, RowMacs } from './row-mac.ts';
import { signInFailed } from './webauthn.ts';

/** What a code leads to. A `link` signs in by itself: the demonstration's alone. */
export type Invited =
  | { target: 'staff'; staff: string }
  | { target: 'terminal'; terminal: string }
  | { target: 'resident'; person: PersonId }
  | { target: 'staff-link'; staff: string; terminal: string }
  | { target: 'resident-link'; person: PersonId };
export type InvitationTarget = Invited['target'];

export interface Invitation {
  readonly municipality: MunicipalityCode;
  readonly handle: Buffer;
  readonly codeMac: Buffer;
  readonly invited: Invited;
  readonly issuedBy: string;
  readonly expiresAt: number;
}

/** Each for as long as it takes to walk to the other desk, or home. */
const lifetimeMs: Readonly<Record<InvitationTarget, number>> = {
  staff: 72 * 3_600_000,
  terminal: 24 * 3_600_000,
  resident: 7 * 24 * 3_600_000,
  'staff-link': 24 * 3_600_000,
  'resident-link': 24 * 3_600_000,
};

/** Wrong tries on one code; then it is void, and whoever invited makes another. */
export const invitationTriesMax = 10;

/** Crockford's base 32: no letter that is read as another. */
const alphabet = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const characters = 32;
/** Of these 160 bits the first 40 find the code, and the other 120 have to be right. */
const handleCharacters = 8;

function drawCode(randomness: Randomness): string {
  const bytes = randomness.bytes(characters);
  return Array.from(bytes, (byte) => alphabet[byte & 31]).join('');
}

/** Eight groups of four, as it is read out and typed. */
export const spokenCode = (code: string): string => code.replace(/(.{4})(?=.)/g, '$1-');

/** A code as typed, in its one form: width, case, blanks and look-alikes do not matter. Undefined where it is none. */
export function codeAsDrawn(typed: string): string | undefined {
  const code = typed
    .slice(0, 200)
    .normalize('NFKC')
    .toUpperCase()
    .replace(/[\s\-‐‑‒–—―ー−]/gu, '')
    .replaceAll('O', '0')
    .replace(/[IL]/g, '1');
  return /^[0-9A-HJKMNP-TV-Z]{32}$/.test(code) ? code : undefined;
}

interface InvitationRow {
  municipality_code: MunicipalityCode;
  handle: Buffer;
  code_mac: Buffer;
  target: InvitationTarget;
  staff_id: string | null;
  terminal_id: string | null;
  person_id: PersonId | null;
  issued_by: string;
  expires_at_ms: string;
  row_mac: Buffer;
}

const columnsOf = (
  invited: Invited,
): [staff: string | null, terminal: string | null, person: PersonId | null] => [
  'staff' in invited ? invited.staff : null,
  'terminal' in invited ? invited.terminal : null,
  'person' in invited ? invited.person : null,
];

function invitedOf(row: InvitationRow): Invited {
  const staff = row.staff_id ?? '';
  const terminal = row.terminal_id ?? '';
  const person = row.person_id ?? ('' as PersonId);
  switch (row.target) {
    case 'staff':
      return { target: row.target, staff };
    case 'terminal':
      return { target: row.target, terminal };
    case 'staff-link':
      return { target: row.target, staff, terminal };
    case 'resident':
    case 'resident-link':
      return { target: row.target, person };
  }
}

const invitationOf = (row: InvitationRow): Invitation => ({
  municipality: row.municipality_code,
  handle: row.handle,
  codeMac: row.code_mac,
  invited: invitedOf(row),
  issuedBy: row.issued_by,
  expiresAt: Number(row.expires_at_ms),
});

/** All but the tries, which are counted down to nothing and never up. */
const macValues = ({
  municipality,
  handle,
  codeMac,
  invited,
  issuedBy,
  expiresAt,
}: Invitation): MacValue[] => [
  ...[municipality, handle, codeMac, invited.target, ...columnsOf(invited), issuedBy, expiresAt],
];

/** One-time codes. Only keyed digests of them are kept: whoever copies the table cannot even try codes against it. */
export class Invitations {
  readonly #pool: pg.Pool;
  readonly #store: KeyStore;
  readonly #macs: RowMacs;
  readonly #clock: Clock;
  readonly #randomness: Randomness;

  /** @param o.clock one that never goes back */
  constructor(o: { pool: pg.Pool; store: KeyStore; macs: RowMacs; clock: Clock; randomness: Randomness }) {
    this.#pool = o.pool;
    this.#store = o.store;
    this.#macs = o.macs;
    this.#clock = o.clock;
    this.#randomness = o.randomness;
  }

  /** Draws one; `store` puts it into the transaction of its line. */
  async draw(
    municipality: MunicipalityCode,
    invited: Invited,
    issuedBy: string,
  ): Promise<{ code: string; invitation: Invitation }> {
    const code = drawCode(this.#randomness);
    const invitation: Invitation = {
      ...{ municipality, invited, issuedBy, ...(await this.#digests(code)) },
      expiresAt: this.#clock.now() + lifetimeMs[invited.target],
    };
    return { code, invitation };
  }

  /** An older code for the same ends: of two slips only the newer one holds. What has run out goes too. */
  async store(tx: pg.PoolClient, invitation: Invitation): Promise<void> {
    const { municipality, handle, codeMac, invited, issuedBy, expiresAt } = invitation;
    const columns = columnsOf(invited);
    await tx.query(
      `DELETE FROM gate.invitation WHERE municipality_code = $1 AND (expires_at_ms <= $6 OR (target = $2
         AND staff_id IS NOT DISTINCT FROM $3 AND terminal_id IS NOT DISTINCT FROM $4 AND person_id IS NOT DISTINCT FROM $5))`,
      [municipality, invited.target, ...columns, this.#clock.now()],
    );
    await tx.query(
      `INSERT INTO gate.invitation (municipality_code, handle, code_mac, target, staff_id, terminal_id, person_id,
         issued_by, expires_at_ms, row_mac) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
      [
        ...[municipality, handle, codeMac, invited.target, ...columns, issuedBy, expiresAt],
        await this.#macs.of('gate.invitation', macValues(invitation)),
      ],
    );
  }

  /**
   * The invitation of a code. A wrong try on one that there is counts against it before the answer is given; a code that holds is
   * not counted.
   * @throws sign-in-failed with reason code-unknown, code-void, code-wrong or code-expired
   */
  async check(
    typed: string,
    municipalities: readonly MunicipalityCode[],
    targets: readonly InvitationTarget[],
  ): Promise<Invitation> {
    const code = codeAsDrawn(typed);
    if (code === undefined) throw signInFailed('code-unknown');
    const { handle, codeMac } = await this.#digests(code);
    const { rows } = await this.#pool.query<InvitationRow>(
      'SELECT * FROM gate.invitation WHERE municipality_code = ANY($1) AND handle = $2',
      [municipalities, handle],
    );
    const own = await this.#macs.own('gate.invitation', rows, (row) => macValues(invitationOf(row)));
    const found = own.map(invitationOf).find(({ invited }) => targets.includes(invited.target));
    if (found === undefined) throw signInFailed('code-unknown');
    const key = [found.municipality, handle];
    const { rowCount } = await this.#pool.query(
      'UPDATE gate.invitation SET tries = tries + 1 WHERE municipality_code = $1 AND handle = $2 AND tries < $3',
      [...key, invitationTriesMax],
    );
    if (rowCount !== 1) throw signInFailed('code-void');
    if (!timingSafeEqual(codeMac, found.codeMac)) throw signInFailed('code-wrong');
    await this.#pool.query(
      'UPDATE gate.invitation SET tries = tries - 1 WHERE municipality_code = $1 AND handle = $2 AND tries > 0',
      key,
    );
    if (found.expiresAt <= this.#clock.now()) throw signInFailed('code-expired');
    return found;
  }

  /** Uses it up, within the transaction of the line that says what for. @throws sign-in-failed where somebody was faster */
  async consume(tx: pg.PoolClient, { municipality, handle, codeMac }: Invitation): Promise<void> {
    const { rowCount } = await tx.query(
      `DELETE FROM gate.invitation
       WHERE municipality_code = $1 AND handle = $2 AND code_mac = $3 AND expires_at_ms > $4`,
      [municipality, handle, codeMac, this.#clock.now()],
    );
    if (rowCount !== 1) throw signInFailed('code-used');
  }

  async #digests(code: string): Promise<{ handle: Buffer; codeMac: Buffer }> {
    return {
      handle: await this.#store.mac('invitation/handle', code.slice(0, handleCharacters)),
      codeMac: await this.#store.mac('invitation/code', code),
    };
  }
}
