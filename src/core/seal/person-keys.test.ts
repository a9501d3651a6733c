import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type FreshDatabase, freshDatabase } from '../../../test/database.ts';
import { manualClock } from '../../ground/clock.ts';
import { isDatabaseError } from '../../ground/database/index.ts';
import { isSekishoError } from '../../ground/errors.ts';
import { type PersonId, uuidv7 } from '../../ground/ids.ts';
import { seededRandomness } from '../../ground/randomness.ts';
import { openField, sealField } from './envelope.ts';
import { FileKeyStore } from './file-key-store.ts';
import type { KeyStore } from './key-store.ts';
import { sealMigrations } from './migrations.ts';
import { PersonKeys, shardOf } from './person-keys.ts';

const randomness = seededRandomness('person keys');
const clock = manualClock();
const store = new FileKeyStore(Buffer.from(randomness.bytes(32)), randomness.bytes(16), randomness);
let database: FreshDatabase;
let keys: PersonKeys;

beforeAll(async () => {
  database = await freshDatabase([sealMigrations]);
  keys = new PersonKeys(database.pool('keys'), store, clock, randomness);
});
afterAll(() => database.drop());

const draw = (count: number) => Array.from({ length: count }, () => uuidv7(clock, randomness) as PersonId);

async function kindOf(work: Promise<unknown>): Promise<string> {
  try {
    await work;
  } catch (error) {
    return isSekishoError(error) ? error.kind : isDatabaseError(error) ? 'database' : String(error);
  }
  return 'done';
}

describe("persons' keys", () => {
  it('are drawn, wrapped, fetched without being opened, and unwrapped at once', async () => {
    const persons = draw(2_500);
    const made = await keys.create(persons);
    expect(made.map((key) => key.person)).toEqual(persons);
    expect(new Set(made.map((key) => key.key.toString('hex'))).size).toBe(persons.length);
    const wrapped = await keys.fetchWrapped(persons);
    expect(wrapped.size).toBe(persons.length);
    for (const key of made) {
      const row = wrapped.get(key.person)!;
      expect(row).toMatchObject({ version: 1, shard: shardOf(key.person, 4_096) });
      const opened = keys.unwrap(row);
      expect(Buffer.isBuffer(opened)).toBe(true);
      expect(opened).toEqual(key.key);
    }
  });

  it('are noted with the time of the clock', async () => {
    const [person] = draw(1);
    await keys.create([person!]);
    const { rows } = await database
      .pool('keys')
      .query('SELECT created_at FROM keys.person_key WHERE person_id = $1', [person]);
    expect((rows[0].created_at as Date).getTime()).toBe(clock.now());
  });

  it('are spread over the shards', () => {
    const used = new Set(draw(2_000).map((person) => shardOf(person, 16)));
    expect(used.size).toBe(16);
  });

  it('made by a store that answers later are the same', async () => {
    const slow = {
      shards: 4,
      wrap: async (shard: number, key: Buffer, place: string) => store.wrap(shard, key, place),
      unwrap: async (shard: number, key: Buffer, place: string) => store.unwrap(shard, key, place),
    } as unknown as KeyStore;
    const later = new PersonKeys(database.pool('keys'), slow, clock, randomness);
    const [made] = await later.create(draw(3));
    const wrapped = (await keys.fetchWrapped([made!.person])).get(made!.person)!;
    expect(wrapped.shard).toBeLessThan(4);
    expect(await later.unwrap(wrapped)).toEqual(made!.key);
    expect(keys.unwrap(wrapped)).toEqual(made!.key);
  });

  it('asked for nobody, or for strangers, are none', async () => {
    expect(await keys.create([])).toEqual([]);
    expect((await keys.fetchWrapped([])).size).toBe(0);
    expect((await keys.fetchWrapped(draw(3))).size).toBe(0);
    expect(await keys.erase([])).toBe(0);
  });

  it('are not made twice, and a batch with one double makes none', async () => {
    const [old, ...fresh] = draw(4);
    await keys.create([old!]);
    expect(await kindOf(keys.create([...fresh, old!]))).toBe('already-exists');
    expect((await keys.fetchWrapped(fresh)).size).toBe(0);
    expect(await kindOf(keys.create([fresh[0]!, fresh[0]!]))).toBe('already-exists');
  });

  it('are not made for what is no person id', async () => {
    expect(await kindOf(keys.create(["x'; DROP TABLE" as PersonId]))).toBe('bad-input');
  });
});

