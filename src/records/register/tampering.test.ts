import type pg from 'pg';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type FreshDatabase, freshDatabase } from '../../../test/database.ts';
import { drawResidentRecordCode } from '../../core/numbers/index.ts';
import type { PersonId } from '../../ground/ids.ts';
import { seededRandomness } from '../../ground/randomness.ts';
import { cellsWith, residentCsv } from './resident-file/sample-rows.fixture.ts';
import { residentTable } from './sealed-table.ts';
import { chiyoda, RegisterStage, stageRooms } from './staging.fixture.ts';

/** Rows edited by an administrator of PostgreSQL, past the gate: each is named by the verification. */

let database: FreshDatabase;
let stage: RegisterStage;
let admin: pg.Pool;
let persons: PersonId[];

beforeAll(async () => {
  database = await freshDatabase(stageRooms);
  stage = await RegisterStage.start(database, [chiyoda]);
  admin = stage.database.pool('superuser');
  const codes = seededRandomness('tampering');
  const rows = Array.from({ length: 6 }, (_, at) =>
    cellsWith({
      address_number: String(1000 + at),
      household_number: String(500 + at),
      reading: ['アオキ', 'イトウ', 'ウエダ', 'エンドウ', 'オオノ', 'カトウ'][at]!,
      address: `見本市中央${at + 1}番地`,
      resident_code: drawResidentRecordCode(codes).reveal(),
    }),
  );
  await stage.import(residentCsv(rows));
  // One record with a past: an older state can be put back.
  await stage.import(residentCsv([rows[0]!.with(10, '見本市東99番地'), ...rows.slice(1)]));
  const found = await admin.query<{ person_id: PersonId }>(
    'SELECT person_id FROM register.resident ORDER BY address_index',
  );
  persons = found.rows.map((row) => row.person_id);
  await admin.query('CREATE TABLE public.kept AS SELECT * FROM register.resident');
}, 120_000);
afterAll(async () => {
  await stage?.end();
  await database?.drop();
});

async function findings() {
  const { session } = await stage.worker('officer');
  return (await stage.service().verify(session)).findings.map(({ finding, person }) => ({ finding, person }));
}

beforeEach(async () => {
  expect(await findings()).toEqual([]);
});
afterEach(async () => {
  await admin.query('TRUNCATE register.resident');
  await admin.query('INSERT INTO register.resident SELECT * FROM public.kept');
});

const edits: Record<string, string> = {
  status: `'deceased'`,
  event: `'death'`,
  event_date: `'1999-01-01'`,
  key_version: 'key_version + 1',
  log_number: 'log_number + 1',
  line_index: 'line_index + 1000',
  content_digest: `set_byte(content_digest, 0, get_byte(content_digest, 0) # 1)`,
};
const flipped = (column: string) => `set_byte(${column}, 1, get_byte(${column}, 1) # 1)`;
const sealed = Object.values(residentTable.groups).map(({ column }) => column);
const indexes = Object.values(residentTable.indexes).map(({ column }) => column);
for (const column of [...sealed, ...indexes]) edits[column] = flipped(column);

describe('one column of one row edited', () => {
  it('the list of edits has every column but the key', async () => {
    const { rows } = await admin.query<{ column_name: string }>(
      `SELECT column_name FROM information_schema.columns WHERE table_schema = 'register' AND table_name = 'resident'`,
    );
    const columns = rows
      .map((row) => row.column_name)
      .filter((name) => !/^(municipality_code|person_id)$/.test(name));
    expect(Object.keys(edits).sort()).toEqual(columns.sort());
  });

  it.each(Object.entries(edits))('%s', async (column, value) => {
    const [, person] = persons;
    const { rowCount } = await admin.query(
      `UPDATE register.resident SET ${column} = ${value} WHERE person_id = $1`,
      [person],
    );
    expect(rowCount).toBe(1);
    const found = await findings();
    expect(found.map((each) => each.person)).toContain(person);
    expect(new Set(found.map((each) => each.person))).toEqual(new Set([person]));
  });

  it.each([...sealed, ...indexes, 'event', 'event_date'])('%s emptied', async (column) => {
    const [, person] = persons;
    await admin.query(`UPDATE register.resident SET ${column} = NULL WHERE person_id = $1`, [person]);
    expect(await findings()).toEqual([{ finding: 'changed', person }]);
  });
});

describe('whole rows', () => {
  it('deleted', async () => {
    await admin.query('DELETE FROM register.resident WHERE person_id = $1', [persons[2]]);
    expect(await findings()).toEqual([{ finding: 'removed', person: persons[2] }]);
  });

  it('inserted, as a copy of another', async () => {
    const person = '0190a000-0000-7000-8000-00000000000f' as PersonId;
    const columns = Object.keys(edits).filter((name) => name !== 'address_number_index');
    await admin.query(
      `INSERT INTO register.resident (municipality_code, person_id, ${columns.join(', ')})
       SELECT municipality_code, $2, ${columns.join(', ')} FROM register.resident WHERE person_id = $1`,
      [persons[2], person],
    );
    expect(await findings()).toEqual([{ finding: 'inserted', person }]);
  });

  it('two swapped in all but the person', async () => {
    const columns = [...Object.keys(edits)].filter((name) => name !== 'address_number_index');
    await admin.query(
      `UPDATE register.resident AS kept SET ${columns.map((name) => `${name} = other.${name}`).join(', ')}
       FROM public.kept AS other
       WHERE (kept.person_id, other.person_id) IN (($1, $2), ($2, $1))`,
      [persons[1], persons[2]],
    );
    const found = await findings();
    expect(new Set(found.map((each) => each.person))).toEqual(new Set([persons[1], persons[2]]));
  });

  it('the sealed name of one put into the row of another: named, and it does not open either', async () => {
    await admin.query(
      `UPDATE register.resident SET name_sealed = (SELECT name_sealed FROM public.kept WHERE person_id = $2)
       WHERE person_id = $1`,
      [persons[1], persons[2]],
    );
    expect(await findings()).toEqual([{ finding: 'changed', person: persons[1] }]);
    const desk = await stage.desk('move-in');
    await expect(stage.service().show(desk, persons[1]!, ['name'])).rejects.toMatchObject({
      kind: 'seal-broken',
    });
  });

  it('an older state put back from the history', async () => {
    const { rows } = await admin.query<{ person_id: PersonId }>(
      'SELECT person_id FROM register.resident_history',
    );
    expect(rows).toHaveLength(1);
    const person = rows[0]!.person_id;
    const columns = Object.keys(edits);
    await admin.query(
      `UPDATE register.resident AS kept SET ${columns.map((name) => `${name} = old.${name}`).join(', ')}
       FROM register.resident_history AS old WHERE kept.person_id = old.person_id AND kept.person_id = $1`,
      [person],
    );
    expect(await findings()).toEqual([{ finding: 'changed', person }]);
  });

  it('the register emptied: everybody is named', async () => {
    await admin.query('DELETE FROM register.resident');
    const found = await findings();
    expect(found.every(({ finding }) => finding === 'removed')).toBe(true);
    expect(new Set(found.map(({ person }) => person))).toEqual(new Set(persons));
  });
});
