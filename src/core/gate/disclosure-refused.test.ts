import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type FreshDatabase, freshDatabase } from '../../../test/database.ts';
import { SekishoError } from '../../ground/errors.ts';
import type { PersonId } from '../../ground/ids.ts';
import { decodeLine } from '../journal/index.ts';
import { readBudgets } from './budget.ts';
import { readPolicies } from './policy.ts';
import { otherTown, type Stage, staged, stageRooms, town } from './staging/stage.fixture.ts';
import { readStatuteTable, StatuteTable } from './statute-table.ts';

// Every condition under which the gate must open nothing. Each is a typed refusal and a line.
let database: FreshDatabase;
let stage: Stage;
let persons: PersonId[];
let desk: { session: string; caseId: string };
beforeAll(async () => {
  database = await freshDatabase(stageRooms);
  const roomy = { session: 1_000, terminal: 1_000, purpose: 1_000, office: 1_000 };
  stage = await staged(database, { change: { budgets: { ...readBudgets(), open: roomy, search: roomy } } });
  const results = await stage.populate([0, 1, 2, 3, 4, 5].map((i) => stage.op(i)));
  persons = results.map(({ person }) => person!);
});
beforeEach(async () => {
  desk = await stage.desk('clerk', 'residence-certificate');
});
afterAll(async () => {
  await stage.end();
  await database.drop();
});

const open = (change: object = {}) =>
  stage.gate.open({ ...desk, person: persons[0]!, groups: ['name'], ...change });
const size = () => stage.gate.journal(town).head().size;
const newest = async () => {
  for await (const line of stage.gate.journal(town).read(size() - 1, size())) return decodeLine(line.payload);
  return undefined;
};
/** Expects the refusal, that one line tells of it, and that no line says anything was opened. */
const refused = async (work: Promise<unknown>, kind: string, facts: object = {}) => {
  const before = size();
  await expect(work).rejects.toMatchObject({ kind, facts: expect.objectContaining(facts) });
  const line = await newest();
  expect(line).toMatchObject({ kind: 'field.refused', body: { outcome: 'refused', reason: kind } });
  const since: string[] = [];
  for await (const each of stage.gate.journal(town).read(before, size())) {
    since.push(decodeLine(each.payload).kind);
  }
  expect(since).toEqual(['field.refused']);
};

describe('nothing is opened', () => {
  it('without a session', async () => {
    await refused(open({ session: 'none' }), 'session-invalid', { reason: 'unknown' });
  });
  it('in a session that was idle for 15 minutes', async () => {
    stage.clock.advance(15 * 60_000);
    await refused(open(), 'session-invalid', { reason: 'idle' });
  });
  it('in a session of eight hours, busy as it was', async () => {
    for (let i = 0; i < 48; i++) {
      stage.clock.advance(10 * 60_000 - 1);
      await open();
    }
    stage.clock.advance(48);
    await refused(open(), 'session-invalid', { reason: 'absolute' });
  });
  it('from another terminal than the session began at', async () => {
    await refused(open({ terminal: 't-02' }), 'session-invalid', { reason: 'terminal' });
    await expect(open({ terminal: 't-01' })).resolves.toBeDefined();
  });
  it('after signing out', async () => {
    await stage.gate.signOut({ session: desk.session });
    await refused(open(), 'session-invalid', { reason: 'ended' });
  });
  it('when the clock was turned back behind the session', async () => {
    stage.clock.advance(-120_000);
    await refused(open(), 'session-invalid', { reason: 'clock' });
    stage.clock.advance(120_000);
  });
  it('for a member suspended between two requests', async () => {
    await open();
    const officer = await stage.signIn('officer');
    await stage.gate.suspend({ session: officer, staff: 'clerk' });
    await refused(open(), 'suspended');
    await stage.gate.reinstate({ session: officer, staff: 'clerk' });
    // The session of before stays ended: who had stolen it gets it not back.
    await refused(open(), 'suspended');
  });
  it('from a terminal suspended between two requests', async () => {
    const other = await stage.desk('clerk-b', 'residence-certificate', 't-02');
    await stage.gate.open({ ...other, person: persons[0]!, groups: ['name'] });
    const officer = await stage.signIn('officer');
    await stage.gate.suspend({ session: officer, terminal: 't-02' });
    await refused(stage.gate.open({ ...other, person: persons[0]!, groups: ['name'] }), 'suspended');
    await stage.gate.reinstate({ session: officer, terminal: 't-02' });
  });
  it('without a case', async () => {
    await refused(open({ caseId: '01890000-0000-7000-8000-000000000000' }), 'case-required', {
      reason: 'unknown',
    });
  });
  it('in a closed case', async () => {
    await open();
    await stage.gate.closeCase(desk);
    await refused(open(), 'policy-denied', { action: 'open' });
  });
  it('in a case of yesterday', async () => {
    for (let i = 0; i < 24; i++) stage.clock.advance(3_600_000);
    const session = await stage.signIn('clerk');
    await refused(open({ session }), 'case-required', { reason: 'over' });
  });
  it("in another office's case", async () => {
    const session = await stage.signIn('clerk-far');
    await refused(open({ session }), 'policy-denied');
  });
  it("in a colleague's case of the same office it is", async () => {
    const session = await stage.signIn('clerk-b');
    await expect(open({ session })).resolves.toBeDefined();
  });
  it('of a group that the purpose does not cover', async () => {
    await refused(open({ groups: ['name', 'number'] }), 'no-authority', { ask: 'open:number' });
  });
  it('of a group that there is not', async () => {
    await refused(open({ groups: ['everything'] }), 'no-authority');
  });
  it('of no group at all', async () => {
    await refused(open({ groups: [] }), 'bad-input');
  });
  it('of somebody who is not on the register', async () => {
    await refused(open({ person: '01890000-0000-7000-8000-000000000000' }), 'not-found');
  });
  it('by a role that the law does not name', async () => {
    const session = await stage.signIn('officer');
    await refused(open({ session }), 'policy-denied', { role: 'officer' });
  });
  it('when the witness is overdue', async () => {
    stage.faults.overdue = true;
    await refused(open(), 'witness-overdue');
    delete stage.faults.overdue;
  });
});

