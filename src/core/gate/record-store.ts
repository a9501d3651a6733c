import type pg from 'pg';
import { SekishoError } from '../../ground/errors.ts';
import type { MunicipalityCode, PersonId } from '../../ground/ids.ts';
import { columnTypes, copyRows } from './copy-rows.ts';
import type { LinePlace } from './line-place.ts';
import type { StoredRow, StoredValue } from './row-digest.ts';
import { type SealedTable, stateColumns } from './sealed-table.ts';

export type NationalIndex = 'number' | 'resident_code';

/** Where a nation-wide index leads. */
export interface NationalEntry {
  person: PersonId;
  municipality: MunicipalityCode;
  state: 'active' | 'retired';
}

/** A row with all it stores, and the line that wrote it. */
export interface WholeRow extends LinePlace {
  person: PersonId;
  values: StoredRow;
}

export interface Outcome extends LinePlace {
  requestId: string;
  outcome: 'created' | 'changed';
  person: PersonId;
  state: Buffer;
  /** What was asked for: the same request id for anything else is refused. */
  request: Buffer;
}

/** Somebody wrote the row between reading and writing it. Internal: the write is planned anew. */
export class StaleRow extends SekishoError {
  constructor() {
    super('conflict', { reason: 'row-changed' });
  }
}

/** Nation-wide indexes are taken already. Internal: a drawn number is drawn anew, a given one refused. */
export class IndexTaken extends SekishoError {
  /** The claims that came too late, each {@link claimKey}; they stay inside. */
  readonly lost: ReadonlySet<string>;
  constructor(lost: ReadonlySet<string>) {
    super('already-exists', { what: 'index' });
    this.lost = lost;
  }
}

/** One person's claim on one index: of two who claim the same in one statement, only one has lost. */
export const claimKey = (index: Buffer, person: PersonId): string => `${index.toString('hex')}/${person}`;

const national = {
  number: { table: 'national.number_index', column: 'number_index' },
  resident_code: { table: 'national.resident_code_index', column: 'resident_code_index' },
} as const;

/** The SQL of one sealed table. Only here are sealed rows written. */
export class RecordStore {
  readonly table: SealedTable;
  readonly #pool: pg.Pool;
  readonly #columns: string[];
  readonly #shown: string;
  #types: Promise<Map<string, string>> | undefined;

  constructor(pool: pg.Pool, table: SealedTable) {
    this.#pool = pool;
    this.table = table;
    this.#columns = stateColumns(table);
    // As text, for the digest counts an open column by its text.
    const shown = this.#columns.map((column) => (table.clear.includes(column) ? `${column}::text` : column));
    this.#shown = ['person_id', 'log_number', 'line_index', ...shown].join(', ');
  }

