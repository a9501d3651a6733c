import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type FreshDatabase, freshDatabase } from '../../../test/database.ts';
import { SekishoError } from '../../ground/errors.ts';
import type { PersonId } from '../../ground/ids.ts';
import { decodeLine } from '../journal/index.ts';
import { keyedIndex } from '../seal/index.ts';
import { readBudgets } from './budget.ts';
import type { SearchBy } from './search.ts';
import { type Stage, staged, stageRooms, town } from './staging/stage.fixture.ts';

// What a search brings along, what it shows and what it says of it in the journal.
let database: FreshDatabase;
let stage: Stage;
let desk: { session: string; caseId: string };
const collisions: [string, string][] = [];
const persons = new Map<string, PersonId>();
const roomy = { session: 5_000, terminal: 5_000, purpose: 5_000, office: 5_000 };
beforeAll(async () => {
  database = await freshDatabase(stageRooms);
  stage = await staged(database, { change: { budgets: { ...readBudgets(), search: roomy } } });
  // Readings whose three index bytes are the same: among twenty thousand a dozen pairs are to be expected.
  const seen = new Map<string, string>();
  for (let i = 0; collisions.length < 3; i++) {
    const reading = `よみ衝突${i}`;
    const index = ((await keyedIndex.reading(stage.store, town, reading)) as Buffer).toString('hex');
    const other = seen.get(index);
    if (other !== undefined) collisions.push([other, reading]);
    seen.set(index, reading);
  }
  const readings = [...collisions.flat(), ...Array.from({ length: 30 }, () => 'おなじよみ')];
  const results = await stage.populate(
    readings.map((reading, i) => {
      const op = stage.op(i);
      return { ...op, fields: { ...op.fields, name: { name: `氏名${i}`, reading } } };
    }),
  );
  for (const [i, reading] of readings.entries()) persons.set(reading, results[i]!.person!);
  desk = await stage.desk('clerk', 'move-in');
});
afterAll(async () => {
  await stage.end();
  await database.drop();
});

const search = (by: SearchBy, more: object = {}) => stage.gate.search({ ...desk, by, ...more });
const newest = async () => {
  const { size } = stage.gate.journal(town).head();
  for await (const line of stage.gate.journal(town).read(size - 1, size)) return decodeLine(line.payload);
  return undefined;
};
let admin: ReturnType<FreshDatabase['pool']> | undefined;
const sql = async (text: string, values: unknown[] = []) => {
  admin ??= database.pool('superuser', 1);
  return (await admin.query(text, values)).rows;
};

describe('two readings under one shortened index', () => {
  it('do share the stored index: the test would else show nothing', async () => {
    for (const pair of collisions) {
      const rows = await sql(
        'SELECT DISTINCT reading_index FROM trial.resident WHERE person_id = ANY($1::uuid[])',
        [pair.map((reading) => persons.get(reading))],
      );
      expect(rows).toHaveLength(1);
    }
  });
  it('are told apart: a search finds the one, and no line and no answer names the other', async () => {
    for (const pair of collisions) {
      for (const [mine, stranger] of [pair, [...pair].reverse()] as [string, string][]) {
        const answer = await search({ reading: mine });
        expect(answer.hits.map(({ person }) => person)).toEqual([persons.get(mine)]);
        const told = JSON.stringify([answer, await newest()]);
        expect(told).not.toContain(persons.get(stranger));
      }
    }
  });
  it('a stranger whose row cannot be opened does not become a hit: the search is refused', async () => {
    const [mine, stranger] = collisions[0]!;
    const [{ name_sealed: kept }] = (await sql(
      'SELECT name_sealed FROM trial.resident WHERE person_id = $1',
      [persons.get(stranger)],
    )) as [{ name_sealed: Buffer }];
    const broken = Buffer.from(kept);
    broken[broken.length - 1]! ^= 1;
    const put = (value: Buffer) =>
      sql('UPDATE trial.resident SET name_sealed = $2 WHERE person_id = $1', [persons.get(stranger), value]);
    await put(broken);
    await expect(search({ reading: mine })).rejects.toMatchObject({ kind: 'seal-broken' });
    expect(await newest()).toMatchObject({ kind: 'search.refused', body: { reason: 'seal-broken' } });
    await put(kept);
    await expect(search({ reading: mine })).resolves.toBeDefined();
  });
});

