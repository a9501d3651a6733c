import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { town as municipality, RunningHouse } from '../cli/running-house.fixture.ts';
import { misfits } from './json-schema.fixture.ts';
import type { OpenApiDocument, Operation } from './openapi.ts';

// Every operation of the document, asked for on the house as it runs: what comes back is held against what is promised.

let town: RunningHouse;
let document: OpenApiDocument;
const operations = new Map<string, { path: string; method: string; operation: Operation }>();
/** Statuses seen of each operation. */
const seen = new Map<string, Set<number>>();
const sessions: Record<string, string> = {};
beforeAll(async () => {
  town = await RunningHouse.start({ residents: 12 });
  document = (await (await fetch(`${town.house.officeUrl}/openapi.json`)).json()) as OpenApiDocument;
  for (const [path, methods] of Object.entries(document.paths))
    for (const [method, operation] of Object.entries(methods))
      operations.set(operation.operationId, { path, method: method.toUpperCase(), operation });
  for (const who of ['clerk', 'supervisor', 'supervisor-2', 'registrar', 'officer', 'administrator'])
    sessions[who] = (await town.office(who)).session!;
}, 180_000);
afterAll(() => town?.close(), 60_000);

interface Asked {
  as?: string;
  params?: Record<string, string>;
  query?: Record<string, string>;
  body?: unknown;
  csv?: string;
  session?: string;
}
const securityHeaders = {
  'x-content-type-options': 'nosniff',
  'cache-control': 'no-store',
};

/** Asks and holds status, headers and body against the document. */
async function ask(id: string, o: Asked = {}) {
  const { path, method, operation } = operations.get(id)!;
  const filled = path.replace(/\{(\w+)\}/g, (_, name) => encodeURIComponent(o.params?.[name] ?? 'x'));
  const session = o.session ?? sessions[o.as ?? ''];
  const body = o.csv ?? (method === 'POST' ? JSON.stringify(o.body ?? {}) : undefined);
  const answer = await fetch(`${town.house.officeUrl}${filled}?${new URLSearchParams(o.query)}`, {
    method,
    headers: {
      ...(session === undefined ? {} : { authorization: `Bearer ${session}` }),
      ...(body === undefined
        ? {}
        : { 'content-type': o.csv === undefined ? 'application/json' : 'text/csv' }),
    },
    ...(body === undefined ? {} : { body }),
  });
  const content = await answer.text();
  const documented = operation.responses[String(answer.status)] ?? operation.responses['default']!;
  const [[type, { schema }]] = Object.entries(documented.content!) as [[string, { schema: object }]];
  expect([id, answer.headers.get('content-type')?.split(';')[0]]).toEqual([id, type]);
  const value = JSON.parse(content);
  expect(misfits(value, schema as never, document.components.schemas), `${id}: ${content}`).toEqual([]);
  for (const [name, said] of Object.entries(securityHeaders))
    expect([id, answer.headers.get(name)]).toEqual([id, said]);
  seen.set(id, (seen.get(id) ?? new Set()).add(answer.status));
  return { status: answer.status, value, content };
}
async function caseOf(as: string, purpose: string): Promise<string> {
  const { value } = await ask('openCase', { as, body: { purpose, note: '見回り' } });
  return value.caseId;
}

