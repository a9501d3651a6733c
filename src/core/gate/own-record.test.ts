import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type FreshDatabase, freshDatabase } from '../../../test/database.ts';
import { SekishoError } from '../../ground/errors.ts';
import type { PersonId } from '../../ground/ids.ts';
import { decodeLine } from '../journal/index.ts';
import { type Stage, staged, stageRooms, stated, town } from './staging/stage.fixture.ts';

let database: FreshDatabase;
let stage: Stage;
let persons: PersonId[];
/** 0–2 one household, 3 another, 4 without one, 5 has moved out of the first. */
const households = ['h-1', 'h-1', 'h-1', 'h-2', '', 'h-1'];
beforeAll(async () => {
  database = await freshDatabase(stageRooms);
  stage = await staged(database);
  const ops = households.map((household, i) => {
    const op = stage.op(i);
    const relation = i === 0 ? '世帯主' : '子';
    return {
      ...op,
      fields: {
        ...op.fields,
        address: { address: household },
        household: { ...op.fields['household'], relation },
      },
    };
  });
  persons = (await stage.populate(ops)).map(({ person }) => person!);
  const desk = await stage.desk('supervisor', 'move-out');
  const gone = { requestId: 'gone', table: 'resident', kind: 'record.changed' as const, municipality: town };
  const [left] = await stage.gate.write({
    ...desk,
    ops: [{ ...gone, person: persons[5]!, fields: {}, clear: stated('move-out') }],
  });
  expect(left).toMatchObject({ outcome: 'changed' });
});
afterAll(async () => {
  await stage?.end();
  await database?.drop();
});

const as = async (i: number) =>
  (await stage.gate.residents.start({ municipality: town, person: persons[i]! })).session;
const linesOf = async (i: number) =>
  (await stage.gate.journal(town).linesOf(persons[i]!, { limit: 50 })).map(({ payload }) =>
    decodeLine(payload),
  );

