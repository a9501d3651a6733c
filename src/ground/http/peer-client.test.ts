import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createServer as createTcpServer } from 'node:net';
import { connect as tlsConnect } from 'node:tls';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { manualClock, systemClock } from '../clock.ts';
import { SekishoError } from '../errors.ts';
import { silentLog } from '../log.ts';
import { seededRandomness } from '../randomness.ts';
import {
  type Authority,
  callerName,
  createAuthority,
  type HttpShell,
  httpShell,
  issueCertificate,
  PeerClient,
  type PeerOptions,
  type TlsMaterial,
} from './index.ts';

const randomness = seededRandomness('peer');
let authority: Authority;
let stranger: Authority;
let gate: TlsMaterial;
let office: TlsMaterial;
let app: HttpShell;
let url: string;
let requests = 0;
const clients: PeerClient[] = [];

beforeAll(async () => {
  authority = await createAuthority(systemClock, randomness);
  stranger = await createAuthority(systemClock, randomness);
  gate = await issueCertificate(authority, 'gate', ['localhost', '127.0.0.1']);
  office = await issueCertificate(authority, 'office');
  app = httpShell({ name: 'gate', log: silentLog, tls: gate });
  app.get('/who', async (request) => {
    requests++;
    return { caller: callerName(request) };
  });
  app.post('/echo', async (request) => request.body);
  app.post('/refuse', async () => {
    throw new SekishoError('no-authority', { purpose: 'tax', row: 3 });
  });
  app.get('/empty', async (_, reply) => reply.status(204).send());
  app.get('/slow', () => new Promise(() => {}));
  app.post('/long', () => new Promise((done) => setTimeout(done, 1_500, { done: true })));
  url = await app.listen({ port: 0, host: '127.0.0.1' });
});
afterEach(async () => {
  await Promise.all(clients.splice(0).map((client) => client.close().catch(() => {})));
});
afterAll(() => {
  app.server.closeAllConnections();
  return app.close();
});

function client(options: Partial<PeerOptions> & { tls?: TlsMaterial } = {}): PeerClient {
  const made = new PeerClient({ url, tls: office, timeoutMs: 2_000, ...options });
  clients.push(made);
  return made;
}
const refusal = (promise: Promise<unknown>) =>
  promise.then(
    () => expect.unreachable(),
    (error: unknown) => error,
  );

describe('PeerClient and shell, with mutual TLS', () => {
  it('the server knows its caller by the certificate', async () => {
    expect(await client().get('/who')).toEqual({ caller: 'office' });
    const portal = await issueCertificate(authority, 'portal');
    expect(await client({ tls: portal }).get('/who')).toEqual({ caller: 'portal' });
  });

  it('by any name it was certified for', async () => {
    expect(await client({ url: url.replace('127.0.0.1', 'localhost') }).get('/who')).toEqual({
      caller: 'office',
    });
  });

  it('sends and gets JSON, Japanese included, and nothing for 204', async () => {
    const body = { name: '関所太郎', list: [1, null, { deep: true }] };
    expect(await client().post('/echo', body)).toEqual(body);
    expect(await client().get('/empty')).toBeUndefined();
  });

  it('a problem comes back as the error it was', async () => {
    expect(await refusal(client().post('/refuse', {}))).toEqual(
      new SekishoError('no-authority', { purpose: 'tax', row: 3 }),
    );
  });

  it('keeps connections open: a hundred calls over one', async () => {
    let sockets = 0;
    const count = () => sockets++;
    app.server.on('secureConnection', count);
    const one = client({ connections: 1 });
    await Promise.all(Array.from({ length: 100 }, () => one.get('/who')));
    app.server.off('secureConnection', count);
    expect(sockets).toBe(1);
  });

  it('speaks TLS 1.3 and nothing older', async () => {
    const handshake = (maxVersion: 'TLSv1.2' | 'TLSv1.3') =>
      new Promise<string>((done) => {
        const { port } = new URL(url);
        const socket = tlsConnect({
          port: Number(port),
          host: '127.0.0.1',
          ...office,
          maxVersion,
          minVersion: 'TLSv1.2',
        });
        socket.on('secureConnect', () => {
          done(socket.getProtocol()!);
          socket.destroy();
        });
        socket.on('error', () => done('refused'));
      });
    expect(await handshake('TLSv1.2')).toBe('refused');
    expect(await handshake('TLSv1.3')).toBe('TLSv1.3');
  });
});