describe('answers are what the document promises', { timeout: 60_000 }, () => {
  let person: string;

  it('sign-in, session, purposes, health', async () => {
    expect((await ask('challenge', { body: { staff: 'demo-clerk' } })).value.nonce).toContain('demo-clerk');
    const signIn = { staff: 'demo-clerk', terminal: 'desk-1', nonce: 'n', signature: 'AAAA', pin: '1' };
    expect((await ask('signIn', { body: signIn })).status).toBe(401);
    seen.get('signIn')!.add(200); // done by the fixture's client for each session above
    expect((await ask('currentSession', { as: 'clerk' })).value).toMatchObject({
      staff: 'demo-clerk',
      role: 'clerk',
    });
    expect((await ask('purposes')).value.purposes.length).toBeGreaterThan(5);
    for (const id of ['health', 'ready']) expect((await ask(id)).status).toBe(200);
  });

  it('a search, an opening, a history, a life event', async () => {
    const caseId = await caseOf('clerk', 'residence-certificate');
    const by = { addressNumber: town.rows[0]![0]! };
    const found = await ask('searchResidents', { as: 'clerk', body: { caseId, by } });
    person = found.value.hits[0].person;
    const opened = await ask('openFields', {
      as: 'clerk',
      params: { person },
      body: { caseId, groups: ['name'] },
    });
    expect(opened.status).toBe(200);
    const own = await caseOf('officer', 'own-record-at-desk');
    const history = await ask('residentHistory', {
      as: 'officer',
      params: { person },
      body: { caseId: own },
    });
    expect(history.value.lines.length).toBeGreaterThan(1);
    const moving = await caseOf('clerk', 'move-out');
    const event = {
      requestId: randomUUID(),
      caseId: moving,
      event: 'move-out',
      eventDate: '2026-01-05',
      person,
    };
    expect((await ask('lifeEvent', { as: 'clerk', body: event })).status).toBe(201);
    const { cases } = (await ask('cases', { as: 'clerk' })).value;
    expect(cases.find((each: { caseId: string }) => each.caseId === caseId)).toMatchObject({
      note: '見回り',
    });
    const budget = (await ask('budget', { as: 'clerk', query: { caseId } })).value;
    expect(budget.open.session).toBe(budget.limits.open.session - 1);
    expect((await ask('budget', { as: 'administrator', query: { caseId } })).status).toBe(403);
    expect((await ask('closeCase', { as: 'clerk', params: { caseId } })).status).toBe(200);
    const after = await ask('openFields', {
      as: 'clerk',
      params: { person },
      body: { caseId, groups: ['name'] },
    });
    expect(after.status).toBe(403);
  });

  it('an import and its report', async () => {
    const caseId = await caseOf('registrar', 'register-keeping');
    const started = await ask('importResidents', { as: 'registrar', query: { caseId }, csv: 'a,b\r\n' });
    expect(started.status).toBe(202);
    const params = { importId: started.value.importId };
    await expect
      .poll(async () => (await ask('importState', { as: 'registrar', params })).value, { timeout: 30_000 })
      .toMatchObject({ state: 'failed', kind: 'bad-input', facts: { what: 'resident-file-header' } });
    expect((await ask('refusedRows', { as: 'registrar', params })).value).toEqual({ rows: [], total: 0 });
    expect((await ask('importState', { as: 'clerk', params })).status).toBe(404);
  });

  it('a grant from asking to its end', async () => {
    const caseId = await caseOf('supervisor', 'public-body-request');
    const body = { caseId, groups: ['name'], count: 3, endsAt: Date.now() + 3_600_000, reason: '照会' };
    const { value } = await ask('askGrant', { as: 'supervisor', body });
    const params = { grant: value.grant };
    expect((await ask('approveGrant', { as: 'supervisor', params })).status).toBe(403);
    expect((await ask('approveGrant', { as: 'supervisor-2', params })).value.state).toBe('active');
    expect((await ask('grant', { as: 'clerk', params })).value.left).toBe(3);
    expect((await ask('grants', { as: 'officer' })).value.grants[0]).toMatchObject(params);
    expect((await ask('grants', { as: 'registrar' })).status).toBe(403);
    expect((await ask('revokeGrant', { as: 'officer', params })).value.state).toBe('revoked');
  });

  it('passkeys and codes', async () => {
    const credential = { id: 'AAAA', rawId: 'AAAA', type: 'public-key' };
    const made = { ...credential, response: { clientDataJSON: 'AAAA', attestationObject: 'AAAA' } };
    const data = { clientDataJSON: 'AAAA', authenticatorData: 'AAAA', signature: 'AAAA' };
    const answered = { ...credential, response: data };
    // No browser at the site asks here: test/attackers/browser-session.test.ts has those that are answered.
    const promised = { passkeyOptions: 200, enrolPasskey: 201, signInPasskey: 200, stepUp: 200 };
    const bodies = {
      passkeyOptions: { for: 'sign-in' },
      enrolPasskey: { invitation: 'x', response: made },
      signInPasskey: { response: answered },
    };
    for (const [id, body] of Object.entries(bodies)) expect((await ask(id, { body })).status).toBe(501);
    expect((await ask('stepUp', { as: 'clerk', body: { response: answered } })).status).toBe(401);
    for (const [id, status] of Object.entries(promised)) seen.get(id)!.add(status);
    const admin = { as: 'administrator' };
    const staff = await ask('inviteStaff', { ...admin, params: { name: 'demo-clerk' } });
    expect([staff.status, staff.value.url.split('#')[0]]).toEqual([201, `${town.house.sites!.desk}/enrol`]);
    expect((await ask('inviteStaff', { as: 'clerk', params: { name: 'demo-clerk' } })).status).toBe(403);
    const place = await ask('inviteTerminal', { ...admin, params: { name: 'desk-1' } });
    expect(place.value.url).toContain(`${town.house.sites!.desk}/enter/`);
    const caseId = await caseOf('clerk', 'portal-binding');
    const by = { addressNumber: town.rows[1]![0]! };
    const found = await ask('searchResidents', { as: 'clerk', body: { caseId, by } });
    const params = { person: found.value.hits[0].person };
    const counter = { as: 'clerk', params, body: { caseId } };
    expect((await ask('invitePerson', counter)).value.url).toContain(`${town.house.sites!.portal}/enrol#`);
    expect((await ask('stopPersonPasskeys', counter)).value).toEqual({ stopped: 0 });
  });

  it('staff and terminals', async () => {
    const publicKey = Buffer.alloc(32, 1).toString('base64');
    const staff = { staff: 'novice', role: 'clerk', office: 'x', publicKey, pin: '123456' };
    expect((await ask('enrolStaff', { as: 'clerk', body: staff })).value.kind).toBe('policy-denied');
    expect((await ask('enrolStaff', { as: 'administrator', body: staff })).status).toBe(201);
    expect((await ask('enrolStaff', { as: 'administrator', body: staff })).status).toBe(409);
    const approver = { ...staff, staff: 'chief', role: 'supervisor' };
    const asked = await ask('enrolStaff', { as: 'administrator', body: approver });
    expect([asked.status, asked.value.enrolment]).toEqual([201, expect.any(String)]);
    const enrolment = { enrolment: asked.value.enrolment };
    expect((await ask('enrolments', { as: 'officer' })).value.enrolments).toHaveLength(1);
    expect((await ask('confirmEnrolment', { as: 'administrator', params: enrolment })).status).toBe(403);
    expect((await ask('confirmEnrolment', { as: 'officer', params: enrolment })).value).toEqual({
      staff: 'chief',
    });
    expect((await ask('confirmEnrolment', { as: 'officer', params: enrolment })).status).toBe(409);
    const novice = { as: 'administrator', params: { name: 'novice' } };
    expect((await ask('stopStaffPasskeys', novice)).value).toEqual({ stopped: 0 });
    const terminal = { terminal: 't-9', office: 'x' };
    expect((await ask('enrolTerminal', { as: 'administrator', body: terminal })).status).toBe(201);
    const { staff: people } = (await ask('staff', { as: 'officer' })).value;
    expect(people.map((each: { staff: string }) => each.staff)).toContain('novice');
    expect((await ask('staff', { as: 'clerk' })).status).toBe(403);
    const { terminals } = (await ask('terminals', { as: 'administrator' })).value;
    expect(terminals.map((each: { terminal: string }) => each.terminal)).toContain('t-9');
    const { pin } = JSON.parse(readFileSync(join(town.data, 'staff', 'supervisor-2.json'), 'utf8'));
    const pins = { oldPin: pin, newPin: '97531864' };
    expect(
      (await ask('changePin', { as: 'supervisor-2', body: { ...pins, oldPin: '11111111' } })).status,
    ).toBe(401);
    expect((await ask('changePin', { as: 'supervisor-2', body: pins })).value).toEqual({ sessionsEnded: 0 });
    const params = { target: 'terminal', name: 'desk-2' };
    const reason = { reason: '盗難' };
    expect((await ask('suspend', { as: 'officer', params, body: reason })).value.sessionsEnded).toBe(1);
    expect((await ask('currentSession', { as: 'registrar' })).status).toBeLessThan(500);
    expect((await ask('reinstate', { as: 'officer', params, body: reason })).value).toEqual({ done: true });
  });

  it('journals, proofs, records', async () => {
    const { value } = await ask('journalHeads');
    expect(value.journals[0].municipality).toBe(municipality);
    const params = { municipality, index: '0' };
    expect((await ask('proveLine', { params })).value.proof).toContain('c2sp.org/tlog-proof');
    expect((await ask('proveLine', { params: { municipality, index: '999999999' } })).status).toBe(404);
    expect((await ask('proveLine', { params: { municipality: '131016', index: '0' } })).status).toBe(404);
    expect((await ask('verifyRecords', { as: 'officer' })).value.verified.findings).toBe(0);
    expect((await ask('verifyRecords', { as: 'clerk' })).status).toBe(403);
    const here = { municipality };
    expect((await ask('lastVerification', { as: 'officer', params: here })).value).toEqual({ last: null });
    const verified = (await ask('verifyJournal', { as: 'officer', params: here })).value;
    expect(verified).toMatchObject({ verdict: 'ok', staff: 'demo-officer' });
    expect(verified.size).toBeGreaterThan(10);
    expect((await ask('lastVerification', { as: 'officer', params: here })).value).toEqual({
      last: verified,
    });
    expect((await ask('verifyJournal', { as: 'clerk', params: here })).status).toBe(403);
    expect((await ask('verifyJournal', { as: 'officer', params: { municipality: '131016' } })).status).toBe(
      403,
    );
    const look = { as: 'officer', body: { staff: 'demo-clerk', kinds: ['field.opened'], limit: 5 } };
    const { lines } = (await ask('searchLines', look)).value;
    expect(lines[0]).toMatchObject({ kind: 'field.opened', body: { actor: 'demo-clerk' } });
    expect((await ask('searchLines', { ...look, as: 'supervisor' })).status).toBe(403);
    expect((await ask('contests', { as: 'officer' })).value).toEqual({ contests: [] });
    expect((await ask('contests', { as: 'clerk' })).status).toBe(403);
    const body = { from: 0, to: 1 };
    expect((await ask('journalActivity', { as: 'officer', body })).value.hours).toEqual([]);
  });

  it('erasing, once the record is closed', async () => {
    const caseId = await caseOf('supervisor', 'record-erasure');
    const { status, value } = await ask('erasePerson', {
      as: 'supervisor',
      params: { person },
      body: { caseId, reason: '保存期間満了' },
    });
    expect([status, value.kind]).toEqual([200, undefined]);
  });

  it('refusals without a session, with garbage, and with a session that has ended', async () => {
    for (const [id, { operation }] of operations) {
      if (operation.security.length === 0 || id === 'importResidents') continue;
      for (const session of [undefined, 'garbage-garbage', 'x'.repeat(43)]) {
        const params = {
          person: randomUUID(),
          caseId: randomUUID(),
          grant: randomUUID(),
          importId: randomUUID(),
          contest: randomUUID(),
        };
        const { status } = await ask(id, { params, ...(session === undefined ? {} : { session }) });
        // Who is nobody may be told of his body first; never more than that.
        expect([id, [400, 401].includes(status)]).toEqual([id, true]);
      }
    }
    expect((await ask('signOut', { as: 'clerk' })).status).toBe(200);
    expect((await ask('currentSession', { as: 'clerk' })).status).toBe(401);
    expect((await ask('openCase', { as: 'clerk', body: { purpose: 'move-in', note: 'x' } })).status).toBe(
      401,
    );
  });

  it('every operation has been asked for, with the answer it promises and with one that refuses', () => {
    // Nobody has contested anything, for a house of the command line has no portal: portal-routes.test.ts has one.
    const unanswered = ['readContest', 'takeContest', 'answerContest'];
    for (const [id, { operation }] of operations) {
      if (unanswered.includes(id)) continue;
      const promised = Number(Object.keys(operation.responses).find((status) => status !== 'default'));
      expect([id, [...(seen.get(id) ?? [])].includes(promised)]).toEqual([id, true]);
    }
  });

  it('the metrics name operations, and nobody and nothing else', async () => {
    const text = await (await fetch(`${town.house.officeUrl}/metrics`)).text();
    const labels = [...text.matchAll(/(\w+)="([^"]*)"/g)];
    expect(new Set(labels.map(([, name]) => name))).toEqual(new Set(['operation', 'status', 'le']));
    for (const [, name, value] of labels)
      if (name === 'operation') expect([...operations.keys()]).toContain(value);
    for (const word of ['demo-clerk', 'desk-1', ...town.rows[0]!.filter((cell) => cell.length > 3)])
      expect(text).not.toContain(word);
  });
});

