import type pg from 'pg';
import type { MunicipalityCode, PersonId } from '../../ground/ids.ts';
import { uuidBytes } from '../../ground/ids.ts';
import type { KeyStore, Ready } from '../seal/index.ts';
import { whenReady } from '../seal/index.ts';

/**
 * Honey residents: records that no lawful case ever needs. Which they are lies under a key of the gate; opening one
 * is an ordinary line, so whoever opens it learns nothing, and watch is told.
 */
export class Honey {
  readonly #pool: pg.Pool;
  readonly #store: KeyStore;
  readonly #tokens = new Set<string>();

  constructor(pool: pg.Pool, store: KeyStore) {
    this.#pool = pool;
    this.#store = store;
  }

  async load(): Promise<void> {
    const { rows } = await this.#pool.query<{ municipality_code: string; honey_token: Buffer }>(
      'SELECT municipality_code, honey_token FROM gate.honey',
    );
    for (const row of rows) this.#tokens.add(`${row.municipality_code}${row.honey_token.toString('hex')}`);
  }

  #token(municipality: MunicipalityCode, person: PersonId): Ready<Buffer> {
    return whenReady(this.#store.mac(`honey/${municipality}`, uuidBytes(person)), (mac) =>
      mac.subarray(0, 16),
    );
  }

  /** Within the line's transaction; call `know` after it. */
  async store(tx: pg.PoolClient, municipality: MunicipalityCode, person: PersonId): Promise<void> {
    await tx.query(
      'INSERT INTO gate.honey (municipality_code, honey_token) VALUES ($1, $2) ON CONFLICT DO NOTHING',
      [municipality, await this.#token(municipality, person)],
    );
  }

  async know(municipality: MunicipalityCode, person: PersonId): Promise<void> {
    const token = await this.#token(municipality, person);
    this.#tokens.add(`${municipality}${token.toString('hex')}`);
  }

  async isHoney(municipality: MunicipalityCode, person: PersonId): Promise<boolean> {
    const token = await this.#token(municipality, person);
    return this.#tokens.has(`${municipality}${token.toString('hex')}`);
  }
}
