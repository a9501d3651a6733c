import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type FreshDatabase, freshDatabase } from '../../../test/database.ts';
import type { PersonId } from '../../ground/ids.ts';
import { decodeLine, nodePrimitives } from '../journal/index.ts';
import { verifyHistory } from '../journal/verify/index.ts';
import type { PageInput, PersonalAnswer } from './personal-history.ts';
import { showHitsAgain } from './shown-hits.ts';
import { otherTown, type Stage, staged, stageRooms, stated, town } from './staging/stage.fixture.ts';

let database: FreshDatabase;
let stage: Stage;
let persons: PersonId[];
const day = 86_400_000;
beforeAll(async () => {
  database = await freshDatabase(stageRooms);
  stage = await staged(database, { municipalities: [town, otherTown] });
  await stage.enrol(otherTown, '-o');
  const ops = [0, 1, 2, 3, 4].map((i) => stage.op(i));
  for (const i of [0, 1]) ops[i]!.fields['name']!['reading'] = 'おなじよみ';
  persons = (await stage.populate(ops)).map(({ person }) => person!);
});
afterAll(async () => {
  await stage?.end();
  await database?.drop();
});

const session = async (i: number, municipality = town) =>
  (await stage.gate.residents.start({ municipality, person: persons[i]! })).session;
const read = async (i: number, page: PageInput = {}) =>
  stage.gate.ownHistory({ session: await session(i), ...page });
const kinds = ({ lines }: PersonalAnswer) => lines.map(({ payload }) => JSON.parse(payload).kind as string);
const search = async (reading: string, purpose = 'residence-certificate') =>
  stage.gate.search({ ...(await stage.desk('supervisor', purpose)), by: { reading } });
const open = async (i: number, purpose: string, groups = ['name']) =>
  stage.gate.open({ ...(await stage.desk('supervisor', purpose)), person: persons[i]!, groups });
/** Holds every proof of an answer against the keys of the journals; a coarse line by its place. */
async function holds(answer: PersonalAnswer): Promise<boolean> {
  const { journals } = await stage.gate.journalKeys({});
  const policies = Object.fromEntries(journals.map(({ municipality, ...policy }) => [municipality, policy]));
  const verdict = await verifyHistory(answer, policies, nodePrimitives);
  return verdict.ok && verdict.lines.every((line) => line.fault === undefined);
}

describe('what a resident is told', () => {
  it('a search that showed him alone is told whole; with others, that it stands', async () => {
    await search('よみ2');
    expect(kinds(await read(2, { limit: 1 }))).toEqual(['search.made']);
    const { line } = await search('おなじよみ');
    for (const i of [0, 1]) {
      const answer = await read(i, { limit: 1 });
      expect(answer.coarse).toMatchObject([{ index: line, kind: 'search.made', rule: 'names-hits' }]);
      expect(answer.lines).toEqual([]);
      expect(JSON.stringify(answer)).not.toContain(persons[1 - i]);
    }
    expect((await read(2)).coarse).toEqual([]);
  });

  it('with proofs that hold, those of coarse lines too', async () => {
    const answer = await read(0);
    expect(answer.lines.length).toBeGreaterThan(0);
    expect(await holds(answer)).toBe(true);
    const [coarse] = answer.coarse;
    const tree = answer.trees[coarse!.tree]!;
    expect(coarse!.leaf).toBeLessThan(Buffer.from(tree.nodes, 'base64').length / 32);
    expect(coarse).not.toHaveProperty('payload');
    expect(coarse).not.toHaveProperty('salt');
  });

  it('a look at his own lines is none', async () => {
    const before = stage.gate.journal(town).head().size;
    await read(0);
    expect(stage.gate.journal(town).head().size).toBe(before);
  });
});