describe('a wrapped key moved', () => {
  it('to another person, version or shard is refused', async () => {
    const [a, b] = await keys.create(draw(2));
    const wrapped = await keys.fetchWrapped([a!.person, b!.person]);
    const row = wrapped.get(a!.person)!;
    for (const moved of [
      { ...row, person: b!.person },
      { ...row, version: 2 },
      { ...row, shard: (row.shard + 1) % 4_096 },
      { ...row, wrapped: wrapped.get(b!.person)!.wrapped },
      { ...row, wrapped: row.wrapped.subarray(1) },
    ]) {
      expect(() => keys.unwrap(moved)).toThrow(/seal-broken/);
    }
  });

  it('into a database of another key store is refused', async () => {
    const other = new FileKeyStore(Buffer.from(randomness.bytes(32)), randomness.bytes(16), randomness);
    const [made] = await keys.create(draw(1));
    const row = (await keys.fetchWrapped([made!.person])).get(made!.person)!;
    const theirs = new PersonKeys(database.pool('keys'), other, clock, randomness);
    expect(() => theirs.unwrap(row)).toThrow(/seal-broken/);
  });
});

describe('a rotation', () => {
  it('adds a version, keeps the old one until it is retired, and never removes the last', async () => {
    const [first] = await keys.create(draw(1));
    const person = first!.person;
    const second = await keys.rotate(person);
    expect(second.version).toBe(2);
    expect(second.key).not.toEqual(first!.key);
    const versions = (await keys.fetchVersions([person])).get(person)!;
    expect(versions.map((key) => key.version)).toEqual([2, 1]);
    expect(versions.map((key) => keys.unwrap(key))).toEqual([second.key, first!.key]);
    expect((await keys.fetchWrapped([person])).get(person)!.version).toBe(2);
    expect(await keys.retire(person, 3)).toBe(0);
    expect(await keys.retire(person, 2)).toBe(1);
    expect((await keys.fetchVersions([person])).get(person)!.map((key) => key.version)).toEqual([2]);
  });

  it('of nobody is refused; two at once make one version', async () => {
    expect(await kindOf(keys.rotate(draw(1)[0]!))).toBe('key-erased');
    const [first] = await keys.create(draw(1));
    const kinds = await Promise.all([kindOf(keys.rotate(first!.person)), kindOf(keys.rotate(first!.person))]);
    const versions = (await keys.fetchVersions([first!.person]))
      .get(first!.person)!
      .map((key) => key.version);
    expect(versions).toEqual(kinds.includes('already-exists') ? [2, 1] : [3, 2, 1]);
  });
});

