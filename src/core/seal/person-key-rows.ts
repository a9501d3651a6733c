import { once } from 'node:events';
import { finished } from 'node:stream/promises';
import type pg from 'pg';
import { from as copyFrom } from 'pg-copy-streams';
import { type PersonId, uuidBytes } from '../../ground/ids.ts';

/** A row of keys.person_key: useless without the key store. */
export interface WrappedKey {
  readonly person: PersonId;
  /** 1 upward; a rotation adds one. */
  readonly version: number;
  /** Which key-encryption key wraps it. */
  readonly shard: number;
  readonly wrapped: Buffer;
}

/** PostgreSQL's binary COPY: 11-byte signature, flags, extension length (manual, COPY, "Binary Format"). */
const copyHead = Buffer.concat([Buffer.from('PGCOPY\n\xff\r\n\0', 'latin1'), Buffer.alloc(8)]);
const copyEnd = Buffer.of(0xff, 0xff);
/** Timestamps count microseconds from 2000-01-01. */
const postgresEpochMs = 946_684_800_000;
const rowsPerChunk = 1_000;

function copyRow(key: WrappedKey, createdAtMs: number): Buffer {
  const row = Buffer.allocUnsafe(2 + 5 * 4 + 16 + 4 + 4 + key.wrapped.length + 8);
  let at = row.writeInt16BE(5, 0);
  at = row.writeInt32BE(16, at);
  at += uuidBytes(key.person).copy(row, at);
  at = row.writeInt32BE(4, at);
  at = row.writeInt32BE(key.version, at);
  at = row.writeInt32BE(4, at);
  at = row.writeInt32BE(key.shard, at);
  at = row.writeInt32BE(key.wrapped.length, at);
  at += key.wrapped.copy(row, at);
  at = row.writeInt32BE(8, at);
  row.writeBigInt64BE(BigInt(createdAtMs - postgresEpochMs) * 1_000n, at);
  return row;
}

/** Copies new keys in; the caller's transaction commits them. SQLSTATE 23505 when a version is there already. */
export async function copyKeys(tx: pg.PoolClient, keys: readonly WrappedKey[], nowMs: number): Promise<void> {
  const stream = tx.query(
    copyFrom(
      'COPY keys.person_key (person_id, key_version, shard, wrapped, created_at) FROM STDIN (FORMAT binary)',
    ),
  );
  const done = finished(stream);
  // Awaited below; without a handler a failure in between would end the process.
  done.catch(() => {});
  stream.write(copyHead);
  for (let i = 0; i < keys.length; i += rowsPerChunk) {
    const rows = keys.slice(i, i + rowsPerChunk).map((key) => copyRow(key, nowMs));
    if (!stream.write(Buffer.concat(rows))) await Promise.race([once(stream, 'drain'), done]);
  }
  stream.end(copyEnd);
  await done;
}

interface Row {
  person_id: string;
  key_version: number;
  shard: number;
  wrapped: Buffer;
}

export function wrappedKeyOf(row: Row): WrappedKey {
  return {
    person: row.person_id as PersonId,
    version: row.key_version,
    shard: row.shard,
    wrapped: row.wrapped,
  };
}

/** All versions of the given persons' keys, newest first; the erased have none whatever the table holds. */
export async function selectKeys(
  client: pg.Pool | pg.PoolClient,
  persons: readonly PersonId[],
): Promise<WrappedKey[]> {
  const { rows } = await client.query<Row>({
    name: 'seal-select-keys',
    text: `SELECT person_id, key_version, shard, wrapped FROM keys.person_key k
      WHERE person_id = ANY($1::uuid[]) AND NOT EXISTS (SELECT 1 FROM keys.erasure e WHERE e.person_id = k.person_id)
      ORDER BY person_id, key_version DESC`,
    values: [persons],
  });
  return rows.map(wrappedKeyOf);
}

/** What was erased, and the journal line that says so. */
export interface Erasure {
  readonly person: PersonId;
  /** Index of the journal's line, null when the erasure had none. */
  readonly lineIndex: number | null;
}

/**
 * Notes the erasures and deletes the keys, in the caller's transaction.
 * @returns number of persons whose keys were still there
 */
export async function eraseRows(
  tx: pg.PoolClient,
  erasures: readonly Erasure[],
  nowMs: number,
): Promise<number> {
  const persons = erasures.map((erasure) => erasure.person);
  await tx.query(
    `INSERT INTO keys.erasure (person_id, erased_at, line_index)
      SELECT person_id, to_timestamp($3::double precision / 1000), line_index
      FROM unnest($1::uuid[], $2::bigint[]) AS erased (person_id, line_index)
      ON CONFLICT (person_id) DO NOTHING`,
    [persons, erasures.map((erasure) => erasure.lineIndex), nowMs],
  );
  const { rows } = await tx.query<{ person_id: string }>(
    'DELETE FROM keys.person_key WHERE person_id = ANY($1::uuid[]) RETURNING person_id',
    [persons],
  );
  return new Set(rows.map((row) => row.person_id)).size;
}

/** 'sealkeys' cut to 6 bytes: whoever adds keys shares this lock, whoever erases holds it alone. */
const lockKey = 0x7365616c6b65;

export async function lockForAdding(tx: pg.PoolClient): Promise<void> {
  await tx.query('SELECT pg_advisory_xact_lock_shared($1)', [lockKey]);
}

export async function lockForErasing(tx: pg.PoolClient): Promise<void> {
  await tx.query('SELECT pg_advisory_xact_lock($1)', [lockKey]);
}

/** How many of these persons are erased. Ask after {@link lockForAdding}. */
export async function countErased(tx: pg.PoolClient, persons: readonly PersonId[]): Promise<number> {
  const { rows } = await tx.query<{ erased: number }>(
    'SELECT count(*)::int AS erased FROM keys.erasure WHERE person_id = ANY($1::uuid[])',
    [persons],
  );
  return rows[0]?.erased ?? 0;
}
