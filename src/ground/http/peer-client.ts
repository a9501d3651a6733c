import { checkServerIdentity, type PeerCertificate } from 'node:tls';
import { Pool } from 'undici';
import { SekishoError } from '../errors.ts';
import { errorOfProblem } from './problem.ts';
import type { TlsMaterial } from './shell.ts';

export interface PeerOptions {
  /** `https://127.0.0.1:8612`, or `http://…` without `tls`. */
  url: string;
  tls?: TlsMaterial;
  /** The common name the server's certificate must bear: any process of the house has a valid certificate. */
  peer?: string;
  /** For connecting, and for the answer each; default 10,000. */
  timeoutMs?: number;
  /** Kept open at most; default 16. */
  connections?: number;
  /** Bytes of an answer at most; default 64 MiB. */
  answerLimit?: number;
}

/**
 * Calls another process of the house over kept-open connections. A problem document comes back as the
 * SekishoError it was there; a late peer is `timeout`, one that cannot be reached or trusted `unreachable`.
 * Nothing is sent twice: whether a write went through is the caller's question to ask.
 */
export class PeerClient {
  readonly #pool: Pool;
  readonly #basePath: string;

  constructor(options: PeerOptions) {
    const { tls, peer, timeoutMs = 10_000 } = options;
    const url = new URL(options.url);
    this.#basePath = url.pathname.replace(/\/$/, '');
    this.#pool = new Pool(url.origin, {
      connections: options.connections ?? 16,
      connectTimeout: timeoutMs,
      headersTimeout: timeoutMs,
      bodyTimeout: timeoutMs,
      maxResponseSize: options.answerLimit ?? 64 * 1_048_576,
      ...(tls === undefined
        ? {}
        : {
            connect: {
              ...tls,
              minVersion: 'TLSv1.3' as const,
              timeout: timeoutMs,
              checkServerIdentity: identity(peer),
            },
          }),
    });
  }

  get<T>(path: string, headers: Readonly<Record<string, string>> = {}): Promise<T> {
    return this.#call<T>('GET', path, undefined, headers);
  }

  /** @param timeoutMs for an answer that takes longer than the others */
  post<T>(
    path: string,
    body: unknown,
    headers: Readonly<Record<string, string>> = {},
    timeoutMs?: number,
  ): Promise<T> {
    const sent = { 'content-type': 'application/json', ...headers };
    return this.#call<T>('POST', path, JSON.stringify(body), sent, timeoutMs);
  }

  close(): Promise<void> {
    return this.#pool.close();
  }

  async #call<T>(
    method: 'GET' | 'POST',
    path: string,
    body: string | undefined,
    headers: Readonly<Record<string, string>>,
    timeoutMs?: number,
  ): Promise<T> {
    let status: number;
    let text: string;
    try {
      const answer = await this.#pool.request({
        method,
        path: this.#basePath + path,
        headers,
        ...(body === undefined ? {} : { body }),
        ...(timeoutMs === undefined ? {} : { headersTimeout: timeoutMs, bodyTimeout: timeoutMs }),
      });
      status = answer.statusCode;
      text = await answer.body.text();
    } catch (error) {
      throw connectionFault(error);
    }
    const value = parse(text, status);
    if (status >= 200 && status < 300) return value as T;
    throw errorOfProblem(value) ?? new SekishoError('unreachable', { reason: 'no-problem-document', status });
  }
}

function parse(text: string, status: number): unknown {
  if (text === '') return undefined;
  try {
    return JSON.parse(text);
  } catch {
    throw new SekishoError('unreachable', { reason: 'answer-no-json', status });
  }
}

function identity(peer: string | undefined) {
  return (host: string, certificate: PeerCertificate): Error | undefined => {
    const fault = checkServerIdentity(host, certificate);
    if (fault !== undefined || peer === undefined || certificate.subject.CN === peer) return fault;
    return new SekishoError('unreachable', { reason: 'another-peer' });
  };
}

const timeoutCodes = new Set([
  'UND_ERR_CONNECT_TIMEOUT',
  'UND_ERR_HEADERS_TIMEOUT',
  'UND_ERR_BODY_TIMEOUT',
  'ETIMEDOUT',
]);

function connectionFault(error: unknown): SekishoError {
  if (error instanceof SekishoError) return error;
  const code = (error as { code?: unknown }).code;
  const known = typeof code === 'string' ? code : '';
  if (timeoutCodes.has(known))
    return new SekishoError('timeout', { what: 'peer', code: known }, { cause: error });
  if (known === 'UND_ERR_RES_EXCEEDED_MAX_SIZE')
    return new SekishoError('too-large', { what: 'answer' }, { cause: error });
  return new SekishoError('unreachable', { code: known }, { cause: error });
}
