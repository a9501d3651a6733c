import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type FreshDatabase, freshDatabase } from '../../../test/database.ts';
import { SekishoError } from '../../ground/errors.ts';
import type { PersonId } from '../../ground/ids.ts';
import { decodeLine, nodePrimitives } from '../journal/index.ts';
import { type HistoryLine, verifyInclusion, verifyLine } from '../journal/verify/index.ts';
import { otherTown, type Stage, stagedTowns, stageRooms, told, town } from './staging/stage.fixture.ts';

// A person who lived in two towns of one gate: erasing, coming home, and a history over both journals.
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

let admin: ReturnType<FreshDatabase['pool']> | undefined;
const sql = async (text: string, values: unknown[] = []) => {
  admin ??= database.pool('superuser', 1);
  return (await admin.query(text, values)).rows;
};
const statuses = async (person: string) =>
  (
    await sql('SELECT status FROM trial.resident WHERE person_id = $1 ORDER BY municipality_code', [person])
  ).map(({ status }) => status);
/** A resident of the town, and the op by which the other town takes him in. */
const resident = async (i: number) => {
  const op = stage.op(i);
  const [created] = await stage.populate([op]);
  const there = {
    ...op,
    ...{ requestId: `there-${i}`, municipality: otherTown, findBy: 'resident_code' as const },
    fields: { ...op.fields, address: { address: '隣町' }, household: { address_number: `88${i}` } },
    clear: { status: 'resident', event: 'move-in', event_date: '2026-05-01' },
  };
  const home = { ...there, requestId: `home-${i}`, municipality: town };
  return { person: created!.person!, there, home };
};
const moveIn = async (op: Awaited<ReturnType<typeof resident>>['there']) => {
  const away = op.municipality === otherTown;
  const desk = await stage.desk(away ? 'clerk-x' : 'clerk', 'move-in', away ? 't-01-x' : 't-01');
  const [result] = await stage.gate.write({ ...desk, ops: [op] });
  return result!;
};
/** While the town's journal is down its departures stay undone, as if the gate had died. */
const withoutJournal = async (work: () => Promise<unknown>) => {
  const journal = stage.gate.journal(town);
  const { append } = journal;
  journal.append = () => Promise.reject(new SekishoError('journal-unavailable', { outcome: 'none' }));
  await work();
  journal.append = append;
};

describe('a record left behind', () => {
  it('is not erased while the person is registered elsewhere: his one key opens his record there too', async () => {
    const { person, there } = await resident(1);
    await moveIn(there);
    const desk = await stage.desk('supervisor', 'record-erasure');
    const erasing = stage.gate.erase({ ...desk, person, reason: 'retention over' });
    await expect(erasing).rejects.toMatchObject({
      kind: 'conflict',
      facts: { reason: 'registered-elsewhere' },
    });
    const clerk = await stage.desk('clerk-x', 'move-in', 't-01-x');
    const { fields } = await stage.gate.open({ ...clerk, person, groups: ['name', 'number'] });
    expect(fields['name']!['name']).toBe('氏名1');
    expect(await sql('SELECT state FROM national.number_index WHERE person_id = $1', [person])).toEqual([
      { state: 'active' },
    ]);
    const [line] = await stage.gate.journal(town).linesOf(person, { limit: 1 });
    expect(decodeLine(line!.payload)).toMatchObject({
      kind: 'write.refused',
      body: { event: 'person.erased' },
    });
  });
  it('goes with the person when he is erased where he lives, and both registers stay true', async () => {
    const { person, there } = await resident(2);
    await moveIn(there);
    const desk = await stage.desk('supervisor-x', 'record-erasure', 't-01-x');
    await stage.gate.erase({ ...desk, person, reason: 'retention over' });
    const clerk = await stage.desk('clerk', 'move-in');
    await expect(stage.gate.open({ ...clerk, person, groups: ['name'] })).rejects.toMatchObject({
      kind: 'key-erased',
    });
    for (const municipality of [town, otherTown]) {
      const found = [];
      for await (const finding of stage.gate.verify(municipality)) found.push(finding);
      expect(found).toEqual([]);
    }
  });
});

describe('a mover who comes home', () => {
  it('before he was written out here is not written out afterwards', async () => {
    const { person, there, home } = await resident(3);
    await withoutJournal(() => moveIn(there));
    expect(await statuses(person)).toEqual(['resident', 'resident']);
    expect((await moveIn(home)).outcome).toBe('changed');
    await stage.reopen();
    expect(await statuses(person)).toEqual(['resident', 'moved-out']);
    expect(await sql('SELECT * FROM gate.departure')).toEqual([]);
  });
});

describe('a row of gate.departure', () => {
  it('is settled once: a second restart writes no second line', async () => {
    const { person, there } = await resident(4);
    await withoutJournal(() => moveIn(there));
    await stage.reopen();
    const lines = (await stage.gate.journal(town).linesOf(person)).length;
    await stage.reopen();
    expect(await stage.gate.journal(town).linesOf(person)).toHaveLength(lines);
    expect(await statuses(person)).toEqual(['moved-out', 'resident']);
  });
});