describe('hostile peers', () => {
  const refusedByServer = async (tls: TlsMaterial) => {
    const before = requests;
    expect(await refusal(client({ tls }).get('/who'))).toMatchObject({ kind: 'unreachable' });
    expect(requests).toBe(before);
  };

  it('a client without a certificate', async () => {
    await refusedByServer({ ca: authority.cert } as TlsMaterial);
  });

  it('a client with a certificate of another authority', async () => {
    const other = await issueCertificate(stranger, 'office');
    await refusedByServer({ ...other, ca: authority.cert });
  });

  it('a client with a certificate it signed itself under the right name', async () => {
    const forged = await createAuthority(systemClock, randomness);
    await refusedByServer({ key: forged.key, cert: forged.cert, ca: authority.cert });
  });

  it('a client whose certificate has expired', async () => {
    const longAgo = { ...authority, clock: manualClock(systemClock.now() - 400 * 86_400_000) };
    await refusedByServer(await issueCertificate(longAgo, 'office'));
  });

  it('a client whose certificate is not valid yet', async () => {
    const later = { ...authority, clock: manualClock(systemClock.now() + 86_400_000) };
    await refusedByServer(await issueCertificate(later, 'office'));
  });

  it('a certificate signed by a process instead of the authority', async () => {
    const asAuthority: Authority = { ...authority, key: office.key, cert: office.cert };
    const made = await issueCertificate(asAuthority, 'gate');
    await refusedByServer({ ...made, cert: made.cert + office.cert, ca: authority.cert });
  });

  it('a server of another authority', async () => {
    expect(await refusal(client({ tls: { ...office, ca: stranger.cert } }).get('/who'))).toMatchObject({
      kind: 'unreachable',
    });
  });

  it('a server that is of the house but another process', async () => {
    expect(await client({ peer: 'gate' }).get('/who')).toEqual({ caller: 'office' });
    expect(await refusal(client({ peer: 'witness' }).get('/who'))).toMatchObject({
      kind: 'unreachable',
      facts: { reason: 'another-peer' },
    });
  });

  it('a server under a name it is not certified for', async () => {
    const elsewhere = await issueCertificate(authority, 'gate', ['gate.example']);
    const other = httpShell({ name: 'gate', log: silentLog, tls: elsewhere });
    const at = await other.listen({ port: 0, host: '127.0.0.1' });
    expect(await refusal(client({ url: at }).get('/who'))).toMatchObject({
      kind: 'unreachable',
      facts: { code: 'ERR_TLS_CERT_ALTNAME_INVALID' },
    });
    await other.close();
  });

  it('a peer that does not answer in time', async () => {
    expect(await refusal(client({ timeoutMs: 200 }).get('/slow'))).toMatchObject({ kind: 'timeout' });
  });

  it('one call may wait longer than the others', async () => {
    const hasty = client({ timeoutMs: 200 });
    expect(await refusal(hasty.post('/long', {}))).toMatchObject({ kind: 'timeout' });
    expect(await hasty.post('/long', {}, {}, 20_000)).toEqual({ done: true });
  });
});

describe('peers without TLS', () => {
  const servers: (Server | ReturnType<typeof createTcpServer>)[] = [];
  afterEach(async () => {
    for (const server of servers.splice(0)) await new Promise((done) => server.close(done));
  });
  async function serve(answer: { status: number; body: string; type?: string }): Promise<PeerClient> {
    const server = createServer((_, response) => {
      response.writeHead(answer.status, {
        'content-type': answer.type ?? 'application/json',
        connection: 'close',
      });
      response.end(answer.body);
    });
    servers.push(server);
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    const made = new PeerClient({ url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/base/` });
    clients.push(made);
    return made;
  }

  it('nobody listens', async () => {
    const nobody = new PeerClient({ url: 'http://127.0.0.1:1' });
    clients.push(nobody);
    expect(await refusal(nobody.get('/'))).toMatchObject({
      kind: 'unreachable',
      facts: { code: 'ECONNREFUSED' },
    });
  });

  it('the connection breaks before the answer', async () => {
    const server = createTcpServer((socket) => socket.destroy());
    servers.push(server);
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    const made = new PeerClient({ url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` });
    clients.push(made);
    expect(await refusal(made.post('/', {}))).toMatchObject({ kind: 'unreachable' });
  });

  it.each([
    ['an error page of a proxy', { status: 502, body: '<html>' }, { reason: 'answer-no-json', status: 502 }],
    ['an answer that is no JSON', { status: 200, body: 'ok' }, { reason: 'answer-no-json', status: 200 }],
    [
      'a problem of somebody else’s',
      { status: 400, body: '{"title":"x"}' },
      { reason: 'no-problem-document', status: 400 },
    ],
    [
      'a kind that we do not know',
      { status: 400, body: '{"kind":"toString"}' },
      { reason: 'no-problem-document', status: 400 },
    ],
    ['an error without any body', { status: 500, body: '' }, { reason: 'no-problem-document', status: 500 }],
    ['a redirection', { status: 302, body: '{}' }, { reason: 'no-problem-document', status: 302 }],
  ])('%s is unreachable', async (_, answer, facts) => {
    expect(await refusal((await serve(answer)).get('/'))).toMatchObject({ kind: 'unreachable', facts });
  });

  it('facts that are no scalars stay behind', async () => {
    const problem = { kind: 'conflict', facts: { a: 1, b: { c: 2 }, d: [3], e: 'x', f: null, g: true } };
    const error = await refusal((await serve({ status: 409, body: JSON.stringify(problem) })).get('/'));
    expect(error).toMatchObject({ kind: 'conflict', facts: { a: 1, e: 'x', f: null, g: true } });
    expect(Object.keys((error as SekishoError).facts)).toHaveLength(4);
  });

  it('an answer without end', async () => {
    const server = createServer((_, response) => response.end('x'.repeat(5000)));
    servers.push(server);
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    const made = new PeerClient({
      url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
      answerLimit: 1000,
    });
    clients.push(made);
    expect(await refusal(made.get('/'))).toMatchObject({ kind: 'too-large', facts: { what: 'answer' } });
  });
});
