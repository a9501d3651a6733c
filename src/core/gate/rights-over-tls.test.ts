import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type FreshDatabase, freshDatabase } from '../../../test/database.ts';
import { createAuthority, issueCertificate, PeerClient, type TlsMaterial } from '../../ground/http/index.ts';
import type { PersonId } from '../../ground/ids.ts';
import { silentLog } from '../../ground/log.ts';
import { decodeLine, nodePrimitives } from '../journal/index.ts';
import { verifyHistory } from '../journal/verify/index.ts';
import { GateClient, gateServer, readCallers } from './index.ts';
import { messages, routeOf } from './messages.ts';
import { rightsMessages } from './rights-messages.ts';
import { listen } from './server.ts';
import { type Stage, staged, stageRooms, town } from './staging/stage.fixture.ts';

let database: FreshDatabase;
let stage: Stage;
let url: string;
let app: ReturnType<typeof gateServer>;
let persons: PersonId[];
const certificates: Record<string, TlsMaterial> = {};
const clients: { close(): Promise<void> }[] = [];
beforeAll(async () => {
  database = await freshDatabase(stageRooms);
  stage = await staged(database);
  persons = (await stage.populate([0, 1].map((i) => stage.op(i)))).map(({ person }) => person!);
  const authority = await createAuthority({ now: () => Date.now() }, stage.randomness);
  for (const name of ['gate', 'office', 'portal', 'cli-admin', 'watch'])
    certificates[name] = await issueCertificate(authority, name, ['127.0.0.1', 'localhost']);
  app = gateServer({ gate: stage.gate, log: silentLog, tls: certificates['gate']! });
  url = (await listen(app, { host: '127.0.0.1', port: 0 })).replace('http:', 'https:');
});
afterAll(async () => {
  await Promise.all(clients.map((client) => client.close()));
  await app?.close();
  await stage?.end();
  await database?.drop();
});

const as = (name: string): GateClient => {
  const client = new GateClient({ url, tls: certificates[name]!, peer: 'gate' });
  clients.push(client);
  return client;
};
const newest = async () => {
  const { size } = stage.gate.journal(town).head();
  for await (const line of stage.gate.journal(town).read(size - 1, size)) return decodeLine(line.payload);
  return undefined;
};
const resident = async (i: number) =>
  (await stage.gate.residents.start({ municipality: town, person: persons[i]! })).session;

describe('a resident, through the portal', () => {
  it('opens his own, sees his household and his lines, locks, contests; each line names the portal', async () => {
    const portal = as('portal');
    const session = await resident(0);
    expect(await portal.me({ session })).toMatchObject({ status: 'resident', lock: null, contests: 0 });
    const opened = await portal.openOwn({ session, groups: ['name'] });
    expect(opened.fields['name']!['name']).toBe('氏名0');
    expect(await newest()).toMatchObject({ kind: 'field.opened', body: { caller: 'portal', actor: 'self' } });
    expect((await portal.household({ session })).members[0]).toEqual({ name: '氏名0', relation: '世帯主' });
    const until = stage.clock.now() + 86_400_000;
    expect(await portal.lockLookUps({ session, until })).toEqual({ lock: { until } });
    expect(await newest()).toMatchObject({ kind: 'lock.set', body: { caller: 'portal', until } });
    const about = { line: { municipality: town, index: opened.receipt.index } };
    const { contest } = await portal.contest({ session, about, text: '身に覚えがない' });
    expect((await portal.ownContests({ session })).contests).toMatchObject([
      { contest, about, state: 'open' },
    ]);

    const office = as('office');
    const supervisor = await stage.signIn('supervisor');
    expect((await office.contests({ session: supervisor })).contests).toMatchObject([{ contest }]);
    await office.takeContest({ session: supervisor, contest });
    const answer = '確かめます';
    await office.answerContest({ session: supervisor, contest, state: 'rejected', answer });
    expect((await portal.ownContests({ session })).contests).toMatchObject([{ state: 'rejected', answer }]);
    expect(await portal.unlockLookUps({ session })).toEqual({ lock: null });
  });

  it('gets lines whose proofs hold, Japanese payloads and all, as in process', async () => {
    const session = await resident(0);
    const over = await as('portal').ownHistory({ session, limit: 50 });
    expect(over).toEqual(await stage.gate.ownHistory({ session, limit: 50 }));
    const { journals } = await as('office').journalKeys({});
    const policies = Object.fromEntries(
      journals.map(({ municipality, ...policy }) => [municipality, policy]),
    );
    const verdict = await verifyHistory(over, policies, nodePrimitives);
    expect(verdict.ok && verdict.lines.every(({ fault }) => fault === undefined)).toBe(true);
    expect(over.lines.length).toBeGreaterThan(5);
  });

  it('is told that look-ups are locked by the error that it was', async () => {
    const session = await resident(1);
    await as('portal').lockLookUps({ session, until: stage.clock.now() + 86_400_000 });
    const desk = await stage.desk('clerk', 'residence-certificate');
    await expect(as('office').open({ ...desk, person: persons[1]!, groups: ['name'] })).rejects.toMatchObject(
      {
        kind: 'locked',
        facts: { until: expect.stringMatching(/^\d{4}-\d{2}-\d{2}$/) },
      },
    );
  });
});

