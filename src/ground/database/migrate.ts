import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type pg from 'pg';
import { SekishoError } from '../errors.ts';
import { mapDatabaseError } from './faults.ts';
import { type Statement, splitStatements } from './statements.ts';

/** A room's migrations: files `NNN-name.sql` in one folder, applied in the order of their numbers. */
export interface MigrationRoom {
  room: string;
  /** Absolute path. */
  folder: string;
}

export interface MigrateOptions {
  /** Apply nothing; anything still to be applied is a `schema-mismatch`. What the processes do at their start. */
  checkOnly?: boolean;
}

export interface Migration {
  room: string;
  number: number;
  /** The file's name, `001-person-key.sql`. */
  name: string;
  sql: string;
  /** SHA-256 of the text with `\n` line ends, hex. */
  checksum: string;
}

/** One lock for all rooms of a database: 'sekisho' as ASCII, cut to 6 bytes. */
const lockKey = 0x73656b697368;
const fileName = /^(\d{3})-[a-z0-9]+(?:-[a-z0-9]+)*\.sql$/;
const createTable =
  /^CREATE\s+(?:UNLOGGED\s+)?TABLE\s+(?:IF\s+NOT\s+EXISTS\s+)?((?:[a-z_][a-z0-9_]*\.)?[a-z_][a-z0-9_]*)/i;

/** A room's files, sorted, checked for their names. `schema-mismatch` when a number stands twice. */
export function readMigrations(room: MigrationRoom): Migration[] {
  const seen = new Set<number>();
  return readdirSync(room.folder)
    .filter((name) => name.endsWith('.sql'))
    .sort()
    .map((name) => {
      const number = Number(fileName.exec(name)?.[1] ?? Number.NaN);
      if (Number.isNaN(number)) throw mismatch('file-name', room.room, name);
      if (seen.has(number)) throw mismatch('number-twice', room.room, name);
      seen.add(number);
      const sql = readFileSync(join(room.folder, name), 'utf8').replaceAll('\r\n', '\n');
      const checksum = createHash('sha256').update(sql).digest('hex');
      return { room: room.room, number, name, sql, checksum };
    });
}

/** One checksum over the whole list of rooms: the key under which tests keep a template database. */
export function migrationsChecksum(rooms: readonly MigrationRoom[]): string {
  const hash = createHash('sha256');
  for (const room of rooms)
    for (const m of readMigrations(room)) hash.update(`${m.room}\n${m.name}\n${m.checksum}\n`);
  return hash.digest('hex');
}

/**
 * Brings the database up to date, room after room in the given order, and returns what was applied (`room/file`).
 * Each file is one transaction, unless it holds the line `-- no-transaction`. Where the extension citus is present, a
 * table preceded by `-- distribute by COLUMN` is distributed right after its CREATE.
 * Errors: `schema-mismatch` with `reason` changed | unknown | out-of-order | pending | failed | file-name |
 * number-twice | marker, `room` and `file`; `database-unavailable`, `disk-full`.
 */
export async function migrate(
  client: pg.Client | pg.PoolClient,
  rooms: readonly MigrationRoom[],
  options: MigrateOptions = {},
): Promise<string[]> {
  const checkOnly = options.checkOnly ?? false;
  try {
    if (!checkOnly) {
      await client.query('SELECT pg_advisory_lock($1)', [lockKey]);
      await createLedger(client);
    }
    const distribute = await hasCitus(client);
    const applied: string[] = [];
    for (const room of rooms) {
      for (const migration of await pending(client, room)) {
        if (checkOnly) throw mismatch('pending', room.room, migration.name);
        await apply(client, migration, distribute);
        applied.push(`${room.room}/${migration.name}`);
      }
    }
    return applied;
  } catch (error) {
    throw mapDatabaseError(error);
  } finally {
    // Fails only with the connection itself, and then the server has let go of the lock.
    if (!checkOnly) await client.query('SELECT pg_advisory_unlock($1)', [lockKey]).catch(() => {});
  }
}