describe('the history of one who lived in two towns', () => {
  const bytes = (text: string) => Buffer.from(text, 'base64');
  const isProven = (line: HistoryLine) => {
    const leafHash = bytes(line.leafHash);
    const given = { payload: bytes(line.payload), salt: bytes(line.salt), leafHash };
    const root = bytes(line.proof.checkpoint.split('\n')[2]!);
    const { index, size, path } = line.proof;
    const inclusion = { index, size, leafHash, path: path.map(bytes), root };
    return [verifyLine(given, nodePrimitives), verifyInclusion(inclusion, nodePrimitives)] as {
      ok: boolean;
    }[];
  };
  let person: PersonId;
  beforeAll(async () => {
    const mover = await resident(5);
    person = mover.person;
    stage.clock.advance(1_000);
    await moveIn(mover.there);
    stage.clock.advance(1_000);
    const clerk = await stage.desk('clerk-x', 'residence-certificate', 't-01-x');
    await stage.gate.open({ ...clerk, person, groups: ['name'] });
    const session = await stage.signIn('admin-x', 't-01-x');
    await stage.member(otherTown, 'resident-5', 'resident', 'portal', { session, person });
  });

  it('merges the lines of both, newest first, each proven in its own journal', async () => {
    const lines = told(await stage.gate.history({ session: await stage.signIn('resident-5', 't-01-x') }));
    expect(new Set(lines.map(({ municipality }) => municipality))).toEqual(new Set([town, otherTown]));
    expect(lines.map(({ at }) => at)).toEqual(lines.map(({ at }) => at).sort((a, b) => b - a));
    for (const line of lines) expect(isProven(line)).toMatchObject([{ ok: true }, { ok: true }]);
    const origins = new Set(
      lines.map(({ municipality, proof }) => [municipality, proof.checkpoint.split('\n')[0]].join(' ')),
    );
    expect(origins).toEqual(
      new Set([`${town} journal.example/${town}`, `${otherTown} journal.example/${otherTown}`]),
    );
  });
  it('has no proof that holds for the line of another index', async () => {
    const lines = told(await stage.gate.history({ session: await stage.signIn('resident-5', 't-01-x') }));
    const [a, b] = lines.filter(({ municipality }) => municipality === otherTown);
    expect(isProven({ ...a!, proof: b!.proof })[1]).toMatchObject({ ok: false });
    expect(isProven({ ...a!, payload: b!.payload })[0]).toMatchObject({ ok: false });
  });
  it('is read in pieces by municipality and index', async () => {
    const session = await stage.signIn('resident-5', 't-01-x');
    const lines = told(await stage.gate.history({ session, municipality: town }));
    expect(new Set(lines.map(({ municipality }) => municipality))).toEqual(new Set([town]));
    const rest = told(
      await stage.gate.history({
        ...{ session, municipality: town, before: lines[0]!.index },
      }),
    );
    expect(rest).toEqual(lines.slice(1));
  });
  it('leaves out a line whose payload was erased, and the others still prove', async () => {
    const session = await stage.signIn('resident-5', 't-01-x');
    const lines = told(await stage.gate.history({ session }));
    const gone = lines.find(({ kind }) => kind === 'record.created')!;
    await sql('DELETE FROM journal.payload WHERE municipality_code = $1 AND line_index = $2', [
      gone.municipality,
      gone.index,
    ]);
    const left = told(await stage.gate.history({ session }));
    expect(left.map(({ kind }) => kind)).toEqual(
      lines.filter((line) => line !== gone).map(({ kind }) => kind),
    );
    for (const line of left) expect(isProven(line)).toMatchObject([{ ok: true }, { ok: true }]);
  });
  it('is not told at the desk of a town where he never lived', async () => {
    const [stranger] = await stage.populate([stage.op(6)]);
    const desk = await stage.desk('clerk-x', 'own-record-at-desk', 't-01-x');
    await expect(stage.gate.history({ ...desk, person: stranger!.person! })).rejects.toMatchObject({
      kind: 'not-found',
    });
    await expect(
      stage.gate.history({ ...desk, person: stranger!.person!, municipality: town }),
    ).rejects.toMatchObject({ kind: 'not-found' });
    await expect(stage.gate.history({ ...desk, person })).resolves.toBeDefined();
  });
});

describe('staff and terminals of one town', () => {
  it('do nothing in the other: session, case, grant, suspension', async () => {
    const [created] = await stage.populate([stage.op(7)]);
    const person = created!.person!;
    const here = await stage.desk('supervisor', 'investigation');
    const { grant } = await stage.gate.askGrant({
      ...{ ...here, groups: ['name'], count: 1, endsAt: stage.clock.now() + 60_000, reason: 'x' },
    });
    const session = await stage.signIn('supervisor-x', 't-01-x');
    await expect(stage.gate.approveGrant({ session, grant })).rejects.toMatchObject({ kind: 'not-found' });
    await expect(
      stage.gate.open({ session, caseId: here.caseId, person, groups: ['name'] }),
    ).rejects.toMatchObject({ kind: 'case-required' });
    const officer = await stage.signIn('officer-x', 't-01-x');
    await expect(stage.gate.suspend({ session: officer, staff: 'clerk' })).rejects.toMatchObject({
      kind: 'not-found',
    });
    await expect(stage.signIn('clerk-x', 't-01')).rejects.toMatchObject({ kind: 'sign-in-failed' });
    const there = await stage.desk('clerk-x', 'move-in', 't-01-x');
    await expect(stage.gate.open({ ...there, person, groups: ['name'] })).rejects.toMatchObject({
      kind: 'not-found',
    });
  });
});
