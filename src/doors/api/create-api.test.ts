import { mkdirSync, writeFileSync } from 'node:fs';
import { Agent, get } from 'node:http';
import type { Socket } from 'node:net';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { afterEach, describe, expect, it } from 'vitest';
import { fakeOffice, person, session, town } from '../../../test/fake-office.fixture.ts';
import { type ErrorKind, errorKinds, SekishoError } from '../../ground/errors.ts';
import { createLog } from '../../ground/log.ts';
import { errorsEn, errorsJa } from '../words/index.ts';

let office: ReturnType<typeof fakeOffice> | undefined;
afterEach(async () => {
  await office?.end();
  office = undefined;
});

const bearer = { authorization: `Bearer ${session}` };
const openUrl = `/v1/residents/${person}/open`;
const body = { caseId: 'case-1', groups: ['name'] };
const receipt = { statement: 's', signature: 'x', index: 7, leafHash: 'h', path: ['p'] };
const budget = { session: 3, terminal: 4, purpose: 5, office: 6 };

function post(url: string, payload: unknown, headers: Record<string, string> = bearer) {
  return office!.app.inject({ method: 'POST', url, headers, payload: payload as object });
}

describe('a disclosure over HTTP', () => {
  it('hands session, case, person and groups to the gate and its answer back', async () => {
    office = fakeOffice({ open: { fields: { name: { name: '甲' } }, receipt, budget } });
    const answer = await post(openUrl, body);
    expect(answer.statusCode).toBe(200);
    expect(answer.json()).toEqual({ fields: { name: { name: '甲' } }, receipt, budget });
    expect(answer.headers['cache-control']).toBe('no-store');
    expect(office.asked).toEqual([{ operation: 'open', input: { session, person, ...body } }]);
  });

  it('leaves out what the shape does not name', async () => {
    office = fakeOffice({ open: { fields: {}, receipt, budget, key: 'secret' } });
    expect((await post(openUrl, body)).json()).not.toHaveProperty('key');
  });

  it('an answer of the wrong shape is a fault, and nothing of it is shown', async () => {
    office = fakeOffice({ open: { fields: 'number 123456789018', receipt, budget } });
    const answer = await post(openUrl, body);
    expect(answer.statusCode).toBe(500);
    expect(answer.body).not.toContain('1234');
  });
});

describe('a connection that is kept open', () => {
  it('gathers nothing from the requests it has served', async () => {
    office = fakeOffice();
    const sockets = new Set<Socket>();
    office.app.server.on('connection', (socket) => sockets.add(socket));
    const url = await office.app.listen({ host: '127.0.0.1', port: 0 });
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    const listeners: number[] = [];
    for (let i = 0; i < 12; i++) {
      await new Promise<void>((done, fail) => {
        get(`${url}/health`, { agent }, (answer) => answer.resume().once('end', done)).once('error', fail);
      });
      listeners.push([...sockets][0]!.listenerCount('close'));
    }
    agent.destroy();
    expect(sockets.size).toBe(1);
    expect(listeners.at(-1)).toBe(listeners[1]);
  });
});

describe('without a session', () => {
  it.each([
    ['no header', {}],
    ['another scheme', { authorization: 'Basic YTpi' }],
    ['an empty token', { authorization: 'Bearer ' }],
    ['a token with a line break', { authorization: 'Bearer abcdefgh\tx' }],
    ['an endless token', { authorization: `Bearer ${'a'.repeat(600)}` }],
  ])('%s: 401 and the gate is not asked', async (_name, headers) => {
    office = fakeOffice();
    const answer = await post(openUrl, body, headers as Record<string, string>);
    expect(answer.statusCode).toBe(401);
    expect(answer.json()).toMatchObject({ kind: 'session-invalid' });
    expect(office.asked).toEqual([]);
  });

  it('every route of the document that is not public asks for one', async () => {
    office = fakeOffice();
    const { paths } = (await office.app.inject({ url: '/openapi.json' })).json();
    let checked = 0;
    for (const [path, operations] of Object.entries<Record<string, { security: unknown[] }>>(paths)) {
      for (const [method, { security }] of Object.entries(operations)) {
        if (security.length === 0) continue;
        const url = path.replace(/\{\w+\}/g, person);
        const answer = await office.app.inject({ method: method.toUpperCase() as 'GET', url });
        expect([path, answer.statusCode]).toEqual([path, 401]);
        checked++;
      }
    }
    expect(checked).toBeGreaterThan(15);
    expect(office.asked).toEqual([]);
  });
});