describe('what is not an operation', { timeout: 60_000 }, () => {
  const raw = (path: string, init: RequestInit = {}) => fetch(`${town.house.officeUrl}${path}`, init);

  it.each(['PUT', 'DELETE', 'PATCH', 'TRACE', 'OPTIONS'])(
    '%s is answered with a problem, never served',
    async (method) => {
      const answer = await raw('/v1/cases', { method }).catch(() => undefined);
      // The client itself refuses TRACE.
      if (method === 'TRACE') return expect(answer).toBeUndefined();
      expect([404, 405]).toContain(answer!.status);
      expect(answer!.headers.get('content-type')).toContain('application/problem+json');
    },
  );

  it('a GET of what is only posted, and the reverse', async () => {
    expect([404, 405]).toContain((await raw('/v1/records/verify')).status);
    expect([404, 405]).toContain((await raw('/health', { method: 'POST' })).status);
  });

  it.each([
    `/journal/${municipality}/../../secrets/passphrase`,
    `/journal/${municipality}/%2e%2e/%2e%2e/secrets/passphrase`,
    `/journal/${municipality}/..%2f..%2fsecrets%2fpassphrase`,
    `/journal/${municipality}//etc/passwd`,
    `/journal/${municipality}/tile/0/..%00`,
    `/journal/${municipality}/payload/000`,
    `/journal/..%2fsecrets/passphrase`,
    '/journal/999999/checkpoint',
    '/%c0%ae%c0%ae/secrets/passphrase',
  ])('%s shows nothing', async (path) => {
    const { request } = await import('node:http');
    const { port } = new URL(town.house.officeUrl);
    // As it is typed: fetch would put the path straight.
    const answer = await new Promise<{ status: number; text: string }>((done, fail) => {
      const asked = request({ port, host: '127.0.0.1', path }, (response) => {
        let text = '';
        response.on('data', (chunk) => {
          text += String(chunk);
        });
        response.on('end', () => done({ status: response.statusCode ?? 0, text }));
      });
      asked.on('error', fail).end();
    });
    expect([400, 404]).toContain(answer.status);
    expect(answer.text).not.toContain('passphrase:');
    expect(JSON.parse(answer.text).type).toMatch(/^urn:sekisho:error:/);
  });
});
