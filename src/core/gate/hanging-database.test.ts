import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type FreshDatabase, freshDatabase } from '../../../test/database.ts';
import { SekishoError } from '../../ground/errors.ts';
import type { PersonId } from '../../ground/ids.ts';
import { decodeLine } from '../journal/index.ts';
import { type Stage, staged, stageRooms, town } from './staging/stage.fixture.ts';
import { withinLimit } from './time-limit.ts';

// A database that answers nothing: the caller is refused in time, and nothing is opened, then or later.
let database: FreshDatabase;
let stage: Stage;
let persons: PersonId[];
let desk: { session: string; caseId: string };
beforeAll(async () => {
  database = await freshDatabase(stageRooms);
  stage = await staged(database, { change: { limitMs: 400 } });
  persons = (await stage.populate([0, 1, 2, 3].map((i) => stage.op(i)))).map(({ person }) => person!);
});
beforeEach(async () => {
  desk = await stage.desk('clerk', 'move-in');
});
afterAll(async () => {
  await stage.end();
  await database.drop();
});

/** Holds a table shut while `work` runs. */
const whileLocked = async (table: string, work: () => Promise<void>) => {
  const client = await database.pool('superuser', 1).connect();
  await client.query('BEGIN');
  await client.query(`LOCK TABLE ${table} IN ACCESS EXCLUSIVE MODE`);
  try {
    await work();
  } finally {
    await client.query('ROLLBACK');
    client.release();
  }
};
const open = (i: number) => stage.gate.open({ ...desk, person: persons[i]!, groups: ['name'] });
const lines = async (from: number) => {
  const kinds: string[] = [];
  for await (const line of stage.gate.journal(town).read(from, stage.gate.journal(town).head().size))
    kinds.push(decodeLine(line.payload).kind);
  return kinds;
};
const size = () => stage.gate.journal(town).head().size;

describe('while the register hangs', () => {
  it('an opening is refused with a line, costs nothing, and works when the register is back', async () => {
    const before = size();
    const { budget } = await open(0);
    await whileLocked('trial.resident', async () => {
      await expect(open(1)).rejects.toMatchObject({ kind: 'timeout', facts: { what: 'records' } });
    });
    expect(await lines(before)).toEqual(['field.opened', 'field.refused']);
    const after = await open(2);
    expect(after.budget.session).toBe(budget.session - 1);
    expect(await lines(before)).toEqual(['field.opened', 'field.refused', 'field.opened']);
  });
  it('a search is refused with a line, and costs nothing', async () => {
    const { budget } = await stage.gate.search({ ...desk, by: { reading: 'よみ1' } });
    const before = size();
    await whileLocked('trial.resident', async () => {
      await expect(stage.gate.search({ ...desk, by: { reading: 'よみ1' } })).rejects.toMatchObject({
        kind: 'timeout',
      });
    });
    expect(await lines(before)).toEqual(['search.refused']);
    const after = await stage.gate.search({ ...desk, by: { reading: 'よみ1' } });
    expect(after.budget.session).toBe(budget.session - 1);
  });
  it('many callers are refused each in his time, and the gate serves again afterwards', async () => {
    await whileLocked('trial.resident', async () => {
      const results = await Promise.allSettled([0, 1, 2, 3, 0, 1, 2, 3].map(open));
      for (const result of results) expect(result).toMatchObject({ reason: { kind: 'timeout' } });
    });
    await expect(open(3)).resolves.toMatchObject({ fields: { name: { name: '氏名3' } } });
  });
});

describe('while the keys hang', () => {
  it('an opening is refused before any line says that something was opened', async () => {
    const before = size();
    await whileLocked('keys.person_key', async () => {
      await expect(open(1)).rejects.toMatchObject({ kind: 'timeout' });
    });
    expect(await lines(before)).toEqual(['field.refused']);
  });
});

describe('while the journal hangs', () => {
  it('nothing is opened, the refusal does not hang on its own line, and what was reserved stays spent', async () => {
    const other = await stage.desk('clerk-b', 'move-in', 't-02');
    const ask = (i: number) => stage.gate.open({ ...other, person: persons[i]!, groups: ['name'] });
    const { budget } = await ask(0);
    await whileLocked('journal.line', async () => {
      await expect(ask(1)).rejects.toMatchObject({
        kind: 'timeout',
        facts: { what: 'journal', outcome: 'unknown' },
      });
    });
    // The line may have come to be meanwhile: then it is there and counted, and still nobody has the field.
    const after = await ask(2);
    expect(after.budget.session).toBe(budget.session - 2);
  });
});

describe('the limit of a step', () => {
  const never = new Promise<never>(() => {});
  it('gives what came in time, and the error that came in time', async () => {
    await expect(withinLimit(Promise.resolve(7), 1_000, 'x')).resolves.toBe(7);
    await expect(withinLimit(Promise.reject(new SekishoError('conflict')), 1_000, 'x')).rejects.toMatchObject(
      { kind: 'conflict' },
    );
  });
  it('refuses what does not come, and says whether it may have happened', async () => {
    await expect(withinLimit(never, 5, 'records')).rejects.toMatchObject({
      kind: 'timeout',
      facts: { what: 'records', outcome: 'none' },
    });
    await expect(withinLimit(never, 5, 'journal', 'unknown')).rejects.toMatchObject({
      facts: { outcome: 'unknown' },
    });
  });
  it('bears a failure that comes too late', async () => {
    let fail: (error: Error) => void = () => {};
    const late = new Promise<never>((_, reject) => {
      fail = reject;
    });
    await expect(withinLimit(late, 5, 'x')).rejects.toMatchObject({ kind: 'timeout' });
    fail(new SekishoError('internal'));
    await new Promise((resolve) => setImmediate(resolve));
  });
});
