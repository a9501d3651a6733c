import { once } from 'node:events';
import { finished } from 'node:stream/promises';
import type pg from 'pg';
import { from as copyFrom } from 'pg-copy-streams';
import { SekishoError } from '../../ground/errors.ts';
import { uuidBytes } from '../../ground/ids.ts';
import type { StoredValue } from './row-digest.ts';

/** PostgreSQL's binary COPY: 11-byte signature, flags, extension length (manual, COPY, "Binary Format"). */
const head = Buffer.concat([Buffer.from('PGCOPY\n\xff\r\n\0', 'latin1'), Buffer.alloc(8)]);
const end = Buffer.of(0xff, 0xff);
const nullField = Buffer.from([0xff, 0xff, 0xff, 0xff]);
const rowsPerChunk = 500;
const day2000Ms = 946_684_800_000;

const encoders: Record<string, (value: NonNullable<StoredValue>) => Buffer> = {
  text: (value) => Buffer.from(String(value), 'utf8'),
  bytea: (value) => value as Buffer,
  uuid: (value) => uuidBytes(String(value)),
  integer: (value) => {
    const bytes = Buffer.allocUnsafe(4);
    bytes.writeInt32BE(Number(value));
    return bytes;
  },
  smallint: (value) => {
    const bytes = Buffer.allocUnsafe(2);
    bytes.writeInt16BE(Number(value));
    return bytes;
  },
  bigint: (value) => {
    const bytes = Buffer.allocUnsafe(8);
    bytes.writeBigInt64BE(BigInt(value as string | number));
    return bytes;
  },
  date: (value) => {
    const days = (Date.parse(`${String(value)}T00:00:00Z`) - day2000Ms) / 86_400_000;
    if (!Number.isInteger(days)) throw new SekishoError('bad-input', { at: 'clear', reason: 'date' });
    const bytes = Buffer.allocUnsafe(4);
    bytes.writeInt32BE(days);
    return bytes;
  },
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
    const parts: Buffer[] = [];
    for (const row of rows.slice(i, i + rowsPerChunk)) pushRow(parts, row, encode);
    chunks.push(Buffer.concat(parts));
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

function pushRow(
  chunks: Buffer[],
  row: readonly StoredValue[],
  encode: readonly ((value: NonNullable<StoredValue>) => Buffer)[],
): void {
  const count = Buffer.allocUnsafe(2);
  count.writeInt16BE(row.length);
  chunks.push(count);
  for (const [i, value] of row.entries()) {
    if (value === null) {
      chunks.push(nullField);
      continue;
    }
    const bytes = encode[i]!(value);
    const length = Buffer.allocUnsafe(4);
    length.writeInt32BE(bytes.length);
    chunks.push(length, bytes);
  }
}
