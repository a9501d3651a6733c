import { setImmediate as turn } from 'node:timers/promises';
import type pg from 'pg';
import { SekishoError } from '../../ground/errors.ts';
import type { SignedHead } from './checkpoint.ts';
import { signCheckpoint } from './checkpoint.ts';
import type { Elapsed } from './elapsed.ts';
import type { Feed } from './feed.ts';
import { leafHashOfCommitment } from './leaf.ts';
import type { JournalLog } from './log.ts';
import { LINES_A_TURN, type Mirror } from './mirror.ts';
import type { NoteSigner } from './note.ts';
import type { Store } from './store.ts';
import { HashTree } from './tree.ts';
import { type Witness, Witnesses } from './witnesses.ts';

/** Lines taken into the tree at once; between them other work gets its turn. */
const CHUNK = 4_096;

export interface IntegratorOptions {
  origin: string;
  signer: NoteSigner;
  store: Store;
  pool: pg.Pool;
  mirror: Mirror;
  feed: Feed;
  witnesses: readonly Witness[];
  quorum: number;
  elapsed: Elapsed;
  log: JournalLog;
  everyMs: number;
  /** Lines that are durable now. */
  durable(): number;
  /** The log must not go on: forked, behind a witness, or signed by somebody else. */
  onBroken(error: SekishoError): void;
}

/**
 * Behind the commits: durable lines become tiles in the mirror, synced; then a checkpoint is signed and kept by
 * compare-and-swap, then witnessed, then published. Nothing is signed that does not extend what was signed before.
 */
export class Integrator {
  readonly #o: IntegratorOptions;
  readonly witnesses: Witnesses;
  #tree: HashTree;
  #signed: SignedHead | undefined;
  #published: string;
  #publishedSize: number;
  #timer: NodeJS.Timeout | undefined;
  #working: Promise<void> | undefined;
  #publishing: Promise<void> = Promise.resolve();
  /** Witnessed, but could not be written for publishing: tried again in each round. */
  #unpublished: { head: SignedHead; note: string } | undefined;
  #stopped = false;
  /** The checkpoint the database holds: what the next one is swapped against. */
  #stored: string | undefined;
  /** Signed, perhaps stored, but the answer got lost. */
  #attempt: SignedHead | undefined;
  /** Size of the signed head that the mirror keeps; nothing larger is shown to a witness. */
  #kept = 0;
  /** The mirror or the tree may be half written: made anew before the next step. */
  #dirty = false;

  constructor(
    options: IntegratorOptions,
    start: {
      tree: HashTree;
      /** The largest head signed before, whoever remembers it. */
      signed: SignedHead | undefined;
      stored: string | undefined;
      published: string;
      publishedSize: number;
    },
  ) {
    this.#o = options;
    this.#tree = start.tree;
    this.#signed = start.signed;
    this.#stored = start.stored;
    this.#published = start.published;
    this.#publishedSize = start.publishedSize;
    this.witnesses = new Witnesses({
      witnesses: options.witnesses,
      quorum: options.quorum,
      tree: () => this.#tree,
      log: options.log,
      onWitnessed: (head, note) => this.#publish(head, note),
      onBroken: (kind, witness, size) => this.#break(kind, { witness, size }),
    });
    this.witnesses.witnessed = start.publishedSize;
  }

  get tree(): HashTree {
    return this.#tree;
  }

