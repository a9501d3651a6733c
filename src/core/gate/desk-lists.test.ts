import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type FreshDatabase, freshDatabase } from '../../../test/database.ts';
import type { PersonId } from '../../ground/ids.ts';
import { decodeLine } from '../journal/index.ts';
import { readBudgets } from './budget.ts';
import { otherTown, type Stage, staged, stageRooms, town } from './staging/stage.fixture.ts';

let database: FreshDatabase;
let stage: Stage;
let persons: PersonId[];
const limits = { ...readBudgets(), open: { session: 2, terminal: 60, purpose: 400, office: 600 } };
beforeAll(async () => {
  database = await freshDatabase(stageRooms);
  stage = await staged(database, { municipalities: [town, otherTown], change: { budgets: limits } });
  await stage.enrol(otherTown, '-o');
  persons = (await stage.populate([0, 1, 2].map((i) => stage.op(i)))).map(({ person }) => person!);
});
afterAll(async () => {
  await stage?.end();
  await database?.drop();
});

const lastLine = async () => {
  const journal = stage.gate.journal(town);
  const { size } = journal.head();
  for await (const line of journal.read(size - 1, size)) return decodeLine(line.payload);
  return undefined;
};
const size = () => stage.gate.journal(town).head().size;

describe('the list of cases', () => {
  it("holds one's own with their notes and the office's without, the newest first", async () => {
    const mine = await stage.desk('clerk', 'move-in');
    stage.clock.advance(1_000);
    const theirs = await stage.desk('clerk-b', 'residence-certificate');
    await stage.desk('clerk-far', 'move-out');
    const { cases } = await stage.gate.listCases({ session: mine.session });
    expect(cases.map(({ caseId }) => caseId)).toEqual([theirs.caseId, mine.caseId]);
    expect(cases[0]).toMatchObject({ staff: 'clerk-b', mine: false, purpose: 'residence-certificate' });
    expect(cases[0]).not.toHaveProperty('note');
    expect(cases[1]).toMatchObject({
      mine: true,
      basis: 'jukiho-22',
      note: 'note of the desk',
      closed: false,
    });
  });

  it('says which are closed, and outlives a restart', async () => {
    const { session, caseId } = await stage.desk('supervisor', 'correction');
    await stage.gate.closeCase({ session, caseId });
    const found = (await stage.gate.listCases({ session })).cases.find((each) => each.caseId === caseId);
    expect(found).toMatchObject({ closed: true });
    await stage.reopen();
    const again = await stage.gate.listCases({ session });
    expect(again.cases.map((each) => each.caseId)).not.toContain(caseId);
    expect(again.cases.length).toBeGreaterThan(0);
    expect(again.cases.every(({ basis }) => basis !== '')).toBe(true);
  });

  it('leaves out a note that was put there past the gate, and still lists the case', async () => {
    const { session, caseId } = await stage.desk('supervisor-b', 'correction');
    const other = await stage.desk('supervisor-b', 'correction');
    await database.pool('superuser').query(
      `UPDATE gate.staff_case SET note_sealed = (SELECT note_sealed FROM gate.staff_case WHERE case_id = $1)
         WHERE case_id = $2`,
      [other.caseId, caseId],
    );
    const { cases } = await stage.gate.listCases({ session });
    expect(cases.find((each) => each.caseId === caseId)).not.toHaveProperty('note');
    expect(cases.find((each) => each.caseId === other.caseId)).toMatchObject({ note: 'note of the desk' });
  });

  it('ends with the day', async () => {
    const { session, caseId } = await stage.desk('officer', 'own-record-at-desk');
    stage.clock.advance(24 * 3_600_000);
    const later = await stage.signIn('officer');
    expect(session).not.toBe(later);
    const { cases } = await stage.gate.listCases({ session: later });
    expect(cases.map((each) => each.caseId)).not.toContain(caseId);
  });

  it('is refused to those who have no cases, by a line', async () => {
    const session = await stage.signIn('admin');
    await expect(stage.gate.listCases({ session })).rejects.toMatchObject({ kind: 'policy-denied' });
    expect(await lastLine()).toMatchObject({
      kind: 'request.refused',
      body: { operation: 'list-cases', reason: 'policy-denied', actor: 'admin' },
    });
    const resident = { session: await stage.signIn('admin'), person: persons[0]! };
    await stage.member(town, 'resident-0', 'resident', 'portal', resident);
    await expect(stage.gate.listCases({ session: await stage.signIn('resident-0') })).rejects.toMatchObject({
      kind: 'policy-denied',
    });
  });

  it('leaves no line where it is granted', async () => {
    const session = await stage.signIn('clerk');
    const before = size();
    await stage.gate.listCases({ session });
    expect(size()).toBe(before);
  });
});

