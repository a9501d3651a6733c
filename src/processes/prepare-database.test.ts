import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { drawRolePasswords, type EmbeddedServer, startEmbedded } from '../ground/database/index.ts';
import { silentLog } from '../ground/log.ts';
import { systemRandomness } from '../ground/randomness.ts';
import { houseLayout, makeFolders } from './layout.ts';
import { checkHouseDatabase, prepareHouseDatabase } from './prepare-database.ts';
import { writeJson } from './settings.ts';

// Servers of their own: roles belong to a whole server, and the run's is everybody's.

let root: string;
let folder: string;
let server: EmbeddedServer;
let databaseUrl: string;
beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), 'sekisho-prepare-'));
  chmodSync(root, 0o755);
  folder = join(root, 'data');
  const layout = houseLayout(folder);
  makeFolders(layout);
  await writeJson(layout.rolesFile, drawRolePasswords(systemRandomness()));
  server = await startEmbedded({ folder: join(root, 'server'), log: silentLog, throwaway: true });
  const { host, password } = server.connection();
  await query('CREATE DATABASE town TEMPLATE template0', 'postgres');
  databaseUrl = `postgres://postgres:${password}@localhost/town?host=${encodeURIComponent(String(host))}`;
}, 60_000);
afterAll(async () => {
  await server?.stop();
  rmSync(root, { recursive: true, force: true });
});

async function query(text: string, database = 'town'): Promise<Record<string, unknown>[]> {
  const client = new pg.Client(server.connection(database));
  await client.connect();
  try {
    return (await client.query(text)).rows;
  } finally {
    await client.end();
  }
}
const options = () => ({ folder, databaseUrl, log: silentLog });
const mismatch = (reason: string) => ({ kind: 'schema-mismatch', facts: { reason } });

describe('the database of a DATABASE_URL', { timeout: 60_000 }, () => {
  it('not prepared yet fails the check, which changes nothing', async () => {
    await expect(checkHouseDatabase(options())).rejects.toMatchObject(mismatch('role-missing'));
    expect(await query("SELECT 1 FROM pg_roles WHERE rolname LIKE 'sekisho%'")).toEqual([]);
  });

  it('gets roles and tables, and is told what was applied', async () => {
    const prepared = await prepareHouseDatabase(options());
    expect(prepared).toMatchObject({ server: 'database-url', database: 'town' });
    expect(prepared.roles).toContain('sekisho_gate');
    expect(prepared.applied.map((name) => name.split('/')[0])).toEqual(
      expect.arrayContaining(['seal', 'journal', 'gate', 'register']),
    );
    expect(await checkHouseDatabase(options())).toMatchObject({ applied: [], roles: prepared.roles });
  });

  it('prepared again applies nothing', async () => {
    expect((await prepareHouseDatabase(options())).applied).toEqual([]);
  });

  it('with an update still to be applied fails the check, and preparing applies it', async () => {
    const [last] = await query(
      'SELECT room, number, name FROM public.sekisho_migration ORDER BY applied_at DESC LIMIT 1',
    );
    await query(
      `DELETE FROM public.sekisho_migration WHERE room = '${last!['room']}' AND number = ${last!['number']}`,
    );
    await expect(checkHouseDatabase(options())).rejects.toMatchObject(mismatch('pending'));
    await query(`DROP SCHEMA ${last!['room']} CASCADE`);
    await query(`DELETE FROM public.sekisho_migration WHERE room = '${last!['room']}'`);
    expect((await prepareHouseDatabase(options())).applied).toContain(`${last!['room']}/${last!['name']}`);
  });

  it('whose roles have another house’s passwords fails the check, and preparing puts them right', async () => {
    await query("ALTER ROLE sekisho_keys PASSWORD 'of-another-house'");
    await expect(checkHouseDatabase(options())).rejects.toMatchObject({
      kind: 'schema-mismatch',
      facts: { reason: 'role-sign-in', role: 'sekisho_keys' },
    });
    await prepareHouseDatabase(options());
    await checkHouseDatabase(options());
  });

  it('that cannot be reached is said to be so, without its address', async () => {
    const gone = { ...options(), databaseUrl: 'postgres://me:hunter2@127.0.0.1:1/town' };
    for (const work of [prepareHouseDatabase, checkHouseDatabase]) {
      const error = await work(gone).catch((thrown: unknown) => thrown);
      expect(error).toMatchObject({ kind: 'database-unavailable' });
      expect(String(error)).not.toContain('hunter2');
    }
  });

  it('of a house that is not there is left alone', async () => {
    await expect(prepareHouseDatabase({ ...options(), folder: join(root, 'nowhere') })).rejects.toMatchObject(
      { kind: 'keystore-missing' },
    );
  });
});

describe('the embedded server', { timeout: 60_000 }, () => {
  const embedded = () => ({ folder, log: silentLog });

  it('that was never made fails the check, which makes none', async () => {
    await expect(checkHouseDatabase(embedded())).rejects.toMatchObject(mismatch('no-database'));
    expect(existsSync(join(folder, 'postgres', 'server'))).toBe(false);
  });

  it('is made, prepared, checked, and not left running', async () => {
    const prepared = await prepareHouseDatabase(embedded());
    expect(prepared).toMatchObject({ server: 'embedded', database: 'sekisho' });
    expect(prepared.applied.length).toBeGreaterThan(3);
    expect((await checkHouseDatabase(embedded())).applied).toEqual([]);
    expect(existsSync(join(folder, 'postgres', 'server', 'cluster', 'postmaster.pid'))).toBe(false);
  });

  it('that a house keeps running is left running', async () => {
    const archive = { folder: join(folder, 'backup', 'wal') };
    const running = await startEmbedded({ folder: join(folder, 'postgres'), log: silentLog, archive });
    try {
      await checkHouseDatabase(embedded());
      expect(readFileSync(join(folder, 'postgres', 'server', 'cluster', 'postmaster.pid'), 'utf8')).not.toBe(
        '',
      );
    } finally {
      await running.stop();
    }
  });
});
