import { extname } from 'node:path';
import { Worker } from 'node:worker_threads';
import type { Randomness } from '../../ground/randomness.ts';
import { cutBatch, packBatch, sealPacked, type Unsealed } from './seal-batch.ts';

/** Below this, going to another thread and back takes longer than sealing. */
const worthIt = 64;

/**
 * Seals large batches beside the thread that serves: an import is thousands of seals a second, and whoever waits for a
 * single field should not wait for them. The thread starts with the first large batch. If it fails, its batches are sealed here.
 */
export class SealingThread {
  readonly #randomness: Randomness;
  readonly #file: URL;
  readonly #waiting: ((sealed: Buffer | null) => void)[] = [];
  #worker: Worker | null = null;
  #given = false;

  /** @param file what the thread runs, for tests */
  constructor(
    randomness: Randomness,
    // `.ts` in a checkout, `.js` in the packed package.
    file = new URL(`./seal-thread${extname(import.meta.url)}`, import.meta.url),
  ) {
    this.#randomness = randomness;
    this.#file = file;
  }

  /** The seals of each person's parts, in order. */
  async seal(batch: readonly Unsealed[]): Promise<Buffer[][]> {
    if (batch.length === 0) return [];
    const worker = batch.length < worthIt ? null : this.#running();
    const sealed = worker === null ? null : await this.#send(worker, packBatch(batch, this.#randomness));
    // Packed anew, since the memory went with the thread: an IV that may have been used is never used again.
    return cutBatch(batch, sealed ?? sealPacked(packBatch(batch, this.#randomness)));
  }

  /** Ends the thread. What is under way is sealed here; a later batch too. */
  async close(): Promise<void> {
    this.#given = true;
    await this.#worker?.terminate();
    this.#dismiss();
  }

  #running(): Worker | null {
    if (this.#given || this.#worker !== null) return this.#worker;
    // Nothing of the process goes along: neither its environment nor its flags.
    const worker = new Worker(this.#file, { env: {}, execArgv: [] });
    worker.unref();
    worker.on('message', (sealed: Uint8Array<ArrayBuffer>) =>
      this.#waiting.shift()?.(Buffer.from(sealed.buffer, sealed.byteOffset, sealed.byteLength)),
    );
    worker.on('error', () => this.#dismiss());
    worker.on('exit', () => this.#dismiss());
    this.#worker = worker;
    return worker;
  }

  #send(worker: Worker, packed: Buffer): Promise<Buffer | null> {
    const memory = packed.buffer as ArrayBuffer;
    return new Promise((resolve) => {
      this.#waiting.push(resolve);
      worker.ref();
      worker.postMessage(new Uint8Array(memory, packed.byteOffset, packed.byteLength), [memory]);
    }).then((sealed) => {
      if (this.#waiting.length === 0) worker.unref();
      return sealed as Buffer | null;
    });
  }

  #dismiss(): void {
    // A thread that failed once is not trusted again in this process.
    this.#given = true;
    this.#worker = null;
    for (const resolve of this.#waiting.splice(0)) resolve(null);
  }
}
