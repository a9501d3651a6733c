import type { Log } from '../../ground/log.ts';
import type { KeyStore } from '../seal/index.ts';

/** What of a row is authenticated: its identity and all that the gate relies on. */
export type MacValue = Buffer | string | number | null | readonly string[];

const textOf = (value: MacValue): unknown => (Buffer.isBuffer(value) ? value.toString('hex') : value);

/**
 * The gate's own rows (who may sign in, where, with which grant) carry a MAC under a key that the database does not
 * hold: who edits the tables past the gate, the database's administrator included, has written a row that is not there.
 * A MAC says who wrote a row, not when: an older row of the gate's own can be put back (SECURITY.md).
 */
export class RowMacs {
  readonly #store: KeyStore;
  readonly #log: Log;

  constructor(store: KeyStore, log: Log) {
    this.#store = store;
    this.#log = log;
  }

  /** 32 bytes over table and values in the caller's fixed order. */
  async of(table: string, values: readonly MacValue[]): Promise<Buffer> {
    return await this.#store.mac(`row-mac/${table.replaceAll('_', '-')}`, JSON.stringify(values.map(textOf)));
  }

  /** The rows that the gate wrote; each of the others is told of in the log and left out. */
  async own<Row extends { row_mac: Buffer }>(
    table: string,
    rows: readonly Row[],
    values: (row: Row) => readonly MacValue[],
  ): Promise<Row[]> {
    const macs = await Promise.all(rows.map((row) => this.of(table, values(row))));
    const own = rows.filter((row, i) => macs[i]!.equals(row.row_mac));
    if (own.length < rows.length) {
      this.#log.error('rows-not-written-by-the-gate', undefined, { table, count: rows.length - own.length });
    }
    return own;
  }
}
