import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type FreshDatabase, freshDatabase } from '../../../test/database.ts';
import type { PersonId } from '../../ground/ids.ts';
import { stateColumns } from './sealed-table.ts';
import { type Stage, staged, stageRooms, stated, town } from './staging/stage.fixture.ts';
import { trialTable } from './staging/trial-table.fixture.ts';
import type { Finding } from './verify-records.ts';

// Every column of the register and of its history, edited past the gate; and a check that runs while the gate writes.
let database: FreshDatabase;
let stage: Stage;
let next = 0;
let persons: PersonId[] = [];
let session: string;
beforeAll(async () => {
  database = await freshDatabase(stageRooms);
  stage = await staged(database);
  session = await stage.signIn('registrar');
});
beforeEach(async () => {
  // Clean tables and a clean journal for each: undone lines are of no account.
  await sql('TRUNCATE trial.resident, trial.resident_history');
  await stage.gate.journal(town).append({ lines: [{ kind: 'restore.made', body: { to: 0 } }] });
  next += 10;
  const ops = [0, 1, 2].map((i) => stage.op(next + i));
  const results = await stage.gate.write({ session, importId: 'i', ops });
  persons = results.map(({ person }) => person!);
  await change(0, 'deceased');
  await change(1, 'deceased');
});
afterAll(async () => {
  await stage.end();
  await database.drop();
});

let admin: ReturnType<FreshDatabase['pool']> | undefined;
const sql = async (text: string, values: unknown[] = []) => {
  admin ??= database.pool('superuser', 1);
  return (await admin.query(text, values)).rows;
};
let changes = 0;
const eventTo: Record<string, string> = {
  resident: 'correction',
  deceased: 'death',
  'moved-out': 'move-out',
  removed: 'removal',
};
const change = async (i: number, status: string) => {
  const { findBy: _, draw: __, ...op } = stage.op(next + i);
  const [result] = await stage.gate.write({
    session,
    importId: 'i',
    ops: [
      {
        ...{ ...op, requestId: `change-${changes++}`, kind: 'record.changed', person: persons[i]! },
        ...{ fields: {}, clear: stated(eventTo[status]!) },
      },
    ],
  });
  expect(result!.outcome).toBe('changed');
  return result!;
};
const findings = async () => {
  const found: Finding[] = [];
  for await (const finding of stage.gate.verify(town)) found.push(finding);
  return found;
};
const types = new Map([
  ['key_version', 'key_version + 1'],
  ...trialTable.clear.map((column): [string, string] => [column, `${column} || '!'`]),
]);
const edited = (column: string) =>
  types.get(column) ?? `set_byte(${column}, 0, 255 - get_byte(${column}, 0))`;

describe.each([
  ['trial.resident', {}],
  ['trial.resident_history', { history: true }],
] as const)('%s', (table, where) => {
  it('as the gate wrote it is sound', async () => {
    expect(await findings()).toEqual([]);
  });
  /** One column of the first resident's row, edited and put right again. */
  const edit = async (column: string, value: string) => {
    await sql(`CREATE TABLE public.sound AS SELECT * FROM ${table} WHERE person_id = $1`, [persons[0]]);
    const [row] = await sql(
      `UPDATE ${table} SET ${column} = ${value} WHERE person_id = $1 RETURNING line_index`,
      [persons[0]],
    );
    const found = await findings();
    await sql(`UPDATE ${table} AS mine SET ${column} = sound.${column} FROM public.sound
               WHERE mine.person_id = sound.person_id`);
    await sql('DROP TABLE public.sound');
    return { found, line: Number(row.line_index) };
  };
  it('with any one column edited is found, by person and line', async () => {
    for (const column of stateColumns(trialTable)) {
      const { found, line } = await edit(column, edited(column));
      const finding = { finding: 'changed', municipality: town, person: persons[0], line, ...where };
      expect([column, found]).toEqual([column, [finding]]);
    }
    expect(await findings()).toEqual([]);
  });
  it('with any one column taken out is found', async () => {
    const needed = ['key_version', 'content_digest', 'status'];
    for (const column of stateColumns(trialTable).filter((each) => !needed.includes(each))) {
      const { found, line } = await edit(column, 'NULL');
      const finding = { finding: 'changed', municipality: town, person: persons[0], line, ...where };
      expect([column, found]).toEqual([column, [finding]]);
    }
  });
  it('with a row deleted is found', async () => {
    await sql(`DELETE FROM ${table} WHERE person_id = $1`, [persons[1]]);
    expect(await findings()).toEqual([
      expect.objectContaining({ finding: 'removed', person: persons[1], ...where }),
    ]);
  });
  it('emptied is found, row by row', async () => {
    await sql(`TRUNCATE ${table}`);
    const found = await findings();
    const due = 'history' in where ? persons.slice(0, 2) : persons;
    expect(found.map(({ finding }) => finding)).toEqual(due.map(() => 'removed'));
    expect(new Set(found.map(({ person }) => person))).toEqual(new Set(due));
  });
  it('with the content of two residents swapped is found for both', async () => {
    const columns = stateColumns(trialTable).filter((column) => column !== 'address_number_index');
    await sql(
      `UPDATE ${table} AS mine SET ${columns.map((c) => `${c} = other.${c}`).join(', ')}
       FROM ${table} AS other
       WHERE mine.person_id <> other.person_id AND mine.person_id = ANY($1::uuid[])
         AND other.person_id = ANY($1::uuid[])`,
      [persons.slice(0, 2)],
    );
    const found = await findings();
    expect(new Set(found.map(({ person }) => person))).toEqual(new Set(persons.slice(0, 2)));
    expect(found.map(({ finding }) => finding)).toEqual(['changed', 'changed']);
  });
  it('with a row of nobody inserted is found', async () => {
    const ghost = '01890000-0000-7000-8000-00000000000a';
    const columns = stateColumns(trialTable).map((c) => (c.endsWith('_index') ? 'NULL' : c));
    for (const line of ['line_index', '999999', '-5']) {
      await sql(
        `INSERT INTO ${table} SELECT municipality_code, $2, ${columns[0]}, ${line}, ${columns.slice(1).join(', ')}
         FROM ${table} WHERE person_id = $1`,
        [persons[0], ghost],
      );
      expect(await findings()).toEqual([
        expect.objectContaining({ finding: 'inserted', person: ghost, ...where }),
      ]);
      await sql(`DELETE FROM ${table} WHERE person_id = $1`, [ghost]);
    }
  });
});

