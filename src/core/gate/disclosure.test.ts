import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type FreshDatabase, freshDatabase } from '../../../test/database.ts';
import type { PersonId } from '../../ground/ids.ts';
import { decodeLine } from '../journal/index.ts';
import { type Stage, staged, stageRooms, town } from './staging/stage.fixture.ts';

let database: FreshDatabase;
let stage: Stage;
let persons: PersonId[];
beforeAll(async () => {
  database = await freshDatabase(stageRooms);
  stage = await staged(database);
  const results = await stage.populate(Array.from({ length: 60 }, (_, i) => stage.op(i)));
  persons = results.map(({ person }) => person!);
});
afterAll(async () => {
  await stage.end();
  await database.drop();
});

const lastLine = async (person: PersonId) => {
  const [line] = await stage.gate.journal(town).linesOf(person, { limit: 1 });
  return { index: line!.index, ...decodeLine(line!.payload) };
};

describe('a disclosure', () => {
  it('gives the fields asked for, a receipt and what is left', async () => {
    const desk = await stage.desk('clerk', 'residence-certificate');
    const opened = await stage.gate.open({ ...desk, person: persons[0]!, groups: ['name', 'birth'] });
    expect(opened.fields).toEqual({
      name: { name: '氏名0', reading: 'よみ0' },
      birth: { date: '1910-04-01' },
    });
    expect(opened.budget).toMatchObject({ session: 39, terminal: 59 });
    expect(opened.receipt.statement).toMatch(/^sekisho-receipt\/v1\n/);
  });

  it('is a line about that person: who, where, case, purpose, law, fields', async () => {
    const desk = await stage.desk('clerk', 'residence-certificate');
    const opened = await stage.gate.open({ ...desk, person: persons[1]!, groups: ['address'] }, 'office');
    const line = await lastLine(persons[1]!);
    expect(line).toMatchObject({ index: opened.receipt.index, kind: 'field.opened', person: persons[1] });
    expect(line.body).toMatchObject({
      ...{ actor: 'clerk', role: 'clerk', office: 'desk-1', terminal: 't-01', caller: 'office' },
      ...{ case: desk.caseId, purpose: 'residence-certificate', basis: 'jukiho-12', fields: ['address'] },
      ...{
        statutes: expect.stringMatching(/^[0-9a-f]{64}$/),
        policies: expect.stringMatching(/^[0-9a-f]{64}$/),
      },
    });
  });

  it('holds no value of a field in its line', async () => {
    const desk = await stage.desk('clerk', 'residence-certificate');
    await stage.gate.open({ ...desk, person: persons[2]!, groups: ['name', 'birth', 'address'] });
    const line = JSON.stringify(await lastLine(persons[2]!));
    for (const value of ['氏名2', 'よみ2', '1912-04-01', '一丁目2番']) expect(line).not.toContain(value);
    expect(line).not.toContain(desk.session);
  });

  it('of the same person again in the session is free, and a line all the same', async () => {
    const desk = await stage.desk('clerk', 'residence-certificate');
    const first = await stage.gate.open({ ...desk, person: persons[3]!, groups: ['name'] });
    const second = await stage.gate.open({ ...desk, person: persons[3]!, groups: ['name', 'address'] });
    expect(second.budget).toEqual(first.budget);
    expect(second.receipt.index).toBe(first.receipt.index + 1);
  });

  it('of many callers at once gives each his own resident', async () => {
    const desk = await stage.desk('clerk', 'residence-certificate', 't-02');
    const opened = await Promise.all(
      persons.slice(10, 40).map((person) => stage.gate.open({ ...desk, person, groups: ['name'] })),
    );
    expect(opened.map(({ fields }) => fields['name']!['name'])).toEqual(
      Array.from({ length: 30 }, (_, i) => `氏名${i + 10}`),
    );
    expect(new Set(opened.map(({ receipt }) => receipt.index)).size).toBe(30);
  });

  it('of a group that the person has nothing in gives an empty group', async () => {
    const [bare] = await stage.populate([
      stage.op(900, { fields: { name: { name: '名のみ' }, household: { address_number: '9000' } } }),
    ]);
    const desk = await stage.desk('clerk-b', 'residence-certificate');
    const opened = await stage.gate.open({ ...desk, person: bare!.person!, groups: ['name', 'address'] });
    expect(opened.fields).toEqual({ name: { name: '名のみ' }, address: {} });
  });

  it('goes on after the person has a new key version: what the old one sealed still opens', async () => {
    await stage.keys.rotate(persons[50]!);
    const desk = await stage.desk('clerk-b', 'residence-certificate');
    const opened = await stage.gate.open({ ...desk, person: persons[50]!, groups: ['name'] });
    expect(opened.fields['name']!['name']).toBe('氏名50');
  });
});
