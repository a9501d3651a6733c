import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type FreshDatabase, freshDatabase } from '../../../test/database.ts';
import type { PersonId } from '../../ground/ids.ts';
import {
  otherTown,
  type Stage,
  stagedTowns,
  stageRooms,
  stated,
  told,
  town,
} from './staging/stage.fixture.ts';

let database: FreshDatabase;
let stage: Stage;
beforeAll(async () => {
  database = await freshDatabase(stageRooms);
  stage = await stagedTowns(database);
});
afterAll(async () => {
  await stage.end();
  await database.drop();
});

const deskThere = async (staff: string, purpose: string) => {
  const session = await stage.signIn(`${staff}-x`, 't-01-x');
  return { session, ...(await stage.gate.openCase({ session, purpose, note: '' })) };
};
/** A resident of the town who has moved to the other one. */
const mover = async (i: number): Promise<PersonId> => {
  const op = stage.op(i);
  const [created] = await stage.populate([op]);
  const { session, caseId } = await deskThere('clerk', 'move-in');
  const fields = { ...op.fields, household: { address_number: `77${i}` } };
  const arrival = { ...op, requestId: `in-${i}`, municipality: otherTown, fields };
  const [moved] = await stage.gate.write({
    ...{ session, caseId },
    ops: [{ ...arrival, findBy: 'resident_code' }],
  });
  expect(moved!.person).toBe(created!.person);
  return created!.person!;
};
const numberOf = async (person: PersonId) => {
  const { session, caseId } = await deskThere('supervisor', 'number-change');
  return (await stage.gate.open({ session, caseId, person, groups: ['number'] })).fields['number']!;
};
const resident = async (i: number) =>
  (await stage.populate([{ ...stage.op(i), requestId: `there-${i}`, municipality: otherTown }], '-x'))[0]!
    .person!;

describe('one municipality cannot', () => {
  it('erase the keys of a person who lives in another by now', async () => {
    const person = await mover(1);
    const desk = await stage.desk('supervisor', 'record-erasure');
    await expect(stage.gate.erase({ ...desk, person, reason: 'retention over' })).rejects.toMatchObject({
      kind: 'conflict',
      facts: { reason: 'registered-elsewhere' },
    });
    const there = await deskThere('clerk', 'residence-certificate');
    const { session, caseId } = there;
    const { fields } = await stage.gate.open({ session, caseId, person, groups: ['name'] });
    expect(fields['name']).toMatchObject({ name: '氏名1' });
    const { rows } = await database
      .pool('superuser')
      .query('SELECT DISTINCT state FROM national.number_index WHERE person_id = $1', [person]);
    expect(rows).toEqual([{ state: 'active' }]);
  });

  it('read the lines that another keeps of its residents', async () => {
    const person = await resident(2);
    const desk = await stage.desk('clerk', 'own-record-at-desk');
    await expect(stage.gate.history({ ...desk, person })).rejects.toMatchObject({ kind: 'not-found' });
    const moved = await mover(5);
    const lines = told(await stage.gate.history({ ...desk, person: moved }));
    expect(new Set(lines.map(({ municipality }) => municipality))).toEqual(new Set([town]));
    await expect(
      stage.gate.history({ ...desk, person: moved, municipality: otherTown }),
    ).rejects.toMatchObject({ kind: 'no-authority' });
  });

  it('fetch a resident of another by a change or a correction, whatever it is found by', async () => {
    const person = await resident(3);
    const number = await numberOf(person);
    const desk = await stage.desk('supervisor', 'correction');
    const [result] = await stage.gate.write({
      ...desk,
      ops: [
        {
          ...{ requestId: 'pull-3', table: 'resident', kind: 'record.corrected', municipality: town },
          ...{ findBy: 'number', fields: { number }, clear: stated('correction'), reason: 'clerical error' },
        },
      ],
    });
    expect(result).toMatchObject({ outcome: 'refused', kind: 'not-found' });
  });

  it('move in somebody whose state it claims to have seen', async () => {
    await resident(4);
    const op = { ...stage.op(4), requestId: 'expect-4' };
    const desk = await stage.desk('clerk', 'move-in');
    const [result] = await stage.gate.write({ ...desk, ops: [{ ...op, expect: '00'.repeat(32) }] });
    expect(result).toMatchObject({ outcome: 'refused', kind: 'conflict' });
  });
});

describe('a history at the desk', () => {
  it('costs as much as opening the person, so that lines are no way round the budget', async () => {
    const people = await stage.populate(Array.from({ length: 45 }, (_, i) => stage.op(100 + i)));
    const desk = await stage.desk('clerk-b', 'own-record-at-desk', 't-02');
    const read = await Promise.allSettled(
      people.map(({ person }) => stage.gate.history({ ...desk, person: person! })),
    );
    expect(read.filter(({ status }) => status === 'fulfilled')).toHaveLength(40);
    const again = people[0]!.person!;
    await expect(stage.gate.history({ ...desk, person: again })).resolves.toBeDefined();
  });
  it('waits for the witness as every opening does', async () => {
    const [person] = await stage.populate([stage.op(200)]);
    const desk = await stage.desk('supervisor', 'own-record-at-desk', 't-02');
    stage.faults.overdue = true;
    await expect(stage.gate.history({ ...desk, person: person!.person! })).rejects.toMatchObject({
      kind: 'witness-overdue',
    });
    stage.faults.overdue = false;
  });
});