/** The table is the migrator's; everybody may read it, so that each process can check its schema at its start. */
async function createLedger(client: pg.Client | pg.PoolClient): Promise<void> {
  await client.query(`CREATE TABLE IF NOT EXISTS public.sekisho_migration (
    room text NOT NULL, number int NOT NULL, name text NOT NULL, checksum text NOT NULL,
    applied_at timestamptz NOT NULL DEFAULT now(), PRIMARY KEY (room, number))`);
  await client.query('GRANT SELECT ON public.sekisho_migration TO PUBLIC');
}

async function hasCitus(client: pg.Client | pg.PoolClient): Promise<boolean> {
  const { rowCount } = await client.query(`SELECT 1 FROM pg_extension WHERE extname = 'citus'`);
  return rowCount === 1;
}

/** What of a room is still to be applied, after holding what was applied against the files. */
async function pending(client: pg.Client | pg.PoolClient, room: MigrationRoom): Promise<Migration[]> {
  const files = readMigrations(room);
  const { rows: ledger } = await client.query<{ present: boolean }>(
    `SELECT to_regclass('public.sekisho_migration') IS NOT NULL AS present`,
  );
  if (!ledger[0]!.present) return files;
  const { rows } = await client.query<{ number: number; name: string; checksum: string }>(
    'SELECT number, name, checksum FROM public.sekisho_migration WHERE room = $1 ORDER BY number',
    [room.room],
  );
  const byNumber = new Map(files.map((file) => [file.number, file]));
  for (const row of rows) {
    const file = byNumber.get(row.number);
    // The database is newer than this program, or a file was taken away.
    if (file === undefined) throw mismatch('unknown', room.room, row.name);
    if (file.checksum !== row.checksum || file.name !== row.name)
      throw mismatch('changed', room.room, file.name);
  }
  const done = new Set(rows.map((row) => row.number));
  const rest = files.filter((file) => !done.has(file.number));
  const last = rows.at(-1)?.number ?? 0;
  const early = rest.find((file) => file.number < last);
  if (early !== undefined) throw mismatch('out-of-order', room.room, early.name);
  return rest;
}

async function apply(
  client: pg.Client | pg.PoolClient,
  migration: Migration,
  distribute: boolean,
): Promise<void> {
  const whole = !/^--\s*no-transaction\s*$/m.test(migration.sql);
  if (whole) await client.query('BEGIN');
  try {
    for (const statement of splitStatements(migration.sql))
      await run(client, migration, statement, distribute);
    await client.query(
      'INSERT INTO public.sekisho_migration (room, number, name, checksum) VALUES ($1, $2, $3, $4)',
      [migration.room, migration.number, migration.name, migration.checksum],
    );
    if (whole) await client.query('COMMIT');
  } catch (error) {
    if (whole) await client.query('ROLLBACK').catch(() => {});
    throw error;
  }
}

async function run(
  client: pg.Client | pg.PoolClient,
  migration: Migration,
  statement: Statement,
  distribute: boolean,
): Promise<void> {
  const column = distributionColumn(migration, statement);
  const fail = (error: unknown) => {
    const mapped = mapDatabaseError(error);
    if (mapped !== error) return mapped;
    const facts = { line: statement.line, sqlstate: (error as { code?: string }).code ?? '' };
    return new SekishoError(
      'schema-mismatch',
      { reason: 'failed', room: migration.room, file: migration.name, ...facts },
      { cause: error },
    );
  };
  try {
    await client.query(statement.text);
    if (column === undefined || !distribute) return;
    const table = createTable.exec(statement.text)![1]!;
    await client.query('SELECT create_distributed_table($1, $2)', [table, column]);
  } catch (error) {
    throw fail(error);
  }
}

/** The column of `-- distribute by COLUMN`; a marker that stands before anything but CREATE TABLE is refused. */
export function distributionColumn(migration: Migration, statement: Statement): string | undefined {
  const marker = statement.comments.findLast((comment) => comment.startsWith('distribute by '));
  if (marker === undefined) return undefined;
  const column = /^distribute by ([a-z_][a-z0-9_]*)$/.exec(marker)?.[1];
  if (column === undefined || !createTable.test(statement.text))
    throw mismatch('marker', migration.room, migration.name);
  return column;
}

function mismatch(reason: string, room: string, file: string): SekishoError {
  return new SekishoError('schema-mismatch', { reason, room, file });
}
