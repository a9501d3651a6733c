import type { Readable } from 'node:stream';
import type { Clock } from '../../ground/clock.ts';
import { asSekishoError, type ErrorFacts, type ErrorKind, SekishoError } from '../../ground/errors.ts';
import { uuidv7 } from '../../ground/ids.ts';
import type { Log } from '../../ground/log.ts';
import type { Randomness } from '../../ground/randomness.ts';
import type { RegisterDesk } from './ports.ts';
import { type Spool, spoolUpload } from './spool.ts';

/** A refused row: where and why, never what. */
export interface RefusedRow {
  line: number;
  column: string | null;
  reason: string;
  /** The gate's error kind, where it refused the row. */
  kind: string | null;
  words: { ja: string; en: string };
}

/** How far an import is, as the importer tells it. */
export interface ImportStep {
  phase: 'checking' | 'writing';
  rows: number;
  rowsTotal: number | null;
  bytes: number;
  bytesTotal: number;
}

export interface ImportOutcome {
  state: 'refused' | 'finished';
  encoding: string;
  rowsRead: number;
  rowsRefused: number;
  rowsCreated: number;
  rowsChanged: number;
  rowsUnchanged: number;
  refusedRows: readonly RefusedRow[];
}

/** The register's importer as this room calls it. */
export type RunImport = (i: {
  session: string;
  caseId: string;
  staff: string;
  desk: RegisterDesk;
  source: Pick<Spool, 'size' | 'open'>;
  encoding?: 'utf-8' | 'cp932';
  acceptGood: boolean;
  onProgress: (step: ImportStep) => void;
}) => Promise<ImportOutcome>;

export interface ImportState extends ImportStep {
  importId: string;
  state: 'running' | 'refused' | 'finished' | 'failed';
  rowsRead: number;
  rowsRefused: number;
  rowsCreated: number;
  rowsChanged: number;
  rowsUnchanged: number;
  encoding: string | null;
  startedAt: number;
  finishedAt: number | null;
  /** Error kind, when it failed. */
  kind: ErrorKind | null;
  /** Facts of that error: which columns of the header, for one. */
  facts: ErrorFacts;
}

interface Job {
  staff: string;
  state: ImportState;
  refusedRows: readonly RefusedRow[];
}

const JOBS_KEPT = 50;

/**
 * Imports under way and the last ones finished. Only the member of
 * staff who started one may see it: the report of a file is nobody else's business.
 */
export class Imports {
  readonly #o: { run: RunImport; folder: string; clock: Clock; randomness: Randomness; log: Log };
  readonly #jobs = new Map<string, Job>();
  readonly #running = new Set<Promise<void>>();

  constructor(o: { run: RunImport; folder: string; clock: Clock; randomness: Randomness; log: Log }) {
    this.#o = o;
  }

  /** Takes the upload in and starts the import behind it. */
  async start(i: {
    session: string;
    staff: string;
    desk: RegisterDesk;
    caseId: string;
    encoding?: 'utf-8' | 'cp932' | undefined;
    acceptGood: boolean;
    stream: Readable;
  }): Promise<ImportState> {
    const { folder, randomness, clock } = this.#o;
    const spool = await spoolUpload(i.stream, folder, randomness);
    const state: ImportState = {
      importId: uuidv7(clock, randomness),
      state: 'running',
      phase: 'checking',
      rows: 0,
      rowsTotal: null,
      bytes: 0,
      bytesTotal: spool.size,
      rowsRead: 0,
      rowsRefused: 0,
      rowsCreated: 0,
      rowsChanged: 0,
      rowsUnchanged: 0,
      encoding: null,
      startedAt: clock.now(),
      finishedAt: null,
      kind: null,
      facts: {},
    };
    const job: Job = { staff: i.staff, state, refusedRows: [] };
    this.#keep(job);
    const run = this.#run(job, i, spool).finally(() => this.#running.delete(run));
    this.#running.add(run);
    return { ...state };
  }

  async #run(
    job: Job,
    i: {
      session: string;
      staff: string;
      desk: RegisterDesk;
      caseId: string;
      encoding?: 'utf-8' | 'cp932' | undefined;
      acceptGood: boolean;
    },
    spool: Spool,
  ): Promise<void> {
    const { state } = job;
    try {
      const { refusedRows, ...outcome } = await this.#o.run({
        session: i.session,
        staff: i.staff,
        desk: i.desk,
        caseId: i.caseId,
        ...(i.encoding === undefined ? {} : { encoding: i.encoding }),
        acceptGood: i.acceptGood,
        source: spool,
        onProgress: ({ phase, rows, rowsTotal, bytes }) =>
          Object.assign(state, { phase, rows, rowsTotal, bytes }),
      });
      job.refusedRows = refusedRows;
      Object.assign(state, outcome);
    } catch (caught) {
      const error = asSekishoError(caught);
      // What went wrong inside is for the log.
      const facts = error.kind === 'internal' ? {} : error.facts;
      Object.assign(state, { state: 'failed', kind: error.kind, facts });
      this.#o.log.error('import-failed', error, { importId: state.importId });
    } finally {
      state.finishedAt = this.#o.clock.now();
      await spool.remove().catch((error: unknown) => this.#o.log.error('spool-not-removed', error));
    }
  }

  #keep(job: Job): void {
    this.#jobs.set(job.state.importId, job);
    for (const [importId, { state }] of this.#jobs) {
      if (this.#jobs.size <= JOBS_KEPT) break;
      if (state.state !== 'running') this.#jobs.delete(importId);
    }
  }

  #job(importId: string, staff: string): Job {
    const job = this.#jobs.get(importId);
    if (job === undefined || job.staff !== staff) throw new SekishoError('not-found', { what: 'import' });
    return job;
  }

  /** @throws not-found for another's import too */
  state(importId: string, staff: string): ImportState {
    return { ...this.#job(importId, staff).state };
  }

  refused(
    importId: string,
    staff: string,
    from: number,
    limit: number,
  ): { rows: RefusedRow[]; total: number } {
    const { refusedRows, state } = this.#job(importId, staff);
    return {
      rows: refusedRows.slice(from, from + limit),
      total: Math.max(state.rowsRefused, refusedRows.length),
    };
  }

  /** Waits for what is under way. */
  async close(): Promise<void> {
    await Promise.allSettled(this.#running);
  }
}
