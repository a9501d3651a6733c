import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type FreshDatabase, freshDatabase } from '../../../test/database.ts';
import type { PersonId } from '../../ground/ids.ts';
import { decodeLine } from '../journal/index.ts';
import { otherTown, type Stage, staged, stageRooms, town } from './staging/stage.fixture.ts';
import { readStatuteTable } from './statute-table.ts';

let database: FreshDatabase;
let stage: Stage;
let persons: PersonId[];
let session: string;
const day = 86_400_000;
beforeAll(async () => {
  database = await freshDatabase(stageRooms);
  stage = await staged(database, { municipalities: [town, otherTown] });
  persons = (await stage.populate([0, 1].map((i) => stage.op(i)))).map(({ person }) => person!);
});
beforeEach(async () => {
  ({ session } = await stage.gate.residents.start({ municipality: town, person: persons[0]! }));
  await stage.gate.unlockLookUps({ session });
});
afterAll(async () => {
  await stage?.end();
  await database?.drop();
});

const inADay = () => stage.clock.now() + day;
const openAs = async (purpose: string, person = persons[0]!, staff = 'supervisor') =>
  stage.gate.open({ ...(await stage.desk(staff, purpose)), person, groups: ['name'] });
const lines = async (person = persons[0]!) =>
  (await stage.gate.journal(town).linesOf(person, { limit: 50 })).map(({ payload }) => decodeLine(payload));

