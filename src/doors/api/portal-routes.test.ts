import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import type { FastifyInstance } from 'fastify';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type FreshDatabase, freshDatabase } from '../../../test/database.ts';
import { readCallers } from '../../core/gate/index.ts';
import { otherTown, type Stage, staged, stageRooms, town } from '../../core/gate/staging/stage.fixture.ts';
import { nodePrimitives } from '../../core/journal/index.ts';
import { verifyHistory } from '../../core/journal/verify/index.ts';
import type { PersonId } from '../../ground/ids.ts';
import { silentLog } from '../../ground/log.ts';
import { sessionCookie } from './cookies.ts';
import { checkedInPortalDocument } from './document.ts';
import { createApi, createPortalSite } from './index.ts';
import { misfits } from './json-schema.fixture.ts';

let database: FreshDatabase;
let stage: Stage;
let portal: FastifyInstance;
let office: FastifyInstance;
let folder: string;
let persons: PersonId[];
let contests: string[];
const households = ['h-1', 'h-1', 'h-2', 'h-3'];
/** What tells of each resident, and of nobody else. */
const marks = (i: number) => [`氏名${i}ノ印`, `19${30 + i}-07-0${i + 1}`, `申出ノ印${i}`];
const document = checkedInPortalDocument();
const origin = 'https://portal.town.example';

beforeAll(async () => {
  database = await freshDatabase(stageRooms);
  stage = await staged(database, { municipalities: [town, otherTown] });
  folder = mkdtempSync(join(tmpdir(), 'sekisho-portal-'));
  writeFileSync(join(folder, 'index.html'), '');
  const ops = households.map((household, i) => {
    const op = stage.op(i);
    const [name, date] = marks(i) as [string, string];
    const fields = {
      ...op.fields,
      name: { name, reading: 'おなじよみ' },
      birth: { date },
      address: { address: household },
      household: { ...op.fields['household'], relation: '世帯主' },
    };
    return { ...op, fields };
  });
  persons = (await stage.populate(ops)).map(({ person }) => person!);
  const desk = await stage.desk('clerk', 'residence-certificate');
  for (const person of persons) await stage.gate.open({ ...desk, person, groups: ['name'] });
  await stage.gate.search({ ...desk, by: { reading: 'おなじよみ' } });
  contests = [];
  for (const [i, person] of persons.entries()) {
    const { session } = await stage.gate.residents.start({ municipality: town, person });
    const text = marks(i)[2]!;
    contests.push((await stage.gate.contest({ session, about: { group: 'name' }, text })).contest);
    await stage.gate.lockLookUps({ session, until: stage.clock.now() + (i + 1) * 86_400_000 });
  }
  const { journals: keys } = await stage.gate.journalKeys({});
  portal = createPortalSite({ gate: stage.gate, keys, log: silentLog, site: { origin, pages: folder } });
  const { clock, randomness } = stage;
  office = createApi({
    ...{ gate: stage.gate, registers: new Map(), journalFolder: folder, uploadFolder: folder, statutes: [] },
    ...{ clock, randomness, log: silentLog, ready: async () => {} },
  });
});
afterAll(async () => {
  await portal?.close();
  await office?.close();
  await stage?.end();
  await database?.drop();
  rmSync(folder, { recursive: true, force: true });
});

/** As a page of the portal asks. */
const browser = (session?: string) => ({
  ...{ host: new URL(origin).host, origin, 'sec-fetch-site': 'same-origin', 'x-sekisho-request': '1' },
  ...(session === undefined ? {} : { cookie: `${sessionCookie}=${session}` }),
});

async function ask(method: 'GET' | 'POST', url: string, session: string | undefined, body?: unknown) {
  const answer = await portal.inject({
    ...{ method, url },
    headers: browser(session),
    ...(method === 'POST' ? { payload: (body ?? {}) as object } : {}),
  });
  return { status: answer.statusCode, text: answer.body, headers: answer.headers };
}
const as = async (i: number) =>
  (await stage.gate.residents.start({ municipality: town, person: persons[i]! })).session;

/** Every operation, with a body that fits. */
const operations: [method: 'GET' | 'POST', path: string, body?: object][] = [
  ['GET', '/v1/me'],
  ['POST', '/v1/me/open', { groups: ['name', 'birth', 'number'] }],
  ['POST', '/v1/me/household'],
  ['POST', '/v1/me/history', { limit: 100 }],
  ['POST', '/v1/me/contests', { about: { group: 'address' }, text: 'x' }],
  ['GET', '/v1/me/contests'],
  ['POST', '/v1/me/lock', { until: Date.parse('2026-08-01') }],
  ['POST', '/v1/me/unlock'],
  ['GET', '/v1/keys'],
];

