import { createHash } from 'node:crypto';
import type pg from 'pg';
import { SekishoError } from '../../ground/errors.ts';
import type { MunicipalityCode, PersonId } from '../../ground/ids.ts';
import { openField, type PersonKeys, type WrappedKey } from '../seal/index.ts';
import { MicroBatch } from './micro-batch.ts';
import type { StoredValue } from './row-digest.ts';
import { decodeGroup, type Fields, placeOf, type SealedTable } from './sealed-table.ts';

/** A row as stored: ciphertext, indexes, open columns. */
export interface SealedRow {
  municipality_code: MunicipalityCode;
  person_id: PersonId;
  key_version: number;
  status: string;
  [column: string]: StoredValue;
}

/** A sealed row and the wrapped key that opens it: nothing of it is readable yet. */
export interface Fetched {
  row: SealedRow;
  /** Undefined when the person's keys were erased. */
  wrapped: WrappedKey | undefined;
}

const shortHash = (text: string): string => createHash('sha256').update(text).digest('hex').slice(0, 16);

/** Reads sealed rows and wrapped keys, many callers in one query each, and opens them when told. */
export class Rows {
  readonly #pool: pg.Pool;
  readonly #keys: PersonKeys;
  readonly #batches = new Map<string, MicroBatch<PersonId, Fetched>>();

  constructor(pool: pg.Pool, keys: PersonKeys) {
    this.#pool = pool;
    this.#keys = keys;
  }

  /** One person's row with the columns of `groups`, and his wrapped key. @throws not-found, key-erased */
  async get(
    table: SealedTable,
    municipality: MunicipalityCode,
    person: PersonId,
    groups: readonly string[],
  ): Promise<{ row: SealedRow; wrapped: WrappedKey }> {
    const key = `${table.name}|${municipality}|${groups.join(',')}`;
    let batch = this.#batches.get(key);
    if (!batch) {
      batch = new MicroBatch((persons) => this.fetch(table, municipality, persons, groups));
      this.#batches.set(key, batch);
    }
    const fetched = await batch.get(person);
    if (!fetched) throw new SekishoError('not-found', { what: table.name });
    const { row, wrapped } = fetched;
    if (!wrapped) throw new SekishoError('key-erased', { what: table.name });
    return { row, wrapped };
  }

  /** Rows and wrapped keys of many persons. */
  async fetch(
    table: SealedTable,
    municipality: MunicipalityCode,
    persons: readonly PersonId[],
    groups: readonly string[],
  ): Promise<Map<PersonId, Fetched>> {
    const columns = groups.map((group) => table.groups[group]!.column);
    // One look-up by primary key for each person, whatever the planner believes of the table: right after an import, before its
    // statistics are taken, it would read all rows of the municipality for each batch. OFFSET 0 keeps the look-ups apart.
    const text = `SELECT found.* FROM unnest($2::uuid[]) AS asked (id) CROSS JOIN LATERAL (
        SELECT ${['municipality_code', 'person_id', 'key_version', 'status', ...columns].join(', ')} FROM ${table.table}
        WHERE municipality_code = $1 AND person_id = asked.id OFFSET 0) AS found`;
    const [{ rows }, wrapped] = await Promise.all([
      this.#pool.query<SealedRow>({
        name: `gate-rows-${shortHash(text)}`,
        text,
        values: [municipality, persons],
      }),
      this.#keys.fetchWrapped([...persons]),
    ]);
    const found = new Map<PersonId, Fetched>();
    for (const row of rows) found.set(row.person_id, { row, wrapped: wrapped.get(row.person_id) });
    return found;
  }

  /**
   * Opens groups of a row. Called only when the line that says so is durable, or for what stays inside the gate.
   * @throws seal-broken when a ciphertext is not this place's
   */
  async open(
    table: SealedTable,
    fetched: { row: SealedRow; wrapped: WrappedKey },
    groups: readonly string[],
  ): Promise<Fields> {
    const { row } = fetched;
    const wrapped =
      row.key_version === fetched.wrapped.version
        ? fetched.wrapped
        : await this.#olderKey(row.person_id, row.key_version);
    const unwrapped = this.#keys.unwrap(wrapped);
    const key = unwrapped instanceof Promise ? await unwrapped : unwrapped;
    const fields: Fields = {};
    for (const group of groups) {
      const { column } = table.groups[group]!;
      const sealed = row[column] as Buffer | null;
      const place = placeOf(table, row.municipality_code, column, row.person_id, row.key_version);
      fields[group] = sealed === null ? {} : decodeGroup(openField(key, place, sealed));
    }
    key.fill(0);
    return fields;
  }

  /** A row not yet sealed anew after a rotation of its person's key. */
  async #olderKey(person: PersonId, version: number): Promise<WrappedKey> {
    const versions = (await this.#keys.fetchVersions([person])).get(person) ?? [];
    const found = versions.find((key) => key.version === version);
    if (!found) throw new SekishoError('seal-broken', { reason: 'key-version' });
    return found;
  }
}