describe('nothing is opened, and no line can say so', () => {
  it('when the journal takes no line', async () => {
    stage.faults.append = new SekishoError('journal-unavailable', { reason: 'down', outcome: 'none' });
    const before = size();
    await expect(open()).rejects.toMatchObject({ kind: 'journal-unavailable' });
    delete stage.faults.append;
    expect(size()).toBe(before);
    await expect(open()).resolves.toBeDefined();
  });
});

describe('after the line nothing is opened either', () => {
  const edit = (text: string, values: unknown[]) => database.pool('superuser').query(text, values);

  it('when the ciphertext was moved from another person', async () => {
    await edit(
      `UPDATE trial.resident SET name_sealed = (SELECT name_sealed FROM trial.resident WHERE person_id = $1)
       WHERE person_id = $2`,
      [persons[2], persons[1]],
    );
    await expect(open({ person: persons[1] })).rejects.toMatchObject({ kind: 'seal-broken' });
    expect(await newest()).toMatchObject({ kind: 'field.refused', body: { reason: 'seal-broken' } });
  });
  it('when the ciphertext was moved from another column', async () => {
    await edit('UPDATE trial.resident SET address_sealed = name_sealed WHERE person_id = $1', [persons[3]]);
    await expect(open({ person: persons[3], groups: ['address'] })).rejects.toMatchObject({
      kind: 'seal-broken',
    });
  });
  it('when one bit of the ciphertext was changed', async () => {
    await edit(
      'UPDATE trial.resident SET name_sealed = set_bit(name_sealed, 120, 1 - get_bit(name_sealed, 120)) WHERE person_id = $1',
      [persons[4]],
    );
    await expect(open({ person: persons[4] })).rejects.toMatchObject({ kind: 'seal-broken' });
  });
  it('when the wrapped key is another person’s', async () => {
    await edit(
      `UPDATE keys.person_key SET wrapped = (SELECT wrapped FROM keys.person_key WHERE person_id = $1)
       WHERE person_id = $2`,
      [persons[0], persons[5]],
    );
    await expect(open({ person: persons[5] })).rejects.toMatchObject({ kind: 'seal-broken' });
  });
});

describe('a change of the rules takes effect on the very next request', () => {
  it('a policy that forbids', async () => {
    await open();
    const sources = readPolicies();
    const strict = { 'forbid-all': 'forbid (principal, action, resource);' };
    stage.gate.loadPolicies({ ...sources, policies: { ...sources.policies, ...strict } });
    await refused(open(), 'policy-denied');
    stage.gate.loadPolicies(sources);
    await expect(open()).resolves.toBeDefined();
  });
  it('a policy that errors is not taken, and the old ones stay in force', async () => {
    const sources = readPolicies();
    const broken = { 'forbid-x': 'forbid (principal, action, resource) when { context.noSuchThing };' };
    expect(() =>
      stage.gate.loadPolicies({ ...sources, policies: { ...sources.policies, ...broken } }),
    ).toThrow(/config-invalid/);
    await expect(open()).resolves.toBeDefined();
  });
  it('a statute row that runs out at midnight in Japan, in the middle of a case', async () => {
    const table = readStatuteTable();
    const lastDay = '2027-03-31';
    const rows = table.statutes.map((row) => (row.id === 'jukiho-12' ? { ...row, valid_to: lastDay } : row));
    stage.clock.set(Date.parse('2027-03-31T14:55:00Z'));
    await stage.reopen({ statutes: new StatuteTable(rows) });
    desk = await stage.desk('clerk', 'residence-certificate');
    await expect(open()).resolves.toBeDefined();
    stage.clock.set(Date.parse('2027-03-31T15:00:00Z'));
    await refused(open(), 'no-authority', { purpose: 'residence-certificate' });
    await stage.reopen();
  });
  it('a municipality that this gate does not serve is not reached', async () => {
    await expect(stage.gate.head({ municipality: otherTown })).rejects.toMatchObject({ kind: 'not-found' });
  });
});
