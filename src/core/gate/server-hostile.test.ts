import { request } from 'node:https';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type FreshDatabase, freshDatabase } from '../../../test/database.ts';
import { errorKinds, isSekishoError } from '../../ground/errors.ts';
import { createAuthority, issueCertificate, PeerClient, type TlsMaterial } from '../../ground/http/index.ts';
import { silentLog } from '../../ground/log.ts';
import { decodeLine } from '../journal/index.ts';
import type { GateOperation } from './gate.ts';
import { gateServer } from './index.ts';
import { messages, routeOf } from './messages.ts';
import { listen } from './server.ts';
import { type Stage, staged, stageRooms, town } from './staging/stage.fixture.ts';

// Whatever a process with a good certificate sends: a typed refusal, a line where it was a refusal, and a gate that lives.
let database: FreshDatabase;
let stage: Stage;
let url: string;
let app: ReturnType<typeof gateServer>;
let office: PeerClient;
let tls: TlsMaterial;
const everybody = Object.fromEntries(Object.keys(messages).map((name) => [name, ['office']]));
beforeAll(async () => {
  database = await freshDatabase(stageRooms);
  stage = await staged(database);
  const authority = await createAuthority({ now: () => Date.now() }, stage.randomness);
  tls = await issueCertificate(authority, 'office', ['127.0.0.1']);
  const own = await issueCertificate(authority, 'gate', ['127.0.0.1', 'localhost']);
  app = gateServer({ gate: stage.gate, log: silentLog, tls: own, callers: everybody as never });
  url = (await listen(app, { host: '127.0.0.1', port: 0 })).replace('http:', 'https:');
  office = new PeerClient({ url, tls });
});
afterAll(async () => {
  await office?.close();
  await app?.close();
  await stage?.end();
  await database?.drop();
});

const id = '01890000-0000-7000-8000-000000000001';
const op = {
  ...{ requestId: 'r', table: 'resident', kind: 'record.changed', municipality: town },
  ...{ fields: {}, clear: {} },
};
const credential = { id: 'aaaa', rawId: 'aaaa', type: 'public-key' };
const made = { ...credential, response: { clientDataJSON: 'aaaa', attestationObject: 'aaaa' } };
const answered = {
  ...credential,
  response: { clientDataJSON: 'aaaa', authenticatorData: 'aaaa', signature: 'aaaa' },
};
/** A message of each operation that fits its schema, in a session that is none. */
const fitting: Record<GateOperation, Record<string, unknown>> = {
  challenge: { staff: 'clerk' },
  signIn: { staff: 'clerk', terminal: 't-01', nonce: 'n', signature: 's', pin: '0000' },
  signOut: { session: 'none' },
  openCase: { session: 'none', purpose: 'move-in', note: '' },
  closeCase: { session: 'none', caseId: id },
  search: { session: 'none', caseId: id, by: { reading: 'x' } },
  open: { session: 'none', caseId: id, person: id, groups: ['name'] },
  write: { session: 'none', caseId: id, ops: [op] },
  noteImport: {
    ...{ session: 'none', caseId: id, importId: 'i', state: 'begun', rows: 1, encoding: 'utf-8' },
  },
  noteBackup: { municipality: town, backup: 'base-1', size: 1, digest: 'ab'.repeat(32), to: 1 },
  erase: { session: 'none', caseId: id, person: id, reason: 'x' },
  askGrant: { session: 'none', caseId: id, groups: ['name'], count: 1, endsAt: 1, reason: 'x' },
  approveGrant: { session: 'none', grant: id },
  revokeGrant: { session: 'none', grant: id },
  grant: { session: 'none', grant: id },
  history: { session: 'none', person: id },
  enrolStaff: {
    ...{ session: 'none', municipality: town, staff: 'x', role: 'clerk', office: 'o' },
    ...{ publicKey: 'AAAA', pin: '0000' },
  },
  enrolments: { session: 'none' },
  confirmEnrolment: { session: 'none', enrolment: id },
  changePin: { session: 'none', oldPin: '0000', newPin: '000000' },
  enrolTerminal: { session: 'none', municipality: town, terminal: 't', office: 'o' },
  suspend: { session: 'none', staff: 'clerk' },
  reinstate: { session: 'none', staff: 'clerk' },
  markHoney: { session: 'none', person: id },
  verifyRecords: { session: 'none' },
  head: { municipality: town },
  honey: { municipality: town, persons: [id] },
  listCases: { session: 'none' },
  budgetLeft: { session: 'none', caseId: id },
  listGrants: { session: 'none' },
  listStaff: { session: 'none' },
  listTerminals: { session: 'none' },
  me: { session: 'none' },
  lockLookUps: { session: 'none', until: 1 },
  unlockLookUps: { session: 'none' },
  openOwn: { session: 'none', groups: ['name'] },
  household: { session: 'none' },
  ownHistory: { session: 'none' },
  contest: { session: 'none', about: { group: 'name' }, text: 'x' },
  ownContests: { session: 'none' },
  contests: { session: 'none' },
  readContest: { session: 'none', contest: id },
  takeContest: { session: 'none', contest: id },
  answerContest: { session: 'none', contest: id, state: 'accepted', answer: 'x' },
  searchLines: { session: 'none', limit: 1 },
  lineActivity: { session: 'none', from: 0, to: 1 },
  journalKeys: {},
  lastVerification: { session: 'none', municipality: town },
  noteVerification: { session: 'none', municipality: town, verdict: 'ok', size: 0 },
  deskPasskeyOptions: { for: 'sign-in' },
  enrolDeskPasskey: { invitation: 'code', response: made },
  signInAtDesk: { response: answered, terminalSecret: 's' },
  stepUp: { session: 'none', response: answered },
  deskSession: { session: 'none' },
  enterDesk: { code: 'code' },
  inviteStaff: { session: 'none', staff: 'clerk' },
  inviteTerminal: { session: 'none', terminal: 't' },
  inviteResident: { session: 'none', caseId: id, person: id },
  stopPasskeys: { session: 'none', staff: 'clerk' },
  portalPasskeyOptions: { for: 'sign-in' },
  enrolPortalPasskey: { invitation: 'code', response: made },
  signInAtPortal: { response: answered },
  portalSession: { session: 'none' },
  signOutOfPortal: { session: 'none' },
  enterPortal: { code: 'code' },
  issueSignInLink: { municipality: town, person: id },
};
const operations = Object.keys(messages) as GateOperation[];
const open = new Set<GateOperation>([
  'challenge',
  'head',
  'honey',
  'journalKeys',
  'noteBackup',
  'deskPasskeyOptions',
  'portalPasskeyOptions',
]);
/** What refuses an operation that asks for no session. */
const sessionless: Partial<Record<GateOperation, string>> = {
  ...{ signIn: 'sign-in-failed', signInAtDesk: 'sign-in-failed', signInAtPortal: 'sign-in-failed' },
  ...{ enrolDeskPasskey: 'sign-in-failed', enrolPortalPasskey: 'sign-in-failed' },
  ...{ enterDesk: 'sign-in-failed', enterPortal: 'sign-in-failed', issueSignInLink: 'unsupported' },
};

