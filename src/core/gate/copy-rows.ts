import { once } from 'node:events';
import { finished } from 'node:stream/promises';
import type pg from 'pg';
import { from as copyFrom } from 'pg-copy-streams';
import { SekishoError } from '../../ground/errors.ts';
import { putUuid } from '../../ground/ids.ts';
import type { StoredValue } from './row-digest.ts';

/** PostgreSQL's binary COPY: 11-byte signature, flags, extension length (manual, COPY, "Binary Format"). */
const head = Buffer.concat([Buffer.from('PGCOPY\n\xff\r\n\0', 'latin1'), Buffer.alloc(8)]);
const end = Buffer.of(0xff, 0xff);
const rowsPerChunk = 500;
/** What a row of the register takes, roughly: where it is more, the chunk grows. */
const rowBytes = 1_536;
const day2000Ms = 946_684_800_000;

/** Rows on their way: one buffer that grows, for three small ones a field cost more than all else of a COPY. */
class Chunk {
  bytes: Buffer;
  used = 0;

  constructor(size: number) {
    this.bytes = Buffer.allocUnsafeSlow(size);
  }

  /** Makes sure that so many bytes more have their place, and gives where the first of them is. */
  room(more: number): number {
    if (this.used + more > this.bytes.length) {
      const larger = Buffer.allocUnsafeSlow(2 * this.bytes.length + more);
      this.bytes.copy(larger, 0, 0, this.used);
      this.bytes = larger;
    }
    return this.used;
  }
}

type Encoder = (chunk: Chunk, value: NonNullable<StoredValue>) => void;

/** A field of fixed length: its length, then what `put` writes. */
const fixed =
  (length: number, put: (bytes: Buffer, at: number, value: NonNullable<StoredValue>) => void): Encoder =>
  (chunk, value) => {
    const at = chunk.room(4 + length);
    put(chunk.bytes, chunk.bytes.writeInt32BE(length, at), value);
    chunk.used = at + 4 + length;
  };

const encoders: Record<string, Encoder> = {
  text: (chunk, value) => {
    const text = String(value);
    const at = chunk.room(4 + 3 * text.length);
    const length = chunk.bytes.write(text, at + 4, 'utf8');
    chunk.bytes.writeInt32BE(length, at);
    chunk.used = at + 4 + length;
  },
  bytea: (chunk, value) => {
    const field = value as Buffer;
    const at = chunk.room(4 + field.length);
    field.copy(chunk.bytes, chunk.bytes.writeInt32BE(field.length, at));
    chunk.used = at + 4 + field.length;
  },
  uuid: fixed(16, (bytes, at, value) => {
    if (!putUuid(bytes, at, String(value))) throw new SekishoError('bad-input', { what: 'uuid' });
  }),
  integer: fixed(4, (bytes, at, value) => void bytes.writeInt32BE(Number(value), at)),
  smallint: fixed(2, (bytes, at, value) => void bytes.writeInt16BE(Number(value), at)),
  bigint: fixed(8, (bytes, at, value) => void bytes.writeBigInt64BE(BigInt(value as string | number), at)),
  date: fixed(4, (bytes, at, value) => {
    const days = (Date.parse(`${String(value)}T00:00:00Z`) - day2000Ms) / 86_400_000;
    if (!Number.isInteger(days)) throw new SekishoError('bad-input', { at: 'clear', reason: 'date' });
    bytes.writeInt32BE(days, at);
  }),
};

/** Column → type in PostgreSQL's own words (`format_type`), of a table with its schema. */
export async function columnTypes(db: pg.Pool | pg.PoolClient, table: string): Promise<Map<string, string>> {
  const { rows } = await db.query<{ name: string; type: string }>(
    `SELECT attname AS name, format_type(atttypid, NULL) AS type FROM pg_attribute
     WHERE attrelid = $1::regclass AND attnum > 0 AND NOT attisdropped`,
    [table],
  );
  return new Map(rows.map(({ name, type }) => [name, type]));
}

/**
 * Copies rows into a table within the caller's transaction: three times as fast as INSERT … unnest for rows of
 * ciphertext, and no hexadecimal on the way.
 * @param types the columns' types, from {@link columnTypes}
 */
export async function copyRows(
  tx: pg.PoolClient,
  table: string,
  columns: readonly string[],
  types: ReadonlyMap<string, string>,
  rows: readonly (readonly StoredValue[])[],
): Promise<void> {
  if (rows.length === 0) return;
  const encode = columns.map((column) => {
    const encoder = encoders[types.get(column) ?? ''];
    if (!encoder) throw new SekishoError('schema-mismatch', { table, column, reason: 'column-type' });
    return encoder;
  });
  // All of it before the COPY begins: a value that cannot be encoded must not leave one open on the connection.
  const chunks: Buffer[] = [head];
  for (let i = 0; i < rows.length; i += rowsPerChunk) {
    const some = rows.slice(i, i + rowsPerChunk);
    const chunk = new Chunk(some.length * Math.min(rowBytes, 64 * columns.length));
    for (const row of some) putRow(chunk, row, encode);
    chunks.push(chunk.bytes.subarray(0, chunk.used));
  }
  const stream = tx.query(copyFrom(`COPY ${table} (${columns.join(', ')}) FROM STDIN (FORMAT binary)`));
  const done = finished(stream);
  // Awaited below; without a handler a failure in between would end the process.
  done.catch(() => {});
  for (const chunk of chunks) {
    if (!stream.write(chunk)) await Promise.race([once(stream, 'drain'), done]);
  }
  stream.end(end);
  await done;
}

function putRow(chunk: Chunk, row: readonly StoredValue[], encode: readonly Encoder[]): void {
  chunk.used = chunk.bytes.writeInt16BE(row.length, chunk.room(2));
  for (let i = 0; i < row.length; i++) {
    const value = row[i] ?? null;
    if (value === null) chunk.used = chunk.bytes.writeInt32BE(-1, chunk.room(4));
    else encode[i]!(chunk, value);
  }
}