describe('the desk, through the office', () => {
  it('has its lists and its officer’s view', async () => {
    const office = as('office');
    const { session, caseId } = await stage.desk('clerk', 'residence-certificate');
    const { cases } = await office.listCases({ session });
    expect(cases.find((each) => each.caseId === caseId)).toMatchObject({ mine: true });
    expect(await office.budgetLeft({ session, caseId })).toMatchObject({ windowMinutes: 60, freesAt: null });
    expect((await office.listGrants({ session })).grants).toEqual([]);
    const officer = await stage.signIn('officer');
    expect((await office.listStaff({ session: officer })).staff.length).toBe(8);
    expect((await office.listTerminals({ session: officer })).terminals.length).toBe(2);
    const { lines } = await office.searchLines({ session: officer, staff: 'clerk', limit: 3 });
    expect(lines[0]).toMatchObject({ body: { actor: 'clerk' } });
    const span = { from: stage.clock.now() - 3_600_000, to: stage.clock.now() + 1 };
    expect((await office.lineActivity({ session: officer, ...span })).total.opened).toBeGreaterThan(0);
    const here = { session: officer, municipality: town };
    const done = await office.noteVerification({ ...here, verdict: 'ok', size: 3 });
    expect(await office.lastVerification(here)).toEqual({ last: done });
  });
});

describe('who may call what', () => {
  const callers = readCallers();
  const operations = Object.keys(rightsMessages) as (keyof typeof rightsMessages)[];

  it('splits the operations between portal and office', () => {
    for (const operation of operations) {
      const both = callers[operation].includes('portal') && callers[operation].includes('office');
      expect([operation, both]).toEqual([operation, false]);
      expect(callers[operation]).not.toContain('watch');
    }
  });

  it('each is refused to the other before anything is read, by a line', async () => {
    for (const operation of operations) {
      for (const name of ['portal', 'office', 'watch']) {
        if (callers[operation].includes(name)) continue;
        const peer = new PeerClient({ url, tls: certificates[name]! });
        clients.push(peer);
        await expect(peer.post(routeOf(operation), { nonsense: true })).rejects.toMatchObject({
          kind: 'caller-unknown',
          facts: { operation },
        });
        expect(await newest()).toMatchObject({ kind: 'request.refused', body: { caller: name, operation } });
      }
    }
  });

  it('no message of a resident takes a person, a case or a terminal', async () => {
    const portal = new PeerClient({ url, tls: certificates['portal']! });
    clients.push(portal);
    const session = await resident(0);
    for (const operation of operations.filter((each) => callers[each].includes('portal'))) {
      for (const more of [
        { person: persons[1] },
        { caseId: persons[1] },
        { terminal: 't-01' },
        { grant: 'x' },
      ]) {
        await expect(portal.post(routeOf(operation), { session, ...more })).rejects.toMatchObject({
          kind: 'bad-input',
        });
      }
    }
    expect(Object.keys(messages)).toEqual(expect.arrayContaining(operations));
  });
});