const post = async (operation: GateOperation, body: unknown): Promise<string> => {
  try {
    await office.post(routeOf(operation), body);
    return 'done';
  } catch (error) {
    return isSekishoError(error) ? error.kind : 'not-a-problem';
  }
};
const size = () => stage.gate.journal(town).head().size;
const newest = async () => {
  for await (const line of stage.gate.journal(town).read(size() - 1, size())) return decodeLine(line.payload);
  return undefined;
};
/** Bytes as they are; gives the status. */
const raw = (path: string, body: string | Buffer, headers: Record<string, string> = {}) =>
  new Promise<number>((resolve, reject) => {
    const { key, cert, ca } = tls;
    const asking = request(
      new URL(path, url),
      { method: 'POST', key, cert, ca, headers: { 'content-type': 'application/json', ...headers } },
      (answer) => {
        answer.resume();
        answer.on('end', () => resolve(answer.statusCode!));
      },
    );
    asking.on('error', reject);
    asking.end(body);
  });

describe.each(operations)('%s', (operation) => {
  it('without a session that lives is refused with a line that names the caller', async () => {
    if (open.has(operation)) return expect(await post(operation, fitting[operation])).toBe('done');
    const before = size();
    const due = sessionless[operation] ?? 'session-invalid';
    expect(await post(operation, fitting[operation])).toBe(due);
    expect(size()).toBe(before + 1);
    expect(await newest()).toMatchObject({ body: { caller: 'office', outcome: 'refused', reason: due } });
  });

  it('with a field missing, too many, of another type, or with one of JavaScript’s own names is no message', async () => {
    const before = size();
    const good = fitting[operation];
    const optional = new Set(['session', 'person', 'staff', 'caseId', 'publicKey', 'pin']);
    for (const field of Object.keys(good)) {
      const { [field]: _, ...rest } = good;
      if (!optional.has(field) || (operation === 'signIn' && field === 'pin'))
        expect([field, await post(operation, rest)]).toEqual([field, 'bad-input']);
      for (const wrong of [null, 7.5, [[]], {}, { length: 3 }, 'x'.repeat(10_000)])
        expect([field, await post(operation, { ...good, [field]: wrong })]).toEqual([field, 'bad-input']);
    }
    expect(await post(operation, { ...good, isAdministrator: true })).toBe('bad-input');
    expect(
      await raw(routeOf(operation), `{"__proto__":{"session":"x"},${JSON.stringify(good).slice(1)}`),
    ).toBe(400);
    expect(
      await raw(routeOf(operation), `{"constructor":{"prototype":{"a":1}},${JSON.stringify(good).slice(1)}`),
    ).toBe(400);
    // What does not fit was never asked of the gate: no line, and nothing has happened.
    expect(size()).toBe(before);
  });
});

