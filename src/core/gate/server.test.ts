import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type FreshDatabase, freshDatabase } from '../../../test/database.ts';
import { createAuthority, issueCertificate, PeerClient, type TlsMaterial } from '../../ground/http/index.ts';
import { silentLog } from '../../ground/log.ts';
import { decodeLine } from '../journal/index.ts';
import { GateClient, gateServer, readCallers } from './index.ts';
import { messages, routeOf } from './messages.ts';
import { listen } from './server.ts';
import { signNonce } from './sessions.ts';
import { pin, type Stage, staged, stagedKey, stageRooms, town } from './staging/stage.fixture.ts';

let database: FreshDatabase;
let stage: Stage;
let url: string;
let app: ReturnType<typeof gateServer>;
const certificates: Record<string, TlsMaterial> = {};
const clients: { close(): Promise<void> }[] = [];
beforeAll(async () => {
  database = await freshDatabase(stageRooms);
  stage = await staged(database);
  // Certificates are of today: TLS knows no other clock than the machine's.
  const authority = await createAuthority({ now: () => Date.now() }, stage.randomness);
  for (const name of ['gate', 'office', 'portal', 'cli-admin', 'watch', 'mail']) {
    certificates[name] = await issueCertificate(authority, name, ['127.0.0.1', 'localhost']);
  }
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

describe('over mutual TLS', () => {
  it('the whole path runs as in process, and the line names the caller', async () => {
    const office = as('office');
    const [created] = await stage.populate([stage.op(1)]);
    const person = created!.person!;
    const { nonce } = await office.challenge({ staff: 'clerk' });
    const signature = signNonce(stagedKey('clerk').privateKey, nonce);
    const { session } = await office.signIn({ staff: 'clerk', terminal: 't-01', nonce, signature, pin });
    const { caseId, basis } = await office.openCase({ session, purpose: 'residence-certificate', note: '' });
    expect(basis).toBe('jukiho-12');
    const { hits } = await office.search({ session, caseId, by: { reading: 'よみ1' } });
    expect(hits[0]!.person).toBe(person);
    const { fields } = await office.open({ session, caseId, person, groups: ['name'] });
    expect(fields).toEqual({ name: { name: '氏名1', reading: 'よみ1' } });
    expect(await newest()).toMatchObject({ kind: 'field.opened', body: { caller: 'office' } });
    await office.signOut({ session });
    await expect(office.open({ session, caseId, person, groups: ['name'] })).rejects.toMatchObject({
      kind: 'session-invalid',
    });
  });

  it('an operation that is not the caller’s is refused before anything is read, with a line', async () => {
    await expect(
      as('portal').search({ session: 'x', caseId: 'y', by: { number: 'z' } }),
    ).rejects.toMatchObject({
      kind: 'caller-unknown',
      facts: { operation: 'search' },
    });
    expect(await newest()).toMatchObject({
      kind: 'request.refused',
      body: { caller: 'portal', operation: 'search' },
    });
  });

  it('a process that has no business here is refused everything', async () => {
    const mail = as('mail');
    await expect(mail.challenge({ staff: 'clerk' })).rejects.toMatchObject({ kind: 'caller-unknown' });
    await expect(mail.head({ municipality: town })).rejects.toMatchObject({ kind: 'caller-unknown' });
    expect(await newest()).toMatchObject({ kind: 'request.refused', body: { caller: 'mail' } });
  });

  it('watch may ask which residents are honey, the office may not', async () => {
    const persons = ['01890000-0000-7000-8000-000000000001' as never];
    expect(await as('watch').honey({ municipality: town, persons })).toEqual({ persons: [] });
    await expect(as('office').honey({ municipality: town, persons })).rejects.toMatchObject({
      kind: 'caller-unknown',
    });
  });

  it('a message that does not fit its schema is refused', async () => {
    const peer = new PeerClient({ url, tls: certificates['office']! });
    clients.push(peer);
    await expect(peer.post('/gate/v1/challenge', { staff: 'clerk', more: 1 })).rejects.toMatchObject({
      kind: 'bad-input',
    });
    await expect(peer.post('/gate/v1/open', { session: 'x' })).rejects.toMatchObject({ kind: 'bad-input' });
    await expect(peer.post('/gate/v1/everything', {})).rejects.toMatchObject({ kind: 'not-found' });
  });

  it('a certificate of another authority does not get in', async () => {
    const strange = await createAuthority({ now: () => Date.now() }, stage.randomness);
    const tls = await issueCertificate(strange, 'office', ['127.0.0.1']);
    const client = new GateClient({ url, tls: { ...tls, ca: certificates['gate']!.ca } });
    clients.push(client);
    await expect(client.challenge({ staff: 'clerk' })).rejects.toMatchObject({ kind: 'unreachable' });
  });
});

describe('the table of callers', () => {
  it('names every operation and no other', () => {
    expect(Object.keys(readCallers()).sort()).toEqual(Object.keys(messages).sort());
  });
  it('lets the portal neither search nor write, nor enrol, and only the administrator’s line mark honey', () => {
    const callers = readCallers();
    for (const operation of [
      'search',
      'write',
      'erase',
      'suspend',
      'verifyRecords',
      'noteImport',
      'enrolStaff',
      'confirmEnrolment',
      'enrolTerminal',
    ] as const) {
      expect(callers[operation]).not.toContain('portal');
    }
    expect(callers.markHoney).toEqual(['cli-admin']);
  });
  it('has one route for each operation', () => {
    expect(routeOf('openCase')).toBe('/gate/v1/open-case');
    const routes = Object.keys(messages).map((name) => routeOf(name as never));
    expect(new Set(routes).size).toBe(routes.length);
  });
});
