import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type FreshDatabase, freshDatabase } from '../../../test/database.ts';
import { SekishoError } from '../../ground/errors.ts';
import type { PersonId } from '../../ground/ids.ts';
import { decodeLine } from '../journal/index.ts';
import { erasuresOf } from './index.ts';
import { type Stage, staged, stageRooms, town } from './staging/stage.fixture.ts';

let database: FreshDatabase;
let stage: Stage;
let persons: PersonId[];
beforeAll(async () => {
  database = await freshDatabase(stageRooms);
  stage = await staged(database);
  persons = (await stage.populate([0, 1, 2, 3].map((i) => stage.op(i)))).map(({ person }) => person!);
});
afterAll(async () => {
  await stage.end();
  await database.drop();
});

const sql = async (text: string, values: unknown[] = []) =>
  (await database.pool('superuser').query(text, values)).rows;
const erase = async (i: number, reason = 'retention over') => {
  const desk = await stage.desk('supervisor', 'record-erasure');
  return stage.gate.erase({ ...desk, person: persons[i]!, reason });
};

describe('erasing a person', () => {
  it('is a line first, then the keys are gone and the number is retired for ever', async () => {
    const { line } = await erase(0);
    expect(await sql('SELECT * FROM keys.person_key WHERE person_id = $1', [persons[0]])).toEqual([]);
    const [erasure] = await sql('SELECT line_index FROM keys.erasure WHERE person_id = $1', [persons[0]]);
    expect(Number(erasure.line_index)).toBe(line);
    expect(await sql('SELECT state FROM national.number_index WHERE person_id = $1', [persons[0]])).toEqual([
      { state: 'retired' },
    ]);
    const [written] = await stage.gate.journal(town).linesOf(persons[0]!, { limit: 1 });
    expect(decodeLine(written!.payload)).toMatchObject({
      kind: 'person.erased',
      body: { basis: 'jukiho-order-34' },
    });
  });
  it('leaves nothing that opens, and nobody to be found', async () => {
    const desk = await stage.desk('clerk', 'residence-certificate');
    await expect(stage.gate.open({ ...desk, person: persons[0]!, groups: ['name'] })).rejects.toMatchObject({
      kind: 'key-erased',
    });
    expect((await stage.gate.search({ ...desk, by: { reading: 'よみ0' } })).hits).toEqual([]);
  });
  it('leaves the register true to its journal', async () => {
    const found = [];
    for await (const finding of stage.gate.verify(town)) found.push(finding);
    expect(found).toEqual([]);
  });
  it('is told to a restore of the key database', async () => {
    const erasures = [];
    for await (const erasure of erasuresOf(stage.gate.journal(town))) erasures.push(erasure);
    expect(erasures.map(({ person }) => person)).toEqual([persons[0]]);
  });
  it('is finished at the next start when the gate died after the line', async () => {
    const replay = stage.keys.replayErasures;
    stage.keys.replayErasures = () => Promise.reject(new SekishoError('database-unavailable'));
    await erase(1);
    stage.keys.replayErasures = replay;
    // His keys are still there, and open nothing.
    const desk = await stage.desk('clerk', 'residence-certificate');
    await expect(stage.gate.open({ ...desk, person: persons[1]!, groups: ['name'] })).rejects.toMatchObject({
      kind: 'key-erased',
    });
    expect(await sql('SELECT 1 FROM keys.person_key WHERE person_id = $1', [persons[1]])).toHaveLength(1);
    await stage.reopen();
    expect(await sql('SELECT 1 FROM keys.person_key WHERE person_id = $1', [persons[1]])).toEqual([]);
    expect(await sql('SELECT * FROM gate.erasure_due')).toEqual([]);
  });
});

describe('keys that could not be erased at once', () => {
  it('are, as soon as their database is there again', async () => {
    const [person] = (await stage.populate([stage.op(40)])).map(({ person: id }) => id!);
    await stage.reopen({ erasureRetryMs: 20 });
    const replay = stage.keys.replayErasures;
    let tries = 0;
    stage.keys.replayErasures = (list) => {
      if (tries++ < 3) return Promise.reject(new SekishoError('database-unavailable'));
      return replay.call(stage.keys, list);
    };
    const desk = await stage.desk('supervisor', 'record-erasure');
    await stage.gate.erase({ ...desk, person: person!, reason: 'retention over' });
    await expect
      .poll(() => sql('SELECT 1 FROM keys.person_key WHERE person_id = $1', [person]), { timeout: 10_000 })
      .toEqual([]);
    expect(tries).toBe(4);
    expect(await sql('SELECT * FROM gate.erasure_due')).toEqual([]);
    stage.keys.replayErasures = replay;
  });
});

describe('erasing is refused', () => {
  it('without a reason', async () => {
    await expect(erase(2, ' ')).rejects.toMatchObject({ kind: 'bad-input' });
  });
  it('under another purpose', async () => {
    const desk = await stage.desk('supervisor', 'correction');
    await expect(stage.gate.erase({ ...desk, person: persons[2]!, reason: 'x' })).rejects.toMatchObject({
      kind: 'no-authority',
    });
  });
  it('to a clerk, who does not even get the case', async () => {
    const session = await stage.signIn('clerk');
    await expect(stage.gate.openCase({ session, purpose: 'record-erasure', note: '' })).rejects.toMatchObject(
      { kind: 'policy-denied' },
    );
  });
  it('when the journal takes no line: the keys stay', async () => {
    const desk = await stage.desk('supervisor', 'record-erasure');
    stage.faults.append = new SekishoError('journal-unavailable', { outcome: 'none' });
    await expect(stage.gate.erase({ ...desk, person: persons[3]!, reason: 'x' })).rejects.toMatchObject({
      kind: 'journal-unavailable',
    });
    delete stage.faults.append;
    expect(await sql('SELECT 1 FROM keys.person_key WHERE person_id = $1', [persons[3]])).toHaveLength(1);
  });
});
