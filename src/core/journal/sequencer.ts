import type pg from 'pg';
import { SekishoError } from '../../ground/errors.ts';
import { BatchTree } from './merkle.ts';
import type { NoteSigner } from './note.ts';
import { receiptOf, receiptStatement } from './receipt.ts';
import type { Session } from './session.ts';
import type { Store } from './store.ts';
import { type Appended, type AppendUnit, type PreparedLine, type Preparing, prepare } from './unit.ts';

/** One batch holds at most so many lines; a unit that is larger goes alone. */
const MAX_BATCH_LINES = 2_000;
/** Below this a queue is taken whole; above, half of the callers are taken, so that database and sealing overlap. */
const WHOLE_QUEUE = 64;

export type OnBatch = (tx: pg.PoolClient, units: AppendUnit[]) => Promise<void>;

export interface CommittedBatch {
  first: number;
  lines: PreparedLine[];
}

interface Waiting {
  unit: AppendUnit;
  at: number;
  /** Ready before its turn where no `within` may change the bodies. */
  prepared: PreparedLine[] | undefined;
  resolve(appended: Appended[]): void;
  reject(error: SekishoError): void;
}

/** A unit that took its place in a batch. */
interface Placed {
  waiting: Waiting;
  lines: PreparedLine[];
  /** Place of its first line within the batch. */
  at: number;
}

export interface SequencerOptions {
  store: Store;
  session: Session;
  size: number;
  origin: string;
  signer: NoteSigner;
  ports: Preparing;
  onBatch: OnBatch | undefined;
  /** Told of each durable batch, in order. */
  onCommitted(batch: CommittedBatch): void;
  /** Told of a failed batch; resolves with the durable size when the database is there again. Rejects: halt. */
  recover(error: SekishoError): Promise<number>;
}

interface Finished {
  first: number;
  placed: Placed[];
  tree: BatchTree;
}

/**
 * The one writer of a log. Group commit: while one transaction is under way the next units collect; then they go
 * together. An index exists only once its transaction is durable; a receipt is signed only after that.
 */
export class Sequencer {
  readonly #o: SequencerOptions;
  #queue: Waiting[] = [];
  #size: number;
  #running: Promise<void> | undefined;
  #scheduled = false;
  /** Callers seen in flight lately: those who will be back soon. */
  #callers = 0;
  #down: SekishoError | undefined;
  #closed = false;

  constructor(options: SequencerOptions) {
    this.#o = options;
    this.#size = options.size;
  }

  get size(): number {
    return this.#size;
  }

  append(unit: AppendUnit, at: number): Promise<Appended[]> {
    if (this.#closed) return Promise.reject(new SekishoError('journal-unavailable', { reason: 'closed' }));
    if (this.#down !== undefined) return Promise.reject(unavailable('down', this.#down));
    if (unit.lines.length === 0)
      return Promise.reject(new SekishoError('bad-input', { what: 'journal-unit', reason: 'empty' }));
    let prepared: PreparedLine[] | undefined;
    try {
      if (unit.within === undefined) prepared = prepare(unit.lines, at, this.#o.ports);
    } catch (error) {
      return Promise.reject(error);
    }
    return new Promise((resolve, reject) => {
      this.#queue.push({ unit, at, prepared, resolve, reject });
      if (this.#running !== undefined) return;
      if (this.#queue.length >= Math.max(WHOLE_QUEUE, this.#callers / 2)) this.#start();
      else if (!this.#scheduled) {
        // At the end of this turn of the event loop, so that callers of the same turn share a commit.
        this.#scheduled = true;
        setImmediate(() => {
          this.#scheduled = false;
          this.#start();
        });
      }
    });
  }

  #start(): void {
    if (this.#running !== undefined || this.#queue.length === 0) return;
    this.#running = this.#run().finally(() => {
      this.#running = undefined;
      this.#start();
    });
  }

  /** Resolves when everything queued is durable or refused. */
  async drain(): Promise<void> {
    while (this.#scheduled || this.#running !== undefined || this.#queue.length > 0) {
      await (this.#running ?? new Promise((resolve) => setImmediate(resolve)));
    }
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.drain();
  }

  /** Refuses everything from now on; for a log that must not be written any more. */
  halt(error: SekishoError): void {
    this.#down = error;
    this.#refuseQueue(error);
  }

  #refuseQueue(error: SekishoError): void {
    const queue = this.#queue;
    this.#queue = [];
    for (const waiting of queue) waiting.reject(unavailable('down', error));
  }

  async #run(): Promise<void> {
    let finished: Finished | undefined;
    while (this.#queue.length > 0) {
      const batch = this.#take(finished?.placed.length ?? 0);
      // Sent before the batch before it is answered: the database works while receipts are signed here.
      const writing = this.#write(batch);
      if (finished !== undefined) this.#finish(finished);
      finished = undefined;
      try {
        finished = await writing;
      } catch (error) {
        await this.#fail(batch, error);
      }
    }
    if (finished !== undefined) this.#finish(finished);
  }

  #take(returning: number): Waiting[] {
    const outstanding = this.#queue.length + returning;
    this.#callers = outstanding;
    const most = Math.max(WHOLE_QUEUE, Math.ceil(outstanding / 2));
    let count = 0;
    let lines = 0;
    while (count < this.#queue.length && count < most) {
      lines += this.#queue[count]!.unit.lines.length;
      if (count > 0 && lines > MAX_BATCH_LINES) break;
      count++;
    }
    return this.#queue.splice(0, count);
  }

  /** Brings a batch to durability; undefined where every unit of it refused itself. */
  async #write(batch: Waiting[]): Promise<Finished | undefined> {
    const first = this.#size;
    const client = this.#o.session.client();
    const plain = this.#o.onBatch === undefined && batch.every(({ prepared }) => prepared !== undefined);
    const { placed, lines } = plain ? placeAll(batch) : await this.#within(client, batch, first);
    if (lines.length === 0) {
      await client.query('ROLLBACK');
      return undefined;
    }
    const inserted = this.#o.store.insert(client, first, lines);
    // Both are on their way; a failed INSERT turns COMMIT into ROLLBACK, which its command tag tells.
    const committed = plain ? undefined : client.query('COMMIT');
    const tree = new BatchTree(lines.map(({ leafHash }) => leafHash));
    const [rows, commit] = await Promise.allSettled([inserted, committed]);
    if (rows.status === 'rejected') throw rows.reason;
    if (commit.status === 'rejected') throw commit.reason;
    if (rows.value !== lines.length)
      throw new SekishoError('log-forked', { reason: 'row-missing', index: first - 1 });
    if (commit.value !== undefined && commit.value.command !== 'COMMIT')
      throw new SekishoError('journal-unavailable', { reason: 'commit-refused' });
    this.#size = first + lines.length;
    this.#o.onCommitted({ first, lines });
    return { first, placed, tree };
  }