describe('the budget', () => {
  it('tells what is left and what there was, and when the next may be had', async () => {
    stage.clock.advance(2 * 3_600_000);
    const desk = await stage.desk('clerk', 'residence-certificate');
    const { caseId } = desk;
    const fresh = await stage.gate.budgetLeft({ session: desk.session, caseId });
    expect(fresh).toMatchObject({ open: { session: 2 }, windowMinutes: 60, freesAt: null });
    expect(fresh.limits).toEqual({ open: limits.open, search: limits.search });
    await stage.gate.open({ ...desk, person: persons[0]!, groups: ['name'] });
    const firstMinute = Math.floor(stage.clock.now() / 60_000);
    stage.clock.advance(5 * 60_000);
    await stage.gate.open({ ...desk, person: persons[1]!, groups: ['name'] });
    const spent = await stage.gate.budgetLeft({ session: desk.session, caseId });
    expect(spent.open.session).toBe(0);
    expect(spent.freesAt).toBe((firstMinute + 60) * 60_000);
    stage.clock.set(spent.freesAt! - 1);
    const { session } = await stage.desk('clerk', 'residence-certificate');
    const open = (person: PersonId) => stage.gate.open({ session, caseId, person, groups: ['name'] });
    await expect(open(persons[2]!)).rejects.toMatchObject({ kind: 'budget-spent' });
    stage.clock.set(spent.freesAt!);
    await expect(open(persons[2]!)).resolves.toBeDefined();
  });

  it("is that of one's own office's cases alone", async () => {
    const { caseId } = await stage.desk('clerk-far', 'move-out');
    const session = await stage.signIn('clerk');
    await expect(stage.gate.budgetLeft({ session, caseId })).rejects.toMatchObject({ kind: 'policy-denied' });
    const elsewhere = await stage.signIn('clerk-o', 't-01-o');
    await expect(stage.gate.budgetLeft({ session: elsewhere, caseId })).rejects.toMatchObject({
      kind: 'case-required',
    });
  });
});

describe('the list of grants', () => {
  it('shows a clerk his own, a supervisor and the officer all of the town, and nobody else any', async () => {
    const mine = await stage.desk('clerk', 'public-body-request');
    const theirs = await stage.desk('clerk-b', 'public-body-request');
    const endsAt = stage.clock.now() + 3_600_000;
    const ask = { groups: ['name'], count: 5, endsAt, reason: 'r' };
    const { grant } = await stage.gate.askGrant({ ...mine, ...ask });
    stage.clock.advance(1_000);
    const { grant: other } = await stage.gate.askGrant({ ...theirs, ...ask });
    const seen = async (staff: string, terminal = 't-01') =>
      (await stage.gate.listGrants({ session: await stage.signIn(staff, terminal) })).grants.map(
        (each) => each.grant,
      );
    expect(await seen('clerk')).toEqual([grant]);
    expect(await seen('supervisor')).toEqual([other, grant]);
    expect(await seen('officer')).toEqual([other, grant]);
    expect(await seen('supervisor-o', 't-01-o')).toEqual([]);
    await expect(seen('registrar')).rejects.toMatchObject({ kind: 'policy-denied' });
    stage.clock.advance(26 * 3_600_000);
    expect(await seen('supervisor')).toEqual([]);
  });
});

describe('the lists of people and places', () => {
  it('are the officer’s and the administrator’s, and hold no resident', async () => {
    for (const name of ['officer', 'admin']) {
      const session = await stage.signIn(name);
      const { staff } = await stage.gate.listStaff({ session });
      expect(staff.map((each) => each.staff)).toEqual(
        [
          'admin',
          'clerk',
          'clerk-b',
          'clerk-far',
          'officer',
          'registrar',
          'supervisor',
          'supervisor-b',
        ].sort(),
      );
      expect(staff.every(({ enrolledAt, state }) => enrolledAt > 0 && state === 'active')).toBe(true);
      const { terminals } = await stage.gate.listTerminals({ session });
      expect(terminals).toMatchObject([
        { terminal: 't-01', office: 'desk-1', state: 'active' },
        { terminal: 't-02', office: 'desk-1', state: 'active' },
      ]);
    }
  });

  it('show a suspension at once', async () => {
    const session = await stage.signIn('officer');
    await stage.gate.suspend({ session, staff: 'clerk-far', reason: 'r' });
    await stage.gate.suspend({ session, terminal: 't-02', reason: 'r' });
    const { staff } = await stage.gate.listStaff({ session });
    expect(staff.find((each) => each.staff === 'clerk-far')?.state).toBe('suspended');
    const { terminals } = await stage.gate.listTerminals({ session });
    expect(terminals.find((each) => each.terminal === 't-02')?.state).toBe('suspended');
  });

  it.each(['clerk', 'supervisor', 'registrar'])('are refused to a %s, by a line each', async (name) => {
    const session = await stage.signIn(name);
    await expect(stage.gate.listStaff({ session })).rejects.toMatchObject({ kind: 'policy-denied' });
    expect(await lastLine()).toMatchObject({ body: { operation: 'list-staff', actor: name } });
    await expect(stage.gate.listTerminals({ session })).rejects.toMatchObject({ kind: 'policy-denied' });
    expect(await lastLine()).toMatchObject({ body: { operation: 'list-terminals', actor: name } });
  });
});
