import { extname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { SekishoError } from '../../../ground/errors.ts';
import type { FromToken, TokenAccess, TokenOperation, TokenReply, TokenRequest } from './messages.ts';

interface Waiting {
  resolve(value: Uint8Array | boolean): void;
  reject(error: SekishoError): void;
}

/** The near side of the token's thread: sends operations in batches, gives each its answer. */
export class TokenThread {
  readonly #worker: Worker;
  readonly #waiting = new Map<number, Waiting>();
  #outgoing: TokenRequest[] = [];
  #lastId = 0;
  #closed = false;
  /** Settles when the thread has ended. */
  readonly ended: Promise<void>;

  private constructor(worker: Worker) {
    this.#worker = worker;
    worker.on('message', (replies: FromToken) => {
      for (const reply of replies) this.#settle(reply);
      this.#keepAlive();
    });
    worker.on('error', (error) => this.#fail(error));
    this.ended = new Promise((resolve) => {
      worker.on('exit', () => {
        this.#fail(undefined);
        resolve();
      });
    });
  }

  /** @throws what opening the token throws, see `Token` */
  static async start(access: TokenAccess): Promise<TokenThread> {
    // `.ts` in a checkout, `.js` in the packed package.
    const file = fileURLToPath(new URL(`./worker${extname(import.meta.url)}`, import.meta.url));
    const worker = new Worker(file, { workerData: access });
    const thread = new TokenThread(worker);
    await new Promise<Uint8Array | boolean>((resolve, reject) => {
      thread.#waiting.set(0, { resolve, reject });
    });
    return thread;
  }

  /** @throws keystore-missing {missing: 'token'} when the thread has ended */
  run(operation: TokenOperation): Promise<Uint8Array | boolean> {
    if (this.#closed) return Promise.reject(gone('closed'));
    const id = ++this.#lastId;
    if (this.#outgoing.length === 0) setImmediate(() => this.#send());
    this.#outgoing.push({ ...tight(operation), id });
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      this.#keepAlive();
    });
  }

  /** Lets the operations that were asked for finish, then logs out. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#send();
    this.#worker.postMessage('close');
  }

  #send(): void {
    if (this.#outgoing.length > 0) this.#worker.postMessage(this.#outgoing);
    this.#outgoing = [];
  }

  #settle(reply: TokenReply): void {
    const waiting = this.#waiting.get(reply.id);
    this.#waiting.delete(reply.id);
    if ('error' in reply) waiting?.reject(new SekishoError(reply.error.kind, reply.error.facts));
    else waiting?.resolve(reply.value);
  }

  /** An idle token must not keep a process from ending; a question under way must. */
  #keepAlive(): void {
    if (this.#waiting.size > 0) this.#worker.ref();
    else this.#worker.unref();
  }

  #fail(cause: unknown): void {
    this.#closed = true;
    const waiting = [...this.#waiting.values()];
    this.#waiting.clear();
    for (const { reject } of waiting) reject(gone('thread-ended', cause));
  }
}

/**
 * Bytes in buffers of their own: a message copies the whole memory under a slice, and that of a pool holds what others
 * drew from it.
 */
function tight(operation: TokenOperation): TokenOperation {
  const copy: Record<string, unknown> = { ...operation };
  for (const [name, value] of Object.entries(operation)) {
    if (value instanceof Uint8Array) copy[name] = new Uint8Array(value);
  }
  return copy as TokenOperation;
}

function gone(reason: string, cause?: unknown): SekishoError {
  return new SekishoError(
    'keystore-missing',
    { missing: 'token', reason },
    cause === undefined ? {} : { cause },
  );
}