  /** The published checkpoint with its cosignatures; empty before the first. */
  get published(): { note: string; size: number } {
    return { note: this.#published, size: this.#publishedSize };
  }

  start(): void {
    const tick = () => {
      if (this.#stopped) return;
      this.#timer = setTimeout(() => void this.integrate().finally(tick), this.#o.everyMs);
      this.#timer.unref();
    };
    tick();
  }

  /** Ends the timer and waits for what is under way. */
  async stop(): Promise<void> {
    this.#stopped = true;
    clearTimeout(this.#timer);
    this.witnesses.stop();
    await this.#working;
    await this.#publishing;
  }

  /** One round: integrates what is durable, signs, offers to the witnesses. Never rejects; failures are logged and tried again. */
  integrate(): Promise<void> {
    this.#working ??= this.#round()
      .catch((error: unknown) => {
        this.#dirty = true;
        if (error instanceof SekishoError && error.class === 'broken') this.#stop(error);
        this.#o.log.error('journal-integration-failed', error);
      })
      .finally(() => {
        this.#working = undefined;
      });
    return this.#working;
  }

  /** Integrates and witnesses everything durable at the call. Throws `witness-overdue` where a witness does not follow. */
  async flush(): Promise<void> {
    const target = this.#o.durable();
    for (let round = 0; round < 3 && this.#publishedSize < target; round++) {
      await this.integrate();
      await this.witnesses.settled(target);
      // Witnessed is not yet published.
      await this.#publishing;
    }
    if (this.#publishedSize < target)
      throw new SekishoError('witness-overdue', { size: target, witnessed: this.#publishedSize });
  }

  async #round(): Promise<void> {
    this.#o.elapsed.now();
    if (this.#stopped) return;
    if (this.#dirty) await this.#remake();
    const durable = this.#o.durable();
    while (this.#tree.size < durable) {
      const first = this.#tree.size;
      const rows = await this.#o.feed.take(first, durable, CHUNK);
      for (const [place, row] of rows.entries()) {
        this.#tree.append(row.leafHash ?? leafHashOfCommitment(row.commitment));
        if (place % LINES_A_TURN === LINES_A_TURN - 1) await turn();
      }
      await this.#o.mirror.write(first, rows, this.#tree);
    }
    if (this.#tree.size > (this.#signed?.size ?? 0)) await this.#sign();
    this.#o.feed.drop(this.#tree.size);
    if (this.#signed !== undefined && this.#kept < this.#signed.size) {
      await this.#o.mirror.keepSigned(this.#signed.note);
      this.#kept = this.#signed.size;
    }
    if (this.#unpublished !== undefined) await this.#publish(this.#unpublished.head, this.#unpublished.note);
    if (this.#signed !== undefined && this.#signed.size > this.#publishedSize)
      this.witnesses.offer(this.#signed);
  }

  /** tlog-checkpoint: a log must not sign what is inconsistent with a checkpoint it signed before. */
  async #sign(): Promise<void> {
    const { origin, signer, store, pool } = this.#o;
    await this.#settleAttempt();
    const before = this.#signed;
    if (before !== undefined && !(await this.#tree.rootAt(before.size)).equals(before.root))
      throw new SekishoError('log-forked', { reason: 'signed-root-differs', size: before.size });
    const size = this.#tree.size;
    const head = await signCheckpoint({ origin, size, root: await this.#tree.rootAt(size) }, signer);
    this.#attempt = head;
    if (!(await store.swapHead(pool, this.#stored, size, head.note)))
      throw new SekishoError('log-forked', { reason: 'signed-elsewhere', size });
    this.#signed = head;
    this.#stored = head.note;
    this.#attempt = undefined;
  }

  /** Where the answer to a swap got lost, the database knows whether it took place. */
  async #settleAttempt(): Promise<void> {
    if (this.#attempt === undefined) return;
    const stored = await this.#o.store.head(this.#o.pool);
    if (stored === this.#attempt.note) {
      this.#signed = this.#attempt;
      this.#stored = stored;
    }
    this.#attempt = undefined;
  }

  /** After a failure: the tree as it was last signed, from the mirror. */
  async #remake(): Promise<void> {
    const { mirror } = this.#o;
    const size = this.#signed?.size ?? 0;
    const edge = await mirror.edge(size);
    const tree = new HashTree((level, index) => mirror.fullTile(level, index));
    if (edge !== undefined) tree.restore(size, edge);
    if (this.#signed !== undefined && !(await tree.rootAt(size)).equals(this.#signed.root))
      throw new SekishoError('log-forked', { reason: 'mirror-differs', size });
    await mirror.resume(size);
    this.#tree = tree;
    this.#dirty = false;
  }

  #publish(head: SignedHead, note: string): Promise<void> {
    // One after the other: a later checkpoint must not be overwritten by an earlier one.
    this.#publishing = this.#publishing.then(async () => {
      if (head.size < this.#publishedSize) return;
      try {
        await this.#o.mirror.publish(note);
        this.#published = note;
        this.#publishedSize = head.size;
        this.witnesses.witnessed = Math.max(this.witnesses.witnessed, head.size);
        if ((this.#unpublished?.head.size ?? 0) <= head.size) this.#unpublished = undefined;
      } catch (error) {
        this.#o.log.error('checkpoint-not-published', error);
        // A head that nobody can fetch counts as unwitnessed: the journal becomes overdue.
        this.witnesses.witnessed = this.#publishedSize;
        if ((this.#unpublished?.head.size ?? 0) <= head.size) this.#unpublished = { head, note };
      }
    });
    return this.#publishing;
  }

  #break(kind: 'log-forked' | 'log-behind-witness', facts: Record<string, string | number>): void {
    this.#stop(new SekishoError(kind, facts));
  }

  #stop(error: SekishoError): void {
    this.#stopped = true;
    clearTimeout(this.#timer);
    this.#o.log.error('journal-broken', error);
    this.#o.onBroken(error);
  }
}
