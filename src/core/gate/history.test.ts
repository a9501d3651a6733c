import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type FreshDatabase, freshDatabase } from '../../../test/database.ts';
import type { PersonId } from '../../ground/ids.ts';
import { nodePrimitives } from '../journal/index.ts';
import { verifyInclusion, verifyLine } from '../journal/verify/index.ts';
import { type Stage, staged, stageRooms, told, town } from './staging/stage.fixture.ts';

let database: FreshDatabase;
let stage: Stage;
let persons: PersonId[];
beforeAll(async () => {
  database = await freshDatabase(stageRooms);
  stage = await staged(database);
  persons = (await stage.populate([0, 1].map((i) => stage.op(i)))).map(({ person }) => person!);
  const desk = await stage.desk('clerk', 'residence-certificate');
  for (let i = 0; i < 5; i++) await stage.gate.open({ ...desk, person: persons[0]!, groups: ['name'] });
  await stage.gate.open({ ...desk, person: persons[0]!, groups: ['number'] }).catch(() => undefined);
  const session = await stage.signIn('admin');
  await stage.member(town, 'resident-0', 'resident', 'portal', { session, person: persons[0]! });
});
afterAll(async () => {
  await stage.end();
  await database.drop();
});

describe("a resident's history", () => {
  it('tells who opened what, who tried in vain, and who was given access, newest first', async () => {
    const session = await stage.signIn('resident-0');
    const lines = told(await stage.gate.history({ session }));
    expect(lines.map(({ kind }) => kind)).toEqual([
      ...['staff.enrolled', 'field.refused', 'field.opened', 'field.opened', 'field.opened', 'field.opened'],
      ...['field.opened', 'record.created'],
    ]);
    expect(lines[2]!.body).toMatchObject({ actor: 'clerk', fields: ['name'], basis: 'jukiho-12' });
  });
  it('comes with proofs that hold, line by line, without trusting the gate', async () => {
    const session = await stage.signIn('resident-0');
    const lines = told(await stage.gate.history({ session }));
    const bytes = (text: string) => Buffer.from(text, 'base64');
    for (const line of lines) {
      const leafHash = bytes(line.leafHash);
      const given = { payload: bytes(line.payload), salt: bytes(line.salt), leafHash };
      expect(verifyLine(given, nodePrimitives)).toMatchObject({ ok: true });
      expect(
        verifyLine({ ...given, payload: Buffer.concat([given.payload, Buffer.from(' ')]) }, nodePrimitives),
      ).toMatchObject({ ok: false });
      const root = bytes(line.proof.checkpoint.split('\n')[2]!);
      const { index, size } = line.proof;
      const proof = { index, size, leafHash, path: line.proof.path.map(bytes), root };
      expect(verifyInclusion(proof, nodePrimitives)).toMatchObject({ ok: true });
      expect(line.index).toBe(index);
    }
  });
  it('is his own alone', async () => {
    const session = await stage.signIn('resident-0');
    await expect(stage.gate.history({ session, person: persons[1]! })).rejects.toMatchObject({
      kind: 'no-authority',
    });
  });
  it('is read in pieces', async () => {
    const session = await stage.signIn('resident-0');
    const lines = told(await stage.gate.history({ session, limit: 2 }));
    const rest = told(await stage.gate.history({ session, limit: 2, before: lines[1]!.index }));
    expect(new Set([...lines, ...rest].map(({ index }) => index)).size).toBe(4);
  });
  it('lets him open his own record, and nobody else’s', async () => {
    const mine = await stage.desk('resident-0', 'own-record');
    const { fields } = await stage.gate.open({ ...mine, person: persons[0]!, groups: ['name'] });
    expect(fields['name']!['name']).toBe('氏名0');
    await expect(stage.gate.open({ ...mine, person: persons[1]!, groups: ['name'] })).rejects.toMatchObject({
      kind: 'no-authority',
    });
  });
});

describe('at the desk', () => {
  it('the history is read in a case, and that is a line', async () => {
    const desk = await stage.desk('clerk', 'own-record-at-desk');
    await stage.gate.history({ ...desk, person: persons[1]! });
    const lines = told(await stage.gate.history({ ...desk, person: persons[1]! }));
    expect(lines[0]).toMatchObject({
      kind: 'history.read',
      body: { actor: 'clerk', lines: lines.length - 1 },
    });
  });
  it('it is refused under another purpose, and without a case', async () => {
    const desk = await stage.desk('clerk', 'move-in');
    await expect(stage.gate.history({ ...desk, person: persons[1]! })).rejects.toMatchObject({
      kind: 'no-authority',
    });
    const { session } = desk;
    await expect(stage.gate.history({ session, person: persons[1]! })).rejects.toMatchObject({
      kind: 'no-authority',
    });
  });
});

describe('honey', () => {
  it('is known to the gate and watch, stored under a key, and opened like anybody', async () => {
    const session = await stage.signIn('officer');
    await stage.gate.markHoney({ session, person: persons[1]! });
    await stage.reopen();
    expect(await stage.gate.honey({ municipality: town, persons })).toEqual({ persons: [persons[1]] });
    const { rows } = await database.pool('superuser').query('SELECT * FROM gate.honey');
    expect(JSON.stringify(rows)).not.toContain(persons[1]);
    const desk = await stage.desk('clerk', 'residence-certificate');
    const opened = await stage.gate.open({ ...desk, person: persons[1]!, groups: ['name'] });
    const resident = await stage.gate.journal(town).linesOf(persons[1]!, { limit: 1 });
    expect(resident[0]!.index).toBe(opened.receipt.index);
    expect(resident[0]!.payload.toString()).not.toMatch(/honey/);
  });
});
