import type pg from 'pg';
import { SekishoError } from '../../ground/errors.ts';
import type { MunicipalityCode } from '../../ground/ids.ts';
import { bigintArray, byteaArray } from './arrays.ts';

type Queryable = Pick<pg.PoolClient, 'query'>;

/** One line as its rows hold it. `sealed` null: the payload has been erased. */
export interface LineRow {
  at: number;
  commitment: Buffer;
  token: Buffer | null;
  sealed: Buffer | null;
  /** Known where the line was written by this process; else made of the commitment. */
  leafHash?: Buffer;
}

export interface IndexedRow extends LineRow {
  index: number;
}

/**
 * One statement for both tables, so that a batch is one round trip and one transaction. Where the line before the
 * first is missing it fails by a division by zero (count is 0 or 1): a gap can never be written, and what stands in
 * the same transaction falls with it.
 */
const insertText = `
  WITH ready AS (
    SELECT 1 / CASE WHEN $3::bigint = 0 THEN 1 ELSE (
      SELECT count(*) FROM journal.line
      WHERE municipality_code = $1 AND log_number = $2 AND line_index = $3::bigint - 1) END AS before
  ), line AS (
    INSERT INTO journal.line (municipality_code, log_number, line_index, at_ms, commitment, person_token)
    SELECT $1, $2, $3::bigint + u.n - 1, u.at_ms, u.commitment, u.person_token
    FROM unnest($4::bigint[], $5::bytea[], $6::bytea[])
      WITH ORDINALITY AS u (at_ms, commitment, person_token, n)
    WHERE (SELECT before FROM ready) = 1
  )
  INSERT INTO journal.payload (municipality_code, log_number, line_index, sealed)
  SELECT $1, $2, $3::bigint + p.n - 1, p.sealed
  FROM unnest($7::bytea[]) WITH ORDINALITY AS p (sealed, n)
  WHERE (SELECT before FROM ready) = 1`;

const restoreText = `
  WITH line AS (
    INSERT INTO journal.line (municipality_code, log_number, line_index, at_ms, commitment, person_token)
    SELECT $1, $2, $3::bigint + u.n - 1, u.at_ms, u.commitment, u.person_token
    FROM unnest($4::bigint[], $5::bytea[], $6::bytea[])
      WITH ORDINALITY AS u (at_ms, commitment, person_token, n)
  )
  INSERT INTO journal.payload (municipality_code, log_number, line_index, sealed)
  SELECT $1, $2, $3::bigint + p.n - 1, p.sealed
  FROM unnest($7::bytea[]) WITH ORDINALITY AS p (sealed, n) WHERE p.sealed IS NOT NULL`;

const columns = `l.line_index, l.at_ms, l.commitment, l.person_token, p.sealed`;
// One look-up by primary key for each line, whatever the planner believes of the tables: right after an import, before their
// statistics are taken, it would walk all payloads for each. OFFSET 0 keeps the look-ups apart.
const join = `journal.line l LEFT JOIN LATERAL (
    SELECT stored.sealed FROM journal.payload stored WHERE stored.municipality_code = l.municipality_code
      AND stored.log_number = l.log_number AND stored.line_index = l.line_index OFFSET 0) p ON true`;

interface Row {
  line_index: string;
  at_ms: string;
  commitment: Buffer;
  person_token: Buffer | null;
  sealed: Buffer | null;
}

const fromRow = (row: Row): IndexedRow => ({
  index: Number(row.line_index),
  at: Number(row.at_ms),
  commitment: row.commitment,
  token: row.person_token,
  sealed: row.sealed,
});

/** The tables of one log. Errors are PostgreSQL's own or the pool's; who calls maps them. */
export class Store {
  readonly municipality: MunicipalityCode;
  readonly log: number;

  constructor(municipality: MunicipalityCode, log: number) {
    this.municipality = municipality;
    this.log = log;
  }

