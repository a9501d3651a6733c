import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type pg from 'pg';
import type { Clock } from '../../ground/clock.ts';
import { mapDatabaseError } from '../../ground/database/index.ts';
import { SekishoError } from '../../ground/errors.ts';
import type { MunicipalityCode, PersonId } from '../../ground/ids.ts';
import type { Randomness } from '../../ground/randomness.ts';
import { earlierLog, type LogReader, readRows } from './earlier-log.ts';
import { Elapsed } from './elapsed.ts';
import { Feed } from './feed.ts';
import { FolderFiles, type MirrorFiles } from './files.ts';
import { Integrator } from './integrator.ts';
import type { NewLine } from './line.ts';
import type { JournalLog } from './log.ts';
import { HASH_BYTES } from './merkle.ts';
import { Mirror } from './mirror.ts';
import { logVerifierKey, type NoteSigner, witnessVerifierKey } from './note.ts';
import type { ManyProofs, Proof } from './proof-file.ts';
import {
  assertNotBehind,
  type Heads,
  largestHead,
  type RecoveryOptions,
  readHeads,
  rebuildTree,
  restoreRows,
} from './recovery.ts';
import { type OnBatch, Sequencer } from './sequencer.ts';
import { Session } from './session.ts';
import { newestLog, Store } from './store.ts';
import { originOf, signerOf, signSuccession } from './succession.ts';
import { type Appended, type AppendUnit, openRow, type PayloadSealer, type StoredLine } from './unit.ts';
import type { Witness } from './witnesses.ts';

const INTEGRATE_EVERY_MS = 250;
const OVERDUE_MS = 5_000;

export interface JournalOptions {
  municipality: MunicipalityCode;
  /** Origin of the first log; a successor's is `<origin>/2` and so on. */
  origin: string;
  /** The gate's role. One connection is held for as long as the journal is open. */
  pool: pg.Pool;
  signer: NoteSigner;
  sealer: PayloadSealer;
  /** Keyed index of a person in this municipality's journal, 16 bytes. */
  personToken: (person: PersonId) => Buffer;
  /** Empty: every line becomes overdue, for nobody outside has seen it. */
  witnesses: readonly Witness[];
  /** Witnesses that must cosign before a checkpoint counts as witnessed; default 1. */
  quorum?: number;
  /** Folder of the static files. A successor's lie in `<mirror>/2` and so on. */
  mirror: string;
  clock: Clock;
  randomness: Randomness;
  log: JournalLog;
  integrateEveryMs?: number;
  overdueMs?: number;
  /** Runs in each batch's transaction, after the units' own work; what it throws fails the batch. */
  onBatch?: OnBatch;
  /** How files are written; for tests. */
  files?: (folder: string) => MirrorFiles;
}

/** Keys that a checker holds a log against (C2SP signed-note verifier keys). */
export interface LogKeys {
  origin: string;
  logKey: string;
  witnessKeys: string[];
  quorum: number;
}

export interface JournalHead {
  /** Durable lines. */
  size: number;
  /** Lines under the published, cosigned checkpoint. */
  witnessedSize: number;
  /** Age of the oldest durable line that no witness has seen, ms; 0: there is none. */
  overdueMs: number;
  /** That is longer than this journal lets one wait: nothing is released. */
  overdue: boolean;
  /** The published checkpoint with its cosignatures; empty before the first. */
  checkpoint: string;
}

/** What opening, resuming and succeeding have in common: the lock held, the log's place found. */
interface Ground {
  o: JournalOptions;
  session: Session;
  log: number;
  origin: string;
  signer: NoteSigner;
  store: Store;
  mirror: Mirror;
  recovery: RecoveryOptions;
}

function placeOf(o: JournalOptions, session: Session, log: number): Ground {
  const signer = signerOf(o.signer, o.origin, log);
  const origin = originOf(o.origin, log);
  const store = new Store(o.municipality, log);
  const folder = log === 1 ? o.mirror : join(o.mirror, String(log));
  const mirror = new Mirror((o.files ?? ((path) => new FolderFiles(path)))(folder));
  const { pool, witnesses } = o;
  const recovery = { origin, signer, store, pool, mirror, witnesses, quorum: o.quorum ?? 1 };
  return { o, session, log, origin, signer, store, mirror, recovery };
}

