import { hash } from 'node:crypto';
import type pg from 'pg';
import { SekishoError } from '../../ground/errors.ts';
import type { MunicipalityCode, PersonId } from '../../ground/ids.ts';
import type { MacValue, RowMacs } from './row-mac.ts';
import type { SiteName } from './sites.ts';
import { type MadeCredential, signInFailed } from './webauthn.ts';

/** Whose a passkey is: at the desk a member of staff's, at the portal a resident's. */
export type Holder =
  | { site: 'desk'; municipality: MunicipalityCode; staff: string }
  | { site: 'portal'; municipality: MunicipalityCode; person: PersonId };

export type Passkey = MadeCredential & { holder: Holder; enrolledAt: number };

/** Of one holder: enough for each of his machines, too few to hide one among. */
export const passkeysMax = 8;

interface PasskeyRow {
  municipality_code: MunicipalityCode;
  credential_id: Buffer;
  site: SiteName;
  staff_id: string | null;
  person_id: PersonId | null;
  public_key: Buffer;
  sign_count: string;
  enrolled_at_ms: string;
  row_mac: Buffer;
}

const keysOf = (holder: Holder): [staff: string | null, person: PersonId | null] =>
  holder.site === 'desk' ? [holder.staff, null] : [null, holder.person];

function macValues({ holder, id, publicKey, signCount, enrolledAt }: Passkey): MacValue[] {
  return [holder.municipality, holder.site, ...keysOf(holder), id, publicKey, signCount, enrolledAt];
}

function passkeyOf(row: PasskeyRow): Passkey {
  const municipality = row.municipality_code;
  return {
    id: row.credential_id,
    publicKey: row.public_key,
    signCount: Number(row.sign_count),
    enrolledAt: Number(row.enrolled_at_ms),
    holder:
      row.site === 'desk'
        ? { site: 'desk', municipality, staff: row.staff_id ?? '' }
        : { site: 'portal', municipality, person: row.person_id ?? ('' as PersonId) },
  };
}

/** Names a passkey in lines; it opens nothing and is found in no browser. */
export const passkeyRef = (id: Buffer): string => hash('sha256', id, 'hex').slice(0, 16);

/** The passkeys, in the database alone: whoever signs in waits for a signature anyhow. */
export class Passkeys {
  readonly #pool: pg.Pool;
  readonly #macs: RowMacs;

  constructor(pool: pg.Pool, macs: RowMacs) {
    this.#pool = pool;
    this.#macs = macs;
  }

  async #own(rows: readonly PasskeyRow[]): Promise<Passkey[]> {
    const own = await this.#macs.own('gate.passkey', rows, (row) => macValues(passkeyOf(row)));
    return own.map(passkeyOf);
  }

  /** A passkey of this site by its id, in any of these municipalities. */
  async find(
    site: SiteName,
    municipalities: readonly MunicipalityCode[],
    id: Buffer,
  ): Promise<Passkey | undefined> {
    const { rows } = await this.#pool.query<PasskeyRow>(
      'SELECT * FROM gate.passkey WHERE municipality_code = ANY($1) AND credential_id = $2 AND site = $3',
      [municipalities, id, site],
    );
    return (await this.#own(rows))[0];
  }

  async of(holder: Holder): Promise<Passkey[]> {
    const { rows } = await this.#pool.query<PasskeyRow>(
      `SELECT * FROM gate.passkey WHERE municipality_code = $1 AND site = $2
       AND staff_id IS NOT DISTINCT FROM $3 AND person_id IS NOT DISTINCT FROM $4`,
      [holder.municipality, holder.site, ...keysOf(holder)],
    );
    return this.#own(rows);
  }

  /** How many each member of a municipality's staff has. */
  async countsOfStaff(municipality: MunicipalityCode): Promise<Map<string, number>> {
    const { rows } = await this.#pool.query<PasskeyRow>(
      "SELECT * FROM gate.passkey WHERE municipality_code = $1 AND site = 'desk'",
      [municipality],
    );
    const counts = new Map<string, number>();
    for (const { holder } of await this.#own(rows))
      if (holder.site === 'desk') counts.set(holder.staff, (counts.get(holder.staff) ?? 0) + 1);
    return counts;
  }

  /** Within the transaction of its line. @throws sign-in-failed where the id is taken */
  async insert(tx: pg.PoolClient, passkey: Passkey): Promise<void> {
    const { holder, id, publicKey, signCount, enrolledAt } = passkey;
    const { rowCount } = await tx.query(
      `INSERT INTO gate.passkey (municipality_code, credential_id, site, staff_id, person_id, public_key, sign_count,
         enrolled_at_ms, row_mac) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT DO NOTHING`,
      [
        ...[holder.municipality, id, holder.site, ...keysOf(holder), publicKey, signCount, enrolledAt],
        await this.#macs.of('gate.passkey', macValues(passkey)),
      ],
    );
    if (rowCount !== 1) throw signInFailed('passkey-taken');
  }

  /**
   * Notes a use, within the transaction of its line. A count that does not grow is a copy's (Web Authentication §6.1.1), unless the
   * passkey has never counted.
   * @throws sign-in-failed where it did not grow, or the passkey was stopped meanwhile
   */
  async use(tx: pg.PoolClient, passkey: Passkey, signCount: number): Promise<void> {
    const { holder, id } = passkey;
    const { rowCount } = await tx.query(
      `UPDATE gate.passkey SET sign_count = $3, row_mac = $4
       WHERE municipality_code = $1 AND credential_id = $2 AND (sign_count < $3 OR (sign_count = 0 AND $3 = 0))`,
      [
        ...[holder.municipality, id, signCount],
        await this.#macs.of('gate.passkey', macValues({ ...passkey, signCount })),
      ],
    );
    if (rowCount !== 1) throw signInFailed('counter');
  }

  /** Takes all of a holder's. Gives how many there were. */
  async stop(db: pg.Pool | pg.PoolClient, holder: Holder): Promise<number> {
    const { rowCount } = await db.query(
      // A resident's wherever he made them: he may have moved here with the device that he lost.
      `DELETE FROM gate.passkey WHERE (municipality_code = $1 OR site = 'portal') AND site = $2
       AND staff_id IS NOT DISTINCT FROM $3 AND person_id IS NOT DISTINCT FROM $4`,
      [holder.municipality, holder.site, ...keysOf(holder)],
    );
    return rowCount ?? 0;
  }

  /** @throws conflict where the holder has as many as he may have */
  async requireRoom(holder: Holder): Promise<Passkey[]> {
    const present = await this.of(holder);
    if (present.length >= passkeysMax)
      throw new SekishoError('conflict', { what: 'passkeys', max: passkeysMax });
    return present;
  }
}
