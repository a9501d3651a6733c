import { setTimeout as sleepFor } from 'node:timers/promises';
import type { Clock } from '../../ground/clock.ts';
import { japanDate } from '../../ground/clock.ts';
import { asSekishoError, type ErrorKind, SekishoError } from '../../ground/errors.ts';
import { type MunicipalityCode, uuidv7 } from '../../ground/ids.ts';
import type { Randomness } from '../../ground/randomness.ts';
import type { ImportGate, WriteOp, WriteResult } from './gate-port.ts';
import { ImportProgress, type OnProgress } from './import-progress.ts';
import { clearOf, fieldsOf, type PlainResident } from './resident.ts';
import { type CheckedFile, checkFile, type FilePass, readResidentFile } from './resident-file/check.ts';
import type { Encoding } from './resident-file/encoding.ts';
import { RefusalReport } from './resident-file/report.ts';
import { type RowRules, readRow } from './resident-file/row.ts';
import type { ResidentSource } from './resident-file/source.ts';
import type { ImportJob, RegisterStore } from './store.ts';

export interface ImportOptions {
  gate: ImportGate;
  store: RegisterStore;
  session: string;
  /** A case with the purpose `register-keeping` (住基法 art. 5). */
  caseId: string;
  /** Who runs it, for the job row. */
  staff: string;
  municipality: MunicipalityCode;
  source: ResidentSource;
  clock: Clock;
  randomness: Randomness;
  /** An existing folder for keyed hashes while duplicates are looked for. */
  temporaryFolder: string;
  /** Overrides the judgement by content. */
  encoding?: Encoding;
  privateUse?: 'refuse' | 'keep';
  /** Import the good rows of a file with bad ones. Default false: one bad row and nothing is imported. */
  acceptGood?: boolean;
  onProgress?: OnProgress;
  /** Rows per call of the gate, calls under way at once, refusals kept in the report. */
  batchRows?: number;
  batchesAhead?: number;
  refusalsKept?: number;
  /** Waits between two tries of a call that did not get through; tests pass one that does not. */
  sleep?: (ms: number) => Promise<unknown>;
}

export interface ImportResult {
  importId: string;
  state: 'refused' | 'finished';
  encoding: Encoding;
  rowsRead: number;
  rowsRefused: number;
  rowsCreated: number;
  rowsChanged: number;
  rowsUnchanged: number;
  report: RefusalReport;
}

/** Kinds of failure after which the same call may be sent again: its request ids make that harmless. */
const passing: ReadonlySet<ErrorKind> = new Set([
  'timeout',
  'unreachable',
  'database-unavailable',
  'witness-overdue',
]);
const triesMax = 6;

/**
 * Imports a resident file in two passes: the first checks all of it, the second sends it to the gate. Memory does not grow with
 * the file. Killed at any point, it is run again: rows already there are `unchanged`, no number is drawn twice.
 *
 * A row is found again by its resident code, nation-wide, so that a mover keeps his number. The request id names run and line, never content: by content, a row that
 * changes and changes back would be taken for one already done, and an unkeyed digest of a row is a plaintext to whoever can guess the rest of it.
 *
 * @throws bad-input {what: resident-file-header | resident-file}, conflict {what: file-changed}, and what the gate throws
 */
export async function importResidents(options: ImportOptions): Promise<ImportResult> {
  return new Import(options).run();
}

class Import {
  readonly #o: ImportOptions;
  readonly #report: RefusalReport;
  readonly #rules: RowRules;
  readonly #job: ImportJob;
  readonly #progress: ImportProgress;

