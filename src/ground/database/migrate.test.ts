import { mkdtempSync, renameSync, rmSync, unlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type FreshDatabase, freshDatabase } from '../../../test/database.ts';
import { type MigrationRoom, migrate, migrationsChecksum, readMigrations } from './index.ts';

let db: FreshDatabase;
let client: pg.Client;
const folders: string[] = [];

beforeEach(async () => {
  db = await freshDatabase([]);
  client = await connect('migrator');
});
afterEach(async () => {
  await client.end();
  await db.drop();
});
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true });
});

async function connect(role: 'migrator' | 'gate' | 'superuser'): Promise<pg.Client> {
  const made = new pg.Client(db.connection(role));
  await made.connect();
  return made;
}

/** A room in a temporary folder, one file per entry. */
function room(name: string, files: Record<string, string>): MigrationRoom {
  const folder = mkdtempSync(join(tmpdir(), 'sekisho-migrations-'));
  folders.push(folder);
  for (const [file, sql] of Object.entries(files)) writeFileSync(join(folder, file), sql);
  return { room: name, folder };
}

const change = (of: MigrationRoom, file: string, sql: string) => writeFileSync(join(of.folder, file), sql);
const tables = async () =>
  (
    await client.query(`SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace
    AND relname <> 'sekisho_migration' ORDER BY 1`)
  ).rows.map((row) => row.relname);

describe('migrate', () => {
  it('applies each room in the given order, its files by number, and once only', async () => {
    const second = room('second', { '001-b.sql': 'CREATE TABLE b (a int REFERENCES a);' });
    const first = room('first', {
      '002-more.sql': 'ALTER TABLE a ADD COLUMN more text;',
      '001-a.sql': 'CREATE TABLE a (id int PRIMARY KEY);',
      'README.md': 'no migration',
    });
    expect(await migrate(client, [first, second])).toEqual([
      'first/001-a.sql',
      'first/002-more.sql',
      'second/001-b.sql',
    ]);
    expect(await tables()).toEqual(['a', 'b']);
    expect(await migrate(client, [first, second])).toEqual([]);
  });

  it('applies what has been added since', async () => {
    const one = room('one', { '001-a.sql': 'CREATE TABLE a ();' });
    await migrate(client, [one]);
    change(one, '002-b.sql', 'CREATE TABLE b ();');
    expect(await migrate(client, [one])).toEqual(['one/002-b.sql']);
  });

  it('one file is one transaction: a failing statement leaves nothing of it, the files before it stay', async () => {
    const one = room('one', {
      '001-a.sql': 'CREATE TABLE a ();',
      '002-b.sql': 'CREATE TABLE b ();\n\nCREATE TABEL c ();',
    });
    await expect(migrate(client, [one])).rejects.toMatchObject({
      kind: 'schema-mismatch',
      facts: { reason: 'failed', room: 'one', file: '002-b.sql', line: 3, sqlstate: '42601' },
    });
    expect(await tables()).toEqual(['a']);
    change(one, '002-b.sql', 'CREATE TABLE b ();');
    expect(await migrate(client, [one])).toEqual(['one/002-b.sql']);
  });

  it('a no-transaction file may build an index concurrently', async () => {
    const one = room('one', {
      '001-a.sql': 'CREATE TABLE a (id int);',
      '002-index.sql': '-- no-transaction\nCREATE INDEX CONCURRENTLY IF NOT EXISTS a_id ON a (id);',
    });
    expect(await migrate(client, [one])).toHaveLength(2);
    const { rows } = await client.query(
      `SELECT indisvalid FROM pg_index WHERE indexrelid = 'a_id'::regclass`,
    );
    expect(rows).toEqual([{ indisvalid: true }]);
  });

  it('refuses to build an index concurrently without the marker', async () => {
    const one = room('one', {
      '001-a.sql': 'CREATE TABLE a (id int); CREATE INDEX CONCURRENTLY a_id ON a (id);',
    });
    await expect(migrate(client, [one])).rejects.toMatchObject({
      facts: { reason: 'failed', sqlstate: '25001' },
    });
  });

  it('two at once: one applies, the other waits and finds nothing to do', async () => {
    const one = room('one', {
      '001-a.sql': 'CREATE TABLE a (); SELECT pg_sleep(0.2);',
      '002-b.sql': 'CREATE TABLE b ();',
    });
    const other = await connect('migrator');
    const both = await Promise.all([migrate(client, [one]), migrate(other, [one])]);
    await other.end();
    expect(both.flat()).toEqual(['one/001-a.sql', 'one/002-b.sql']);
  });

  it('lets go of its lock after success and after failure', async () => {
    await migrate(client, [room('one', { '001-a.sql': 'SELECT 1;' })]);
    await migrate(client, [room('two', { '001-a.sql': 'SELECT nothing;' })]).catch(() => {});
    const { rows } = await client.query(`SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND database =
      (SELECT oid FROM pg_database WHERE datname = current_database())`);
    expect(rows).toEqual([]);
  });
});

