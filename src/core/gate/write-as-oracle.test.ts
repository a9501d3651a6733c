import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type FreshDatabase, freshDatabase } from '../../../test/database.ts';
import type { PersonId } from '../../ground/ids.ts';
import { type Stage, staged, stageRooms, stated, town } from './staging/stage.fixture.ts';
import type { WriteOp } from './write-op.ts';

let database: FreshDatabase;
let stage: Stage;
let person: PersonId;
let number: Record<string, string>;
beforeAll(async () => {
  database = await freshDatabase(stageRooms);
  stage = await staged(database);
  person = (await stage.populate([stage.op(0)]))[0]!.person!;
  const desk = await stage.desk('supervisor', 'number-change');
  number = (await stage.gate.open({ ...desk, person, groups: ['number'] })).fields['number']!;
});
afterAll(async () => {
  await stage.end();
  await database.drop();
});

let sent = 0;
const guess = (more: Partial<WriteOp> = {}): WriteOp => ({
  ...{ requestId: `guess-${sent++}`, table: 'resident', kind: 'record.changed', municipality: town },
  ...{ findBy: 'number', fields: { number }, clear: {} },
  ...more,
});

describe('a write tells nothing that a search would not', () => {
  it('by number, where the statute lets nobody search by number', async () => {
    const desk = await stage.desk('clerk', 'move-within');
    const [result] = await stage.gate.write({ ...desk, ops: [guess()] });
    expect(result).toMatchObject({ outcome: 'refused', kind: 'no-authority' });
    expect(result).not.toHaveProperty('person');
  });

  it('by number, to an import: a right and a wrong guess get the same answer', async () => {
    const session = await stage.signIn('registrar');
    const ops = [guess(), guess({ fields: { number: { number: '621498320257' } } })];
    for (const kind of ['record.changed', 'record.created', 'record.moved'] as const) {
      const each = ops.map((op, i) => ({ ...op, kind, requestId: `${kind}-${i}` }));
      const results = await stage.gate.write({ session, importId: 'i', ops: each });
      const told = results.map(({ requestId: _, ...rest }) => rest);
      expect(told[0]).toMatchObject({ outcome: 'refused', kind: 'no-authority' });
      expect(told[1]).toEqual(told[0]);
    }
  });

  it('to an import that states less than whole rows: each op costs a search', async () => {
    const session = await stage.signIn('registrar');
    const { household } = stage.op(0).fields;
    const some = (length: number): WriteOp[] =>
      Array.from({ length }, () =>
        guess({ kind: 'record.created', findBy: 'address_number', fields: { household: household! } }),
      );
    const answers = await stage.gate.write({ session, importId: 'i', ops: some(100) });
    expect(answers.every(({ outcome }) => outcome === 'unchanged')).toBe(true);
    await expect(stage.gate.write({ session, importId: 'i', ops: some(100) })).rejects.toMatchObject({
      kind: 'budget-spent',
    });
  });

  it('to who guesses or overhears the id of a colleague’s request, and not its content', async () => {
    await stage.populate([stage.op(1)]);
    const desk = await stage.desk('clerk', 'move-within');
    const op = guess({
      requestId: 'op-1',
      findBy: undefined,
      person,
      fields: { address: { address: '三' } },
      clear: stated('move-within'),
    });
    const [result] = await stage.gate.write({ ...desk, ops: [op] });
    expect(result).toMatchObject({ outcome: 'refused', kind: 'conflict' });
    expect(result).not.toHaveProperty('person');
  });
});
