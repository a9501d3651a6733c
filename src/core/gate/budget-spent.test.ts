import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type FreshDatabase, freshDatabase } from '../../../test/database.ts';
import { SekishoError } from '../../ground/errors.ts';
import type { PersonId } from '../../ground/ids.ts';
import { decodeLine } from '../journal/index.ts';
import { readBudgets } from './budget.ts';
import { type Stage, staged, stageRooms, town } from './staging/stage.fixture.ts';

let database: FreshDatabase;
let stage: Stage;
let persons: PersonId[];
const open = { session: 3, terminal: 5, purpose: 100, office: 100 };
beforeAll(async () => {
  database = await freshDatabase(stageRooms);
  stage = await staged(database, { change: { budgets: { ...readBudgets(), open } } });
  persons = (await stage.populate(Array.from({ length: 12 }, (_, i) => stage.op(i)))).map(
    ({ person }) => person!,
  );
});
afterAll(async () => {
  await stage.end();
  await database.drop();
});

type Desk = Awaited<ReturnType<Stage['desk']>>;
const take = (desk: Desk, i: number) => stage.gate.open({ ...desk, person: persons[i]!, groups: ['name'] });
const spent = { kind: 'budget-spent' };

describe('a hijacked session', () => {
  it('yields as many residents as its budget, in parallel as well as in turn, each with a line', async () => {
    const desk = await stage.desk('clerk', 'residence-certificate');
    const results = await Promise.allSettled(persons.map((_, i) => take(desk, i)));
    expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(3);
    const opened = [];
    for await (const line of stage.gate.journal(town).read(0, stage.gate.journal(town).head().size)) {
      const { kind, person } = decodeLine(line.payload);
      if (kind === 'field.opened') opened.push(person);
    }
    expect(opened).toHaveLength(3);
  });

  it('gets no more after signing in again at the same terminal than the terminal has', async () => {
    const desk = await stage.desk('clerk-b', 'residence-certificate');
    await take(desk, 0);
    await take(desk, 1);
    await expect(take(desk, 2)).rejects.toMatchObject({ ...spent, facts: { scope: 'terminal' } });
  });

  it('gets no more after signing in again at another terminal', async () => {
    const desk = await stage.desk('clerk', 'residence-certificate', 't-02');
    await expect(take(desk, 5)).rejects.toMatchObject({ ...spent, facts: { scope: 'session' } });
  });

  it('gets no more after the gate was started anew', async () => {
    await stage.reopen();
    const desk = await stage.desk('clerk', 'residence-certificate');
    await expect(take(desk, 5)).rejects.toMatchObject(spent);
  });

  it('gets no more after a restart with the clock turned back', async () => {
    stage.clock.advance(-50_000);
    await stage.reopen();
    const desk = await stage.desk('clerk', 'residence-certificate');
    await expect(take(desk, 5)).rejects.toMatchObject(spent);
    stage.clock.advance(50_000);
  });

  it('gets no more after a restart with the stored rows deleted, one by one or all: the lines count', async () => {
    const admin = database.pool('superuser');
    const before = (await admin.query('SELECT * FROM gate.budget_spent')).rows;
    expect(before.length).toBeGreaterThan(0);
    for (const text of [
      'DELETE FROM gate.budget_spent WHERE batch_id = (SELECT min(batch_id::text)::uuid FROM gate.budget_spent)',
      "UPDATE gate.budget_spent SET spent = '{}'",
      'DELETE FROM gate.budget_spent',
    ]) {
      await admin.query(text);
      await stage.reopen();
      const desk = await stage.desk('clerk', 'residence-certificate', 't-02');
      await expect(take(desk, 5), text).rejects.toMatchObject({ ...spent, facts: { scope: 'session' } });
      const other = await stage.desk('clerk-b', 'residence-certificate');
      await expect(take(other, 5), text).rejects.toMatchObject({ ...spent, facts: { scope: 'terminal' } });
    }
  });

  it('gets more only when the hour is over', async () => {
    stage.clock.advance(61 * 60_000);
    const desk = await stage.desk('clerk', 'residence-certificate');
    await expect(take(desk, 5)).resolves.toBeDefined();
  });
});

describe('what was reserved', () => {
  it('is given back when the line could not be written, and nothing is stored', async () => {
    const desk = await stage.desk('clerk', 'residence-certificate', 't-02');
    stage.faults.append = new SekishoError('journal-unavailable', { outcome: 'none' });
    for (let i = 0; i < 6; i++)
      await expect(take(desk, i)).rejects.toMatchObject({ kind: 'journal-unavailable' });
    delete stage.faults.append;
    expect((await take(desk, 0)).budget).toMatchObject({ session: 1, terminal: 4 });
  });
  it('stays spent when nobody knows whether the line was written', async () => {
    const desk = await stage.desk('clerk-b', 'residence-certificate', 't-02');
    stage.faults.append = new SekishoError('journal-unavailable', { outcome: 'unknown' });
    await expect(take(desk, 1)).rejects.toMatchObject({ kind: 'journal-unavailable' });
    delete stage.faults.append;
    expect((await take(desk, 2)).budget).toMatchObject({ session: 1, terminal: 2 });
  });
  it('is told by its line: minute, kind, count and purpose; what was free costs nothing', async () => {
    stage.clock.advance(61 * 60_000);
    const desk = await stage.desk('clerk', 'residence-certificate', 't-02');
    await take(desk, 3);
    await take(desk, 3);
    await stage.gate.search({ ...desk, by: { reading: 'nobody' } });
    const costs = [];
    const journal = stage.gate.journal(town);
    const { size } = journal.head();
    for await (const line of journal.read(size - 3, size))
      costs.push(decodeLine(line.payload).body['budget']);
    const minute = Math.floor(stage.clock.now() / 60_000);
    expect(costs).toEqual([
      [[minute, 'open', 1, 'residence-certificate']],
      undefined,
      [[minute, 'search', 1, 'residence-certificate']],
    ]);
  });
  it('is the same after a restart, by rows and by lines alike: nothing counts twice', async () => {
    const left = async (opened: number) =>
      (await take(await stage.desk('clerk', 'residence-certificate', 't-02'), opened)).budget;
    const before = await left(4);
    await stage.reopen();
    expect(await left(5)).toEqual({
      session: before.session - 1,
      terminal: before.terminal - 1,
      purpose: before.purpose - 1,
      office: before.office - 1,
    });
    stage.clock.advance(61 * 60_000);
    await stage.reopen();
    expect((await left(6)).session).toBe(open.session - 1);
  });
  it('is stored in the transaction of its line: one row for a batch', async () => {
    const { rows } = await database.pool('superuser').query('SELECT spent FROM gate.budget_spent');
    expect(rows.length).toBeGreaterThan(0);
    for (const { spent: row } of rows) {
      expect(
        Object.keys(row).every((key) => /^(open|search)\|(session|terminal|purpose|office)\|/.test(key)),
      ).toBe(true);
    }
  });
  it('old rows are dropped', async () => {
    stage.clock.advance(3 * 3_600_000);
    const desk = await stage.desk('clerk', 'residence-certificate');
    await take(desk, 1);
    const minute = Math.floor(stage.clock.now() / 60_000);
    const { rows } = await database
      .pool('superuser')
      .query('SELECT count(*)::int AS old FROM gate.budget_spent WHERE minute < $1', [minute - 120]);
    expect(rows[0].old).toBe(0);
  });
});
