import type pg from 'pg';
import { type MunicipalityCode, type PersonId, uuidBytes } from '../../ground/ids.ts';
import { decodeLine, type LogReader } from '../journal/index.ts';
import type { KeyStore } from '../seal/index.ts';
import { hitsOf } from './journal-reading.ts';

/**
 * Which searches showed a person among their hits. A search's line is about nobody in particular, so it is not found by his index;
 * here it is, by a keyed token of him. The line has the last word: an entry put here past the gate finds nothing.
 */
export class ShownHits {
  readonly #pool: pg.Pool;
  readonly #store: KeyStore;

  constructor(pool: pg.Pool, store: KeyStore) {
    this.#pool = pool;
    this.#store = store;
  }

  async #token(municipality: MunicipalityCode, person: PersonId): Promise<Buffer> {
    return (await this.#store.mac(`search-hit/${municipality}`, uuidBytes(person))).subarray(0, 16);
  }

  /** Within the transaction of the search's line. */
  async store(
    tx: pg.Pool | pg.PoolClient,
    municipality: MunicipalityCode,
    index: number,
    persons: readonly PersonId[],
  ): Promise<void> {
    const tokens = await Promise.all(persons.map((person) => this.#token(municipality, person)));
    await tx.query({
      name: 'gate-search-hits',
      text: `INSERT INTO gate.search_hit (municipality_code, person_token, line_index)
        SELECT $1, token, $2 FROM unnest($3::bytea[]) AS shown (token) ON CONFLICT DO NOTHING`,
      values: [municipality, index, tokens],
    });
  }

  /** Indexes of the searches that showed a person, newest first. */
  async indexesOf(
    municipality: MunicipalityCode,
    person: PersonId,
    o: { before: number; limit: number },
  ): Promise<number[]> {
    const { rows } = await this.#pool.query<{ line_index: string }>({
      name: 'gate-search-hits-of',
      text: `SELECT line_index FROM gate.search_hit
        WHERE municipality_code = $1 AND person_token = $2 AND line_index < $3 ORDER BY line_index DESC LIMIT $4`,
      values: [municipality, await this.#token(municipality, person), o.before, o.limit],
    });
    return rows.map((row) => Number(row.line_index));
  }
}

/** After a restore: the searches of lines [from, to), which the journal took along and this table did not. */
export async function showHitsAgain(
  o: { pool: pg.Pool; store: KeyStore; journal: Pick<LogReader, 'read'> },
  municipality: MunicipalityCode,
  from: number,
  to: number,
): Promise<void> {
  const shown = new ShownHits(o.pool, o.store);
  for await (const line of o.journal.read(from, to)) {
    const hits = line.erased ? [] : hitsOf(decodeLine(line.payload).body);
    if (hits.length > 0) await shown.store(o.pool, municipality, line.index, hits as PersonId[]);
  }
}