describe('a schema that does not match the files is refused', () => {
  it('file changed', async () => {
    const one = room('one', { '001-a.sql': 'CREATE TABLE a ();' });
    await migrate(client, [one]);
    change(one, '001-a.sql', 'CREATE TABLE a (id int);');
    await expect(migrate(client, [one])).rejects.toMatchObject({
      kind: 'schema-mismatch',
      facts: { reason: 'changed', room: 'one', file: '001-a.sql' },
    });
  });

  it('file renamed', async () => {
    const one = room('one', { '001-a.sql': 'CREATE TABLE a ();' });
    await migrate(client, [one]);
    renameSync(join(one.folder, '001-a.sql'), join(one.folder, '001-b.sql'));
    await expect(migrate(client, [one])).rejects.toMatchObject({ facts: { reason: 'changed' } });
  });

  it('line ends of another system are no change', async () => {
    const one = room('one', { '001-a.sql': 'CREATE TABLE a\n();\n' });
    await migrate(client, [one]);
    change(one, '001-a.sql', 'CREATE TABLE a\r\n();\r\n');
    expect(await migrate(client, [one])).toEqual([]);
  });

  it('database newer than the program', async () => {
    const one = room('one', { '001-a.sql': 'CREATE TABLE a ();', '002-b.sql': 'CREATE TABLE b ();' });
    await migrate(client, [one]);
    unlinkSync(join(one.folder, '002-b.sql'));
    await expect(migrate(client, [one])).rejects.toMatchObject({
      facts: { reason: 'unknown', file: '002-b.sql' },
    });
  });

  it('number slipped in before one already applied', async () => {
    const one = room('one', { '002-b.sql': 'CREATE TABLE b ();' });
    await migrate(client, [one]);
    change(one, '001-a.sql', 'CREATE TABLE a ();');
    await expect(migrate(client, [one])).rejects.toMatchObject({
      facts: { reason: 'out-of-order', file: '001-a.sql' },
    });
  });

  it('number twice', async () => {
    const one = room('one', { '001-a.sql': 'SELECT 1;', '001-b.sql': 'SELECT 1;' });
    await expect(migrate(client, [one])).rejects.toMatchObject({ facts: { reason: 'number-twice' } });
  });

  it.each(['1-a.sql', '001_a.sql', '001-A.sql', '001.sql'])('file named %s', async (name) => {
    const one = room('one', { [name]: 'SELECT 1;' });
    await expect(migrate(client, [one])).rejects.toMatchObject({
      facts: { reason: 'file-name', file: name },
    });
  });
});

