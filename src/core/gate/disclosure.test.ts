import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type FreshDatabase, freshDatabase } from '../../../test/database.ts';
import type { PersonId } from '../../ground/ids.ts';
import { decodeLine, journalMigrations } from '../journal/index.ts';
import { sealMigrations } from '../seal/index.ts';
import { gateMigrations } from './index.ts';
import { Stage, town } from './staging/stage.ts';
import { trialMigrations } from './staging/trial-table.ts';

let database: FreshDatabase;
let stage: Stage;
let persons: PersonId[];
beforeAll(async () => {
  database = await freshDatabase([sealMigrations, journalMigrations, gateMigrations, trialMigrations]);
  stage = await new Stage({ gatePool: database.pool('gate', 8), keysPool: database.pool('keys') }).start();
  await stage.enrol();
  const results = await stage.populate([0, 1, 2, 3].map((i) => stage.op(i)));
  expect(results.map(({ outcome }) => outcome)).toEqual(['created', 'created', 'created', 'created']);
  persons = results.map(({ person }) => person!);
});
afterAll(async () => {
  await stage.end();
  await database.drop();
});

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
    const [line] = await stage.gate.journal(town).linesOf(persons[0]!, { limit: 1 });
    expect(line!.index).toBe(opened.receipt.index);
    expect(decodeLine(line!.payload)).toMatchObject({
      kind: 'field.opened',
      person: persons[0],
      body: { actor: 'clerk', fields: ['name', 'birth'], outcome: 'opened', basis: 'jukiho-12' },
    });
  });
});
