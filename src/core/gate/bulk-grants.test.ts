import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type FreshDatabase, freshDatabase } from '../../../test/database.ts';
import type { PersonId } from '../../ground/ids.ts';
import { decodeLine } from '../journal/index.ts';
import { type Stage, staged, stageRooms, town } from './staging/stage.fixture.ts';

let database: FreshDatabase;
let stage: Stage;
let persons: PersonId[];
let desk: { session: string; caseId: string };
beforeAll(async () => {
  database = await freshDatabase(stageRooms);
  stage = await staged(database);
  persons = (await stage.populate(Array.from({ length: 8 }, (_, i) => stage.op(i)))).map(
    ({ person }) => person!,
  );
});
beforeEach(async () => {
  desk = await stage.desk('supervisor', 'investigation');
});
afterAll(async () => {
  await stage.end();
  await database.drop();
});

const ask = (change: object = {}) =>
  stage.gate.askGrant({
    ...{ ...desk, groups: ['name', 'address'], count: 3, reason: 'field survey of a block' },
    ...{ endsAt: stage.clock.now() + 3_600_000, ...change },
  });
const approved = async (change: object = {}) => {
  const { grant } = await ask(change);
  await stage.gate.approveGrant({ session: await stage.signIn('supervisor-b'), grant });
  return grant;
};
const open = (i: number, grant: string, groups = ['name']) =>
  stage.gate.open({ ...desk, person: persons[i]!, groups, grant });
const invalid = (reason: string) => ({ kind: 'grant-invalid', facts: expect.objectContaining({ reason }) });

describe('a bulk grant', () => {
  it('signed by two opens as many as it says, outside the budget, each a line that names it', async () => {
    const grant = await approved();
    const first = await open(0, grant);
    await open(1, grant);
    const third = await open(2, grant);
    expect(third.budget).toEqual(first.budget);
    await expect(open(3, grant)).rejects.toMatchObject(invalid('exhausted'));
    const [line] = await stage.gate.journal(town).linesOf(persons[2]!, { limit: 1 });
    expect(decodeLine(line!.payload).body).toMatchObject({ grant, purpose: 'investigation' });
  });
  it('is consumed in the transaction of the line: after a restart no more is left', async () => {
    const grant = await approved();
    await open(0, grant);
    await stage.reopen();
    desk = await stage.desk('supervisor', 'investigation');
    expect(await stage.gate.grant({ session: desk.session, grant })).toMatchObject({
      state: 'active',
      left: 2,
      count: 3,
    });
  });
  it('gives no more than it says to many callers at once', async () => {
    const grant = await approved();
    const results = await Promise.allSettled(persons.map((_, i) => open(i, grant)));
    expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(3);
    const { rows } = await database
      .pool('superuser')
      .query('SELECT persons_left FROM gate.bulk_grant WHERE grant_id = $1', [grant]);
    expect(rows).toEqual([{ persons_left: 0 }]);
  });
  it('that memory and database disagree on opens nothing', async () => {
    const grant = await approved();
    await database
      .pool('superuser')
      .query('UPDATE gate.bulk_grant SET persons_left = 0 WHERE grant_id = $1', [grant]);
    await expect(open(0, grant)).rejects.toMatchObject(invalid('exhausted'));
  });
});

describe('a grant is refused', () => {
  it('until it is approved', async () => {
    const { grant } = await ask();
    await expect(open(0, grant)).rejects.toMatchObject(invalid('not-active'));
  });
  it('when its asker approves it', async () => {
    const { grant } = await ask();
    await expect(stage.gate.approveGrant({ session: desk.session, grant })).rejects.toMatchObject(
      invalid('self-approval'),
    );
  });
  it('when a clerk approves it', async () => {
    const { grant } = await ask();
    const session = await stage.signIn('clerk');
    await expect(stage.gate.approveGrant({ session, grant })).rejects.toMatchObject({
      kind: 'policy-denied',
    });
  });
  it('when the approver has not just shown both factors', async () => {
    const { grant } = await ask();
    const session = await stage.signIn('supervisor-b');
    stage.clock.advance(6 * 60_000);
    await expect(stage.gate.approveGrant({ session, grant })).rejects.toMatchObject({
      kind: 'second-factor-required',
    });
  });
  it('when it is revoked, from the next opening on', async () => {
    const grant = await approved();
    await open(0, grant);
    await stage.gate.revokeGrant({ session: await stage.signIn('officer'), grant });
    await expect(open(1, grant)).rejects.toMatchObject(invalid('not-active'));
  });
  it('when it is over', async () => {
    const grant = await approved({ endsAt: stage.clock.now() + 60_000 });
    stage.clock.advance(60_000);
    await expect(open(0, grant)).rejects.toMatchObject(invalid('expired'));
  });
  it('when it is over and the clock is turned back', async () => {
    const grant = await approved({ endsAt: stage.clock.now() + 60_000 });
    stage.clock.advance(90_000);
    await expect(open(0, grant)).rejects.toMatchObject(invalid('expired'));
    stage.clock.advance(-50_000);
    await expect(open(0, grant)).rejects.toMatchObject(invalid('expired'));
    stage.clock.advance(50_000);
  });
  it('for fields that it does not name', async () => {
    const grant = await approved();
    await expect(open(0, grant, ['name', 'birth'])).rejects.toMatchObject(invalid('group'));
  });
  it('under another purpose', async () => {
    const grant = await approved();
    desk = await stage.desk('supervisor', 'residence-certificate');
    await expect(open(0, grant)).rejects.toMatchObject(invalid('purpose'));
  });
  it('for a purpose whose law knows none', async () => {
    desk = await stage.desk('supervisor', 'residence-certificate');
    await expect(ask()).rejects.toMatchObject({ kind: 'no-authority' });
  });
  it('for fields that the purpose does not cover', async () => {
    await expect(ask({ groups: ['number'] })).rejects.toMatchObject({ kind: 'no-authority' });
  });
  it('for longer than a week', async () => {
    await expect(ask({ endsAt: stage.clock.now() + 8 * 86_400_000 })).rejects.toMatchObject({
      kind: 'bad-input',
    });
  });
  it('and each refusal is a line', async () => {
    const { grant } = await ask();
    await expect(stage.gate.approveGrant({ session: desk.session, grant })).rejects.toBeDefined();
    const { size } = stage.gate.journal(town).head();
    for await (const line of stage.gate.journal(town).read(size - 1, size)) {
      expect(decodeLine(line.payload)).toMatchObject({
        kind: 'grant.refused',
        body: { reason: 'grant-invalid', actor: 'supervisor', grant },
      });
    }
  });
});
