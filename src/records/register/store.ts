import type pg from 'pg';
import type { MunicipalityCode, PersonId } from '../../ground/ids.ts';
import type { ResidentStatus } from './resident.ts';
import type { Encoding } from './resident-file/encoding.ts';

export type ImportState = 'checking' | 'refused' | 'writing' | 'finished' | 'failed';

/** A run of the importer as the office keeps it. Counts only. */
export interface ImportJob {
  importId: string;
  staffId: string;
  state: ImportState;
  encoding: Encoding | null;
  fileBytes: number;
  rowsRead: number;
  rowsRefused: number;
  rowsCreated: number;
  rowsChanged: number;
  rowsUnchanged: number;
  failureKind: string | null;
  startedAtMs: number;
  updatedAtMs: number;
}

/** What the office may see without the gate: status and counts. It holds no key and may write only its own import jobs. */
export class RegisterStore {
  readonly #pool: pg.Pool;

  /** @param pool of the role `office` */
  constructor(pool: pg.Pool) {
    this.#pool = pool;
  }

  /** The status of one record here, or `none`. */
  async statusOf(municipality: MunicipalityCode, person: PersonId): Promise<ResidentStatus | 'none'> {
    const { rows } = await this.#pool.query<{ status: ResidentStatus }>({
      name: 'register-status',
      text: 'SELECT status FROM register.resident WHERE municipality_code = $1 AND person_id = $2',
      values: [municipality, person],
    });
    return rows[0]?.status ?? 'none';
  }

  /** Everybody who is a resident in the household of this person, himself included: by the keyed index, unopened. */
  async householdOf(municipality: MunicipalityCode, person: PersonId): Promise<PersonId[]> {
    const { rows } = await this.#pool.query<{ person_id: PersonId }>({
      name: 'register-household',
      text: `SELECT other.person_id FROM register.resident AS own
        JOIN register.resident AS other
          ON other.municipality_code = own.municipality_code AND other.household_index = own.household_index
        WHERE own.municipality_code = $1 AND own.person_id = $2 AND other.status = 'resident'
        ORDER BY other.person_id`,
      values: [municipality, person],
    });
    return rows.map((row) => row.person_id);
  }

  /** Records by status. */
  async counts(municipality: MunicipalityCode): Promise<Record<ResidentStatus, number>> {
    const counts: Record<ResidentStatus, number> = { resident: 0, 'moved-out': 0, deceased: 0, removed: 0 };
    const { rows } = await this.#pool.query<{ status: ResidentStatus; count: string }>(
      'SELECT status, count(*) FROM register.resident WHERE municipality_code = $1 GROUP BY status',
      [municipality],
    );
    for (const row of rows) counts[row.status] = Number(row.count);
    return counts;
  }

  /** Writes the job's present state; the first call creates it. */
  async saveImport(municipality: MunicipalityCode, job: ImportJob): Promise<void> {
    await this.#pool.query(
      `INSERT INTO register.import (municipality_code, import_id, staff_id, state, encoding, file_bytes, rows_read,
         rows_refused, rows_created, rows_changed, rows_unchanged, failure_kind, started_at_ms, updated_at_ms)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)
       ON CONFLICT (municipality_code, import_id) DO UPDATE SET state = excluded.state, encoding = excluded.encoding,
         rows_read = excluded.rows_read, rows_refused = excluded.rows_refused, rows_created = excluded.rows_created,
         rows_changed = excluded.rows_changed, rows_unchanged = excluded.rows_unchanged,
         failure_kind = excluded.failure_kind, updated_at_ms = excluded.updated_at_ms`,
      [
        municipality,
        job.importId,
        job.staffId,
        job.state,
        job.encoding,
        job.fileBytes,
        job.rowsRead,
        job.rowsRefused,
        job.rowsCreated,
        job.rowsChanged,
        job.rowsUnchanged,
        job.failureKind,
        job.startedAtMs,
        job.updatedAtMs,
      ],
    );
  }

  /** The latest jobs, newest first. */
  async imports(municipality: MunicipalityCode, limit = 20): Promise<ImportJob[]> {
    const { rows } = await this.#pool.query<Record<string, string | null>>(
      `SELECT * FROM register.import WHERE municipality_code = $1 ORDER BY started_at_ms DESC, import_id DESC LIMIT $2`,
      [municipality, limit],
    );
    return rows.map((row) => ({
      importId: row['import_id']!,
      staffId: row['staff_id']!,
      state: row['state'] as ImportState,
      encoding: row['encoding'] as Encoding | null,
      fileBytes: Number(row['file_bytes']),
      rowsRead: Number(row['rows_read']),
      rowsRefused: Number(row['rows_refused']),
      rowsCreated: Number(row['rows_created']),
      rowsChanged: Number(row['rows_changed']),
      rowsUnchanged: Number(row['rows_unchanged']),
      failureKind: row['failure_kind'] ?? null,
      startedAtMs: Number(row['started_at_ms']),
      updatedAtMs: Number(row['updated_at_ms']),
    }));
  }
}