  /** The transaction with `within` callbacks, each in a savepoint; who fails is answered at once and takes no index. */
  async #within(
    client: pg.PoolClient,
    batch: Waiting[],
    first: number,
  ): Promise<{ placed: Placed[]; lines: PreparedLine[] }> {
    await client.query('BEGIN');
    const placed: Placed[] = [];
    const lines: PreparedLine[] = [];
    for (const waiting of batch) {
      const at = lines.length;
      let prepared = waiting.prepared;
      if (prepared === undefined) {
        const indexes = waiting.unit.lines.map((_, i) => first + at + i);
        try {
          prepared = await this.#withinOne(client, waiting, indexes);
        } catch (error) {
          // Throws where the connection is gone: then the whole batch is.
          await client.query('ROLLBACK TO SAVEPOINT unit');
          waiting.reject(asUnitError(error));
          continue;
        }
      }
      placed.push({ waiting, lines: prepared, at });
      lines.push(...prepared);
    }
    if (lines.length > 0)
      await this.#o.onBatch?.(
        client,
        placed.map(({ waiting }) => waiting.unit),
      );
    return { placed, lines };
  }

  async #withinOne(client: pg.PoolClient, waiting: Waiting, indexes: number[]): Promise<PreparedLine[]> {
    await client.query('SAVEPOINT unit');
    await waiting.unit.within!(client, indexes);
    const prepared = prepare(waiting.unit.lines, waiting.at, this.#o.ports);
    if (prepared.length !== indexes.length)
      throw new SekishoError('bad-input', { what: 'journal-unit', reason: 'lines-changed' });
    // Fails where a statement failed and `within` kept silent about it.
    await client.query('RELEASE SAVEPOINT unit');
    return prepared;
  }

  /** Signs the batch's receipt and answers its callers. */
  #finish({ first, placed, tree }: Finished): void {
    const count = placed.reduce((sum, { lines }) => sum + lines.length, 0);
    const statement = receiptStatement(this.#o.origin, first, count, tree.root);
    const answer = (signature: Buffer) => {
      const text = signature.toString('base64');
      for (const { waiting, lines, at } of placed) {
        waiting.resolve(
          lines.map(({ leafHash }, i) => ({
            index: first + at + i,
            leafHash,
            receipt: receiptOf(statement, text, tree, first, at + i),
          })),
        );
      }
    };
    const refuse = (error: unknown) => {
      for (const { waiting } of placed) waiting.reject(unavailable('signer', error, 'durable'));
    };
    try {
      const signature = this.#o.signer.sign(Buffer.from(statement));
      if (signature instanceof Promise) signature.then(answer, refuse);
      else answer(signature);
    } catch (error) {
      refuse(error);
    }
  }

  /** Nobody knows whether the batch is durable: its callers are told so, and the database is asked before going on. */
  async #fail(batch: Waiting[], error: unknown): Promise<void> {
    const failure = unavailable('batch-failed', error, 'unknown');
    for (const waiting of batch) waiting.reject(failure);
    this.#down = failure;
    this.#refuseQueue(failure);
    try {
      this.#size = await this.#o.recover(failure);
      this.#down = undefined;
    } catch (halted) {
      this.halt(halted instanceof SekishoError ? halted : failure);
    }
  }
}

function placeAll(batch: Waiting[]): { placed: Placed[]; lines: PreparedLine[] } {
  const lines: PreparedLine[] = [];
  const placed = batch.map((waiting) => {
    const at = lines.length;
    for (const line of waiting.prepared!) lines.push(line);
    return { waiting, lines: waiting.prepared!, at };
  });
  return { placed, lines };
}

/** `journal-unavailable`; a full disk keeps its kind. `outcome`: what is known of the lines, `none` if never sent. */
function unavailable(
  reason: string,
  cause: unknown,
  outcome: 'none' | 'unknown' | 'durable' = 'none',
): SekishoError {
  return new SekishoError('journal-unavailable', { reason, outcome }, { cause });
}

function asUnitError(error: unknown): SekishoError {
  return error instanceof SekishoError
    ? error
    : new SekishoError('internal', { what: 'journal-unit' }, { cause: error });
}
