import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type FreshDatabase, freshDatabase } from '../../../test/database.ts';
import type { PersonId } from '../../ground/ids.ts';
import { silentLog } from '../../ground/log.ts';
import { decodeLine, Journal } from '../journal/index.ts';
import { carriedStates } from './carried-line.ts';
import { type Carried, carryRecords, hasCarried } from './carry-records.ts';
import { erasuresOf } from './erase.ts';
import { type Stage, staged, stageRooms, stated, town } from './staging/stage.fixture.ts';
import { trialTable } from './staging/trial-table.fixture.ts';
import type { Finding } from './verify-records.ts';

// The tip of a log is lost and a new one succeeds it, while the rows still name lines of the old one.
let database: FreshDatabase;
let stage: Stage;
let persons: PersonId[];
/** Erased under the old log; erased, but with his line not carried out yet; edited past the gate before the loss. */
let erased: PersonId;
let due: PersonId;
let doctored: PersonId;
let carried: Carried;

const sql = async (text: string, values: unknown[] = []) =>
  (await database.pool('superuser', 1).query(text, values)).rows;
const findings = async () => {
  const found: Finding[] = [];
  for await (const finding of stage.gate.verify(town)) found.push(finding);
  return found;
};
let changes = 0;
const change = async (person: PersonId, event: string) => {
  const session = await stage.signIn('registrar');
  const [result] = await stage.gate.write({
    session,
    importId: 'i',
    ops: [
      {
        ...{
          requestId: `change-${changes++}`,
          table: 'resident',
          kind: 'record.changed',
          municipality: town,
        },
        ...{ person, fields: {}, clear: stated(event) },
      },
    ],
  });
  if (result?.outcome !== 'changed') throw result;
};
const erase = async (person: PersonId) => {
  await change(person, 'removal');
  const desk = await stage.desk('supervisor', 'record-erasure');
  await stage.gate.erase({ ...desk, person, reason: 'retention over' });
};
const carry = (journal: Journal, more: readonly PersonId[] = []) =>
  carryRecords({
    ...{ municipality: town, journal, pool: database.pool('gate'), table: trialTable, keys: stage.keys },
    ...{ erased: more, log: silentLog },
  });

beforeAll(async () => {
  database = await freshDatabase(stageRooms);
  stage = await staged(database);
  const created = await stage.populate(Array.from({ length: 700 }, (_, i) => stage.op(i)));
  persons = created.map(({ person }) => person!);
  [erased, due, doctored] = persons.splice(0, 3) as [PersonId, PersonId, PersonId];
  await erase(erased);
  await erase(due);
  await sql(
    `INSERT INTO gate.erasure_due SELECT $1, person_id, line_index FROM keys.erasure WHERE person_id = $2`,
    [town, due],
  );
  await sql('DELETE FROM keys.erasure WHERE person_id = $1', [due]);
  await change(persons[0]!, 'name-change');
  await change(persons[0]!, 'move-within');
  expect(await findings()).toEqual([]);
  await sql(`UPDATE trial.resident SET event_date = '1999-01-01' WHERE person_id = $1`, [doctored]);
  await stage.gate.close();

  const { journal } = await Journal.succeed(stage.journalOptions());
  expect(await hasCarried(journal, journal.head().size)).toBe(false);
  await journal.append({ lines: [{ kind: 'restore.made', body: { to: 0 } }] });
  carried = await carry(journal);
  await journal.close();
  await stage.reopen();
});
afterAll(async () => {
  await stage.end();
  await database.drop();
});