  #values(first: number, rows: readonly LineRow[]): unknown[] {
    return [
      this.municipality,
      this.log,
      first,
      bigintArray(rows.map((row) => row.at)),
      byteaArray(rows.map((row) => row.commitment)),
      byteaArray(rows.map((row) => row.token)),
      byteaArray(rows.map((row) => row.sealed)),
    ];
  }

  /** Writes a batch that follows on what is there; gives the count of rows written: all, or none where it does not. */
  async insert(client: Queryable, first: number, rows: readonly LineRow[]): Promise<number> {
    const done = await client.query({
      name: 'journal-insert',
      text: insertText,
      values: this.#values(first, rows),
    });
    return done.rowCount ?? 0;
  }

  /** Writes rows back from the mirror, erased payloads left out. */
  async restore(client: Queryable, first: number, rows: readonly LineRow[]): Promise<void> {
    await client.query({ name: 'journal-restore', text: restoreText, values: this.#values(first, rows) });
  }

  /** Lines that are durable: one past the highest index. */
  async size(client: Queryable): Promise<number> {
    const { rows } = await client.query<{ size: string }>(
      `SELECT coalesce(max(line_index) + 1, 0) AS size FROM journal.line
       WHERE municipality_code = $1 AND log_number = $2`,
      [this.municipality, this.log],
    );
    return Number(rows[0]!.size);
  }

  /** Rows [from, to) in order; `log-forked` where one is missing in between. */
  async rows(client: Queryable, from: number, to: number): Promise<IndexedRow[]> {
    const { rows } = await client.query<Row>({
      name: 'journal-rows',
      text: `SELECT ${columns} FROM ${join}
        WHERE municipality_code = $1 AND log_number = $2 AND line_index >= $3 AND line_index < $4
        ORDER BY line_index`,
      values: [this.municipality, this.log, from, to],
    });
    const found = rows.map(fromRow);
    for (let i = 0; i < to - from; i++) {
      if (found[i]?.index !== from + i)
        throw new SekishoError('log-forked', { reason: 'row-missing', index: from + i });
    }
    return found;
  }

  /** The lines of one person, newest first. */
  async rowsOf(client: Queryable, token: Buffer, before: number, limit: number): Promise<IndexedRow[]> {
    const { rows } = await client.query<Row>({
      name: 'journal-person',
      text: `SELECT ${columns} FROM ${join}
        WHERE municipality_code = $1 AND log_number = $2 AND l.person_token = $3 AND line_index < $4
        ORDER BY line_index DESC LIMIT $5`,
      values: [this.municipality, this.log, token, before, limit],
    });
    return rows.map(fromRow);
  }

  /**
   * The lines of a stretch of time, `to` excluded, as the range of indexes that holds them all; [0, 0) where there are none. A
   * clock that was set back puts others in between.
   */
  async rangeOf(client: Queryable, from: number, to: number): Promise<{ from: number; to: number }> {
    // OFFSET 0: else the planner walks the primary key from its beginning to find the lowest.
    const { rows } = await client.query<{ first: string | null; last: string | null }>({
      name: 'journal-range',
      text: `SELECT min(line_index) AS first, max(line_index) AS last FROM (
          SELECT line_index FROM journal.line
          WHERE municipality_code = $1 AND log_number = $2 AND at_ms >= $3 AND at_ms < $4 OFFSET 0) AS found`,
      values: [this.municipality, this.log, from, to],
    });
    const { first, last } = rows[0]!;
    return first === null ? { from: 0, to: 0 } : { from: Number(first), to: Number(last) + 1 };
  }

  async erasePayloads(client: Queryable, indexes: readonly number[]): Promise<number> {
    const done = await client.query(
      `DELETE FROM journal.payload
       WHERE municipality_code = $1 AND log_number = $2 AND line_index = ANY($3::bigint[])`,
      [this.municipality, this.log, indexes],
    );
    return done.rowCount ?? 0;
  }

  /** The last signed checkpoint; undefined where none was signed yet. */
  async head(client: Queryable): Promise<string | undefined> {
    const { rows } = await client.query<{ checkpoint: string }>(
      'SELECT checkpoint FROM journal.head WHERE municipality_code = $1 AND log_number = $2',
      [this.municipality, this.log],
    );
    return rows[0]?.checkpoint || undefined;
  }

  /** Sets the last signed checkpoint if the one before is still the one we know; false: somebody else signs too. */
  async swapHead(
    client: Queryable,
    before: string | undefined,
    size: number,
    checkpoint: string,
  ): Promise<boolean> {
    const key = [this.municipality, this.log, size, checkpoint];
    const done =
      before === undefined
        ? await client.query(
            `INSERT INTO journal.head (municipality_code, log_number, size, checkpoint)
             VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING`,
            key,
          )
        : await client.query(
            `UPDATE journal.head SET size = $3, checkpoint = $4
             WHERE municipality_code = $1 AND log_number = $2 AND checkpoint = $5`,
            [...key, before],
          );
    return done.rowCount === 1;
  }
}

/** The newest log of a municipality that the database knows: 1, or more after a succession. */
export async function newestLog(client: Queryable, municipality: MunicipalityCode): Promise<number> {
  const { rows } = await client.query<{ log: number }>(
    `SELECT greatest(
       coalesce((SELECT max(log_number) FROM journal.line WHERE municipality_code = $1), 1),
       coalesce((SELECT max(log_number) FROM journal.head WHERE municipality_code = $1), 1)) AS log`,
    [municipality],
  );
  return rows[0]!.log;
}