  #typesOf(): Promise<Map<string, string>> {
    this.#types ??= columnTypes(this.#pool, this.table.table).catch((error: unknown) => {
      this.#types = undefined;
      throw error;
    });
    return this.#types;
  }

  /** Persons of a municipality by the values of one index column: value in hex → persons. */
  async personsBy(
    municipality: MunicipalityCode,
    column: string,
    values: readonly Buffer[],
    limit = 10_000,
  ): Promise<Map<string, PersonId[]>> {
    const { rows } = await this.#pool.query<{ person_id: PersonId; value: Buffer }>(
      `SELECT person_id, ${column} AS value FROM ${this.table.table}
       WHERE municipality_code = $1 AND ${column} = ANY($2::bytea[]) LIMIT $3`,
      [municipality, values, limit],
    );
    const found = new Map<string, PersonId[]>();
    for (const row of rows) {
      const key = row.value.toString('hex');
      found.set(key, [...(found.get(key) ?? []), row.person_id]);
    }
    return found;
  }

  /** Nation-wide entries by index value, in hex. */
  async nationalEntries(
    which: NationalIndex,
    values: readonly Buffer[],
  ): Promise<Map<string, NationalEntry>> {
    if (values.length === 0) return new Map();
    const { table, column } = national[which];
    const { rows } = await this.#pool.query<{
      value: Buffer;
      person_id: PersonId;
      municipality_code: MunicipalityCode;
      state: 'active' | 'retired';
    }>(
      `SELECT ${column} AS value, person_id, municipality_code, state FROM ${table} WHERE ${column} = ANY($1)`,
      [values],
    );
    return new Map(
      rows.map((row) => [
        row.value.toString('hex'),
        { person: row.person_id, municipality: row.municipality_code, state: row.state },
      ]),
    );
  }

  /** Whole rows of persons of one municipality. */
  async wholeRows(
    municipality: MunicipalityCode,
    persons: readonly PersonId[],
  ): Promise<Map<PersonId, WholeRow>> {
    if (persons.length === 0) return new Map();
    const { rows } = await this.#pool.query(
      `SELECT ${this.#shown} FROM ${this.table.table}
       WHERE municipality_code = $1 AND person_id = ANY($2::uuid[])`,
      [municipality, persons],
    );
    return new Map(rows.map((row) => [row.person_id as PersonId, wholeRow(row)]));
  }

  /** True where another municipality has a row of the person that he has not moved out of. */
  async isKeptElsewhere(
    tx: pg.PoolClient,
    municipality: MunicipalityCode,
    person: PersonId,
  ): Promise<boolean> {
    const { rowCount } = await tx.query(
      `SELECT 1 FROM ${this.table.table}
       WHERE person_id = $2 AND municipality_code <> $1 AND status <> 'moved-out' LIMIT 1`,
      [municipality, person],
    );
    return rowCount !== 0;
  }

  /** All rows of a municipality in the order of their lines, `size` at a time: the present ones or the replaced ones. */
  async *allRows(
    municipality: MunicipalityCode,
    of: 'table' | 'history' = 'table',
    size = 2_000,
  ): AsyncIterable<WholeRow> {
    // From the least there is: a row under a line that no journal ever has must not go unseen.
    let after: [number, string, PersonId] = [
      -32_768,
      '-9223372036854775808',
      '00000000-0000-0000-0000-000000000000' as PersonId,
    ];
    for (;;) {
      const { rows } = await this.#pool.query(
        `SELECT ${this.#shown} FROM ${this.table[of]}
         WHERE municipality_code = $1 AND (log_number, line_index, person_id) > ($2::smallint, $3::bigint, $4::uuid)
         ORDER BY log_number, line_index, person_id LIMIT $5`,
        [municipality, ...after, size],
      );
      for (const row of rows) yield wholeRow(row);
      const last = rows.at(-1);
      if (!last || rows.length < size) return;
      after = [last.log_number, String(last.line_index), last.person_id];
    }
  }

  /**
   * Rows to which a nation-wide index of theirs does not lead (any more): it is gone, leads to somebody else, or was
   * retired though the person is not erased. Who has moved may be found elsewhere.
   */
  async strayed(
    rows: readonly WholeRow[],
    municipality: MunicipalityCode,
    erased: ReadonlySet<PersonId>,
  ): Promise<WholeRow[]> {
    const strayed = new Set<WholeRow>();
    for (const { column, national: which } of Object.values(this.table.indexes)) {
      if (!which) continue;
      const held = rows.flatMap((row) => {
        const value = row.values[column];
        return Buffer.isBuffer(value) ? [{ row, value }] : [];
      });
      const entries = await this.nationalEntries(
        which,
        held.map(({ value }) => value),
      );
      for (const { row, value } of held) {
        const entry = entries.get(value.toString('hex'));
        const retired = entry?.state === 'retired' && entry.municipality === municipality;
        if (entry?.person !== row.person || (retired && !erased.has(row.person))) strayed.add(row);
      }
    }
    return [...strayed];
  }

  /** New rows, by COPY. */
  async insert(tx: pg.PoolClient, municipality: MunicipalityCode, rows: readonly WholeRow[]): Promise<void> {
    const columns = ['municipality_code', 'person_id', 'log_number', 'line_index', ...this.#columns];
    await copyRows(
      tx,
      this.table.table,
      columns,
      await this.#typesOf(),
      rows.map((row) => [
        municipality,
        row.person,
        row.log,
        row.lineIndex,
        ...this.#columns.map((c) => row.values[c] ?? null),
      ]),
    );
  }

  /**
   * Replaces rows: the old states go into the history, the new ones in their place.
   * @param rows with `from`, the place of the state that was read
   * @throws StaleRow when one of them is no longer in that state
   */
  async replace(
    tx: pg.PoolClient,
    municipality: MunicipalityCode,
    rows: readonly (WholeRow & { from: LinePlace })[],
  ): Promise<void> {
    if (rows.length === 0) return;
    const types = await this.#typesOf();
    const persons = rows.map((row) => row.person);
    const { rows: locked } = await tx.query<{ person_id: PersonId; log_number: number; line_index: string }>(
      `SELECT person_id, log_number, line_index FROM ${this.table.table}
       WHERE municipality_code = $1 AND person_id = ANY($2::uuid[]) FOR UPDATE`,
      [municipality, persons],
    );
    const present = new Map(locked.map((row) => [row.person_id, row]));
    const isFrom = ({ person, from }: (typeof rows)[number]) => {
      const row = present.get(person);
      return row?.log_number === from.log && Number(row.line_index) === from.lineIndex;
    };
    if (!rows.every(isFrom)) throw new StaleRow();
    const all = ['municipality_code', 'person_id', 'log_number', 'line_index', ...this.#columns].join(', ');
    await tx.query(
      `INSERT INTO ${this.table.history} (${all}) SELECT ${all} FROM ${this.table.table}
       WHERE municipality_code = $1 AND person_id = ANY($2::uuid[])`,
      [municipality, persons],
    );
    const columns = ['log_number', 'line_index', ...this.#columns];
    const arrays = columns.map((column, i) => `$${i + 3}::${types.get(column) ?? 'text'}[]`);
    await tx.query(
      `UPDATE ${this.table.table} AS kept SET ${columns.map((c) => `${c} = new.${c}`).join(', ')}
       FROM unnest($2::uuid[], ${arrays.join(', ')}) AS new (person_id, ${columns.join(', ')})
       WHERE kept.municipality_code = $1 AND kept.person_id = new.person_id`,
      [
        municipality,
        persons,
        rows.map((row) => row.log),
        rows.map((row) => row.lineIndex),
        ...this.#columns.map((column) => rows.map((row) => row.values[column] ?? null)),
      ],
    );
  }

  /** Claims nation-wide indexes. @throws IndexTaken with those whose index somebody holds or held, or claims too */
  async claim(
    tx: pg.PoolClient,
    which: NationalIndex,
    municipality: MunicipalityCode,
    claims: readonly { index: Buffer; person: PersonId }[],
  ): Promise<void> {
    if (claims.length === 0) return;
    const { table, column } = national[which];
    const { rows } = await tx.query<{ value: Buffer; person_id: PersonId }>(
      `INSERT INTO ${table} (${column}, person_id, municipality_code, state)
       SELECT claimed.index, claimed.person, $3, 'active'
       FROM unnest($1::bytea[], $2::uuid[]) AS claimed (index, person)
       ON CONFLICT DO NOTHING RETURNING ${column} AS value, person_id`,
      [claims.map((claim) => claim.index), claims.map((claim) => claim.person), municipality],
    );
    if (rows.length === claims.length) return;
    const got = new Set(rows.map((row) => claimKey(row.value, row.person_id)));
    const lost = claims.map(({ index, person }) => claimKey(index, person)).filter((key) => !got.has(key));
    throw new IndexTaken(new Set(lost));
  }

  /** Retires indexes for ever. */
  async retire(tx: pg.PoolClient, which: NationalIndex, indexes: readonly Buffer[]): Promise<void> {
    if (indexes.length === 0) return;
    const { table, column } = national[which];
    await tx.query(`UPDATE ${table} SET state = 'retired' WHERE ${column} = ANY($1::bytea[])`, [indexes]);
  }

  /** A mover's indexes lead to his new municipality. @throws StaleRow when they no longer lead to the old one */
  async lead(
    tx: pg.PoolClient,
    which: NationalIndex,
    moves: readonly { index: Buffer; from: MunicipalityCode; to: MunicipalityCode }[],
  ): Promise<void> {
    const { table, column } = national[which];
    for (const { index, from, to } of moves) {
      const { rowCount } = await tx.query(
        `UPDATE ${table} SET municipality_code = $3
         WHERE ${column} = $1 AND municipality_code = $2 AND state = 'active'`,
        [index, from, to],
      );
      if (rowCount !== 1) throw new StaleRow();
    }
  }

  async outcomes(
    municipality: MunicipalityCode,
    requestIds: readonly string[],
  ): Promise<Map<string, Outcome>> {
    const { rows } = await this.#pool.query<{
      request_id: string;
      outcome: 'created' | 'changed';
      person_id: PersonId;
      log_number: number;
      line_index: string;
      state_digest: Buffer;
      request_digest: Buffer;
    }>('SELECT * FROM gate.request_outcome WHERE municipality_code = $1 AND request_id = ANY($2)', [
      municipality,
      requestIds,
    ]);
    return new Map(
      rows.map((row) => [
        row.request_id,
        {
          requestId: row.request_id,
          outcome: row.outcome,
          person: row.person_id,
          log: row.log_number,
          lineIndex: Number(row.line_index),
          state: row.state_digest,
          request: row.request_digest,
        },
      ]),
    );
  }

  async storeOutcomes(
    tx: pg.PoolClient,
    municipality: MunicipalityCode,
    outcomes: readonly Outcome[],
  ): Promise<void> {
    await copyRows(
      tx,
      'gate.request_outcome',
      [...outcomeTypes.keys()],
      outcomeTypes,
      outcomes.map((o) => [
        ...[municipality, o.requestId, o.outcome, o.person],
        ...[o.log, o.lineIndex, o.state, o.request],
      ]),
    );
  }
}

const outcomeTypes = new Map([
  ['municipality_code', 'text'],
  ['request_id', 'text'],
  ['outcome', 'text'],
  ['person_id', 'uuid'],
  ['log_number', 'smallint'],
  ['line_index', 'bigint'],
  ['state_digest', 'bytea'],
  ['request_digest', 'bytea'],
]);

function wholeRow(row: Record<string, StoredValue>): WholeRow {
  const { person_id, log_number, line_index, ...values } = row;
  const place = { log: Number(log_number), lineIndex: Number(line_index) };
  return { person: person_id as PersonId, ...place, values };
}