describe('the number of hits', () => {
  it('is at most twenty, whatever the caller asks for, and the line counts those that left', async () => {
    for (const [limit, due] of [
      [undefined, 20],
      [1_000, 20],
      [20, 20],
      [3, 3],
    ] as const) {
      const { hits } = await search({ reading: 'おなじよみ' }, { limit });
      expect(hits).toHaveLength(due);
      const { body } = (await newest())!;
      expect(body).toMatchObject({ count: due, limit: due, hits: hits.map(({ person }) => person) });
    }
  });
  it('of more than two hundred candidates is no search for one person', async () => {
    const many = Array.from({ length: 201 }, (_, i) => {
      const op = stage.op(1_000 + i);
      return { ...op, fields: { ...op.fields, address: { address: '大きな寮' } } };
    });
    await stage.populate(many.slice(0, 200));
    expect((await search({ address: '大きな寮' })).hits).toHaveLength(20);
    await stage.populate(many.slice(200));
    await expect(search({ address: '大きな寮' })).rejects.toMatchObject({ kind: 'too-large' });
    expect(await newest()).toMatchObject({ kind: 'search.refused', body: { by: 'address' } });
  });
});

describe('a hit', () => {
  it('shows no whole reading, no name, no birth date and no address, whoever it is', async () => {
    const text = fc.string({
      unit: fc.constantFrom(...'あいうえおかきくけこ山田一二三'),
      minLength: 3,
      maxLength: 8,
    });
    const people = fc.sample(fc.record({ name: text, reading: text, address: text }), {
      numRuns: 25,
      seed: 7,
    });
    await stage.populate(
      people.map((person, i) => {
        const op = stage.op(3_000 + i);
        const { name, reading, address } = person;
        return { ...op, fields: { ...op.fields, name: { name, reading }, address: { address } } };
      }),
    );
    for (const [i, { name, reading, address }] of people.entries()) {
      const birthDate = stage.op(3_000 + i).fields['birth']!['date']!;
      const { hits } = await search({ reading, birthDate });
      expect(hits.length).toBeGreaterThan(0);
      for (const { masked } of hits) {
        const shown = Object.values(masked).join(' ');
        for (const whole of [reading, name, address, birthDate]) expect(shown).not.toContain(whole);
      }
    }
  });
});

describe('a refused search', () => {
  const nobody = '01890000-0000-7000-8000-000000000000';
  it.each([
    ['in a case that is not', () => search({ reading: 'x' }, { caseId: nobody }), 'case-required', 'reading'],
    ['by an empty address number', () => search({ addressNumber: '' }), 'bad-input', 'address_number'],
    [
      'by a code with a wrong check digit',
      () => search({ residentCode: '24727059609' }),
      'bad-input',
      'resident_code',
    ],
    ['by a number in words', () => search({ number: 'twelve' }), 'bad-input', 'number'],
    ['by nothing at all', () => search({ address: '   ' }), 'bad-input', 'address'],
  ] as const)('%s is a line that holds the key and not what was asked', async (_name, act, kind, by) => {
    await expect(act()).rejects.toMatchObject({ kind });
    const line = await newest();
    expect(line).toMatchObject({ kind: 'search.refused', body: { reason: kind, by, actor: 'clerk' } });
    expect(JSON.stringify(line)).not.toMatch(/24727059609|twelve/);
  });
  it('costs nothing, and one whose line has no answer stays spent', async () => {
    const left = async () => (await search({ reading: 'だれも' })).budget.session;
    const before = await left();
    await expect(search({ number: 'none' })).rejects.toBeDefined();
    stage.faults.append = new SekishoError('journal-unavailable', { outcome: 'none' });
    await expect(search({ reading: 'だれも' })).rejects.toMatchObject({ kind: 'journal-unavailable' });
    stage.faults.append = new SekishoError('journal-unavailable', { outcome: 'unknown' });
    await expect(search({ reading: 'だれも' })).rejects.toMatchObject({ kind: 'journal-unavailable' });
    delete stage.faults.append;
    expect(await left()).toBe(before - 2);
  });
});
