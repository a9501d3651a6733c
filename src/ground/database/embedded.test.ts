import { execFile } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import pg from 'pg';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { packagedBinaries, reachable, restoreLinks, serverAccount, usableBinaries } from './binaries.ts';
import { assertJapanese, type EmbeddedOptions, type EmbeddedServer, startEmbedded } from './index.ts';

const asRoot = process.getuid?.() === 0;
const nobody = { uid: 65534, gid: 65534 };
const folders: string[] = [];
const servers: EmbeddedServer[] = [];

afterEach(async () => {
  for (const server of servers.splice(0)) await server.stop();
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

function temporary(): string {
  const folder = mkdtempSync(join(tmpdir(), 'sekisho-embedded-'));
  chmodSync(folder, 0o755);
  folders.push(folder);
  return folder;
}

/** initdb takes most of a second: tests that need no fresh cluster share this folder. */
const shared = mkdtempSync(join(tmpdir(), 'sekisho-embedded-'));
chmodSync(shared, 0o755);
afterAll(() => rmSync(shared, { recursive: true }));

/** A package as npm lays it down, with a script for a server that says it runs, and links not yet made. */
function standIn(folder: string): string {
  const native = join(folder, 'native');
  mkdirSync(join(native, 'bin'), { recursive: true });
  mkdirSync(join(native, 'lib'));
  writeFileSync(join(folder, 'package.json'), '{ "version": "18.0" }');
  writeFileSync(join(native, 'bin/postgres'), '#!/bin/sh\nexit 0\n', { mode: 0o755 });
  writeFileSync(join(native, 'lib/libpq.so.5.18'), '');
  const links = ['libpq.so', 'libpq.so.5'].map((name) => ({
    source: 'native/lib/libpq.so.5.18',
    target: `native/lib/${name}`,
  }));
  writeFileSync(join(native, 'pg-symlinks.json'), JSON.stringify(links));
  return native;
}

async function start(folder: string, more: Partial<EmbeddedOptions> = {}): Promise<EmbeddedServer> {
  const settings = { shared_buffers: '16MB', ...more.settings };
  const server = await startEmbedded({ folder, log: { info: () => {} }, throwaway: true, ...more, settings });
  servers.push(server);
  return server;
}

async function ask(server: EmbeddedServer, sql: string) {
  const client = new pg.Client(server.connection());
  await client.connect();
  try {
    return (await client.query(sql)).rows;
  } finally {
    await client.end();
  }
}

const pidOf = (server: EmbeddedServer) =>
  Number(readFileSync(join(server.places.cluster, 'postmaster.pid'), 'utf8').split('\n')[0]);

describe('a server on a fresh folder', () => {
  it('is durable, listens on no port, knows Japanese, and keeps values out of its log', async () => {
    const server = await start(shared, { settings: { fsync: 'off', full_page_writes: 'off' } });
    const settings = await ask(
      server,
      `SELECT name, setting FROM pg_settings WHERE name IN
       ('fsync', 'full_page_writes', 'synchronous_commit', 'data_checksums', 'listen_addresses', 'server_encoding', 'TimeZone')`,
    );
    expect(Object.fromEntries(settings.map((row) => [row.name, row.setting]))).toEqual({
      fsync: 'on',
      full_page_writes: 'on',
      synchronous_commit: 'on',
      data_checksums: 'on',
      listen_addresses: '',
      server_encoding: 'UTF8',
      TimeZone: 'UTC',
    });
    await ask(server, `CREATE TABLE person (name text PRIMARY KEY); INSERT INTO person VALUES ('関所太郎')`);
    await expect(ask(server, `INSERT INTO person VALUES ('関所太郎')`)).rejects.toMatchObject({
      code: '23505',
    });
    const log = readFileSync(join(shared, 'server.log'), 'utf8');
    expect(log).toContain('duplicate key');
    expect(log).not.toContain('関所');
  });

  it('asks for the password even on the socket', async () => {
    const server = await start(shared);
    const client = new pg.Client({ ...server.connection(), password: 'wrong' });
    await expect(client.connect()).rejects.toMatchObject({ code: '28P01' });
  });

  it('keeps the superuser’s password and the cluster from other accounts', async () => {
    const server = await start(shared);
    expect(statSync(join(shared, 'superuser-password')).mode & 0o777).toBe(0o600);
    expect(statSync(server.places.cluster).mode & 0o777).toBe(0o700);
    expect(readdirSync(dirname(server.places.cluster))).toEqual(['cluster']); // no password file left
  });

  it('puts the socket into /tmp when the path is too long for one', async () => {
    const folder = join(temporary(), 'a'.repeat(60), 'b'.repeat(60));
    const server = await start(folder);
    const socket = server.connection().host!;
    expect(socket).toMatch(/^\/tmp\/sekisho-/);
    expect(await ask(server, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
    await server.stop();
    expect(existsSync(socket)).toBe(false);
  });

  it('begins again after an initdb that was cut short', async () => {
    const folder = temporary();
    const server = await start(folder);
    await server.stop();
    const home = dirname(server.places.cluster);
    rmSync(server.places.cluster, { recursive: true });
    mkdirSync(join(home, 'unfinished'));
    writeFileSync(join(home, 'unfinished', 'PG_VERSION'), '18\n');
    expect(await ask(await start(folder), 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
  });

  it('copies finished WAL segments to the archive', async () => {
    const server = await start(join(shared, "it's 100 %"), {
      archive: { folder: join(shared, "wal's 5 %") },
    });
    await ask(server, 'CREATE TABLE archived (); SELECT pg_switch_wal()');
    const archived = () => readdirSync(server.places.archive!).filter((name) => /^[0-9A-F]{24}$/.test(name));
    for (let i = 0; i < 200 && archived().length === 0; i++) await sleep(50);
    expect(archived().length).toBeGreaterThan(0);
    expect(await ask(server, 'SELECT failed_count::int FROM pg_stat_archiver')).toEqual([
      { failed_count: 0 },
    ]);
  });

  it('says so when the server does not start', async () => {
    await expect(start(shared, { settings: { shared_buffers: 'plenty' } })).rejects.toMatchObject({
      kind: 'database-unavailable',
      facts: { reason: 'start' },
    });
  });
});

describe('a folder used before', () => {
  it('keeps its data over stop and start; a stopped server may be stopped again', async () => {
    const first = await start(shared);
    await ask(first, 'CREATE TABLE stayed ()');
    await first.stop();
    await first.stop();
    const second = await start(shared);
    expect(second.reused).toBe(false);
    expect(await ask(second, `SELECT to_regclass('stayed') IS NOT NULL AS kept`)).toEqual([{ kept: true }]);
  });

  it('takes over a server that still runs, and can stop it', async () => {
    const first = await start(shared);
    const pid = pidOf(first);
    const second = await start(shared);
    expect(second.reused).toBe(true);
    expect(pidOf(second)).toBe(pid);
    expect(await ask(second, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
    await second.stop();
    expect(() => process.kill(pid, 0)).toThrow('ESRCH');
  });

  it('recovers after the server was killed', async () => {
    const first = await start(shared);
    await ask(first, 'CREATE TABLE kept (id int)');
    await ask(first, 'INSERT INTO kept VALUES (7)');
    process.kill(pidOf(first), 'SIGKILL');
    await sleep(300);
    const second = await start(shared);
    expect(second.reused).toBe(false);
    expect(await ask(second, 'SELECT id FROM kept')).toEqual([{ id: 7 }]);
  });

  it('does not mistake another process with the old pid for the server', async () => {
    const first = await start(shared);
    await first.stop();
    const lines = [process.pid, first.places.cluster, 1, 5432, join(shared, 'socket'), '', '1 1', 'ready'];
    writeFileSync(join(first.places.cluster, 'postmaster.pid'), lines.join('\n'));
    const second = await start(shared);
    expect(second.reused).toBe(false);
    expect(await ask(second, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
  });

  it('stops at once though a transaction is open', async () => {
    const server = await start(shared);
    const client = new pg.Client(server.connection());
    client.on('error', () => {});
    await client.connect();
    await client.query('BEGIN; CREATE TABLE half ()');
    await server.stop();
    await expect(client.query('COMMIT')).rejects.toThrow();
  });
});

it('assertJapanese refuses a database whose LC_CTYPE is C', async () => {
  const server = await start(shared);
  await ask(server, `CREATE DATABASE plain TEMPLATE template0 LOCALE 'C'`);
  await expect(assertJapanese(server.connection('plain'))).rejects.toMatchObject({
    kind: 'database-unavailable',
    facts: { reason: 'locale' },
  });
});

describe('binaries', () => {
  it('come with their links restored, once and again', () => {
    const native = standIn(join(temporary(), 'package'));
    expect(restoreLinks(native)).toBe(true);
    expect(restoreLinks(native)).toBe(true);
    expect(readlinkSync(join(native, 'lib/libpq.so'))).toBe('libpq.so.5.18');
    expect(readlinkSync(join(native, 'lib/libpq.so.5'))).toBe('libpq.so.5.18');
  });

  it('the real package needs and gets every link of its list', () => {
    const native = packagedBinaries();
    expect(restoreLinks(native)).toBe(true);
    const list = JSON.parse(readFileSync(join(native, 'pg-symlinks.json'), 'utf8')) as { target: string }[];
    expect(list.length).toBeGreaterThan(10);
    for (const { target } of list) expect(existsSync(join(dirname(native), target))).toBe(true);
  });

  it('are copied when they do not run where they lie, and the copy is used again', () => {
    const folder = temporary();
    const native = standIn(join(folder, 'package'));
    chmodSync(join(native, 'bin/postgres'), 0o644); // as on a volume mounted noexec
    const use = () => usableBinaries(() => join(folder, 'spare'), serverAccount(), native);
    expect(use).toThrow('binaries-do-not-run');
    const copy = join(folder, 'spare/postgresql-18.0/native');
    chmodSync(join(copy, 'bin/postgres'), 0o755);
    expect(use()).toBe(copy);
    expect(readdirSync(join(folder, 'spare'))).toEqual(['postgresql-18.0']);
  });

  it('a passwd file without any account we know is unsupported', () => {
    const file = join(temporary(), 'passwd');
    writeFileSync(file, 'root:x:0:0::/root:/bin/sh\n');
    if (asRoot) expect(() => serverAccount(file)).toThrow('no-account');
    else expect(serverAccount(file)).toBeUndefined();
  });
});

describe.skipIf(!asRoot)('as root', () => {
  it('the server runs as nobody', async () => {
    const server = await start(temporary());
    expect(statSync(`/proc/${pidOf(server)}`).uid).toBe(nobody.uid);
    expect(readFileSync(`/proc/${pidOf(server)}/environ`, 'latin1')).not.toContain('HOME=');
  });

  it('below a closed folder the cluster lies in /var/lib/sekisho, with a link, and comes back', async () => {
    const closed = temporary();
    chmodSync(closed, 0o700);
    expect(reachable(join(closed, 'data'), nobody)).toBe(false);
    const server = await start(join(closed, 'data'));
    const real = dirname(server.places.cluster);
    folders.push(real);
    expect(real).toMatch(/^\/var\/lib\/sekisho\/postgres-/);
    expect(readlinkSync(join(closed, 'data', 'server'))).toBe(real);
    await ask(server, 'CREATE TABLE kept ()');
    await server.stop();
    const again = await start(join(closed, 'data'));
    expect(await ask(again, `SELECT to_regclass('kept') IS NOT NULL AS kept`)).toEqual([{ kept: true }]);
    await again.stop();
    rmSync(real, { recursive: true });
    await expect(start(join(closed, 'data'))).rejects.toMatchObject({
      facts: { reason: 'link-leads-nowhere' },
    });
  });

  it('binaries below a closed folder are copied to one that is open', () => {
    const closed = temporary();
    const open = temporary();
    const native = standIn(join(closed, 'package'));
    chmodSync(closed, 0o700);
    expect(usableBinaries(() => open, nobody, native)).toBe(join(open, 'postgresql-18.0/native'));
  });

  /** Runs a module of ours in a Node of its own under the account nobody. */
  const asNobody = (folder: string, script: string) =>
    promisify(execFile)(process.execPath, ['--input-type=module', '-e', script], {
      ...nobody,
      cwd: folder,
      env: { PATH: process.env['PATH'] },
    });

  it('another account starts, uses and stops a server of its own', async () => {
    const folder = temporary();
    chownSync(folder, nobody.uid, nobody.gid);
    const { stdout } = await asNobody(
      folder,
      `import { startEmbedded } from ${JSON.stringify(join(import.meta.dirname, 'embedded.ts'))};
       import pg from ${JSON.stringify(join(import.meta.dirname, '../../../node_modules/pg/esm/index.mjs'))};
       const server = await startEmbedded({ folder: 'data', log: { info() {} }, throwaway: true, settings: { shared_buffers: '16MB' } });
       const client = new pg.Client(server.connection());
       await client.connect();
       console.log(JSON.stringify((await client.query('SELECT 1 AS one')).rows), server.reused);
       await client.end();
       await server.stop();`,
    );
    expect(stdout.trim()).toBe('[{"one":1}] false');
    expect(statSync(join(folder, 'data')).uid).toBe(nobody.uid);
  });

  it('an account that may not write node_modules gets a copy with the links', async () => {
    const folder = temporary();
    const native = standIn(join(folder, 'package'));
    mkdirSync(join(folder, 'own'));
    chownSync(join(folder, 'own'), nobody.uid, nobody.gid);
    const { stdout } = await asNobody(
      folder,
      `import { usableBinaries } from ${JSON.stringify(join(import.meta.dirname, 'binaries.ts'))};
       console.log(usableBinaries(() => ${JSON.stringify(join(folder, 'own'))}, undefined, ${JSON.stringify(native)}));`,
    );
    expect(stdout.trim()).toBe(join(folder, 'own/postgresql-18.0/native'));
    expect(existsSync(join(stdout.trim(), 'lib/libpq.so.5'))).toBe(true);
    expect(existsSync(join(native, 'lib/libpq.so.5'))).toBe(false);
  });
});