describe('a log that succeeds another', () => {
  it('vouches for the sound rows of the old one, present and replaced, in few lines', async () => {
    // 700 present rows less the doctored one; replaced ones: two removals and two changes.
    expect(carried.states).toBe(699 + 4);
    const { size } = stage.gate.journal(town).head();
    const kinds = [];
    for await (const line of stage.gate.journal(town).read(0, size))
      kinds.push(decodeLine(line.payload).kind);
    expect(kinds.slice(0, 2)).toEqual(['log.succeeded', 'restore.made']);
    expect(kinds.filter((kind) => kind === 'records.carried')).toHaveLength(3 + 1 + 1);
    expect(await hasCarried(stage.gate.journal(town), size)).toBe(true);
    expect(await hasCarried(stage.gate.journal(town), 3)).toBe(false);
  });

  it('names what the old one did not vouch for, then and at every verification', async () => {
    expect(carried.findings).toEqual([
      { finding: 'changed', municipality: town, person: doctored, line: expect.any(Number), log: 1 },
    ]);
    expect(await findings()).toEqual([
      expect.objectContaining({ finding: 'inserted', person: doctored, log: 1 }),
    ]);
    await sql('DELETE FROM trial.resident WHERE person_id = $1', [doctored]);
    expect(await findings()).toEqual([]);
  });

  it('carries out what the old one had ordered erased, and tells of all who are', async () => {
    expect(await sql('SELECT 1 FROM gate.erasure_due')).toEqual([]);
    expect(await sql('SELECT 1 FROM keys.person_key WHERE person_id = $1', [due])).toEqual([]);
    expect(await sql('SELECT 1 FROM keys.erasure WHERE person_id = $1', [due])).toHaveLength(1);
    const told = [];
    for await (const each of erasuresOf(stage.gate.journal(town))) told.push(each.person);
    expect(told.sort()).toEqual([erased, due].sort());
  });

  it('lets nobody enrol himself as the first, though it has no line of an enrolment', async () => {
    await sql('CREATE TABLE public.kept_staff AS SELECT * FROM gate.staff');
    await sql('DELETE FROM gate.staff');
    await stage.reopen();
    await expect(stage.member(town, 'intruder', 'administrator', 'desk-1')).rejects.toMatchObject({
      kind: 'session-invalid',
    });
    await sql('INSERT INTO gate.staff SELECT * FROM public.kept_staff');
    await stage.reopen();
  });
});

describe('a row of the old log edited after the succession', () => {
  const [first, second] = [
    '01890000-0000-7000-8000-00000000000c',
    '01890000-0000-7000-8000-00000000000d',
  ] as [PersonId, PersonId];
  const ghost = (id: PersonId, line: string, log: string) =>
    sql(
      `INSERT INTO trial.resident SELECT municipality_code, $2, key_version, ${line}, content_digest, name_sealed,
         birth_sealed, address_sealed, number_sealed, resident_code_sealed, household_sealed, NULL, NULL, NULL, NULL,
         NULL, NULL, status, event, event_date, ${log} FROM trial.resident WHERE person_id = $1`,
      [persons[5], id],
    );

  it.each(['name_sealed = address_sealed', "event_date = '1999-01-01'", 'log_number = 2', 'log_number = 7'])(
    'is named: %s',
    async (edit) => {
      await sql('CREATE TABLE public.kept AS SELECT * FROM trial.resident');
      await sql(`UPDATE trial.resident SET ${edit} WHERE person_id = $1`, [persons[9]]);
      expect((await findings()).map(({ person }) => person)).toEqual([persons[9]]);
      await sql('DELETE FROM trial.resident WHERE person_id = $1', [persons[9]]);
      expect(await findings()).toEqual([
        { finding: 'removed', municipality: town, person: persons[9], line: expect.any(Number), log: 1 },
      ]);
      await sql('INSERT INTO trial.resident SELECT * FROM public.kept WHERE person_id = $1', [persons[9]]);
      await sql('DROP TABLE public.kept');
      expect(await findings()).toEqual([]);
    },
  );

  it('or inserted with the old log’s number is named: under a carried line, a line of its own, one before all', async () => {
    for (const line of ['line_index', '999999', '-3']) {
      await ghost(first, line, '1');
      expect(await findings(), line).toEqual([
        expect.objectContaining({ finding: 'inserted', person: first }),
      ]);
      await sql('DELETE FROM trial.resident WHERE person_id = $1', [first]);
    }
  });

  it('or inserted with this log’s or no log’s number is named', async () => {
    for (const log of ['2', '0', '-1', '3']) {
      await ghost(second, 'line_index', log);
      const found = await findings();
      expect(
        found.map(({ person }) => person),
        log,
      ).toEqual([second]);
      await sql('DELETE FROM trial.resident WHERE person_id = $1', [second]);
    }
  });

  it('or an older state of the old log put back is named', async () => {
    const [person] = persons;
    await sql('CREATE TABLE public.kept AS SELECT * FROM trial.resident WHERE person_id = $1', [person]);
    await sql('DELETE FROM trial.resident WHERE person_id = $1', [person]);
    await sql(
      'INSERT INTO trial.resident SELECT * FROM trial.resident_history WHERE person_id = $1 ORDER BY line_index LIMIT 1',
      [person],
    );
    expect(await findings()).toEqual([expect.objectContaining({ finding: 'changed', person, log: 1 })]);
    await sql('DELETE FROM trial.resident WHERE person_id = $1', [person]);
    await sql('INSERT INTO trial.resident SELECT * FROM public.kept');
    await sql('DROP TABLE public.kept');
  });
});

