import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type FreshDatabase, freshDatabase } from '../../../test/database.ts';
import type { PersonId } from '../../ground/ids.ts';
import { type Stage, staged, stageRooms, town } from './staging/stage.fixture.ts';
import type { WriteOp } from './write-op.ts';

// A person's key is replaced while his record lies sealed under the old one.
let database: FreshDatabase;
let stage: Stage;
let persons: PersonId[];
beforeAll(async () => {
  database = await freshDatabase(stageRooms);
  stage = await staged(database);
  persons = (await stage.populate([0, 1, 2, 3, 4].map((i) => stage.op(i)))).map(({ person }) => person!);
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
const open = async (i: number) => {
  const desk = await stage.desk('clerk', 'move-in');
  return stage.gate.open({ ...desk, person: persons[i]!, groups: ['name', 'number', 'resident_code'] });
};
const versionOf = async (i: number) =>
  (await sql('SELECT key_version FROM trial.resident WHERE person_id = $1', [persons[i]]))[0].key_version;
const findings = async () => {
  const found = [];
  for await (const finding of stage.gate.verify(town)) found.push(finding);
  return found;
};
let request = 0;
/** What the erased one had. */
const gone: { number?: Record<string, string>; code?: Record<string, string> } = {};
const change = async (i: number, fields: WriteOp['fields']) => {
  const { findBy: _, draw: __, ...op } = stage.op(i);
  const session = await stage.signIn('registrar');
  const [result] = await stage.gate.write({
    session,
    importId: 'i',
    ops: [
      {
        ...{ ...op, requestId: `r-${request++}`, kind: 'record.changed', person: persons[i]! },
        ...{ fields, clear: {} },
      },
    ],
  });
  return result!;
};

describe('after a rotation', () => {
  it('the record opens, is found and is true to the journal as before', async () => {
    const before = await open(0);
    await stage.keys.rotate(persons[0]!);
    await stage.keys.rotate(persons[0]!);
    expect((await open(0)).fields).toEqual(before.fields);
    const desk = await stage.desk('clerk', 'move-in');
    const { hits } = await stage.gate.search({ ...desk, by: { reading: 'よみ0' } });
    expect(hits.map(({ person }) => person)).toEqual([persons[0]]);
    expect(await findings()).toEqual([]);
  });
  it('the next change seals the whole record under the new key, and then the old one may go', async () => {
    const before = await open(1);
    const { version } = await stage.keys.rotate(persons[1]!);
    expect(await versionOf(1)).toBe(1);
    expect((await change(1, { address: { address: '新' } })).outcome).toBe('changed');
    expect(await versionOf(1)).toBe(version);
    expect(await stage.keys.retire(persons[1]!, version)).toBe(1);
    expect((await open(1)).fields).toEqual(before.fields);
    expect(await findings()).toEqual([]);
  });
  it('a change to what is there already is none: it does not seal anew', async () => {
    await stage.keys.rotate(persons[2]!);
    expect((await change(2, { address: { address: '一丁目2番' } })).outcome).toBe('unchanged');
    expect(await versionOf(2)).toBe(1);
  });
  it('a row said to be under another version does not open, with either key', async () => {
    await stage.keys.rotate(persons[3]!);
    for (const version of [2, 3]) {
      await sql('UPDATE trial.resident SET key_version = $2 WHERE person_id = $1', [persons[3], version]);
      await expect(open(3)).rejects.toMatchObject({ kind: 'seal-broken' });
    }
    expect(await findings()).toEqual([expect.objectContaining({ finding: 'changed', person: persons[3] })]);
    await sql('UPDATE trial.resident SET key_version = 1 WHERE person_id = $1', [persons[3]]);
  });
  it('an erasure takes every version, and no change brings the person back', async () => {
    ({ number: gone.number, resident_code: gone.code } = (await open(4)).fields as never);
    await stage.keys.rotate(persons[4]!);
    const desk = await stage.desk('supervisor', 'record-erasure');
    await stage.gate.erase({ ...desk, person: persons[4]!, reason: 'retention over' });
    expect(await sql('SELECT * FROM keys.person_key WHERE person_id = $1', [persons[4]])).toEqual([]);
    await expect(open(4)).rejects.toMatchObject({ kind: 'key-erased' });
    expect(await change(4, { name: { name: '又' } })).toMatchObject({
      outcome: 'refused',
      kind: 'key-erased',
    });
    await expect(stage.keys.rotate(persons[4]!)).rejects.toMatchObject({ kind: 'key-erased' });
    expect(await findings()).toEqual([]);
  });
  it('an erased resident’s number and code are nobody’s for ever: who brings them is refused', async () => {
    const session = await stage.signIn('registrar');
    const bring = async (more: Partial<WriteOp>, fields: WriteOp['fields']) => {
      const newcomer = stage.op(40, { requestId: `r-${request++}`, ...more });
      const ops = [{ ...newcomer, fields: { ...newcomer.fields, ...fields } }];
      return (await stage.gate.write({ session, importId: 'i', ops }))[0]!;
    };
    const taken = { outcome: 'refused', kind: 'already-exists' };
    const retired = { outcome: 'refused', kind: 'conflict', facts: { reason: 'index-retired' } };
    expect(await bring({}, { number: gone.number! })).toMatchObject(taken);
    expect(await bring({}, { resident_code: gone.code! })).toMatchObject(taken);
    expect(await bring({ findBy: 'resident_code' }, { resident_code: gone.code! })).toMatchObject(retired);
    expect((await bring({}, {})).outcome).toBe('created');
  });
});

describe('a wrapped key', () => {
  it('of another person, or of another version, opens nothing', async () => {
    const swap = (from: PersonId) =>
      sql(
        `UPDATE keys.person_key SET wrapped = (SELECT wrapped FROM keys.person_key WHERE person_id = $1
         ORDER BY key_version LIMIT 1) WHERE person_id = $2 AND key_version = 1`,
        [from, persons[2]],
      );
    const [kept] = await sql('SELECT wrapped FROM keys.person_key WHERE person_id = $1 AND key_version = 1', [
      persons[2],
    ]);
    await swap(persons[3]!);
    await expect(open(2)).rejects.toMatchObject({ kind: 'seal-broken' });
    await sql('UPDATE keys.person_key SET wrapped = $2 WHERE person_id = $1 AND key_version = 1', [
      persons[2],
      kept.wrapped,
    ]);
    await expect(open(2)).resolves.toBeDefined();
  });
});
