import { existsSync } from 'node:fs';
import { join } from 'node:path';
import pg from 'pg';
import {
  databaseRole,
  migrate,
  type RolePasswords,
  roleNames,
  startEmbedded,
} from '../ground/database/index.ts';
import { SekishoError } from '../ground/errors.ts';
import type { Log } from '../ground/log.ts';
import {
  databaseName,
  embeddedOptions,
  houseMigrations,
  parseDatabaseUrl,
  prepareEmbedded,
  useDatabaseUrl,
  withClient,
} from './house-database.ts';
import { holdStopped } from './house-lock.ts';
import { readRoles } from './init.ts';
import { houseLayout } from './layout.ts';

export interface PrepareOptions {
  /** Data folder of the house: the roles get the passwords of its `secrets/roles.json`. */
  folder: string;
  /** A user who may create roles, on a database that exists; left out, the embedded server of the data folder. */
  databaseUrl?: string;
  log: Log;
}

export interface Prepared {
  server: 'embedded' | 'database-url';
  database: string;
  /** Login roles, as PostgreSQL knows them. */
  roles: string[];
  /** What was applied now, e.g. `journal/001-journal.sql`; empty where all was there. */
  applied: string[];
}

/**
 * Makes the login roles and brings the tables up to date. Run again it changes nothing but sets the roles' passwords anew.
 * Errors: keystore-missing (no house), config-invalid, unsupported (PostgreSQL too old), database-unavailable, schema-mismatch.
 */
export async function prepareHouseDatabase(o: PrepareOptions): Promise<Prepared> {
  const layout = houseLayout(o.folder);
  const passwords = await readRoles(layout);
  const roles = roleNames.map(databaseRole);
  if (o.databaseUrl !== undefined) {
    const { migrated } = await useDatabaseUrl(o.databaseUrl, passwords);
    const { database } = parseDatabaseUrl(o.databaseUrl);
    return { server: 'database-url', database, roles, applied: migrated };
  }
  const applied = await withEmbedded(o, (server) => prepareEmbedded(server, passwords));
  return { server: 'embedded', database: databaseName, roles, applied };
}

/**
 * Looks whether roles and tables are as this program wants them, and changes nothing.
 * @throws schema-mismatch, `reason` pending | changed | … of a migration, role-missing or role-sign-in of a role; database-unavailable
 */
export async function checkHouseDatabase(o: PrepareOptions): Promise<Prepared> {
  const layout = houseLayout(o.folder);
  const passwords = await readRoles(layout);
  const roles = roleNames.map(databaseRole);
  if (o.databaseUrl !== undefined) {
    const admin = parseDatabaseUrl(o.databaseUrl);
    await check(admin, passwords);
    return { server: 'database-url', database: admin.database, roles, applied: [] };
  }
  // Starting the server would make one: there is nothing to check in a folder without.
  if (!existsSync(join(layout.postgres, 'server', 'cluster')))
    throw new SekishoError('schema-mismatch', { reason: 'no-database' });
  await withEmbedded(o, (server) => check({ ...server, database: databaseName }, passwords));
  return { server: 'embedded', database: databaseName, roles, applied: [] };
}

/** The embedded server while `work` runs; one that a house keeps running is left running. */
async function withEmbedded<T>(o: PrepareOptions, work: (admin: pg.ClientConfig) => Promise<T>): Promise<T> {
  const release = holdStopped(o.folder);
  try {
    const server = await startEmbedded(embeddedOptions(houseLayout(o.folder), o.log, true));
    try {
      return await work(server.connection());
    } finally {
      if (!server.reused) await server.stop();
    }
  } finally {
    release();
  }
}

async function check(admin: pg.ClientConfig, passwords: RolePasswords): Promise<void> {
  await withClient(admin, async (client) => {
    const { rows } = await client.query<{ rolname: string }>(
      'SELECT rolname FROM pg_roles WHERE rolname = ANY($1) AND rolcanlogin',
      [roleNames.map(databaseRole)],
    );
    const there = new Set(rows.map(({ rolname }) => rolname));
    for (const role of roleNames.map(databaseRole))
      if (!there.has(role)) throw new SekishoError('schema-mismatch', { reason: 'role-missing', role });
    await migrate(client, houseMigrations, { checkOnly: true });
  });
  for (const role of roleNames) await checkSignIn(admin, databaseRole(role), passwords[role]);
}

/** A role with another house's password would only be noticed by the process that wants to sign in with it. */
async function checkSignIn(admin: pg.ClientConfig, user: string, password: string): Promise<void> {
  const client = new pg.Client({ ...admin, user, password });
  try {
    await client.connect();
  } catch (cause) {
    throw new SekishoError('schema-mismatch', { reason: 'role-sign-in', role: user }, { cause });
  } finally {
    await client.end().catch(() => undefined);
  }
}