describe('any bytes', () => {
  it('that are no JSON, too deep, too long or of another type are refused, and the gate lives on', async () => {
    const path = routeOf('open');
    for (const body of [
      '',
      '{',
      'null',
      '[]',
      '"x"',
      '\u0000',
      '['.repeat(50_000),
      Buffer.from([0xff, 0xfe]),
    ])
      expect([body.slice(0, 5), await raw(path, body)]).toEqual([body.slice(0, 5), 400]);
    expect(await raw(path, '<xml/>', { 'content-type': 'application/xml' })).toBe(400);
    expect([413, 400]).toContain(await raw(path, `"${'x'.repeat(65 * 1_048_576)}"`).catch(() => 413));
    expect(await post('challenge', { staff: 'clerk' })).toBe('done');
  });
  it('that are JSON give a known kind of error, never one of the machine', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...operations),
        fc.jsonValue({ maxDepth: 4 }),
        async (operation, body) => {
          const kind = await post(operation, body);
          // Whom a browser trusts is told to every page that asks, and the asking has no fields.
          const fit = operation === 'journalKeys' ? ['done'] : [];
          expect([...Object.keys(errorKinds), ...fit]).toContain(kind);
          expect(kind).not.toBe('internal');
        },
      ),
      { numRuns: 150 },
    );
  });
  it('in the place of one field give a known kind of error, never one of the machine', async () => {
    const withFields = operations.filter((operation) => Object.keys(fitting[operation]).length > 0);
    const mutated = fc.constantFrom(...withFields).chain((operation) =>
      fc.record({
        operation: fc.constant(operation),
        field: fc.constantFrom(...Object.keys(fitting[operation])),
        value: fc.oneof(fc.jsonValue({ maxDepth: 3 }), fc.string(), fc.integer(), fc.uuid({ version: 7 })),
      }),
    );
    await fc.assert(
      fc.asyncProperty(mutated, async ({ operation, field, value }) => {
        const kind = await post(operation, { ...fitting[operation], [field]: value });
        expect([...Object.keys(errorKinds), 'done']).toContain(kind);
        expect(kind).not.toBe('internal');
      }),
      { numRuns: 200 },
    );
  });
});

describe('ops of a write', () => {
  const session = async () => (await stage.desk('clerk', 'move-in')).session;
  it('more than five thousand are no message', async () => {
    const ops = Array.from({ length: 5_001 }, (_, i) => ({ ...op, requestId: `r${i}` }));
    expect(await post('write', { session: await session(), caseId: id, ops })).toBe('bad-input');
    expect(await post('write', { session: await session(), caseId: id, ops: [] })).toBe('bad-input');
  });
  it('beyond the budget of searches are refused as a whole, which costs nothing', async () => {
    const desk = await stage.desk('clerk', 'move-in');
    const { budget } = await stage.gate.search({ ...desk, by: { reading: 'x' } });
    const ops = Array.from({ length: 500 }, (_, i) => ({ ...op, requestId: `b${i}`, person: id }));
    expect(await post('write', { ...desk, ops })).toBe('budget-spent');
    const after = await stage.gate.search({ ...desk, by: { reading: 'x' } });
    expect(after.budget.session).toBe(budget.session - 1);
  });
  it('with JavaScript’s own names for groups, fields and columns are refused, and change no object of ours', async () => {
    const desk = await stage.desk('clerk', 'move-in');
    for (const name of ['constructor', 'toString', 'hasOwnProperty', 'prototype']) {
      for (const change of [
        { fields: { [name]: { name: 'x' } } },
        { fields: { name: { [name]: 'x' } } },
        { clear: { [name]: 'x' } },
      ]) {
        const [result] = await office.post<{ kind: string }[]>(routeOf('write'), {
          ...desk,
          ops: [{ ...op, requestId: `${name}-${JSON.stringify(change)}`, person: id, ...change }],
        });
        expect(result!.kind).toBe('bad-input');
      }
    }
    expect(({} as Record<string, unknown>)['name']).toBeUndefined();
  });
});
