import pg from 'pg';
import { gateMigrations } from '../core/gate/index.ts';
import { journalMigrations } from '../core/journal/index.ts';
import { sealMigrations } from '../core/seal/index.ts';
import {
  createRoles,
  databaseRole,
  type EmbeddedOptions,
  migrate,
  prepareDatabase,
  preparePublicSchema,
  type RoleName,
  type RolePasswords,
  startEmbedded,
} from '../ground/database/index.ts';
import { SekishoError } from '../ground/errors.ts';
import type { Log } from '../ground/log.ts';
import { systemRandomness } from '../ground/randomness.ts';
import { registerMigrations } from '../records/register/index.ts';
import type { HouseLayout } from './layout.ts';

/** All rooms with tables, in the order in which they build on each other. */
export const houseMigrations = [sealMigrations, journalMigrations, gateMigrations, registerMigrations];

/** One login to one database, as it stands in a process's configuration. */
export interface Connection {
  host: string;
  port: number;
  user: string;
  password: string;
  database: string;
  ssl?: boolean;
}

export interface HouseDatabase {
  connection(role: RoleName): Connection;
  /** What was applied by this start, e.g. `journal/001-journal.sql`. */
  migrated: string[];
  stop(): Promise<void>;
}

export const databaseName = 'sekisho';

/** The embedded server in the data folder, with roles, database and migrations. */
export async function startEmbeddedDatabase(
  layout: HouseLayout,
  passwords: RolePasswords,
  log: Log,
  archive = true,
): Promise<HouseDatabase> {
  // A server killed under a running house is started again; others start it for a moment and stop it themselves.
  const server = await startEmbedded({ ...embeddedOptions(layout, log, archive), keepRunning: true });
  try {
    const admin = server.connection();
    const migrated = await prepareEmbedded(admin, passwords);
    return {
      connection: (role) => loginOf(admin, databaseName, role, passwords),
      migrated,
      stop: () => server.stop(),
    };
  } catch (error) {
    await server.stop();
    throw error;
  }
}

/** How the server in a data folder is started: the same for whoever starts it, or its archive would stop. */
export function embeddedOptions(layout: HouseLayout, log: Log, archive: boolean): EmbeddedOptions {
  const folder = layout.postgres;
  return { folder, log, ...(archive ? { archive: { folder: `${layout.backup}/wal` } } : {}) };
}

/** Database, roles and tables on an embedded server. Gives what was applied. */
export async function prepareEmbedded(admin: pg.ClientConfig, passwords: RolePasswords): Promise<string[]> {
  await withClient(admin, async (client) => {
    const { rowCount } = await client.query('SELECT 1 FROM pg_database WHERE datname = $1', [databaseName]);
    if (rowCount === 0) await client.query(`CREATE DATABASE ${databaseName} TEMPLATE template0`);
  });
  return prepare({ ...admin, database: databaseName }, passwords);
}

/**
 * An ordinary PostgreSQL 15 or newer named by `DATABASE_URL`, whose user may create roles. The database named there
 * must exist. Errors: `config-invalid`, `unsupported` (too old), `database-unavailable`.
 */
export async function useDatabaseUrl(url: string, passwords: RolePasswords): Promise<HouseDatabase> {
  const admin = parseDatabaseUrl(url);
  await withClient(admin, async (client) => {
    const { rows } = await client.query<{ version: number }>(
      `SELECT current_setting('server_version_num')::int AS version`,
    );
    const version = rows[0]?.version ?? 0;
    if (version < 150_000)
      throw new SekishoError('unsupported', { what: 'postgresql', version, needed: 150_000 });
  });
  const migrated = await prepare(admin, passwords);
  return {
    connection: (role) => loginOf(admin, admin.database, role, passwords),
    migrated,
    stop: async () => undefined,
  };
}

/** A `postgres://` URL taken apart. Errors: `config-invalid`, which never quotes the URL: a password stands in it. */
export function parseDatabaseUrl(url: string): Connection {
  const wrong = (reason: string): SekishoError =>
    new SekishoError('config-invalid', { key: 'DATABASE_URL', reason });
  if (!URL.canParse(url)) throw wrong('not-a-url');
  const parsed = new URL(url);
  const decoded = (part: string): string => {
    try {
      return decodeURIComponent(part);
    } catch {
      // A `%` in a password that was not written as `%25`.
      throw wrong('percent-encoding');
    }
  };
  if (!/^postgres(ql)?:$/.test(parsed.protocol)) throw wrong('protocol');
  const database = decoded(parsed.pathname.slice(1));
  if (database === '') throw wrong('database-missing');
  const host = parsed.searchParams.get('host') ?? decoded(parsed.hostname);
  const sslMode = parsed.searchParams.get('sslmode') ?? 'disable';
  return {
    host: host === '' ? 'localhost' : host.replace(/^\[|\]$/g, ''),
    port: parsed.port === '' ? 5432 : Number(parsed.port),
    user: decoded(parsed.username),
    password: decoded(parsed.password),
    database,
    ...(sslMode === 'disable' || sslMode === 'prefer' ? {} : { ssl: true }),
  };
}

export async function prepare(admin: pg.ClientConfig, passwords: RolePasswords): Promise<string[]> {
  const database = String(admin.database);
  await withClient(admin, async (client) => {
    await createRoles(client, passwords, systemRandomness());
    await prepareDatabase(client, database);
    await preparePublicSchema(client);
  });
  const migrator = { ...admin, user: databaseRole('migrator'), password: passwords.migrator };
  return withClient(migrator, (client) => migrate(client, houseMigrations));
}

function loginOf(
  admin: pg.ClientConfig,
  database: string,
  role: RoleName,
  passwords: RolePasswords,
): Connection {
  return {
    host: String(admin.host),
    port: Number(admin.port),
    user: databaseRole(role),
    password: passwords[role],
    database,
    ...(admin.ssl === true ? { ssl: true } : {}),
  };
}

/** Connects, works, ends. Errors: `database-unavailable`. */
export async function withClient<T>(
  connection: pg.ClientConfig,
  work: (client: pg.Client) => Promise<T>,
): Promise<T> {
  const client = new pg.Client(connection);
  try {
    await client.connect();
  } catch (cause) {
    throw new SekishoError('database-unavailable', { reason: 'connect' }, { cause });
  }
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}
