import { randomUUID } from 'node:crypto';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import swagger from '@fastify/swagger';
import fastify, {
  type FastifyBaseLogger,
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
} from 'fastify';
import {
  jsonSchemaTransform,
  serializerCompiler,
  validatorCompiler,
  type ZodTypeProvider,
} from 'fastify-type-provider-zod';
import { SekishoError } from '../errors.ts';
import { isUuid } from '../ids.ts';
import type { Log } from '../log.ts';
import { requestFault } from './faults.ts';
import { type Problem, problemOf, problemType, type Wording } from './problem.ts';

/** PEM texts. With them a server demands a client certificate of the same authority, and a client shows its own. */
export interface TlsMaterial {
  key: string;
  cert: string;
  ca: string;
}

export interface OpenApiInfo {
  title: string;
  version: string;
  description?: string;
}

export interface ShellOptions {
  /** The process's name, for the log. */
  name: string;
  log: Log;
  /** Mutual TLS, version 1.3 only. Without it the shell speaks plain HTTP: for loopback and for a proxy in front. */
  tls?: TlsMaterial;
  /** Words for problems: the doors give them, the processes among themselves need none. */
  words?: Wording;
  /** Serve the description of all routes (OpenAPI 3.1) at /openapi.json. */
  openapi?: OpenApiInfo;
  /** Bytes; default 1 MiB. */
  bodyLimit?: number;
  /** Longest time for a whole request to arrive; default 30,000 ms. */
  requestTimeoutMs?: number;
}

export type HttpShell = FastifyInstance<
  Server,
  IncomingMessage,
  ServerResponse,
  FastifyBaseLogger,
  ZodTypeProvider
>;

/** Answers hold personal data or decide about it: nobody keeps, frames, sniffs or refers to them. */
const securityHeaders = {
  'cache-control': 'no-store',
  'content-security-policy':
    "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
  'cross-origin-resource-policy': 'same-origin',
  'cross-origin-opener-policy': 'same-origin',
  'permissions-policy': 'camera=(), geolocation=(), microphone=()',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
};

/**
 * A Fastify server as all our processes use it: schemas in Zod, every error a problem document (RFC 9457), security headers that a
 * route may override, one id per request (`x-request-id`), no plaintext of a request in the log.
 * `close()` lets the requests under way finish.
 */
export function httpShell(options: ShellOptions): HttpShell {
  const { tls } = options;
  const app = fastify({
    logger: false,
    bodyLimit: options.bodyLimit ?? 1_048_576,
    requestTimeout: options.requestTimeoutMs ?? 30_000,
    keepAliveTimeout: 72_000,
    forceCloseConnections: 'idle',
    genReqId: requestId,
    routerOptions: { maxParamLength: 200 },
    clientErrorHandler: refuseGarbage,
    // An address that cannot be decoded passes by all hooks and the error handler.
    frameworkErrors: (error, request, reply) => {
      const problem = problemOf(requestFault(error), options.words, request.headers['accept-language']);
      sendProblem((reply as unknown as FastifyReply).headers(securityHeaders), problem);
    },
    ...(tls === undefined
      ? {}
      : { https: { ...tls, requestCert: true, rejectUnauthorized: true, minVersion: 'TLSv1.3' as const } }),
  }) as unknown as HttpShell;
  app.setValidatorCompiler(validatorCompiler);
  app.setSerializerCompiler(serializerCompiler);
  app.addHook('onRequest', (request, reply, done) => {
    reply.headers(securityHeaders);
    reply.header('x-request-id', request.id);
    done();
  });
  answerErrors(app, options);
  closeSilent(app);
  if (options.openapi !== undefined) describeRoutes(app, options.openapi);
  return app;
}

/**
 * Browsers, clients and our own processes open connections ahead of need. One that has not asked anything yet is not idle to Node, and
 * would hold a closing server until the other side gives up: so these are ended by hand.
 */
