import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { Clock } from '../../../ground/clock.ts';
import { SekishoError } from '../../../ground/errors.ts';
import { nodePrimitives } from '../folder-source.ts';
import type { JournalLog } from '../log.ts';
import type { NoteSigner } from '../note.ts';
import { FolderState } from './state.ts';
import { type Answer, WitnessCore, type WitnessedLog } from './witness.ts';

/** 63 proof lines, a checkpoint and a few signatures are far below this. */
const MOST_BODY_BYTES = 64 * 1024;
const REQUEST_TIMEOUT_MS = 10_000;

export interface WitnessServerOptions {
  /** The witness's name and Ed25519 key. */
  signer: NoteSigner;
  logs: readonly WitnessedLog[];
  /** Folder of its state: one file per log. */
  folder: string;
  clock: Clock;
  log: JournalLog;
  /** PEM; without it plain HTTP, for loopback. */
  tls?: { key: string; cert: string };
}

/** C2SP tlog-witness over HTTP: `POST /add-checkpoint`, `GET /<origin hash>/checkpoint`. */
export class WitnessServer {
  readonly #core: WitnessCore;
  readonly #server: Server;
  readonly #log: JournalLog;

  constructor(options: WitnessServerOptions) {
    const { signer, logs, folder, clock, log, tls } = options;
    this.#log = log;
    this.#core = new WitnessCore({
      ...{ signer, logs, clock, primitives: nodePrimitives },
      state: new FolderState(folder),
    });
    const serve = (request: IncomingMessage, response: ServerResponse) => void this.#serve(request, response);
    const timeouts = { requestTimeout: REQUEST_TIMEOUT_MS, keepAliveTimeout: 60_000 };
    this.#server =
      tls === undefined ? createServer(timeouts, serve) : createTlsServer({ ...timeouts, ...tls }, serve);
  }

  /** Listens; gives the port. `unreachable` where the address is taken. */
  listen(port: number, host = '127.0.0.1'): Promise<number> {
    return new Promise((resolve, reject) => {
      this.#server.once('error', (cause) =>
        reject(new SekishoError('unreachable', { what: 'listen', port }, { cause })),
      );
      this.#server.listen(port, host, () => resolve((this.#server.address() as AddressInfo).port));
    });
  }

  close(): Promise<void> {
    return new Promise((resolve) => {
      this.#server.close(() => resolve());
      this.#server.closeAllConnections();
    });
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    let answer: Answer;
    try {
      answer = await this.#answer(request);
    } catch (error) {
      this.#log.error('witness-request-failed', error);
      answer = { status: 500, type: 'text/plain; charset=utf-8', body: '' };
    }
    response.writeHead(answer.status, { 'content-type': answer.type, 'cache-control': 'no-store' });
    response.end(answer.body);
  }

  async #answer(request: IncomingMessage): Promise<Answer> {
    const status = (code: number): Answer => ({ status: code, type: 'text/plain; charset=utf-8', body: '' });
    if (request.url === '/add-checkpoint') {
      if (request.method !== 'POST') return status(405);
      const body = await readBody(request);
      return body === undefined ? status(413) : this.#core.addCheckpoint(body);
    }
    const origin = /^\/([0-9a-f]{64})\/checkpoint$/.exec(request.url ?? '')?.[1];
    if (origin === undefined) return status(404);
    return request.method === 'GET' ? this.#core.latest(origin) : status(405);
  }
}

async function readBody(request: IncomingMessage): Promise<string | undefined> {
  const parts: Buffer[] = [];
  let length = 0;
  for await (const part of request) {
    length += (part as Buffer).length;
    if (length > MOST_BODY_BYTES) return undefined;
    parts.push(part as Buffer);
  }
  return Buffer.concat(parts).toString();
}
