import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import type { TestProject } from 'vitest/node';
import {
  assertJapanese,
  createRoles,
  drawRolePasswords,
  type RolePasswords,
  startEmbedded,
} from '../src/ground/database/index.ts';
import { systemRandomness } from '../src/ground/randomness.ts';

/** What the tests of one run share: a cluster, its superuser, and the passwords of the roles. */
export interface TestCluster {
  superuser: pg.ClientConfig;
  passwords: RolePasswords;
  /** Prefix of the databases of this run. */
  prefix: string;
  /** The cluster goes with the run: dropping its databases one by one (a checkpoint each) would be wasted time. */
  throwaway: boolean;
}

declare module 'vitest' {
  interface ProvidedContext {
    cluster: TestCluster;
  }
}

const folderPrefix = 'sekisho-test-';

/** Vitest's global setup: one cluster per run, in a temporary folder; SEKISHO_TEST_DATABASE_URL names a server instead. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const url = process.env['SEKISHO_TEST_DATABASE_URL'];
  const randomness = systemRandomness();
  const server = url === undefined ? await embedded() : { superuser: fromUrl(url), stop: async () => {} };
  await assertJapanese(server.superuser);
  const passwords = drawRolePasswords(randomness);
  const prefix = `sekisho_test_${randomness.bytes(4).toString('hex')}`;
  await asSuperuser(server.superuser, (client) => createRoles(client, passwords, randomness));
  project.provide('cluster', {
    superuser: server.superuser,
    passwords,
    prefix,
    throwaway: url === undefined,
  });
  return async () => {
    if (url !== undefined) await asSuperuser(server.superuser, (client) => dropAll(client, prefix));
    await server.stop();
  };
}

async function asSuperuser<T>(
  connection: pg.ClientConfig,
  work: (client: pg.Client) => Promise<T>,
): Promise<T> {
  const client = new pg.Client(connection);
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

/** Plain fields only: what is provided to the workers is sent as JSON. */
function fromUrl(url: string): pg.ClientConfig {
  const { host, port, user, password, database } = new pg.Client({ connectionString: url });
  return {
    host,
    port,
    database: database ?? 'postgres',
    ...(user ? { user } : {}),
    ...(password ? { password } : {}),
  };
}

async function dropAll(client: pg.Client, prefix: string): Promise<void> {
  const { rows } = await client.query('SELECT datname FROM pg_database WHERE starts_with(datname, $1)', [
    prefix,
  ]);
  for (const { datname } of rows)
    await client.query(`DROP DATABASE ${client.escapeIdentifier(datname)} WITH (FORCE)`);
}

async function embedded() {
  sweep();
  const folder = mkdtempSync(join(tmpdir(), folderPrefix));
  chmodSync(folder, 0o755); // the server's account must get through
  writeFileSync(join(folder, 'owner'), owner(process.pid));
  mkdirSync(join(folder, 'postgres'));
  const server = await startEmbedded({
    folder: join(folder, 'postgres'),
    log: { info: () => {} },
    throwaway: true,
    settings: { shared_buffers: '64MB', max_wal_size: '512MB', max_connections: '200' },
  });
  const stop = async () => {
    await server.stop();
    rmSync(folder, { recursive: true, force: true });
  };
  return { superuser: server.connection(), stop };
}

/** A pid means something only within its namespace: another container may share our temporary folder. */
function owner(pid: number): string {
  return `${pid} ${existsSync('/proc/self/ns/pid') ? readlinkSync('/proc/self/ns/pid') : ''}`;
}

function alive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

/** Ends and removes the clusters of earlier runs that were killed before they could do it themselves. */
function sweep(): void {
  for (const name of readdirSync(tmpdir()).filter((entry) => entry.startsWith(folderPrefix))) {
    const folder = join(tmpdir(), name);
    try {
      const text = readFileSync(join(folder, 'owner'), 'utf8');
      const pid = Number(text.split(' ')[0]);
      if (text !== owner(pid) || alive(pid)) continue;
      const pidFile = join(folder, 'postgres/server/cluster/postmaster.pid');
      if (existsSync(pidFile)) {
        const server = Number(readFileSync(pidFile, 'utf8').split('\n')[0]);
        if (readFileSync(`/proc/${server}/cmdline`, 'utf8').includes(folder)) process.kill(server, 'SIGQUIT');
      }
      rmSync(folder, { recursive: true, force: true });
    } catch {
      // Not ours to remove, or gone already.
    }
  }
}