describe('life goes on under the new log', () => {
  it('a row of the old one is replaced: the line names the log of the state before', async () => {
    await change(persons[3]!, 'name-change');
    await change(persons[3]!, 'move-within');
    const rows = await sql(
      'SELECT log_number FROM trial.resident_history WHERE person_id = $1 ORDER BY log_number',
      [persons[3]],
    );
    expect(rows.map(({ log_number }) => log_number)).toEqual([1, 2]);
    const [newest, older] = (await stage.gate.journal(town).linesOf(persons[3]!)).map(
      (line) => decodeLine(line.payload).body,
    );
    expect(older).toMatchObject({ replacesLog: 1 });
    expect(newest).not.toHaveProperty('replacesLog');
    expect(await findings()).toEqual([]);
  });

  it('a replaced state of the old log edited in the history is named', async () => {
    await sql('CREATE TABLE public.kept AS SELECT * FROM trial.resident_history');
    await sql(`UPDATE trial.resident_history SET event = 'x' WHERE person_id = $1 AND log_number = 1`, [
      persons[3],
    ]);
    expect(await findings()).toEqual([
      expect.objectContaining({ finding: 'changed', person: persons[3], log: 1, history: true }),
    ]);
    await sql('TRUNCATE trial.resident_history');
    await sql('INSERT INTO trial.resident_history SELECT * FROM public.kept');
  });

  it('a third log carries the states of both', async () => {
    await stage.gate.close();
    const { journal } = await Journal.succeed(stage.journalOptions());
    const { findings: named } = await carry(journal);
    await journal.close();
    await stage.reopen();
    expect([named, await findings(), stage.gate.journal(town).number]).toEqual([[], [], 3]);
    await sql(`UPDATE trial.resident SET event = 'x' WHERE person_id = ANY($1)`, [[persons[3], persons[4]]]);
    expect((await findings()).map(({ person, log }) => [person, log])).toEqual([
      [persons[4], 1],
      [persons[3], 2],
    ]);
  });
});

describe('a line that carries states', () => {
  it('is refused where it is none of ours', () => {
    const good = ['01890000-0000-7000-8000-00000000000c', 1, 5, 'ab'.repeat(32), 0];
    expect(carriedStates({ states: [good] }).states).toHaveLength(1);
    expect(carriedStates({})).toEqual({ states: [], erased: [] });
    for (const [place, bad] of [
      [0, 'nobody'],
      [1, -1],
      [2, 1.5],
      [3, 'ab'],
      [1, '1'],
    ] as const)
      expect(() => carriedStates({ states: [good.with(place, bad)] })).toThrow();
    expect(() => carriedStates({ states: ['x'] })).toThrow();
    expect(() => carriedStates({ erased: [7] })).toThrow();
  });
});