describe('checkOnly', () => {
  it('passes as the gate’s role when all is applied, and applies nothing when not', async () => {
    const one = room('one', { '001-a.sql': 'CREATE TABLE a ();' });
    const gate = await connect('gate');
    try {
      await expect(migrate(gate, [one], { checkOnly: true })).rejects.toMatchObject({
        facts: { reason: 'pending' },
      });
      await migrate(client, [one]);
      expect(await migrate(gate, [one], { checkOnly: true })).toEqual([]);
      change(one, '002-b.sql', 'CREATE TABLE b ();');
      await expect(migrate(gate, [one], { checkOnly: true })).rejects.toMatchObject({
        kind: 'schema-mismatch',
        facts: { reason: 'pending', file: '002-b.sql' },
      });
      expect(await tables()).toEqual(['a']);
    } finally {
      await gate.end();
    }
  });

  it('an empty database is pending', async () => {
    const empty = await connect('superuser');
    await empty.query('DROP TABLE public.sekisho_migration');
    await empty.end();
    const one = room('one', { '001-a.sql': 'SELECT 1;' });
    await expect(migrate(client, [one], { checkOnly: true })).rejects.toMatchObject({
      facts: { reason: 'pending' },
    });
  });
});

describe('distribution', () => {
  /** Stands in for the extension: a row in the catalogue and the one function, which writes down its calls. */
  async function pretendCitus(): Promise<void> {
    const admin = await connect('superuser');
    await admin.query(`SET allow_system_table_mods = on;
      INSERT INTO pg_extension (oid, extname, extowner, extnamespace, extrelocatable, extversion)
        VALUES (99999, 'citus', 10, 'public'::regnamespace, false, '1');
      CREATE TABLE distributed (name text, keys text, number serial);
      CREATE FUNCTION create_distributed_table(name text, keys text) RETURNS void LANGUAGE sql SECURITY DEFINER
        AS $$ INSERT INTO distributed (name, keys) SELECT name::regclass::text, keys $$;`);
    await admin.end();
  }
  const calls = async () => {
    const admin = await connect('superuser');
    const { rows } = await admin.query('SELECT name, keys FROM distributed ORDER BY number');
    await admin.end();
    return rows.map((row) => `${row.name} by ${row.keys}`);
  };
  const sql = `CREATE SCHEMA register;
    -- Residents (Act, article 7).
    -- distribute by municipality_code
    CREATE TABLE register.resident (municipality_code text, id uuid, PRIMARY KEY (municipality_code, id));
    CREATE TABLE register.job (id int);
    -- distribute by agency_id
    CREATE TABLE IF NOT EXISTS item (agency_id text PRIMARY KEY);`;

  it('distributes the marked tables right after their CREATE where citus is present', async () => {
    await pretendCitus();
    await migrate(client, [room('one', { '001-a.sql': sql })]);
    expect(await calls()).toEqual(['register.resident by municipality_code', 'item by agency_id']);
  });

  it('leaves them plain where it is not', async () => {
    expect(await migrate(client, [room('one', { '001-a.sql': sql })])).toHaveLength(1);
  });

  it.each(['-- distribute by a\nSELECT 1;', '-- distribute by a, b\nCREATE TABLE a ();'])(
    'refuses a marker that says nothing, with or without citus: %s',
    async (text) => {
      const one = room('one', { '001-a.sql': text });
      await expect(migrate(client, [one])).rejects.toMatchObject({ facts: { reason: 'marker' } });
    },
  );
});

it('the checksum of a list changes with text, name, room and order', () => {
  const a = room('a', { '001-a.sql': 'SELECT 1;' });
  const b = room('b', { '001-a.sql': 'SELECT 1;' });
  const sums = [[a], [b], [a, b], [b, a], []].map(migrationsChecksum);
  change(a, '001-a.sql', 'SELECT 2;');
  expect(new Set([...sums, migrationsChecksum([a])]).size).toBe(6);
  expect(readMigrations(a)[0]).toMatchObject({ number: 1, name: '001-a.sql', sql: 'SELECT 2;' });
});

it('a connection lost in mid-migration is database-unavailable', async () => {
  const one = room('one', { '001-a.sql': 'SELECT pg_terminate_backend(pg_backend_pid());' });
  const lost = await connect('migrator');
  lost.on('error', () => {});
  await expect(migrate(lost, [one])).rejects.toMatchObject({ kind: 'database-unavailable' });
});