describe('the portal', () => {
  it('answers each operation as its document promises, and keeps nothing on the way', async () => {
    const promised = Object.entries(document.paths).flatMap(([path, methods]) =>
      Object.entries(methods)
        // Signing in has tests of its own, with real passkeys.
        .filter(([, { tags }]) => !tags.includes('sign-in'))
        .map(([method]) => `${method.toUpperCase()} ${path}`),
    );
    expect(operations.map(([method, path]) => `${method} ${path}`).sort()).toEqual(promised.sort());
    const session = await as(2);
    for (const [method, path, body] of operations) {
      const { status, text, headers } = await ask(method, path, session, body);
      const { responses } = document.paths[path]![method.toLowerCase()]!;
      const schema = responses[String(status)]?.content?.['application/json']?.schema;
      expect([path, schema !== undefined, text]).toEqual([path, true, text]);
      expect(misfits(JSON.parse(text), schema as never, document.components.schemas), path).toEqual([]);
      expect(headers['cache-control']).toBe('no-store');
    }
  });

  it('gives lines that hold under the keys it gives', async () => {
    const { journals } = JSON.parse((await ask('GET', '/v1/keys', undefined)).text);
    const policies = Object.fromEntries(
      journals.map(({ municipality, ...policy }: { municipality: string }) => [municipality, policy]),
    );
    const answer = JSON.parse((await ask('POST', '/v1/me/history', await as(0), { limit: 100 })).text);
    expect(answer.lines.length).toBeGreaterThan(3);
    expect(answer.coarse).toMatchObject([{ rule: 'names-hits' }]);
    const verdict = await verifyHistory(answer, policies, nodePrimitives);
    expect(verdict.ok && verdict.lines.map(({ fault }) => fault)).toEqual(answer.lines.map(() => undefined));
  });

  it('words a refusal in the language asked for', async () => {
    const answer = await portal.inject({
      ...{ method: 'POST', url: '/v1/me/open', payload: { groups: ['shoe'] } },
      headers: { ...browser(await as(0)), 'accept-language': 'ja' },
    });
    expect(answer.statusCode).toBe(400);
    expect(answer.json().title).toMatch(/[ぁ-ん]/);
  });
});

