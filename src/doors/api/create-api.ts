import { readFileSync } from 'node:fs';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { SekishoError } from '../../ground/errors.ts';
import { httpShell } from '../../ground/http/index.ts';
import { languageOfHeader } from '../words/index.ts';
import { BrowserDoor, type BrowserPlace } from './browser-door.ts';
import { openLogFile } from './log-files.ts';
import { createMetrics, type Metrics } from './metrics.ts';
import type { MirrorJournals } from './mirror-journals.ts';
import { type Office, openOffice } from './office.ts';
import { openApiDocument } from './openapi.ts';
import { screens, servePages } from './pages.ts';
import type { ApiPorts } from './ports.ts';
import type { Route } from './route.ts';
import { keepMember } from './routes/passkeys.ts';
import { apiRoutes } from './routes.ts';
import { wording } from './wording.ts';

/** Version of the API: the package's. */
export function apiVersion(): string {
  const file = new URL('../../../package.json', import.meta.url);
  return (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version;
}

const BODY_LIMIT = 256 * 1024;
/** A resident file may come over a slow line. */
const REQUEST_TIMEOUT_MS = 15 * 60_000;

/**
 * The office's HTTP API, ready to listen. Thin: it checks shapes, asks the ports and words errors; who may what is the
 * gate's affair alone.
 */
export function createApi(ports: ApiPorts): FastifyInstance {
  const office = openOffice(ports);
  const app = httpShell({
    name: 'office',
    log: ports.log,
    words: wording,
    bodyLimit: BODY_LIMIT,
    requestTimeoutMs: REQUEST_TIMEOUT_MS,
  }) as unknown as FastifyInstance;
  const metrics = createMetrics(() => office.sessions.count());
  const routes = apiRoutes(office);
  // A file is handed on as the stream it is; only its own route reads it.
  app.addContentTypeParser('text/csv', (_request, payload, done) => done(null, payload));
  const door = ports.site && new BrowserDoor(ports.site.origin);
  door?.guard(app);
  const sessionOf: SessionOf = (request) =>
    request.headers.authorization === undefined && door?.isSite(request) === true
      ? door.session(request)
      : bearerOf(request);
  for (const route of routes)
    mount(app, route, metrics, sessionOf, (request, reply) => door?.place(request, reply));
  serveDocument(app, routes);
  serveMetrics(app, metrics);
  serveLogs(app, office.journals);
  if (door !== undefined && ports.site !== undefined) {
    serveDeskEntrance(door, app, office);
    servePages(app, door, ports.site, screens.desk);
  }
  app.addHook('onClose', () => office.imports.close());
  return app;
}

/** The bearer's token (RFC 6750 §2.1). @throws session-invalid where there is none */
function bearerOf(request: FastifyRequest): string {
  const token = /^Bearer ([A-Za-z0-9._~+/-]{8,512}=*)$/i.exec(request.headers.authorization ?? '')?.[1];
  if (token === undefined) throw new SekishoError('session-invalid', { reason: 'missing' });
  return token;
}

/** Aborted when the caller hangs up before he has his answer. */
function signalOf(reply: FastifyReply): AbortSignal {
  const controller = new AbortController();
  // The answer's own end: a connection that is kept open serves many, and would gather their listeners.
  reply.raw.once('close', () => {
    if (!reply.raw.writableEnded) controller.abort();
  });
  return controller.signal;
}

/** Where a request's session comes from. @throws session-invalid where it brings none */
export type SessionOf = (request: FastifyRequest) => string | Promise<string>;
type BrowserOf = (request: FastifyRequest, reply: FastifyReply) => BrowserPlace | undefined;

/** Puts one operation of a table on the shell. */
export function mount(
  app: FastifyInstance,
  route: Route,
  metrics: Pick<Metrics, 'observe'>,
  sessionOf: SessionOf = bearerOf,
  browserOf: BrowserOf = () => undefined,
): void {
  const isPost = route.method === 'POST';
  app.route({
    method: route.method,
    url: route.path.replace(/\{(\w+)\}/g, ':$1'),
    schema: {
      params: route.params,
      querystring: route.query,
      ...(isPost && route.upload === undefined ? { body: route.body } : {}),
      response: { [route.status]: route.answer },
    },
    onResponse: (_request, reply, done) => {
      metrics.observe(route.operationId, reply.statusCode, reply.elapsedTime / 1000);
      done();
    },
    // Before the body is read: who is not signed in sends no file.
    onRequest: async (request) => {
      if (route.signedIn) await sessionOf(request);
    },
    preValidation: (request, _reply, done) => {
      const type = (request.headers['content-type'] ?? '').split(';', 1)[0]!.trim().toLowerCase();
      const wrong = route.upload !== undefined ? type !== route.upload : isPost && type === 'text/csv';
      done(wrong ? new SekishoError('unsupported', { what: 'content-type' }) : undefined);
    },
    handler: async (request, reply) => {
      const answer = await route.handle({
        params: request.params,
        query: request.query,
        body: request.body,
        session: route.signedIn ? await sessionOf(request) : '',
        language: languageOfHeader(request.headers['accept-language']),
        browser: browserOf(request, reply),
        stream: route.upload === undefined ? request.raw : (request.body as typeof request.raw),
        signal: signalOf(reply),
      });
      // Answers may hold opened fields: nothing on the way keeps them.
      reply.header('cache-control', 'no-store').code(route.status);
      return answer;
    },
  });
}

/** An address that makes a browser a terminal, and in the demonstration signs somebody in. */
function serveDeskEntrance(door: BrowserDoor, app: FastifyInstance, office: Office): void {
  door.serveEntrance(app, async (code, browser) => {
    const { terminalSecret, signedIn } = await office.gate.enterDesk({ code });
    browser.keepTerminal(terminalSecret);
    if (signedIn !== undefined) await keepMember(office, browser, signedIn);
  });
}

function serveDocument(app: FastifyInstance, routes: readonly Route[]): void {
  const text = JSON.stringify(openApiDocument(routes, apiVersion()));
  app.get('/openapi.json', async (_request, reply) => {
    reply.type('application/json; charset=utf-8');
    return text;
  });
}

function serveMetrics(app: FastifyInstance, metrics: Metrics): void {
  app.get('/metrics', async (_request, reply) => {
    reply.type(metrics.contentType);
    return metrics.text();
  });
}

/** The static files of each log, for anybody: `/journal/131016/checkpoint`, `/journal/131016/tile/0/x001/234`. */
function serveLogs(app: FastifyInstance, journals: MirrorJournals): void {
  app.get('/journal/:municipality/*', async (request, reply) => {
    const { municipality, '*': path } = request.params as { municipality: string; '*': string };
    const folder = /^\d{6}$/.test(municipality) ? journals.folder(municipality) : undefined;
    const file = folder === undefined ? undefined : await openLogFile(folder, path);
    if (file === undefined) throw new SekishoError('not-found', { what: 'journal-file' });
    reply
      .type(file.contentType)
      .header('content-length', file.size)
      .header('cache-control', file.cacheControl)
      .header('access-control-allow-origin', '*');
    return reply.send(file.stream);
  });
}