describe('hostile shapes', () => {
  it.each([
    ['a member too many', { ...body, extra: 1 }],
    ['groups as a text', { ...body, groups: 'name' }],
    ['no groups', { ...body, groups: [] }],
    ['a group that is no word', { ...body, groups: ['name; drop'] }],
    ['a thousand groups', { ...body, groups: Array.from({ length: 1000 }, () => 'name') }],
    ['a case that is an object', { ...body, caseId: { $ne: null } }],
    ['null', null],
    ['an array', [body]],
  ])('%s: 400, and the gate is not asked', async (_name, payload) => {
    office = fakeOffice();
    const answer = await office.app.inject({
      method: 'POST',
      url: openUrl,
      headers: { ...bearer, 'content-type': 'application/json' },
      payload: JSON.stringify(payload),
    });
    expect(answer.statusCode).toBe(400);
    expect(answer.headers['content-type']).toContain('application/problem+json');
    expect(office.asked).toEqual([]);
  });

  it.each([
    ['a number in the address', '/v1/residents/123456789018/open', 400],
    ['a path that climbs', '/v1/residents/..%2f..%2fetc/open', 400],
    ['a route that is not there', '/v1/residents', 404],
  ])('%s', async (_name, url, status) => {
    office = fakeOffice();
    const answer = await post(url, body);
    expect(answer.statusCode).toBe(status);
    expect(answer.body).not.toContain('123456789018');
    expect(office.asked).toEqual([]);
  });

  it.each([
    ['two ways of searching at once', { number: '123456789018', address: 'x' }],
    ['no way at all', {}],
    ['a number as a number', { number: 123456789018 }],
  ])('a search by %s: 400 and no number comes back', async (_name, by) => {
    office = fakeOffice();
    const answer = await post('/v1/residents/search', { caseId: 'c', by });
    expect(answer.statusCode).toBe(400);
    expect(answer.body).not.toContain('123456789018');
  });

  it('a body that is no JSON', async () => {
    office = fakeOffice();
    const headers = { ...bearer, 'content-type': 'application/json' };
    const answer = await office.app.inject({ method: 'POST', url: openUrl, headers, payload: '{"a":' });
    expect(answer.statusCode).toBe(400);
  });

  it('a body that is too large', async () => {
    office = fakeOffice();
    expect((await post(openUrl, { ...body, note: 'a'.repeat(300_000) })).statusCode).toBe(413);
  });

  it.each([
    ['a file where JSON is asked for', openUrl],
    ['JSON where a file is asked for', '/v1/imports?caseId=c'],
  ])('%s', async (_name, url) => {
    office = fakeOffice();
    const type = url === openUrl ? 'text/csv' : 'application/json';
    const headers = { ...bearer, 'content-type': type };
    const answer = await office.app.inject({ method: 'POST', url, headers, payload: '{}' });
    expect(answer.statusCode).toBeGreaterThanOrEqual(400);
    expect(answer.statusCode).not.toBe(500);
    expect(office.asked).toEqual([]);
  });
});

describe('words of a problem document (RFC 9457)', () => {
  it.each(Object.keys(errorKinds) as ErrorKind[])('%s comes in both languages', async (kind) => {
    office = fakeOffice({ open: new SekishoError(kind, { scope: 'session' }) });
    for (const [language, words] of [
      ['ja', errorsJa[kind]],
      ['en', errorsEn[kind]],
    ] as const) {
      const answer = await post(openUrl, body, { ...bearer, 'accept-language': language });
      const problem = answer.json();
      expect(answer.statusCode).toBeGreaterThanOrEqual(400);
      expect(problem).toMatchObject({ kind, title: words.title, status: answer.statusCode });
      for (const text of [words.happened, words.kept, words.next]) expect(problem.detail).toContain(text);
    }
  });

  it('a foreign error shows nothing of itself', async () => {
    office = fakeOffice({ open: new TypeError('resident 山田 123456789018') });
    const answer = await post(openUrl, body);
    expect(answer.json()).toMatchObject({ kind: 'internal', facts: {} });
    expect(answer.body).not.toMatch(/山田|1234/);
  });

  it('a failed sign-in does not say which part was wrong, whatever the gate says', async () => {
    office = fakeOffice({ signIn: new SekishoError('sign-in-failed', { reason: 'pin' }) });
    const signIn = { staff: 'clerk', terminal: 't-01', nonce: 'n', signature: 'c2ln', pin: '0000' };
    const answer = await post('/v1/sign-in', signIn, {});
    expect(answer.statusCode).toBe(401);
    expect(answer.json().facts).toEqual({});
    expect(answer.body).not.toContain('0000');
  });
});

