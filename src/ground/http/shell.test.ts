import { once } from 'node:events';
import { connect } from 'node:net';
import { Writable } from 'node:stream';
import { connect as connectTls } from 'node:tls';
import { afterEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { systemClock } from '../clock.ts';
import { errorKinds, SekishoError } from '../errors.ts';
import { createLog, silentLog } from '../log.ts';
import { systemRandomness } from '../randomness.ts';
import {
  createAuthority,
  type HttpShell,
  httpShell,
  issueCertificate,
  problemOf,
  statusOf,
} from './index.ts';

const open: HttpShell[] = [];
afterEach(async () => {
  for (const app of open.splice(0)) await app.close();
});

function shell(options: Partial<Parameters<typeof httpShell>[0]> = {}): HttpShell {
  const app = httpShell({ name: 'test', log: silentLog, ...options });
  open.push(app);
  return app;
}

const body = z.strictObject({
  reading: z.string().max(5),
  age: z.number().int(),
  groups: z.array(z.string()).optional(),
});
function withRoutes(app: HttpShell): HttpShell {
  app.post(
    '/people',
    { schema: { body, response: { 200: z.object({ ok: z.boolean() }) } } },
    async (request) => ({
      ok: request.body.age > 0,
      secret: 'not in the schema',
    }),
  );
  app.post('/record', { schema: { body: z.record(z.string(), z.number()) } }, async () => ({}));
  app.get('/fails/:kind', { schema: { params: z.object({ kind: z.string() }) } }, async (request) => {
    if (request.params.kind === 'plain') throw new RangeError('関所太郎 123456789012');
    throw new SekishoError(request.params.kind as never, { reason: 'because', count: 3 });
  });
  app.get('/lies', { schema: { response: { 200: z.object({ n: z.number() }) } } }, async () => ({
    n: 'text' as never,
  }));
  return app;
}
const post = (app: HttpShell, url: string, payload: unknown) =>
  app.inject({
    method: 'POST',
    url,
    headers: { 'content-type': 'application/json' },
    payload: payload as string,
  });

describe('an answer', () => {
  it('is what the schema says, and no more', async () => {
    const answer = await post(withRoutes(shell()), '/people', { reading: 'セキショ', age: 3 });
    expect(answer.statusCode).toBe(200);
    expect(answer.json()).toEqual({ ok: true });
  });

  it('is not kept, framed, sniffed or referred to, error or not', async () => {
    const app = withRoutes(shell());
    for (const answer of [
      await post(app, '/people', { reading: 'x', age: 3 }),
      await app.inject('/nowhere'),
    ]) {
      expect(answer.headers).toMatchObject({
        'cache-control': 'no-store',
        'x-content-type-options': 'nosniff',
        'referrer-policy': 'no-referrer',
        'x-frame-options': 'DENY',
      });
      expect(answer.headers['content-security-policy']).toContain("default-src 'none'");
      expect(answer.headers['x-powered-by']).toBeUndefined();
    }
  });

  it('a route may set its own policy', async () => {
    const app = shell();
    app.get('/page', async (_, reply) =>
      reply.header('content-security-policy', "default-src 'self'").send('x'),
    );
    expect((await app.inject('/page')).headers['content-security-policy']).toBe("default-src 'self'");
  });

  it('bears a request id: the caller’s if it is a uuid, else a fresh one', async () => {
    const app = withRoutes(shell());
    const id = '018f0000-0000-7000-8000-000000000000';
    const ask = (given: string) => app.inject({ url: '/nowhere', headers: { 'x-request-id': given } });
    expect((await ask(id)).headers['x-request-id']).toBe(id);
    const fresh = (await ask('関所太郎\r\nx: y')).headers['x-request-id'];
    expect(fresh).toMatch(/^[0-9a-f-]{36}$/);
    expect((await ask('1')).headers['x-request-id']).not.toBe(fresh);
  });
});

describe('a problem', () => {
  it('is an RFC 9457 document with kind and facts', async () => {
    const answer = await withRoutes(shell()).inject('/fails/budget-spent');
    expect(answer.statusCode).toBe(429);
    expect(answer.headers['content-type']).toBe('application/problem+json');
    expect(answer.json()).toEqual({
      type: 'urn:sekisho:error:budget-spent',
      status: 429,
      kind: 'budget-spent',
      facts: { reason: 'because', count: 3 },
    });
  });

  it('is worded in the reader’s language where the door gives words', async () => {
    const words = (kind: string, facts: object, language: string | undefined) => ({
      title: `${kind} ${language}`,
      detail: JSON.stringify(facts),
    });
    const answer = await withRoutes(shell({ words })).inject({
      url: '/fails/conflict',
      headers: { 'accept-language': 'ja' },
    });
    expect(answer.json()).toMatchObject({ title: 'conflict ja', detail: '{"reason":"because","count":3}' });
  });

  it.each(Object.keys(errorKinds) as (keyof typeof errorKinds)[])('%s has a status of its class', (kind) => {
    const group = Math.floor(statusOf(kind) / 100);
    expect(group).toBe(
      ['unavailable', 'broken', 'internal'].includes(errorKinds[kind]) || kind === 'unsupported' ? 5 : 4,
    );
    expect(problemOf(new SekishoError(kind)).status).toBe(statusOf(kind));
  });

  it('tells nothing of an error from inside, and logs its place', async () => {
    let text = '';
    const destination = new Writable({
      write(chunk, _, done) {
        text += chunk;
        done();
      },
    });
    const app = withRoutes(shell({ log: createLog({ process: 'test', destination }) }));
    const answer = await app.inject('/fails/plain?name=関所太郎');
    expect(answer.statusCode).toBe(500);
    expect(answer.json()).toEqual({
      type: 'urn:sekisho:error:internal',
      status: 500,
      kind: 'internal',
      facts: {},
    });
    const line = JSON.parse(text);
    expect(line).toMatchObject({
      event: 'request-failed',
      status: 500,
      method: 'GET',
      route: '/fails/:kind',
    });
    expect(line.error.cause.stack[0]).toMatch(/^src\/ground\/http\/shell\.test\.ts:\d+/);
    expect(text).not.toMatch(/関所|123456789012/);
  });

  it('a route whose answer breaks its own schema is internal', async () => {
    expect((await withRoutes(shell()).inject('/lies')).json()).toMatchObject({
      status: 500,
      kind: 'internal',
    });
  });
});

describe('hostile requests', () => {
  it.each([
    ['too long', { reading: 'アイウエオカ', age: 3 }, { at: '/reading', reason: 'too-big', faults: 1 }],
    ['wrong type', { reading: 'x', age: '3' }, { at: '/age', reason: 'invalid-type', faults: 1 }],
    ['missing', {}, { at: '/reading', reason: 'invalid-type', faults: 2 }],
    ['unknown key', { reading: 'x', age: 3, 関所: 1 }, { at: '/', reason: 'unrecognized-keys', faults: 1 }],
    [
      'in a list',
      { reading: 'x', age: 3, groups: ['a', 7] },
      { at: '/groups/1', reason: 'invalid-type', faults: 1 },
    ],
    ['null', 'null', { at: '/', reason: 'invalid-type', faults: 1 }],
  ])('a body %s: place and reason, never the value', async (_, payload, facts) => {
    const answer = await post(withRoutes(shell()), '/people', payload);
    expect(answer.statusCode).toBe(400);
    expect(answer.json()).toMatchObject({ kind: 'bad-input', facts: { where: 'body', ...facts } });
    expect(answer.body).not.toMatch(/関所|アイウエオ/);
  });

  it('keys that the caller made up are not repeated', async () => {
    const answer = await post(withRoutes(shell()), '/record', { '関所 太郎 123456789012': 'x' });
    expect(answer.json()).toMatchObject({ facts: { at: '/*', reason: 'invalid-type' } });
  });

  it.each([
    ['garbage', '{"reading": "関所', 'json'],
    ['nothing', '', 'json'],
    ['a poisoned prototype', '{"__proto__": {"age": 1}, "reading": "x", "age": 1}', 'json'],
  ])('%s instead of JSON', async (_, payload, reason) => {
    const answer = await post(withRoutes(shell()), '/people', payload);
    expect(answer.statusCode).toBe(400);
    expect(answer.json()).toMatchObject({ kind: 'bad-input', facts: { where: 'body', reason } });
    expect(answer.body).not.toContain('関所');
  });

  it('another media type', async () => {
    const answer = await withRoutes(shell()).inject({
      method: 'POST',
      url: '/people',
      headers: { 'content-type': 'application/xml' },
      payload: '<a/>',
    });
    expect(answer.json()).toMatchObject({ kind: 'bad-input', facts: { reason: 'media-type' } });
  });

  it('a body over the limit', async () => {
    const app = withRoutes(shell({ bodyLimit: 100 }));
    const answer = await post(app, '/people', JSON.stringify({ reading: 'x'.repeat(200), age: 1 }));
    expect(answer.statusCode).toBe(413);
    expect(answer.json()).toMatchObject({ kind: 'too-large', facts: { what: 'body' } });
  });

  it('a path that is none', async () => {
    const answer = await withRoutes(shell()).inject('/nowhere/関所?x=%');
    expect(answer.statusCode).toBe(404);
    expect(answer.json()).toMatchObject({ kind: 'not-found', facts: { what: 'route' } });
    expect((await withRoutes(shell()).inject('/people')).statusCode).toBe(404);
  });

  it('a path with broken percent encoding', async () => {
    const answer = await withRoutes(shell()).inject('/fails/%E3%81');
    expect(answer.statusCode).toBe(400);
    expect(answer.headers).toMatchObject({
      'content-type': 'application/problem+json',
      'cache-control': 'no-store',
    });
    expect(answer.json()).toMatchObject({ kind: 'bad-input', facts: { where: 'request' } });
    expect(answer.body).not.toContain('%E3');
  });

  /** Sends raw bytes and gives back all that came until the server closed. */
  async function raw(app: HttpShell, bytes: string): Promise<string> {
    await app.listen({ port: 0, host: '127.0.0.1' });
    const { port } = app.server.address() as { port: number };
    return new Promise((done, fail) => {
      const socket = connect(port, '127.0.0.1', () => socket.write(bytes));
      let text = '';
      socket.on('data', (chunk) => {
        text += chunk;
      });
      socket.on('close', () => done(text)).on('error', fail);
    });
  }

  it('bytes that are not HTTP', async () => {
    const text = await raw(withRoutes(shell()), '\x16\x03\x01 関所\r\n\r\n');
    expect(text).toMatch(/^HTTP\/1\.1 400 /);
    expect(text).toContain('"kind":"bad-input"');
    expect(text).not.toContain('関所');
  });

  it('headers without end', async () => {
    const text = await raw(
      withRoutes(shell()),
      `GET / HTTP/1.1\r\nhost: x\r\na: ${'b'.repeat(40_000)}\r\n\r\n`,
    );
    expect(text).toMatch(/^HTTP\/1\.1 413 /);
    expect(text).toContain('"kind":"too-large"');
  });
});

describe('close', () => {
  it('lets the request under way finish', async () => {
    const app = shell();
    let release = () => {};
    const started = new Promise<void>((began) => {
      app.get('/slow', async () => {
        began();
        await new Promise<void>((go) => {
          release = go;
        });
        return { finished: true };
      });
    });
    const url = await app.listen({ port: 0, host: '127.0.0.1' });
    const answer = fetch(`${url}/slow`);
    await started;
    const closed = app.close();
    release();
    expect(await (await answer).json()).toEqual({ finished: true });
    await closed;
    await expect(fetch(`${url}/slow`)).rejects.toThrow();
  });
});

describe('/openapi.json', () => {
  const info = { title: 'Sekisho', version: '1.0.0' };

  it('describes, as OpenAPI 3.1, the routes declared right after', async () => {
    const document = (await withRoutes(shell({ openapi: info })).inject('/openapi.json')).json();
    expect(document).toMatchObject({ openapi: '3.1.0', info });
    expect(Object.keys(document.paths).sort()).toEqual(['/fails/{kind}', '/lies', '/people', '/record']);
    expect(document.paths['/people'].post.requestBody.content['application/json'].schema).toMatchObject({
      type: 'object',
      required: ['reading', 'age'],
      properties: { reading: { type: 'string', maxLength: 5 }, age: { type: 'integer' } },
      additionalProperties: false,
    });
  });

  it('is not there unless asked for', async () => {
    expect((await shell().inject('/openapi.json')).statusCode).toBe(404);
  });
});

describe('a server that closes', () => {
  const authority = () => createAuthority(systemClock, systemRandomness());
  const closes = async (app: HttpShell): Promise<number> => {
    const from = performance.now();
    await app.close();
    return performance.now() - from;
  };

  it('does not wait for a connection that never asked anything', async () => {
    const app = shell();
    const { port } = new URL(await app.listen({ host: '127.0.0.1', port: 0 }));
    const socket = connect(Number(port), '127.0.0.1');
    await once(socket, 'connect');
    const gone = once(socket, 'close');
    expect(await closes(app)).toBeLessThan(2_000);
    await gone;
  });

  it('over TLS neither for one that never shook hands nor for one that then kept silent', async () => {
    const made = await authority();
    const tls = await issueCertificate(made, 'gate', ['127.0.0.1']);
    const app = shell({ tls });
    const port = Number(new URL(await app.listen({ host: '127.0.0.1', port: 0 })).port);
    const own = await issueCertificate(made, 'office', ['127.0.0.1']);
    const bare = connect(port, '127.0.0.1');
    const shaken = connectTls({ host: '127.0.0.1', port, ...own });
    await Promise.all([once(bare, 'connect'), once(shaken, 'secureConnect')]);
    // Read on, or the end of what the server sends is never seen.
    bare.resume();
    shaken.resume();
    const gone = Promise.all([once(bare, 'close'), once(shaken, 'close')]);
    expect(await closes(app)).toBeLessThan(2_000);
    await gone;
  });

  it('lets a request under way finish', async () => {
    const app = shell();
    let answer: () => void = () => {};
    const begun = new Promise<void>((asked) => {
      app.get('/slow', () => {
        asked();
        return new Promise((resolve) => {
          answer = () => resolve({ slow: true });
        });
      });
    });
    const url = await app.listen({ host: '127.0.0.1', port: 0 });
    const asking = fetch(`${url}/slow`).then((response) => response.json());
    await begun;
    const closing = app.close();
    answer();
    expect(await asking).toEqual({ slow: true });
    await closing;
  });
});
