import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { journalMigrations } from '../src/core/journal/index.ts';
import { municipality, origin } from '../src/core/journal/staging.fixture.ts';
import { FileKeyStore } from '../src/core/seal/index.ts';
import {
  createRoles,
  databaseRole,
  drawRolePasswords,
  migrate,
  openPool,
  prepareDatabase,
  preparePublicSchema,
  startEmbedded,
} from '../src/ground/database/index.ts';
import { systemRandomness } from '../src/ground/randomness.ts';
import { journalPorts } from '../src/processes/journal-ports.ts';

/** A database for a journal alone, with the durability settings of service, and the ports that the gate gives a journal. */
export interface Place {
  pool: pg.Pool;
  ports: Awaited<ReturnType<typeof journalPorts>>;
  end(): Promise<void>;
}

/** An embedded PostgreSQL of its own. */
export async function startPlace(): Promise<Place> {
  const folder = mkdtempSync(join(tmpdir(), 'sekisho-bench-'));
  const server = await startEmbedded({ folder, log: { info: () => {} }, throwaway: true });
  const randomness = systemRandomness();
  const passwords = drawRolePasswords(randomness);
  const as = async (connection: pg.ClientConfig, work: (client: pg.Client) => Promise<unknown>) => {
    const client = new pg.Client(connection);
    await client.connect();
    await work(client).finally(() => client.end());
  };
  const database = 'bench';
  await as(server.connection(), async (client) => {
    await createRoles(client, passwords, randomness);
    await client.query(`CREATE DATABASE ${database} TEMPLATE template0`);
    await prepareDatabase(client, database);
  });
  await as(server.connection(database), preparePublicSchema);
  const role = (name: 'migrator' | 'gate') => ({
    ...server.connection(database),
    ...{ user: databaseRole(name), password: passwords[name] },
  });
  await as(role('migrator'), (client) => migrate(client, [journalMigrations]));
  const pool = openPool(role('gate'), { max: 4, name: 'bench' });
  const store = new FileKeyStore(randomness.bytes(32), randomness.bytes(16), randomness);
  const ports = await journalPorts(store, municipality, origin, randomness);
  return {
    pool,
    ports,
    async end() {
      store.close();
      await pool.end();
      await server.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