describe('nothing but one’s own', () => {
  /** Everything somebody could put where it does not belong, made of what is another's. */
  const guesses = (): fc.Arbitrary<unknown> => {
    const foreign = fc.oneof(
      fc.constantFrom(...persons, ...contests, town, otherTown, 'clerk', 'name'),
      fc.nat({ max: stage.gate.journal(town).head().size + 5 }),
    );
    const line = fc.record({
      line: fc.record({ municipality: fc.constantFrom(town, otherTown), index: fc.nat({ max: 80 }) }),
    });
    const groups = fc.constantFrom('name', 'birth', 'number', 'household');
    return fc.oneof(
      { arbitrary: fc.constant(undefined), weight: 8 },
      fc.record({ groups: fc.array(groups, { minLength: 1, maxLength: 3 }) }),
      fc.record({ groups: fc.constant(['name']), person: foreign }),
      fc.record({
        limit: fc.integer({ min: 1, max: 200 }),
        before: fc.nat({ max: 100 }),
        municipality: foreign,
      }),
      fc.record({ limit: fc.constant(200), person: foreign }),
      fc.record({ about: fc.oneof(line, fc.record({ group: groups })), text: fc.constant('x') }),
      fc.record({ until: fc.oneof(foreign, fc.constant(Date.parse('2026-08-01'))), person: foreign }),
      fc.record({ session: foreign, person: foreign, contest: foreign }),
    );
  };

  it('comes to a resident, whatever he asks with', { timeout: 120_000 }, async () => {
    const sessions = await Promise.all(persons.map((_, i) => as(i)));
    const asked = fc.record({
      who: fc.nat({ max: persons.length - 1 }),
      operation: fc.constantFrom(...operations),
      query: fc.constantFrom('', '', '', '?person=', '?session=', '?municipality='),
      body: guesses(),
    });
    let answered = 0;
    await fc.assert(
      fc.asyncProperty(asked, async ({ who, operation: [method, path, fitting], query, body }) => {
        const url = query === '' ? path : `${path}${query}${persons[(who + 1) % persons.length]}`;
        const { status, text } = await ask(method, url, sessions[who], body ?? fitting);
        expect(status).toBeLessThan(500);
        if (status < 300) answered++;
        for (const [i, person] of persons.entries()) {
          if (i === who) continue;
          const ofHousehold = path === '/v1/me/household' && households[i] === households[who];
          // What the caller said himself may come back to him; nothing else.
          const said = JSON.stringify(body ?? '') + url;
          for (const mark of [person, contests[i]!, ...marks(i)]) {
            if (said.includes(mark) || (ofHousehold && mark === marks(i)[0])) continue;
            expect([path, mark, text.includes(mark)]).toEqual([path, mark, false]);
          }
        }
      }),
      { numRuns: 400 },
    );
    expect(answered).toBeGreaterThan(50);
  });

  it('is changed by a resident: the others’ locks and contests stay as they were', async () => {
    const [mine, others] = [await as(0), await as(1)];
    const before = [await ask('GET', '/v1/me', others), await ask('GET', '/v1/me/contests', others)];
    for (const [method, path, body] of operations) await ask(method, path, mine, body);
    const after = [await ask('GET', '/v1/me', others), await ask('GET', '/v1/me/contests', others)];
    expect(after.map(({ text }) => text)).toEqual(before.map(({ text }) => text));
  });

  it.each(['clerk', 'supervisor', 'registrar', 'officer', 'admin'])(
    'comes to %s: a session of staff is none here',
    async (staff) => {
      const session = await stage.signIn(staff);
      for (const [method, path, body] of operations) {
        if (path === '/v1/keys') continue;
        const { status, text } = await ask(method, path, session, body);
        expect([path, status]).toEqual([path, 401]);
        for (const i of persons.keys()) for (const mark of marks(i)) expect(text).not.toContain(mark);
      }
    },
  );

  it('comes to nobody without a session, with one that is over, or with garbage', async () => {
    const over = await as(0);
    await stage.gate.residents.end(over);
    for (const session of [undefined, over, '', 'x', 'x'.repeat(43), persons[0]]) {
      for (const [method, path, body] of operations) {
        if (path === '/v1/keys') continue;
        // Who is nobody may be told of his body first.
        expect([path, [400, 401].includes((await ask(method, path, session, body)).status)]).toEqual([
          path,
          true,
        ]);
      }
    }
  });

  it('can be asked for through the portal alone', () => {
    const callers = readCallers();
    for (const operation of ['me', 'openOwn', 'household', 'ownHistory', 'contest', 'ownContests'] as const)
      expect(callers[operation]).toEqual(['portal']);
    for (const operation of ['lockLookUps', 'unlockLookUps'] as const)
      expect(callers[operation]).toEqual(['portal']);
    for (const operation of [
      'searchLines',
      'contests',
      'readContest',
      'takeContest',
      'answerContest',
      'listCases',
    ] as const)
      expect(callers[operation]).not.toContain('portal');
  });

  it('a resident’s session opens nothing at the office', async () => {
    const session = await as(0);
    for (const url of ['/v1/cases', '/v1/staff', '/v1/contests', '/v1/grants']) {
      const answer = await office.inject({
        method: 'GET',
        url,
        headers: { authorization: `Bearer ${session}` },
      });
      expect([url, answer.statusCode]).toEqual([url, 401]);
    }
  });
});

describe('a contest, from the portal to the desk and back', () => {
  it('is taken and answered over HTTP, and the resident reads the answer', async () => {
    const bearer = { authorization: `Bearer ${await stage.signIn('supervisor')}` };
    const at = `/v1/contests/${contests[3]}`;
    const post = (url: string, payload: object) =>
      office.inject({ method: 'POST', url, headers: bearer, payload });
    expect((await post(`${at}/answer`, { state: 'accepted', answer: 'x' })).statusCode).toBe(409);
    expect((await post(`${at}/take`, {})).json()).toEqual({ state: 'taken' });
    const listed = (await office.inject({ method: 'GET', url: '/v1/contests', headers: bearer })).json();
    const found = listed.contests.find(({ contest }: { contest: string }) => contest === contests[3]);
    expect(found).toMatchObject({ state: 'taken', about: { group: 'name' } });
    expect((await post(`${at}/read`, {})).json()).toEqual({ text: marks(3)[2] });
    expect((await post(`${at}/answer`, { state: 'accepted', answer: '' })).statusCode).toBe(400);
    expect((await post(`${at}/answer`, { state: 'accepted', answer: '訂正しました' })).json()).toEqual({
      state: 'accepted',
    });
    const own = JSON.parse((await ask('GET', '/v1/me/contests', await as(3))).text);
    const answered = own.contests.find(({ contest }: { contest: string }) => contest === contests[3]);
    expect(answered).toMatchObject({ state: 'accepted', answer: '訂正しました' });
  });
});