describe('an erasure', () => {
  it('leaves nothing that opens the person’s fields, and spares the others', async () => {
    const [gone, stays] = await keys.create(draw(2));
    const place = { table: 'register.resident', column: 'name', person: gone!.person, keyVersion: 1 };
    const sealed = sealField(gone!.key, place, Buffer.from('x'), randomness);
    expect(openField(gone!.key, place, sealed).toString()).toBe('x');
    await keys.rotate(gone!.person);
    expect(await keys.erase([gone!.person], 77)).toBe(1);
    expect((await keys.fetchVersions([gone!.person])).size).toBe(0);
    expect((await keys.fetchWrapped([stays!.person])).size).toBe(1);
    const { rows } = await database
      .pool('keys')
      .query('SELECT line_index, erased_at FROM keys.erasure WHERE person_id = $1', [gone!.person]);
    expect(Number(rows[0].line_index)).toBe(77);
    expect((rows[0].erased_at as Date).getTime()).toBe(clock.now());
  });

  it('is for ever: the person’s id gets no key again, by creation or rotation', async () => {
    const [gone] = await keys.create(draw(1));
    await keys.erase([gone!.person]);
    expect(await kindOf(keys.create([gone!.person]))).toBe('key-erased');
    expect(await kindOf(keys.rotate(gone!.person))).toBe('key-erased');
    expect(await keys.erase([gone!.person])).toBe(0);
  });

  it('racing a rotation wins: no version is left to be served', async () => {
    for (const { person } of await keys.create(draw(20))) {
      await Promise.all([keys.rotate(person).catch(() => {}), keys.erase([person])]);
      expect((await keys.fetchVersions([person])).size).toBe(0);
      const { rows } = await database
        .pool('keys')
        .query('SELECT count(*)::int AS n FROM keys.person_key WHERE person_id = $1', [person]);
      expect(rows[0].n).toBe(0);
    }
  });

  it('holds for a row that a restore of the table brought back, even before the erasures are replayed', async () => {
    const [gone] = await keys.create(draw(1));
    const superuser = database.pool('superuser');
    const { rows } = await superuser.query('SELECT * FROM keys.person_key WHERE person_id = $1', [
      gone!.person,
    ]);
    await keys.erase([gone!.person]);
    const { person_id, key_version, shard, wrapped, created_at } = rows[0];
    await superuser.query('INSERT INTO keys.person_key VALUES ($1, $2, $3, $4, $5)', [
      person_id,
      key_version,
      shard,
      wrapped,
      created_at,
    ]);
    expect((await keys.fetchWrapped([gone!.person])).size).toBe(0);
    expect(await keys.replayErasures([{ person: gone!.person, lineIndex: 5 }])).toBe(1);
  });

  it('is replayed after a restore to a moment before it: the journal’s list erases again', async () => {
    const [gone, stays] = await keys.create(draw(2));
    const superuser = database.pool('superuser');
    const { rows } = await superuser.query('SELECT * FROM keys.person_key WHERE person_id = $1', [
      gone!.person,
    ]);
    await keys.erase([gone!.person], 9);
    // The whole database goes back: the key is there again and the erasure is forgotten.
    await superuser.query('DELETE FROM keys.erasure WHERE person_id = $1', [gone!.person]);
    await superuser.query(
      'INSERT INTO keys.person_key SELECT (r).* FROM jsonb_populate_record(null::keys.person_key, $1) AS r',
      [JSON.stringify({ ...rows[0], wrapped: `\\x${rows[0].wrapped.toString('hex')}` })],
    );
    expect((await keys.fetchWrapped([gone!.person])).size).toBe(1);
    expect(await keys.replayErasures([{ person: gone!.person, lineIndex: 9 }])).toBe(1);
    expect((await keys.fetchWrapped([gone!.person, stays!.person])).has(gone!.person)).toBe(false);
    expect((await keys.fetchWrapped([stays!.person])).size).toBe(1);
  });
});

describe('the schema keys', () => {
  it('is closed to every role but sekisho_keys', async () => {
    for (const role of ['gate', 'office', 'portal'] as const) {
      const pool = database.pool(role);
      for (const table of ['person_key', 'erasure']) {
        expect(await kindOf(pool.query(`SELECT * FROM keys.${table}`)), role).toBe('database');
        expect(await kindOf(pool.query(`DELETE FROM keys.${table}`)), role).toBe('database');
      }
    }
  });

  it('lets sekisho_keys change no key in place and forget no erasure', async () => {
    const pool = database.pool('keys');
    for (const statement of [
      "UPDATE keys.person_key SET wrapped = '\\x00'",
      'UPDATE keys.erasure SET line_index = 1',
      'DELETE FROM keys.erasure',
      'TRUNCATE keys.person_key',
      'DROP TABLE keys.person_key',
      'CREATE TABLE keys.more (a int)',
    ]) {
      expect(await kindOf(pool.query(statement)), statement).toBe('database');
    }
  });

  it('says how each table is distributed, by its first key column', async () => {
    const { readFileSync } = await import('node:fs');
    const sql = readFileSync(`${sealMigrations.folder}/001-person-key.sql`, 'utf8');
    expect(sql.match(/-- distribute by person_id\nCREATE TABLE keys\.\w+ \(\n {2}person_id /g)?.length).toBe(
      2,
    );
  });
});