/** Takes the lock and finds the newest log, of which the database or the mirror may be the only one that knows. */
async function beginAt(o: JournalOptions): Promise<Ground> {
  const session = await Session.open(o.pool, o.municipality);
  try {
    let log = await newestLog(o.pool, o.municipality);
    while ((await placeOf(o, session, log + 1).mirror.signed()) !== undefined) log++;
    return placeOf(o, session, log);
  } catch (error) {
    await session.close();
    throw mapDatabaseError(error);
  }
}

/**
 * The journal of one municipality: appends durable lines, hands out receipts, brings heads to witnesses, proves.
 * The only writer of its log.
 */
export class Journal {
  readonly #g: Ground;
  readonly #elapsed: Elapsed;
  readonly #feed: Feed;
  readonly #sequencer: Sequencer;
  readonly #integrator: Integrator;
  #broken: SekishoError | undefined;
  #edges: { size: number; hashes: Map<number, Buffer> } = { size: 0, hashes: new Map() };

  /** Use `open`, `resumeFromMirror` or `succeed`. */
  constructor(g: Ground, start: { durable: number; heads: Heads; tree: Integrator['tree'] }) {
    const { o, store } = g;
    this.#g = g;
    this.#elapsed = new Elapsed(o.clock);
    this.#feed = new Feed(store, o.pool);
    const signed = largestHead(start.heads);
    this.#integrator = new Integrator(
      {
        ...{ origin: g.origin, signer: g.signer, store, pool: o.pool, mirror: g.mirror, feed: this.#feed },
        ...{ witnesses: o.witnesses, quorum: o.quorum ?? 1, elapsed: this.#elapsed, log: o.log },
        everyMs: o.integrateEveryMs ?? INTEGRATE_EVERY_MS,
        durable: () => this.#sequencer.size,
        onBroken: (error) => this.#break(error),
      },
      {
        ...{ tree: start.tree, signed, stored: start.heads.stored?.note },
        published: start.heads.published?.note ?? '',
        publishedSize: start.heads.published?.size ?? 0,
      },
    );
    for (const { witness, head } of start.heads.witnessed)
      this.#integrator.witnesses.setKnown(witness, head?.size ?? 0);
    const { sealer, personToken, randomness } = o;
    this.#sequencer = new Sequencer({
      ...{ store, session: g.session, size: start.durable, origin: g.origin, signer: g.signer },
      ports: { sealer, personToken, randomness },
      onBatch: o.onBatch,
      onCommitted: ({ first, lines }) => this.#feed.add(first, lines, this.#elapsed.now()),
      recover: (error) => this.#recover(error),
    });
    this.#feed.found(start.durable, this.#elapsed.now());
    this.#integrator.start();
  }

  /**
   * Opens the log where it stands, or begins it. Signs nothing before database, mirror and witnesses agree.
   * Errors: `journal-unavailable` (reason second-sequencer), `log-behind-witness`, `log-forked`, `unreachable` (too few
   * witnesses answer), `database-unavailable`.
   */
  static async open(o: JournalOptions): Promise<Journal> {
    const g = await beginAt(o);
    const journal = await Journal.#enter(g);
    if (journal.head().size === 0 && g.log === 1)
      await journal.#first({ kind: 'log.started', body: { origin: g.origin } });
    return journal;
  }

  /** A line that belongs to the opening itself: where it fails, the journal is not open. */
  async #first(line: NewLine): Promise<void> {
    try {
      await this.append({ lines: [line] });
    } catch (error) {
      await this.close();
      throw error;
    }
  }

  static async #enter(g: Ground): Promise<Journal> {
    try {
      const heads = await readHeads(g.recovery);
      const durable = await g.store.size(g.o.pool);
      assertNotBehind(heads, durable);
      const tree = await rebuildTree(g.recovery, heads);
      return new Journal(g, { durable, heads, tree });
    } catch (error) {
      await g.session.close();
      throw mapDatabaseError(error);
    }
  }

  /**
   * After the database was put back to an earlier state: writes the lines it lost back from the mirror, opens, and
   * says so in a line. `log-behind-witness` where the mirror lacks them too: then only `succeed` is left.
   */
  static async resumeFromMirror(o: JournalOptions): Promise<{ journal: Journal; from: number; to: number }> {
    const g = await beginAt(o);
    let range: { from: number; to: number };
    try {
      range = await restoreRows(g.recovery, await readHeads(g.recovery), g.session.client());
    } catch (error) {
      await g.session.close();
      throw mapDatabaseError(error);
    }
    const journal = await Journal.#enter(g);
    if (range.to > range.from)
      await journal.#first({ kind: 'log.resumed', body: { origin: g.origin, ...range } });
    return { journal, ...range };
  }

  /**
   * Where the tip of the log is lost: begins the next log, whose first line and a signed note (`succession`) name the
   * old origin with the last size and root anybody remembers. The old log's files stay as they are.
   */
  static async succeed(o: JournalOptions): Promise<{ journal: Journal; succession: string }> {
    const old = await beginAt(o);
    const g = placeOf(o, old.session, old.log + 1);
    let head: ReturnType<typeof largestHead>;
    let succession: string;
    try {
      head = largestHead(await readHeads(old.recovery));
      succession = await signSuccession({ origin: old.origin, head }, g.origin, g.signer);
      await g.mirror.keepSuccession(succession);
    } catch (error) {
      await old.session.close();
      throw mapDatabaseError(error);
    }
    const journal = await Journal.#enter(g);
    const body = {
      origin: g.origin,
      oldOrigin: old.origin,
      oldSize: head?.size ?? 0,
      oldRoot: head?.root.toString('base64') ?? '-',
    };
    await journal.#first({ kind: 'log.succeeded', body });
    await journal.#integrator.integrate();
    return { journal, succession };
  }

  /** The origin of this log: the configured one, or its successor's. */
  get origin(): string {
    return this.#g.origin;
  }

  /** 1 for the first log, one more for each that succeeded a lost one. */
  get number(): number {
    return this.#g.log;
  }

  /** The newest log before this one of which the database still holds lines. */
  earlier(): Promise<LogReader | undefined> {
    return earlierLog(this.#g.o, this.#g.log);
  }

  /**
   * Appends a unit; resolves after COMMIT with a receipt per line. Errors: the unit's own; `bad-input`, `too-large`;
   * `journal-unavailable` with `outcome`: none (never sent), unknown (ask before trying again), durable (not signed).
   */
  append(unit: AppendUnit): Promise<Appended[]> {
    if (this.#broken !== undefined) return Promise.reject(this.#broken);
    return this.#sequencer.append(unit, Math.max(0, this.#g.o.clock.now()));
  }

  head(): JournalHead {
    const oldest = this.#feed.oldest(this.#integrator.witnesses.witnessed);
    const { note, size } = this.#integrator.published;
    const overdueMs = oldest === undefined ? 0 : this.#elapsed.now() - oldest;
    return {
      size: this.#sequencer.size,
      witnessedSize: size,
      overdueMs,
      overdue: overdueMs > (this.#g.o.overdueMs ?? OVERDUE_MS),
      checkpoint: note,
    };
  }

  /** Throws `witness-overdue` when a durable line has waited too long for a witness; nothing may be released then. */
  assertFresh(): void {
    if (this.#broken !== undefined) throw this.#broken;
    const { overdue, overdueMs, size, witnessedSize } = this.head();
    if (overdue) throw new SekishoError('witness-overdue', { overdueMs, size, witnessed: witnessedSize });
  }

  /** The lines of one person in this log, newest first. `before`: index, exclusive. */
  async linesOf(person: PersonId, o: { limit?: number; before?: number } = {}): Promise<StoredLine[]> {
    const { pool, sealer, personToken } = this.#g.o;
    const before = o.before ?? Number.MAX_SAFE_INTEGER;
    const rows = await this.#g.store.rowsOf(pool, personToken(person), before, o.limit ?? 50);
    return rows.map((row) => openRow(row, sealer));
  }

  /** The indexes [from, to) that hold all lines of a stretch of time, ms since 1970, `to` excluded. */
  rangeOf(from: number, to: number): Promise<{ from: number; to: number }> {
    return this.#g.store.rangeOf(this.#g.o.pool, from, to);
  }

  /** Whom somebody trusts who checks this log. */
  keys(): LogKeys {
    const { origin, signer, o } = this.#g;
    const witnessKeys = o.witnesses.flatMap(({ name, publicKey }) =>
      publicKey === undefined ? [] : [witnessVerifierKey({ name, publicKey })],
    );
    return { origin, logKey: logVerifierKey(signer), witnessKeys, quorum: o.quorum ?? 1 };
  }

  /** Lines [from, to) in order. */
  async *read(from: number, to: number): AsyncIterable<StoredLine> {
    const { store, o } = this.#g;
    yield* readRows({ store, pool: o.pool, sealer: o.sealer }, from, Math.min(to, this.#sequencer.size));
  }

  /**
   * Inclusion proofs in the latest witnessed checkpoint. Lines that are durable but not yet under it are witnessed
   * first (`witness-overdue` where that fails). `not-found` for an index that is no line.
   */
  async prove(indexes: readonly number[]): Promise<Proof[]> {
    const { size, checkpoint, nodes, leaves, paths } = await this.proveTogether(indexes);
    const text = (place: number) => nodes.toString('base64', place * HASH_BYTES, (place + 1) * HASH_BYTES);
    return indexes.map((index, i) => ({
      ...{ index, size, leafHash: text(leaves[i]!), path: paths[i]!.map(text), checkpoint },
    }));
  }

  /** The same as one proof of many lines: the checkpoint once, and each hash once. Errors as `prove`. */
  async proveTogether(indexes: readonly number[]): Promise<ManyProofs> {
    const last = Math.max(-1, ...indexes);
    if (last >= this.#sequencer.size) throw new SekishoError('not-found', { what: 'line', index: last });
    if (last >= this.#integrator.published.size) await this.flush();
    const { note, size } = this.#integrator.published;
    if (this.#edges.size !== size) this.#edges = { size, hashes: new Map() };
    const found = await this.#integrator.tree.inclusions(indexes, size, this.#edges.hashes);
    return { size, checkpoint: note, ...found };
  }

  /** Integrates and witnesses everything durable now. `witness-overdue` where no quorum cosigns. */
  async flush(): Promise<void> {
    if (this.#broken !== undefined) throw this.#broken;
    await this.#integrator.flush();
  }

  /** Erases what lines say, in the database and in the mirror; they still prove. Gives the count of rows erased. */
  async erasePayloads(indexes: readonly number[]): Promise<number> {
    // What the mirror does not hold yet would be written to it after the erasure.
    while (this.#integrator.tree.size < this.#sequencer.size && this.#broken === undefined)
      await this.#integrator.integrate();
    const erased = await this.#g.store.erasePayloads(this.#g.o.pool, indexes);
    await this.#g.mirror.erasePayloads(indexes);
    return erased;
  }

  /** Takes no more lines, brings the last ones to the witnesses if they answer, and lets go of the log. */
  async close(): Promise<void> {
    this.#g.session.closing();
    await this.#sequencer.close();
    if (this.#broken === undefined && this.#integrator.published.size < this.#sequencer.size)
      await this.#integrator
        .flush()
        .catch((error: unknown) => this.#g.o.log.warn('journal-closed-unwitnessed', { error }));
    await this.#integrator.stop();
    await this.#g.session.close();
  }

  /** After a failed batch: a new connection, then the durable size as the database has it. */
  async #recover(error: SekishoError): Promise<number> {
    const { o } = this.#g;
    o.log.error('journal-batch-failed', error.cause ?? error);
    const durable = await this.#durableAfresh();
    const before = this.#sequencer.size;
    if (durable < before) {
      const forked = new SekishoError('log-forked', { reason: 'row-missing', index: durable });
      this.#break(forked);
      throw forked;
    }
    if (durable > before) this.#feed.found(durable, this.#elapsed.now());
    return durable;
  }

  /** The durable size over a new connection; one that is lost again meanwhile is no reason to stay down for good. */
  async #durableAfresh(): Promise<number> {
    const { session, store, o } = this.#g;
    for (;;) {
      await session.reconnect();
      try {
        return await store.size(session.client());
      } catch (error) {
        o.log.warn('journal-connection-lost-again', { error });
        await sleep(50, undefined, { ref: false });
      }
    }
  }

  #break(error: SekishoError): void {
    this.#broken ??= error;
    this.#sequencer.halt(error);
  }
}
