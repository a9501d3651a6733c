import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type FreshDatabase, freshDatabase } from '../../../test/database.ts';
import type { PersonId } from '../../ground/ids.ts';
import { decodeLine } from '../journal/index.ts';
import { type Stage, staged, stageRooms, town } from './staging/stage.fixture.ts';

let database: FreshDatabase;
let stage: Stage;
let persons: PersonId[];
let desk: { session: string; caseId: string };
beforeAll(async () => {
  database = await freshDatabase(stageRooms);
  stage = await staged(database);
  const ops = [0, 1, 2, 3, 4].map((i) => stage.op(i));
  for (const i of [3, 4]) ops[i]!.fields['address'] = { address: '同じ家' };
  persons = (await stage.populate(ops)).map(({ person }) => person!);
  desk = await stage.desk('clerk', 'move-in');
});
afterAll(async () => {
  await stage.end();
  await database.drop();
});

const search = (by: Parameters<Stage['gate']['search']>[0]['by'], more: object = {}) =>
  stage.gate.search({ ...desk, by, ...more });
const newest = async () => {
  const { size } = stage.gate.journal(town).head();
  for await (const line of stage.gate.journal(town).read(size - 1, size)) return decodeLine(line.payload);
  return undefined;
};

describe('a search', () => {
  it('by reading and birth date finds the one, masked', async () => {
    const { hits } = await search({ reading: 'よみ1', birthDate: '1911-04-01' });
    expect(hits).toEqual([
      { person: persons[1], masked: { reading: 'よ…', decade: '1910s' }, status: 'resident' },
    ]);
  });
  it('folds what was asked as the table folds what is stored', async () => {
    expect((await search({ reading: '  よみ1 ' })).hits.map(({ person }) => person)).toEqual([persons[1]]);
  });
  it('by address finds who lives there', async () => {
    const { hits } = await search({ address: '同じ家' });
    expect(hits.map(({ person }) => person).sort()).toEqual([persons[3], persons[4]].sort());
  });
  it('by address number, by resident code and by number finds one', async () => {
    expect((await search({ addressNumber: '1002' })).hits[0]!.person).toBe(persons[2]);
    const { fields } = await stage.gate.open({
      ...desk,
      person: persons[2]!,
      groups: ['number', 'resident_code'],
    });
    expect((await search({ number: fields['number']!['number']! })).hits[0]!.person).toBe(persons[2]);
    const residentCode = fields['resident_code']!['code']!;
    expect((await search({ residentCode })).hits[0]!.person).toBe(persons[2]);
  });
  it('that finds nobody says so, and is a line', async () => {
    expect((await search({ reading: 'だれも' })).hits).toEqual([]);
    expect(await newest()).toMatchObject({
      kind: 'search.made',
      body: { by: 'reading', hits: [], count: 0 },
    });
  });
  it('is a line that names the hits and holds nothing that was asked', async () => {
    const { line } = await search({ reading: 'よみ0', birthDate: '1910-04-01' });
    const written = await newest();
    expect(written).toMatchObject({
      kind: 'search.made',
      body: { hits: [persons[0]], count: 1, purpose: 'move-in' },
    });
    expect(stage.gate.journal(town).head().size).toBe(line + 1);
    expect(JSON.stringify(written)).not.toMatch(/よみ0|1910/);
  });
  it('drops strangers whom the shortened index brings along', async () => {
    const admin = database.pool('superuser');
    // As if reading and birth date of person 1 gave the same four bytes as those of person 0.
    await admin.query(
      `UPDATE trial.resident SET reading_birth_index =
         (SELECT reading_birth_index FROM trial.resident WHERE person_id = $1) WHERE person_id = $2`,
      [persons[0], persons[1]],
    );
    const { hits } = await search({ reading: 'よみ0', birthDate: '1910-04-01' });
    expect(hits.map(({ person }) => person)).toEqual([persons[0]]);
  });
  it('gives at most as many hits as asked', async () => {
    expect((await search({ address: '同じ家' }, { limit: 1 })).hits).toHaveLength(1);
  });
  it('takes from its own budget', async () => {
    const first = await search({ reading: 'よみ1' });
    const second = await search({ reading: 'よみ1' });
    expect(second.budget.session).toBe(first.budget.session - 1);
  });
});

describe('a search is refused, with a line', () => {
  const refused = async (work: Promise<unknown>, kind: string) => {
    await expect(work).rejects.toMatchObject({ kind });
    expect(await newest()).toMatchObject({ kind: 'search.refused', body: { reason: kind } });
  };
  it('by a key that the purpose does not allow', async () => {
    const other = await stage.desk('clerk', 'residence-certificate');
    await refused(stage.gate.search({ ...other, by: { number: '621498320257' } }), 'no-authority');
  });
  it('without a session', async () => {
    await refused(search({ reading: 'よみ1' }, { session: 'none' }), 'session-invalid');
  });
  it('by a number that is none', async () => {
    await refused(search({ number: '621498320258' }), 'bad-input');
  });
  it('for nothing', async () => {
    await refused(search({ reading: ' ' }), 'bad-input');
  });
  it('when its budget is spent', async () => {
    const other = await stage.desk('clerk-b', 'move-in', 't-02');
    for (let i = 0; i < 120; i++) await stage.gate.search({ ...other, by: { reading: 'だれも' } });
    await refused(stage.gate.search({ ...other, by: { reading: 'だれも' } }), 'budget-spent');
  });
  it('when the witness is overdue', async () => {
    stage.faults.overdue = true;
    await refused(search({ reading: 'よみ1' }), 'witness-overdue');
    delete stage.faults.overdue;
  });
  it('by a resident, who searches for nobody', async () => {
    const admin = await stage.signIn('admin');
    await stage.member(town, 'resident-0', 'resident', 'portal', { session: admin, person: persons[0]! });
    const mine = await stage.desk('resident-0', 'own-record');
    await refused(stage.gate.search({ ...mine, by: { reading: 'よみ1' } }), 'no-authority');
  });
});
