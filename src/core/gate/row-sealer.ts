import type { MunicipalityCode } from '../../ground/ids.ts';
import {
  allReady,
  type KeyStore,
  type PersonKey,
  placeBytes,
  type Ready,
  type SealingThread,
  type Unsealed,
  whenReady,
} from '../seal/index.ts';
import type { StoredRow, StoredValue } from './row-digest.ts';
import {
  computeIndex,
  type Fields,
  groupText,
  isEmptyGroup,
  placeOf,
  type SealedTable,
} from './sealed-table.ts';

/** A row whose sealed columns are still to be filled. */
export interface LaidRow {
  readonly values: Record<string, StoredValue>;
  /** The column of each part. */
  readonly columns: readonly string[];
  readonly unsealed: Unsealed;
}

/** Turns plain fields into the columns of a row: ciphertext, keyed indexes, content digest. */
export class RowSealer {
  readonly #table: SealedTable;
  readonly #store: KeyStore;
  readonly #thread: SealingThread;
  /** Group and its column, in declared order. */
  readonly #groups: readonly [string, string][];
  readonly #indexes: readonly [string, string][];

  constructor(table: SealedTable, store: KeyStore, thread: SealingThread) {
    this.#table = table;
    this.#store = store;
    this.#thread = thread;
    this.#groups = Object.entries(table.groups).map(([group, { column }]) => [group, column]);
    this.#indexes = Object.entries(table.indexes).map(([name, { column }]) => [name, column]);
  }

  /**
   * HMAC over all that a file or a desk can state: the fields without the number, which the gate draws, and the open
   * columns. Equal means that writing would change nothing.
   */
  contentDigest(
    municipality: MunicipalityCode,
    fields: Fields,
    clear: Readonly<Record<string, string | null>>,
  ): Ready<Buffer> {
    return this.#digestOf(municipality, this.#textsOf(fields), clear);
  }

  /** The groups in declared order as they are sealed, null for one that holds nothing. */
  #textsOf(fields: Fields): (string | null)[] {
    return this.#groups.map(([group]) => {
      const values = fields[group];
      return values === undefined || isEmptyGroup(values) ? null : groupText(this.#table, group, values);
    });
  }

  #digestOf(
    municipality: MunicipalityCode,
    texts: readonly (string | null)[],
    clear: Readonly<Record<string, string | null>>,
  ): Ready<Buffer> {
    const parts: string[] = [];
    for (const [i, [group]] of this.#groups.entries()) {
      const text = texts[i] ?? null;
      if (group !== 'number' && text !== null) parts.push(group, text);
    }
    parts.push('clear');
    for (const column of this.#table.clear) parts.push(column, JSON.stringify(clear[column] ?? null));
    return this.#store.mac(`content-digest/${municipality}`, JSON.stringify(parts));
  }

  /** HMAC over what a write asks for, so that its request id cannot stand for anything else. */
  requestDigest(municipality: MunicipalityCode, asked: string): Ready<Buffer> {
    return this.#store.mac(`request-digest/${municipality}`, asked);
  }

  /** One index of the table from plain fields, or null where there is none. */
  index(name: string, fields: Fields, municipality: MunicipalityCode): Ready<Buffer> | null {
    const index = this.#table.indexes[name];
    return index ? computeIndex(this.#store, index.of(fields, municipality)) : null;
  }

  /**
   * All columns of the state but the sealed ones, and what is to be sealed into those under the person's key.
   * @param known indexes of these very fields that were computed already, by name
   */
  lay(
    municipality: MunicipalityCode,
    key: PersonKey,
    fields: Fields,
    clear: Readonly<Record<string, string | null>>,
    known: Readonly<Record<string, Buffer>> = {},
  ): Ready<LaidRow> {
    const texts = this.#textsOf(fields);
    const indexes = this.#indexes.map(
      ([name]) => known[name] ?? this.index(name, fields, municipality) ?? nothing,
    );
    const ready = allReady<Buffer>([this.#digestOf(municipality, texts, clear), ...indexes]);
    return whenReady(ready, ([digest, ...computed]) => {
      const values: Record<string, StoredValue> = { key_version: key.version, content_digest: digest! };
      const columns: string[] = [];
      const parts: { place: Buffer; plain: Buffer }[] = [];
      for (const [i, [, column]] of this.#groups.entries()) {
        values[column] = null;
        const text = texts[i] ?? null;
        if (text === null) continue;
        const place = placeOf(this.#table, municipality, column, key.person, key.version);
        columns.push(column);
        parts.push({ place: placeBytes(place), plain: padded(text) });
      }
      for (const [i, [, column]] of this.#indexes.entries()) {
        const value = computed[i]!;
        values[column] = value === nothing ? null : value;
      }
      for (const column of this.#table.clear) values[column] = clear[column] ?? null;
      return { values, columns, unsealed: { key: key.key, parts } };
    });
  }

  /** Seals what was laid into its columns; the plaintexts are wiped. Large batches are sealed beside this thread. */
  async seal(rows: readonly LaidRow[]): Promise<void> {
    const sealed = await this.#thread.seal(rows.map((row) => row.unsealed));
    for (const [i, { values, columns, unsealed }] of rows.entries()) {
      for (const [j, column] of columns.entries()) values[column] = sealed[i]![j]!;
      for (const { plain } of unsealed.parts) plain.fill(0);
    }
  }

  /** The open columns of a stored row. */
  clearOf(row: StoredRow): Record<string, string | null> {
    const clear: Record<string, string | null> = {};
    for (const column of this.#table.clear) clear[column] = (row[column] as string | null) ?? null;
    return clear;
  }
}

const nothing = Buffer.alloc(0);

const paddedBytes = 32;

/**
 * Blanks behind the JSON, which its readers skip, up to a multiple of 32 bytes: a ciphertext is as long as what it
 * seals, and `male` is two letters shorter than `female`.
 */
function padded(text: string): Buffer {
  const bytes = Buffer.byteLength(text, 'utf8');
  const whole = Buffer.allocUnsafe(Math.ceil(bytes / paddedBytes) * paddedBytes);
  whole.write(text, 'utf8');
  return whole.fill(' ', bytes);
}