describe('who is signed in', () => {
  it('is the gate’s to say, and is not the session itself', async () => {
    const now = 1_774_998_000_000;
    const state = {
      ...{ municipality: town, staff: 'clerk', role: 'clerk', office: 'desk', terminal: 't-01' },
      ...{ startedAt: now, freshUntil: now + 1, idleAt: now + 2, expiresAt: now + 3 },
    };
    let over = false;
    const deskSession = (): unknown => {
      if (over) throw new SekishoError('session-invalid', { reason: 'unknown' });
      return { ...state, session };
    };
    office = fakeOffice({
      deskSession,
      signOut: () => {
        over = true;
      },
    });
    const current = () => office!.app.inject({ url: '/v1/session', headers: bearer });
    expect((await current()).json()).toEqual(state);
    expect((await current()).json()).not.toHaveProperty('session');
    expect((await post('/v1/sign-out', {})).statusCode).toBe(200);
    expect((await current()).statusCode).toBe(401);
  });
});

describe('static files of a log', () => {
  it('serves checkpoint and tiles to anybody, with the right caching', async () => {
    office = fakeOffice();
    mkdirSync(join(office.journalFolder, town, 'tile/0'), { recursive: true });
    writeFileSync(join(office.journalFolder, town, 'checkpoint'), 'origin\n1\nroot\n');
    writeFileSync(join(office.journalFolder, town, 'tile/0/000'), Buffer.alloc(8192));
    const checkpoint = await office.app.inject({ url: `/journal/${town}/checkpoint` });
    expect(checkpoint.body).toBe('origin\n1\nroot\n');
    expect(checkpoint.headers['cache-control']).toBe('no-cache');
    const tile = await office.app.inject({ url: `/journal/${town}/tile/0/000` });
    expect(tile.rawPayload).toHaveLength(8192);
    expect(tile.headers['cache-control']).toContain('immutable');
  });

  it.each([
    ['sealed payloads', 'payload/000'],
    ['a path that climbs', '..%2f..%2fetc%2fpasswd'],
    ['a path that climbs within', `tile/0/../../../${town}/checkpoint`],
    ['a folder', 'tile/0'],
    ['a tile that is not there', 'tile/0/999'],
    ['a hidden file', '.state'],
    ['an absolute path', '%2fetc%2fpasswd'],
  ])('does not serve %s', async (_name, path) => {
    office = fakeOffice();
    mkdirSync(join(office.journalFolder, town, 'payload'), { recursive: true });
    mkdirSync(join(office.journalFolder, town, 'tile/0'), { recursive: true });
    writeFileSync(join(office.journalFolder, town, 'payload/000'), 'sealed');
    writeFileSync(join(office.journalFolder, town, '.state'), 'x');
    expect((await office.app.inject({ url: `/journal/${town}/${path}` })).statusCode).toBe(404);
  });

  it('knows no other municipality', async () => {
    office = fakeOffice();
    for (const code of ['999999', '..', '13101']) {
      expect((await office.app.inject({ url: `/journal/${code}/checkpoint` })).statusCode).toBe(404);
    }
  });
});

describe('for operators', () => {
  it('metrics count operations and name nobody', async () => {
    office = fakeOffice({ open: { fields: {}, receipt, budget } });
    await post(openUrl, body);
    const { body: text } = await office.app.inject({ url: '/metrics' });
    expect(text).toContain('sekisho_office_requests_total{operation="openFields",status="2xx"} 1');
    expect(text).not.toContain(person);
    expect(text).not.toContain(session);
  });

  it('is ready only when its ports are', async () => {
    office = fakeOffice({}, { ready: () => Promise.reject(new SekishoError('unreachable')) });
    expect((await office.app.inject({ url: '/health' })).statusCode).toBe(200);
    expect((await office.app.inject({ url: '/ready' })).statusCode).toBe(502);
  });

  it('the log of a refused request holds nothing of it', async () => {
    const written: Buffer[] = [];
    const destination = new PassThrough();
    destination.on('data', (chunk: Buffer) => written.push(chunk));
    office = fakeOffice(
      { search: new SekishoError('budget-spent') },
      { log: createLog({ process: 'office', destination }) },
    );
    await post('/v1/residents/search', { caseId: 'c', by: { number: '123456789018' } });
    await post('/v1/residents/search', { caseId: 'c', by: { reading: 'ヤマダ ハナコ' } });
    const text = Buffer.concat(written).toString();
    expect(text).toContain('request-refused');
    expect(text).not.toMatch(/1234|ヤマダ/);
  });

  it('shows the purposes in force today and no others', async () => {
    office = fakeOffice();
    const { purposes } = (await office.app.inject({ url: '/v1/purposes' })).json();
    expect(purposes.length).toBeGreaterThan(5);
    for (const row of purposes) expect(row.title.ja).not.toBe('');
  });
});