describe('what a law hides for now', () => {
  it('is counted with its day, at the portal and at the desk, and shown from that day on', async () => {
    const before = (await read(3)).lines.length;
    await open(3, 'criminal-inquiry');
    await open(3, 'criminal-inquiry', ['number']).catch(() => undefined);
    await search('よみ3', 'criminal-inquiry');
    // Whatever else was tried under such a case is hidden with it.
    const desk0 = await stage.desk('supervisor', 'criminal-inquiry');
    await stage.gate.history({ ...desk0, person: persons[3]! }).catch(() => undefined);
    await stage.gate.erase({ ...desk0, person: persons[3]!, reason: 'r' }).catch(() => undefined);
    const tried = { requestId: 'tried', table: 'resident', kind: 'record.changed' as const };
    const op = { ...tried, municipality: town, person: persons[3]!, fields: {}, clear: stated('death') };
    await stage.gate.write({ ...desk0, ops: [op] }).catch(() => undefined);
    const answer = await read(3);
    expect(answer.lines).toHaveLength(before);
    expect(answer.hidden).toHaveLength(1);
    expect(answer.hidden[0]).toMatchObject({ count: 6 });
    const { opensAt } = answer.hidden[0]!;
    expect(opensAt).toBeGreaterThan(stage.clock.now() + 90 * day);
    expect(opensAt).toBeLessThanOrEqual(stage.clock.now() + 91 * day);
    expect(JSON.stringify(answer)).not.toMatch(/keiso|criminal/);

    const desk = await stage.desk('clerk', 'own-record-at-desk');
    const shown = await stage.gate.history({ ...desk, person: persons[3]! });
    expect(shown.hidden).toEqual(answer.hidden);
    expect(JSON.stringify(shown)).not.toMatch(/keiso|criminal/);

    stage.clock.set(opensAt);
    const later = await read(3);
    expect(later.hidden).toEqual([]);
    const opened = later.lines.filter(({ payload }) => payload.includes('criminal-inquiry'));
    expect(kinds({ ...later, lines: opened })).toEqual([
      ...[
        'write.refused',
        'write.refused',
        'request.refused',
        'search.made',
        'field.refused',
        'field.opened',
      ],
    ]);
    expect(await holds(later)).toBe(true);
  });

  it('cannot be contested before, and is not told from a line that is not there', async () => {
    const { receipt } = await open(4, 'criminal-inquiry');
    const about = { line: { municipality: town, index: receipt.index } };
    const contest = async () =>
      stage.gate.contest({ session: await session(4), about, text: 'x' }).catch((error: unknown) => error);
    const nowhere = { line: { municipality: town, index: 999_999 } };
    const missing = await stage.gate
      .contest({ session: await session(4), about: nowhere, text: 'x' })
      .catch((error: unknown) => error);
    expect(await contest()).toEqual(missing);
    stage.clock.advance(92 * day);
    expect(await contest()).toHaveProperty('contest');
  });
});

