import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type FreshDatabase, freshDatabase } from '../../../test/database.ts';
import type { PersonId } from '../../ground/ids.ts';
import { decodeLine } from '../journal/index.ts';
import type { SearchLinesInput } from './journal-reading.ts';
import { otherTown, type Stage, staged, stageRooms, town } from './staging/stage.fixture.ts';

let database: FreshDatabase;
let stage: Stage;
let persons: PersonId[];
let officer: string;
const hour = 3_600_000;
beforeAll(async () => {
  database = await freshDatabase(stageRooms);
  stage = await staged(database, { municipalities: [town, otherTown] });
  await stage.enrol(otherTown, '-o');
  persons = (await stage.populate([0, 1, 2].map((i) => stage.op(i)))).map(({ person }) => person!);
  const desk = await stage.desk('clerk', 'residence-certificate');
  await stage.gate.search({ ...desk, by: { reading: 'よみ0' } });
  await stage.gate.open({ ...desk, person: persons[0]!, groups: ['name'] });
  await stage.gate.open({ ...desk, person: persons[0]!, groups: ['number'] }).catch(() => undefined);
  stage.clock.advance(2 * hour);
  const other = await stage.desk('supervisor', 'correction', 't-02');
  await stage.gate.open({ ...other, person: persons[1]!, groups: ['number'] });
  officer = await stage.signIn('officer');
});
afterAll(async () => {
  await stage?.end();
  await database?.drop();
});

const look = (filter: Partial<SearchLinesInput> = {}) =>
  stage.gate.searchLines({ session: officer, limit: 50, ...filter });
const kinds = async (filter: Partial<SearchLinesInput>) => (await look(filter)).lines.map(({ kind }) => kind);
const lastLine = async () => {
  const journal = stage.gate.journal(town);
  const { size } = journal.head();
  for await (const line of journal.read(size - 1, size)) return decodeLine(line.payload);
  return undefined;
};