describe('a lock', () => {
  it('refuses an opening that no law demands, until its day; the refusal is a line that the resident sees', async () => {
    const until = inADay();
    expect(await stage.gate.lockLookUps({ session, until })).toEqual({ lock: { until } });
    await expect(openAs('residence-certificate')).rejects.toMatchObject({
      kind: 'locked',
      facts: { until: '2026-04-02' },
    });
    const [newest] = await lines();
    expect(newest).toMatchObject({
      kind: 'field.refused',
      body: { reason: 'locked', actor: 'supervisor', fields: ['name'], outcome: 'refused' },
    });
    stage.clock.set(until);
    await expect(openAs('residence-certificate')).resolves.toBeDefined();
  });

  it('is each row of the statute table that says so, and no other', async () => {
    await stage.gate.lockLookUps({ session, until: inADay() });
    for (const { purpose, opens, requester, roles, stopped_by_lock: stopped } of readStatuteTable()
      .statutes) {
      if (requester !== 'resident-desk' || !opens.includes('name') || !roles.includes('supervisor')) continue;
      const outcome = await openAs(purpose).then(
        () => 'opened',
        (error: { kind: string }) => error.kind,
      );
      expect([purpose, outcome]).toEqual([purpose, stopped ? 'locked' : 'opened']);
    }
  });

  it('stops the history at the desk too', async () => {
    const desk = await stage.desk('clerk', 'own-record-at-desk');
    await expect(stage.gate.history({ ...desk, person: persons[0]! })).resolves.toBeDefined();
    await stage.gate.lockLookUps({ session, until: inADay() });
    await expect(stage.gate.history({ ...desk, person: persons[0]! })).rejects.toMatchObject({
      kind: 'locked',
    });
  });

  it('spends no budget, and stops nobody else’s', async () => {
    await stage.gate.lockLookUps({ session, until: inADay() });
    const desk = await stage.desk('clerk', 'residence-certificate');
    const left = async () => (await stage.gate.budgetLeft(desk)).open;
    const before = await left();
    await expect(stage.gate.open({ ...desk, person: persons[0]!, groups: ['name'] })).rejects.toMatchObject({
      kind: 'locked',
    });
    expect(await left()).toEqual(before);
    await expect(openAs('residence-certificate', persons[1]!)).resolves.toBeDefined();
  });

  it('holds within a case that opened him before', async () => {
    const desk = await stage.desk('clerk', 'residence-certificate');
    const open = () => stage.gate.open({ ...desk, person: persons[0]!, groups: ['name'] });
    await expect(open()).resolves.toBeDefined();
    await stage.gate.lockLookUps({ session, until: inADay() });
    await expect(open()).rejects.toMatchObject({ kind: 'locked' });
    await stage.gate.unlockLookUps({ session });
    await expect(open()).resolves.toBeDefined();
  });

  it('is set, moved and lifted by a line each; lifting what is not locked is none', async () => {
    const before = (await lines()).length;
    const until = inADay();
    await stage.gate.lockLookUps({ session, until });
    await stage.gate.lockLookUps({ session, until: until + day });
    expect(await stage.gate.me({ session })).toMatchObject({ lock: { until: until + day } });
    expect(await stage.gate.unlockLookUps({ session })).toEqual({ lock: null });
    await stage.gate.unlockLookUps({ session });
    const told = (await lines())
      .slice(0, -before)
      .map(({ kind, body }) => [kind, body['until'], body['actor']]);
    expect(told).toEqual([
      ['lock.lifted', undefined, 'self'],
      ['lock.set', until + day, 'self'],
      ['lock.set', until, 'self'],
    ]);
    expect(await stage.gate.me({ session })).toMatchObject({
      lock: null,
      status: 'resident',
      municipality: town,
    });
  });

  it('outlives a restart; lifted it stays lifted', async () => {
    const until = inADay();
    await stage.gate.lockLookUps({ session, until });
    await stage.reopen();
    expect(await stage.gate.me({ session })).toMatchObject({ lock: { until } });
    await expect(openAs('residence-certificate')).rejects.toMatchObject({ kind: 'locked' });
    await stage.gate.unlockLookUps({ session });
    await stage.reopen();
    await expect(openAs('residence-certificate')).resolves.toBeDefined();
  });

  it('follows him to another town of this gate, where he lifts it as well', async () => {
    await stage.gate.lockLookUps({ session, until: inADay() });
    const moved = await stage.gate.residents.start({ municipality: otherTown, person: persons[0]! });
    expect(await stage.gate.me(moved)).toMatchObject({ lock: { until: inADay() }, status: null });
    await stage.gate.unlockLookUps(moved);
    expect(await stage.gate.me({ session })).toMatchObject({ lock: null });
    await stage.gate.lockLookUps({ session, until: inADay() });
    await stage.gate.lockLookUps({ ...moved, until: inADay() + day });
    expect(await stage.gate.me({ session })).toMatchObject({ lock: { until: inADay() + day } });
  });

  it('that was put into the table past the gate is none', async () => {
    await stage.gate.lockLookUps({ session, until: inADay() });
    await database
      .pool('superuser')
      .query('UPDATE gate.look_up_lock SET until_ms = until_ms + 1000 WHERE person_id = $1', [persons[0]]);
    await stage.reopen();
    expect(await stage.gate.me({ session })).toMatchObject({ lock: null });
  });

  it('is not set where its line is not', async () => {
    const { SekishoError } = await import('../../ground/errors.ts');
    stage.faults.append = new SekishoError('journal-unavailable');
    await expect(stage.gate.lockLookUps({ session, until: inADay() })).rejects.toMatchObject({
      kind: 'journal-unavailable',
    });
    delete stage.faults.append;
    expect(await stage.gate.me({ session })).toMatchObject({ lock: null });
  });

  it.each([
    ['now', 0],
    ['before', -1],
    ['more than a year and a day ahead', 366 * day + 1],
  ])('does not end %s', async (_what, from) => {
    const until = stage.clock.now() + from;
    await expect(stage.gate.lockLookUps({ session, until })).rejects.toMatchObject({ kind: 'bad-input' });
    const [newest] = await lines();
    expect(newest).toMatchObject({ kind: 'request.refused', body: { operation: 'lock', actor: 'self' } });
  });

  it('is nobody’s to set but his own: a session of staff is none here', async () => {
    for (const staff of ['clerk', 'officer', 'admin']) {
      const foreign = await stage.signIn(staff);
      await expect(stage.gate.lockLookUps({ session: foreign, until: inADay() })).rejects.toMatchObject({
        kind: 'session-invalid',
      });
    }
  });
});

describe('docs/law.md', () => {
  it('says of every row whether a lock stops it', () => {
    const law = readFileSync(new URL('../../../docs/law.md', import.meta.url), 'utf8');
    const told = new Map<string, boolean>();
    for (const [, ids, answer] of law.matchAll(/^\| ((?:`[a-z0-9-]+` ?)+)\| (yes|no) \|/gm))
      for (const [, id] of ids!.matchAll(/`([^`]+)`/g)) told.set(id!, answer === 'yes');
    expect([...told].sort()).toEqual(
      readStatuteTable()
        .statutes.map(({ id, stopped_by_lock: stopped }) => [id, stopped])
        .sort(),
    );
  });
});