  constructor(o: ImportOptions) {
    this.#o = o;
    const now = o.clock.now();
    this.#report = new RefusalReport(o.refusalsKept);
    this.#rules = { today: japanDate(now), privateUse: o.privateUse ?? 'refuse' };
    this.#progress = new ImportProgress(o.clock, o.source.size, o.onProgress);
    this.#job = {
      importId: uuidv7(o.clock, o.randomness),
      staffId: o.staff,
      state: 'checking',
      encoding: null,
      fileBytes: o.source.size,
      rowsRead: 0,
      rowsRefused: 0,
      rowsCreated: 0,
      rowsChanged: 0,
      rowsUnchanged: 0,
      failureKind: null,
      startedAtMs: now,
      updatedAtMs: now,
    };
  }

  async run(): Promise<ImportResult> {
    await this.#save('checking');
    try {
      const checked = await this.#check();
      if (checked.refusedRows > 0 && this.#o.acceptGood !== true) {
        await this.#save('refused');
        return this.#result('refused');
      }
      await this.#save('writing');
      await this.#note('begun');
      await this.#write(checked);
      await this.#note('finished');
      await this.#save('finished');
      return this.#result('finished');
    } catch (error) {
      const failure = asSekishoError(error);
      this.#job.failureKind = failure.kind;
      // The job row is a convenience; its failure must not hide the first one.
      await this.#save('failed').catch(() => undefined);
      throw failure;
    }
  }

  async #check(): Promise<CheckedFile> {
    const o = this.#o;
    const checked = await checkFile({
      source: o.source,
      rules: this.#rules,
      report: this.#report,
      temporaryFolder: o.temporaryFolder,
      randomness: o.randomness,
      encoding: o.encoding,
      onProgress: (rows, bytes) => this.#progress.tell('checking', rows, bytes),
    });
    this.#job.encoding = checked.pass.encoding!;
    this.#job.rowsRead = checked.rows;
    this.#job.rowsRefused = checked.refusedRows;
    return checked;
  }

  async #write(checked: CheckedFile): Promise<void> {
    const batchRows = this.#o.batchRows ?? 2_000;
    const sender = new BatchSender(this.#o.batchesAhead ?? 2, (batch) => this.#send(batch));
    const pass: FilePass = { encoding: undefined, bytes: 0, digest: '' };
    let batch: Batch = { ops: [], lines: [] };
    let rows = 0;
    try {
      for await (const { header, records } of readResidentFile(this.#o.source, pass, this.#job.encoding!)) {
        for (const record of records) {
          rows++;
          const read = readRow(record, header, this.#rules);
          if (!read.ok || checked.duplicateLines.has(record.line)) continue;
          batch.ops.push(this.#op(read.resident, record.line));
          batch.lines.push(record.line);
          if (batch.ops.length < batchRows) continue;
          await sender.push(batch);
          batch = { ops: [], lines: [] };
        }
        this.#progress.tell('writing', rows, pass.bytes, checked.rows);
      }
      if (batch.ops.length > 0) await sender.push(batch);
    } finally {
      await sender.drain();
    }
    if (pass.digest !== checked.pass.digest) throw new SekishoError('conflict', { what: 'file-changed' });
  }

  #op(resident: PlainResident, line: number): WriteOp {
    return {
      requestId: `${this.#job.importId}:${line}`,
      table: 'resident',
      kind: 'record.created',
      municipality: this.#o.municipality,
      // A closed record (moved out, deceased) must not fetch back its person, who may live elsewhere by now: it is looked for here only.
      findBy: resident.status === 'resident' ? 'resident_code' : 'address_number',
      fields: fieldsOf(resident),
      clear: clearOf(resident),
      draw: 'number',
    };
  }

  async #send(batch: Batch): Promise<void> {
    const { session, caseId } = this.#o;
    const results = await this.#withRetries(() =>
      this.#o.gate.write({ session, caseId, importId: this.#job.importId, ops: batch.ops }),
    );
    for (const [at, result] of results.entries()) this.#count(result, batch.lines[at]!);
    await this.#save('writing');
  }

  /** A line each for the beginning and the end: an import that was cut short has no end. */
  async #note(state: 'begun' | 'finished'): Promise<void> {
    const { session, caseId, gate } = this.#o;
    const job = this.#job;
    const { importId, rowsRead: rows } = job;
    const outcome = {
      created: job.rowsCreated,
      changed: job.rowsChanged,
      unchanged: job.rowsUnchanged,
      refused: job.rowsRefused,
    };
    const encoding = job.encoding!;
    await this.#withRetries(() =>
      gate.noteImport({
        ...{ session, caseId, importId, state, rows, encoding },
        ...(state === 'finished' ? { outcome } : {}),
      }),
    );
  }

  #count(result: WriteResult, line: number): void {
    if (result.outcome === 'created') this.#job.rowsCreated++;
    else if (result.outcome === 'changed') this.#job.rowsChanged++;
    else if (result.outcome === 'unchanged') this.#job.rowsUnchanged++;
    else {
      this.#job.rowsRefused++;
      this.#report.add({ line, column: null, reason: 'refused-by-gate', kind: result.kind ?? 'internal' });
    }
  }

  async #withRetries<T>(work: () => Promise<T>): Promise<T> {
    for (let tries = 1; ; tries++) {
      try {
        return await work();
      } catch (error) {
        if (tries >= triesMax || !passing.has(asSekishoError(error).kind)) throw error;
        await (this.#o.sleep ?? sleepFor)(100 * 2 ** tries);
      }
    }
  }

  async #save(state: ImportJob['state']): Promise<void> {
    this.#job.state = state;
    this.#job.updatedAtMs = this.#o.clock.now();
    await this.#o.store.saveImport(this.#o.municipality, this.#job);
  }

  #result(state: 'refused' | 'finished'): ImportResult {
    const { importId, encoding, rowsRead, rowsRefused, rowsCreated, rowsChanged, rowsUnchanged } = this.#job;
    return {
      importId,
      state,
      encoding: encoding!,
      rowsRead,
      rowsRefused,
      rowsCreated,
      rowsChanged,
      rowsUnchanged,
      report: this.#report,
    };
  }
}

interface Batch {
  ops: WriteOp[];
  lines: number[];
}

/** Keeps a few batches under way and no more: reading waits for the gate. After a failure nothing further is sent. */
class BatchSender {
  readonly #ahead: number;
  readonly #send: (batch: Batch) => Promise<void>;
  readonly #underWay = new Set<Promise<void>>();
  #failure: { error: unknown } | undefined;

  constructor(ahead: number, send: (batch: Batch) => Promise<void>) {
    this.#ahead = ahead;
    this.#send = send;
  }

  /** Resolves when there is room for the next batch. @throws the first failure of an earlier one */
  async push(batch: Batch): Promise<void> {
    const sent = this.#send(batch)
      .catch((error: unknown) => {
        this.#failure ??= { error };
      })
      .finally(() => this.#underWay.delete(sent));
    this.#underWay.add(sent);
    while (this.#underWay.size >= this.#ahead) await Promise.race(this.#underWay);
    if (this.#failure) throw this.#failure.error;
  }

  /** Waits for all that is under way. @throws the first failure */
  async drain(): Promise<void> {
    await Promise.all(this.#underWay);
    if (this.#failure) throw this.#failure.error;
  }
}