function closeSilent(app: HttpShell): void {
  // By the peer's address: over TLS there are two sockets to one connection, and a request knows the inner one.
  const silent = new Map<string, Socket>();
  const peerOf = ({ remoteAddress, remotePort }: Socket) => `${remoteAddress} ${remotePort}`;
  const note = (socket: Socket) => {
    const peer = peerOf(socket);
    silent.set(peer, socket);
    socket.once('close', () => silent.get(peer) === socket && silent.delete(peer));
  };
  app.server.on('connection', note);
  app.server.on('secureConnection', note);
  app.server.on('request', ({ socket }) => silent.delete(peerOf(socket)));
  app.addHook('preClose', (done) => {
    for (const socket of silent.values()) socket.destroy();
    done();
  });
}

/** A caller that is one of our own processes may hand on its id, so that a disclosure can be followed through the logs. */
function requestId(request: IncomingMessage): string {
  const given = request.headers['x-request-id'];
  return typeof given === 'string' && isUuid(given) ? given : randomUUID();
}

function sendProblem(reply: FastifyReply, problem: Problem): FastifyReply {
  return reply.status(problem.status).type(problemType).serializer(JSON.stringify).send(problem);
}

function answerErrors(app: HttpShell, { log, words, tls }: ShellOptions): void {
  const send = (error: SekishoError, request: FastifyRequest) =>
    problemOf(error, words, request.headers['accept-language']);
  app.setErrorHandler((thrown, request, reply) => {
    const error = requestFault(thrown);
    const problem = send(error, request);
    const fields = {
      requestId: request.id,
      method: request.method,
      route: request.routeOptions.url,
      status: problem.status,
      ...(tls === undefined ? {} : { peer: callerName(request) }),
    };
    if (problem.status >= 500) log.error('request-failed', error, fields);
    else log.info('request-refused', { ...fields, kind: error.kind });
    return sendProblem(reply as unknown as FastifyReply, problem);
  });
  app.setNotFoundHandler((request, reply) => {
    const problem = send(new SekishoError('not-found', { what: 'route' }), request);
    return sendProblem(reply as unknown as FastifyReply, problem);
  });
}

/** What is not even HTTP, or has headers beyond all measure, gets the same kind of answer and no connection. */
function refuseGarbage(error: NodeJS.ErrnoException, socket: Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy();
    return;
  }
  const kind = error.code === 'HPE_HEADER_OVERFLOW' ? 'too-large' : 'bad-input';
  const timedOut = error.code === 'ERR_HTTP_REQUEST_TIMEOUT';
  const problem = problemOf(
    new SekishoError(timedOut ? 'timeout' : kind, { where: 'request', reason: 'http' }),
  );
  const status = timedOut ? 408 : problem.status;
  const body = JSON.stringify({ ...problem, status });
  socket.end(
    `HTTP/1.1 ${status} Refused\r\ncontent-type: ${problemType}\r\ncontent-length: ${Buffer.byteLength(body)}\r\nconnection: close\r\n\r\n${body}`,
  );
}

/** @fastify/swagger is set up at once and not queued as a plugin, or it would miss the routes that follow right after. */
function describeRoutes(app: HttpShell, info: OpenApiInfo): void {
  const setUp = swagger as unknown as (app: unknown, options: object, done: () => void) => void;
  setUp(app, { openapi: { openapi: '3.1.0', info }, transform: jsonSchemaTransform }, () => {});
  app.get('/openapi.json', { schema: { hide: true } as object }, () =>
    (app as unknown as { swagger(): Record<string, unknown> }).swagger(),
  );
}

const callers = new WeakMap<object, string>();

/**
 * Common name of the client's certificate, '' without mutual TLS. Only a certificate that the authority signed
 * gets as far as a request.
 */
export function callerName(request: { raw: { socket: object } }): string {
  const socket = request.raw.socket as TLSSocket;
  if (typeof socket.getPeerCertificate !== 'function' || !socket.authorized) return '';
  // Reading the certificate costs more than many a request: once per connection.
  let name = callers.get(socket);
  if (name === undefined) {
    const common: unknown = socket.getPeerCertificate().subject?.CN;
    name = typeof common === 'string' ? common : '';
    callers.set(socket, name);
  }
  return name;
}