describe('page by page', () => {
  /** All pages, each journal going on where the answer says. */
  async function pages(i: number, limit: number) {
    const seen: string[] = [];
    const hidden = new Map<number, number>();
    let asked: PageInput[] = [{}];
    for (let rounds = 0; asked.length > 0 && rounds < 60; rounds++) {
      const next: PageInput[] = [];
      for (const page of asked) {
        const answer = await read(i, { limit, ...page });
        for (const line of [...answer.lines, ...answer.coarse])
          seen.push(`${answer.trees[line.tree]!.municipality}/${line.index}`);
        for (const { opensAt, count } of answer.hidden)
          hidden.set(opensAt, (hidden.get(opensAt) ?? 0) + count);
        next.push(...answer.older);
      }
      asked = next;
    }
    return { seen: seen.sort(), hidden: [...hidden] };
  }

  it.each([1, 2, 3, 7])('by %i: every line once, every hidden one counted once', async (limit) => {
    if (limit === 1) {
      for (const purpose of ['criminal-inquiry', 'investigation', 'criminal-inquiry', 'criminal-inquiry']) {
        await open(0, purpose);
        await search('おなじよみ');
      }
      await open(0, 'criminal-inquiry');
      // He moves away: lines of his stand in two journals from now on.
      const desk = await stage.desk('clerk', 'move-out');
      const leaving = { requestId: 'leave', table: 'resident', kind: 'record.changed' as const };
      await stage.gate.write({
        ...desk,
        ops: [{ ...leaving, municipality: town, person: persons[0]!, fields: {}, clear: stated('move-out') }],
      });
      const { fields } = await stage.gate.openOwn({ session: await session(0), groups: ['resident_code'] });
      const there = stage.op(0, { requestId: 'arrive', municipality: otherTown, findBy: 'resident_code' });
      const arriving = { ...there.fields, resident_code: fields['resident_code']! };
      const clerk = await stage.signIn('clerk-o', 't-01-o');
      const { caseId } = await stage.gate.openCase({ session: clerk, purpose: 'move-in', note: '' });
      const op = { ...there, kind: 'record.moved' as const, fields: arriving };
      delete (op as { draw?: string }).draw;
      const [arrived] = await stage.gate.write({ session: clerk, caseId, ops: [op] });
      expect(arrived).toMatchObject({
        outcome: expect.stringMatching(/created|changed/),
        person: persons[0],
      });
    }
    const whole = await read(0, { limit: 200 });
    expect(new Set(whole.trees.map(({ municipality }) => municipality))).toEqual(new Set([town, otherTown]));
    const all = [...whole.lines, ...whole.coarse].map(
      (line) => `${whole.trees[line.tree]!.municipality}/${line.index}`,
    );
    expect(whole.older).toEqual([]);
    const paged = await pages(0, limit);
    expect(paged.seen).toEqual(all.sort());
    expect(paged.hidden).toEqual(whole.hidden.map(({ opensAt, count }) => [opensAt, count]));
    expect(whole.hidden.reduce((sum, { count }) => sum + count, 0)).toBe(4);
  });

  it('no journal where he never lived', async () => {
    expect(await read(1, { municipality: otherTown })).toMatchObject({ lines: [], older: [], trees: [] });
    expect((await read(1, { municipality: town })).lines.length).toBeGreaterThan(0);
  });
});

describe('the entries that lead to searches', () => {
  it('are made anew from the journal, as after a restore', async () => {
    const dba = database.pool('superuser');
    const all = 'SELECT * FROM gate.search_hit ORDER BY municipality_code, line_index, person_token';
    const { rows: before } = await dba.query(all);
    expect(before.length).toBeGreaterThan(0);
    await dba.query('DELETE FROM gate.search_hit');
    for (const municipality of [town, otherTown]) {
      const journal = stage.gate.journal(municipality);
      const o = { pool: dba, store: stage.store, journal };
      await showHitsAgain(o, municipality, 0, journal.head().size);
    }
    expect((await dba.query(all)).rows).toEqual(before);
  });

  it('name nobody, and one put there past the gate finds nothing', async () => {
    const dba = database.pool('superuser');
    const { rows } = await dba.query('SELECT * FROM gate.search_hit');
    expect(rows.length).toBeGreaterThan(0);
    const stored = JSON.stringify(rows);
    for (const person of persons) expect(stored).not.toContain(person.replaceAll('-', ''));
    const { line } = await search('よみ4');
    const before = await read(2, { limit: 200 });
    // Somebody else's search, and a line that is no search, under his token.
    for (const index of [line, 1])
      await dba.query(
        `INSERT INTO gate.search_hit SELECT municipality_code, person_token, $1 FROM gate.search_hit WHERE line_index =
           (SELECT min(line_index) FROM gate.search_hit) AND municipality_code = $2 ON CONFLICT DO NOTHING`,
        [index, town],
      );
    // The head may have grown meanwhile by lines that are not his.
    const told = ({ lines, coarse, hidden, older }: PersonalAnswer) => [
      ...[lines.map(({ index, payload }) => [index, payload]), coarse.map(({ index }) => index)],
      ...[hidden, older],
    ];
    expect(told(await read(2, { limit: 200 }))).toEqual(told(before));
    const [own] = before.lines;
    expect(decodeLine(Buffer.from(own!.payload))).toBeDefined();
  });
});