describe('between the two', () => {
  it('an old row put back in the place of the new one is found', async () => {
    await sql('DELETE FROM trial.resident WHERE person_id = $1', [persons[0]]);
    await sql('INSERT INTO trial.resident SELECT * FROM trial.resident_history WHERE person_id = $1', [
      persons[0],
    ]);
    expect(await findings()).toEqual([expect.objectContaining({ finding: 'changed', person: persons[0] })]);
  });
  it('and moved there, history and all, is found twice', async () => {
    await sql('DELETE FROM trial.resident WHERE person_id = $1', [persons[0]]);
    await sql('INSERT INTO trial.resident SELECT * FROM trial.resident_history WHERE person_id = $1', [
      persons[0],
    ]);
    await sql('DELETE FROM trial.resident_history WHERE person_id = $1', [persons[0]]);
    const found = await findings();
    expect(found.map(({ finding, history }) => [finding, history ?? false])).toEqual([
      ['changed', false],
      ['removed', true],
    ]);
  });
  it('the present state copied into the history is found', async () => {
    await sql('INSERT INTO trial.resident_history SELECT * FROM trial.resident WHERE person_id = $1', [
      persons[2],
    ]);
    expect(await findings()).toEqual([
      expect.objectContaining({ finding: 'inserted', person: persons[2], history: true }),
    ]);
  });
  it('a deleted row is not hidden by an edit of its history', async () => {
    await sql('DELETE FROM trial.resident WHERE person_id = $1', [persons[0]]);
    await sql("UPDATE trial.resident_history SET status = 'x' WHERE person_id = $1", [persons[0]]);
    expect((await findings()).map(({ finding }) => finding).sort()).toEqual(['changed', 'removed']);
  });
  it('a row changed many times over keeps every state, each of which counts', async () => {
    for (const status of ['deceased', 'moved-out', 'resident', 'deceased']) await change(2, status);
    expect(await findings()).toEqual([]);
    const rows = await sql(
      'SELECT line_index FROM trial.resident_history WHERE person_id = $1 ORDER BY line_index',
      [persons[2]],
    );
    expect(rows).toHaveLength(4);
    await sql("UPDATE trial.resident_history SET event = 'x' WHERE line_index = $1", [rows[2].line_index]);
    expect(await findings()).toEqual([
      expect.objectContaining({ person: persons[2], line: Number(rows[2].line_index), history: true }),
    ]);
  });
});

describe('records put back to an earlier point', () => {
  const snapshot = async () => [
    await sql('CREATE TABLE IF NOT EXISTS public.kept_table AS SELECT * FROM trial.resident'),
    await sql('CREATE TABLE IF NOT EXISTS public.kept_history AS SELECT * FROM trial.resident_history'),
  ];
  const putBack = async () => {
    await sql('TRUNCATE trial.resident, trial.resident_history');
    await sql('INSERT INTO trial.resident SELECT * FROM public.kept_table');
    await sql('INSERT INTO trial.resident_history SELECT * FROM public.kept_history');
    await sql('DROP TABLE public.kept_table, public.kept_history');
  };
  it('are sound with the line that says so, table and history, and edits after it are found', async () => {
    await snapshot();
    const to = stage.gate.journal(town).head().size;
    await change(0, 'moved-out');
    await change(0, 'resident');
    await change(2, 'deceased');
    await putBack();
    expect((await findings()).length).toBeGreaterThan(0);
    await stage.gate.journal(town).append({ lines: [{ kind: 'restore.made', body: { to } }] });
    expect(await findings()).toEqual([]);
    await change(0, 'moved-out');
    expect(await findings()).toEqual([]);
    await sql("UPDATE trial.resident_history SET status = 'x' WHERE person_id = $1", [persons[1]]);
    expect(await findings()).toEqual([
      expect.objectContaining({ finding: 'changed', person: persons[1], history: true }),
    ]);
  });
});

describe('while the gate writes', () => {
  it('a check names nobody: what changed meanwhile is for the next one', async () => {
    let going = true;
    const writing = (async () => {
      for (let i = 0; going; i++) {
        const { findBy: _, draw: __, ...op } = stage.op(next);
        const ops = persons.map((person, p) => ({
          ...{ ...op, requestId: `busy-${next}-${i}-${p}`, kind: 'record.changed' as const, person },
          ...{ fields: {}, clear: stated('move-within', `day ${i}`) },
        }));
        await stage.gate.write({ session, importId: 'i', ops });
      }
    })();
    try {
      for (let run = 0; run < 5; run++) expect(await findings()).toEqual([]);
    } finally {
      going = false;
      await writing;
    }
    expect(await findings()).toEqual([]);
  });
});