describe('his own record', () => {
  it('is opened group by group, the number only when asked, each by a line about himself', async () => {
    const session = await as(0);
    const { fields, receipt } = await stage.gate.openOwn({ session, groups: ['name', 'address', 'name'] });
    expect(fields).toMatchObject({ name: { name: '氏名0' }, address: { address: 'h-1' } });
    expect(fields).not.toHaveProperty('number');
    const [line] = await linesOf(0);
    expect(line).toMatchObject({
      kind: 'field.opened',
      body: {
        ...{ actor: 'self', role: 'resident', office: 'portal', basis: 'kojo-76', purpose: 'own-record' },
        ...{ fields: ['name', 'address'], outcome: 'opened' },
      },
    });
    const [stored] = await stage.gate.journal(town).linesOf(persons[0]!, { limit: 1 });
    expect(receipt.index).toBe(stored!.index);
    const number = await stage.gate.openOwn({ session, groups: ['number'] });
    expect(number.fields['number']!['number']).toMatch(/^\d{12}$/);
  });

  it('costs no budget: he may look as often as he likes', async () => {
    const session = await as(0);
    for (let i = 0; i < 45; i++) await stage.gate.openOwn({ session, groups: ['birth'] });
  });

  it.each([[['shoe-size']], [['name', 'constructor']], [[]]])('refuses %j, by a line', async (groups) => {
    const session = await as(1);
    await expect(stage.gate.openOwn({ session, groups })).rejects.toMatchObject({ kind: 'bad-input' });
    const [line] = await linesOf(1);
    expect(line).toMatchObject({ kind: 'field.refused', body: { actor: 'self', reason: 'bad-input' } });
    expect(JSON.stringify(line)).not.toMatch(/shoe|constructor/);
  });

  it('gives nothing where the line cannot be written, or no witness has seen the journal', async () => {
    const session = await as(0);
    stage.faults.append = new SekishoError('journal-unavailable');
    await expect(stage.gate.openOwn({ session, groups: ['name'] })).rejects.toMatchObject({
      kind: 'journal-unavailable',
    });
    await expect(stage.gate.household({ session })).rejects.toMatchObject({ kind: 'journal-unavailable' });
    delete stage.faults.append;
    stage.faults.overdue = true;
    await expect(stage.gate.openOwn({ session, groups: ['name'] })).rejects.toMatchObject({
      kind: 'witness-overdue',
    });
    await expect(stage.gate.household({ session })).rejects.toMatchObject({ kind: 'witness-overdue' });
    stage.faults.overdue = false;
  });

  it('is nobody else’s: a session says who he is, and a member’s session says nothing here', async () => {
    const staff = await stage.signIn('supervisor');
    for (const session of ['', 'x', staff, `${await as(0)}x`]) {
      await expect(stage.gate.openOwn({ session, groups: ['name'] })).rejects.toMatchObject({
        kind: 'session-invalid',
      });
      await expect(stage.gate.household({ session })).rejects.toMatchObject({ kind: 'session-invalid' });
    }
    const resident = await as(0);
    await expect(
      stage.gate.openCase({ session: resident, purpose: 'own-record', note: 'x' }),
    ).rejects.toMatchObject({ kind: 'session-invalid' });
  });

  it('is not there for one whom the register does not hold', async () => {
    const person = '01890000-0000-7000-8000-00000000000f' as PersonId;
    const session = (await stage.gate.residents.start({ municipality: town, person })).session;
    await expect(stage.gate.openOwn({ session, groups: ['name'] })).rejects.toMatchObject({
      kind: 'not-found',
    });
    await expect(stage.gate.household({ session })).rejects.toMatchObject({ kind: 'not-found' });
    expect(await stage.gate.me({ session })).toMatchObject({ status: null });
    expect(await stage.gate.ownHistory({ session, limit: 5 })).toMatchObject({ lines: [], coarse: [] });
  });

  it('stops with a change of policy, at the next request', async () => {
    const { readPolicies } = await import('./policy.ts');
    const session = await as(0);
    const sources = readPolicies();
    const none = 'forbid (principal, action, resource) when { principal.role == "resident" };';
    stage.gate.loadPolicies({ ...sources, policies: { ...sources.policies, none } });
    for (const refused of [
      stage.gate.openOwn({ session, groups: ['name'] }),
      stage.gate.household({ session }),
      stage.gate.ownHistory({ session }),
      stage.gate.me({ session }),
    ])
      await expect(refused).rejects.toMatchObject({ kind: 'policy-denied' });
    stage.gate.loadPolicies(sources);
    await expect(stage.gate.me({ session })).resolves.toBeDefined();
  });
});

describe('his household', () => {
  it('is names and relations of those who live in it now, himself first', async () => {
    const { members } = await stage.gate.household({ session: await as(1) });
    expect(members[0]).toEqual({ name: '氏名1', relation: '子' });
    expect(new Set(members.map(({ name }) => name))).toEqual(new Set(['氏名0', '氏名1', '氏名2']));
    for (const member of members) expect(Object.keys(member)).toEqual(['name', 'relation']);
  });

  it('is himself alone where nobody shares it, or he has no address', async () => {
    for (const i of [3, 4])
      expect((await stage.gate.household({ session: await as(i) })).members).toHaveLength(1);
  });

  it('is nobody for one who has moved out', async () => {
    const before = (await linesOf(5)).length;
    expect(await stage.gate.household({ session: await as(5) })).toEqual({ members: [] });
    expect(await linesOf(5)).toHaveLength(before);
  });

  it('leaves a line about each, which says of the others only that one of the household looked', async () => {
    await stage.gate.household({ session: await as(2) });
    const [own] = await linesOf(2);
    const [other] = await linesOf(0);
    expect(own).toMatchObject({
      kind: 'field.opened',
      body: { actor: 'self', basis: 'jukiho-12-household', fields: ['name', 'household'] },
    });
    expect(other).toMatchObject({ body: { actor: 'household', session: own!.body['session'] } });
    expect(JSON.stringify(other)).not.toContain(persons[2]);
    const { coarse, lines } = await stage.gate.ownHistory({ session: await as(0), limit: 1 });
    expect(coarse).toMatchObject([{ kind: 'field.opened', rule: 'by-another-resident' }]);
    expect(lines).toEqual([]);
    const mine = await stage.gate.ownHistory({ session: await as(2), limit: 1 });
    expect(mine.lines[0]!.payload).toContain('"self"');
  });
});