describe('looking through the journal', () => {
  it('by person, by staff, by place, by purpose, by kind, by outcome', async () => {
    expect(await kinds({ person: persons[1]! })).toEqual(['field.opened', 'record.created']);
    expect(await kinds({ person: persons[0]!, outcome: 'refused' })).toEqual(['field.refused']);
    expect(await kinds({ staff: 'clerk', kinds: ['field.opened', 'search.made'] })).toEqual([
      'field.opened',
      'search.made',
    ]);
    expect(await kinds({ terminal: 't-02' })).toEqual(['field.opened', 'case.opened', 'session.opened']);
    expect(await kinds({ purpose: 'correction' })).toEqual(['field.opened', 'case.opened']);
    expect(await kinds({ office: 'system' })).toEqual([
      'record.created',
      'record.created',
      'record.created',
      'session.opened',
      'staff.enrolled',
    ]);
    expect(await kinds({ outcome: 'refused' })).toEqual(['field.refused']);
    expect(await kinds({ outcome: 'done', kinds: ['field.refused'] })).toEqual([]);
    expect(await kinds({ staff: 'nobody' })).toEqual([]);
  });

  it('what was done to a member of staff is about him too', async () => {
    const { lines } = await look({ staff: 'clerk-far' });
    expect(lines).toMatchObject([{ kind: 'staff.enrolled', body: { staff: 'clerk-far', actor: 'admin' } }]);
  });

  it('a search that showed somebody is found by him where searches are asked for', async () => {
    expect(await kinds({ person: persons[0]! })).not.toContain('search.made');
    const { lines } = await look({ person: persons[0]!, kinds: ['search.made'] });
    expect(lines).toMatchObject([{ kind: 'search.made', body: { hits: [persons[0]], by: 'reading' } }]);
    expect(await kinds({ person: persons[2]!, kinds: ['search.made'] })).toEqual([]);
  });

  it('by time, to the millisecond, its end excluded', async () => {
    const all = (await look({ kinds: ['field.opened'] })).lines;
    const [late, early] = all;
    expect(await kinds({ from: late!.at, kinds: ['field.opened'] })).toHaveLength(1);
    expect(await kinds({ to: late!.at, kinds: ['field.opened'] })).toHaveLength(1);
    expect(await kinds({ from: early!.at, to: late!.at + 1, kinds: ['field.opened'] })).toHaveLength(2);
    expect(await look({ from: early!.at + 1, to: late!.at, kinds: ['field.opened'] })).toEqual({
      lines: [],
      next: null,
    });
    expect((await look({ from: 1, to: 2 })).lines).toEqual([]);
  });

  it('page by page, each line once, down to the first', async () => {
    const whole = (await look({ staff: 'admin', limit: 200 })).lines.map(({ index }) => index);
    const paged: number[] = [];
    let before: number | undefined;
    for (let pages = 0; pages < 50; pages++) {
      const { lines, next } = await look({
        staff: 'admin',
        limit: 3,
        ...(before === undefined ? {} : { before }),
      });
      paged.push(...lines.map(({ index }) => index));
      if (next === null) break;
      before = next;
    }
    expect(paged.slice(0, whole.length)).toEqual(whole);
    expect(new Set(paged).size).toBe(paged.length);
    expect(whole).toEqual([...whole].sort((a, b) => b - a));
    const person = await look({ person: persons[0]!, limit: 1 });
    const rest = await look({ person: persons[0]!, limit: 50, before: person.next! });
    expect(rest.lines.map(({ kind }) => kind)).toContain('record.created');
    expect(rest.lines.map(({ index }) => index)).not.toContain(person.lines[0]!.index);
  });

  it('is a line, about the resident where it is narrowed to one', async () => {
    await look({ staff: 'clerk', office: 'desk-1', terminal: 't-01', purpose: 'correction', limit: 1 });
    expect(await lastLine()).toMatchObject({
      kind: 'journal.read',
      body: {
        actor: 'officer',
        outcome: 'read',
        filter: { staff: 'clerk', office: 'desk-1', terminal: 't-01', purpose: 'correction' },
      },
    });
    await look({ person: persons[2]! });
    const line = await lastLine();
    expect(line).toMatchObject({ kind: 'journal.read', person: persons[2], body: { lines: 2 } });
    expect(await kinds({ person: persons[2]!, limit: 1 })).toEqual(['journal.read']);
  });

  it('repeats in its line nothing that somebody typed and the gate does not know', async () => {
    const typed = { staff: '123456789018', office: '髙橋花子', terminal: 'takahashi', purpose: 'curiosity' };
    await look({ ...typed, kinds: ['hanako'] });
    const line = await lastLine();
    expect(line!.body['filter']).toEqual({
      ...{ staff: 'unknown', office: 'unknown', terminal: 'unknown', purpose: 'unknown' },
      kinds: ['unknown'],
    });
    await look({ staff: 'clerk-o' });
    expect((await lastLine())!.body['filter']).toEqual({ staff: 'unknown' });
  });

  it('gives nothing where its line cannot be written', async () => {
    const { SekishoError } = await import('../../ground/errors.ts');
    stage.faults.append = new SekishoError('journal-unavailable');
    await expect(look({ staff: 'clerk' })).rejects.toMatchObject({ kind: 'journal-unavailable' });
    delete stage.faults.append;
  });

  it.each(['clerk', 'supervisor', 'registrar', 'admin'])('is refused to %s, by a line', async (name) => {
    const session = await stage.signIn(name);
    await expect(look({ session })).rejects.toMatchObject({ kind: 'policy-denied' });
    expect(await lastLine()).toMatchObject({
      kind: 'request.refused',
      body: { operation: 'search-lines', actor: name },
    });
    await expect(stage.gate.lineActivity({ session, from: 0, to: 1 })).rejects.toMatchObject({
      kind: 'policy-denied',
    });
  });

  it("ends at one's own town", async () => {
    const session = await stage.signIn('officer-o', 't-01-o');
    const { lines } = await look({ session, limit: 200 });
    expect(lines.length).toBeGreaterThan(5);
    expect(lines.some(({ body }) => body['actor'] === 'clerk')).toBe(false);
    expect((await look({ session, person: persons[0]! })).lines).toEqual([]);
  });
});

describe('activity', () => {
  const day = () => ({ from: stage.clock.now() - 12 * hour, to: stage.clock.now() + hour });
  const activity = (span: { from: number; to: number }) =>
    stage.gate.lineActivity({ session: officer, ...span });

  it('counts by the hour what was opened, searched for, written and refused, and leaves no line', async () => {
    const before = stage.gate.journal(town).head().size;
    const { hours, total, whole } = await activity(day());
    expect(stage.gate.journal(town).head().size).toBe(before);
    expect(whole).toBe(true);
    expect(total).toMatchObject({ opened: 2, searched: 1, written: 3 });
    expect(hours[0]).toMatchObject({ opened: 1, searched: 1, written: 3, refused: 1 });
    expect(hours.map(({ at }) => at % hour)).toEqual(hours.map(() => 0));
    for (const name of ['opened', 'searched', 'written', 'refused'] as const)
      expect(hours.reduce((sum, each) => sum + each[name], 0)).toBe(total[name]);
  });

  it('is empty where nothing was done, and refuses a stretch that is none or too long', async () => {
    expect((await activity({ from: 0, to: hour })).hours).toEqual([]);
    for (const span of [
      { from: 5, to: 5 },
      { from: 6, to: 5 },
      { from: 0, to: 32 * 24 * hour },
    ])
      await expect(activity(span)).rejects.toMatchObject({ kind: 'bad-input' });
  });
});
