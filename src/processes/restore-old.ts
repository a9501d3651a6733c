import type pg from 'pg';
import { Journal } from '../core/journal/index.ts';
import type { Erasure } from '../core/seal/index.ts';
import type { EmbeddedServer } from '../ground/database/index.ts';
import { asSekishoError } from '../ground/errors.ts';
import type { PersonId } from '../ground/ids.ts';
import { residentTable } from '../records/register/index.ts';
import { readBetween } from './restore-between.ts';
import { type TakenIndex, takenIndexes } from './restore-rights.ts';
import { journalOptions, type RestoreTools, rolePool } from './restore-tools.ts';

/** What the old cluster could still tell before it is put aside. */
export interface OldState {
  /** Journals whose last lines are in the mirror and witnessed. */
  settled: string[];
  /** Those that would not open, with the kind of error: the restore goes by the mirror alone. */
  unsettled: { municipality: string; kind: string }[];
  taken: TakenIndex[];
  /** Everybody whose keys it knew to be erased. */
  erased: Erasure[];
}

/** A line is stamped before it commits; lines stamped this long before the moment may have committed after it. */
const marginMs = 60_000;

/**
 * Opens each journal on the old cluster once more: lines that were durable but not yet in the mirror get there, and to
 * the witness, so that nothing anybody holds a receipt for is lost. Then reads which numbers were drawn since.
 * Nothing here can end a restore: a cluster that is beyond this is why people restore.
 */
export async function settleOld(tools: RestoreTools, server: EmbeddedServer, to: number): Promise<OldState> {
  const state: OldState = { settled: [], unsettled: [], taken: [], erased: [] };
  const pool = rolePool(tools, server.connection(), 'gate');
  const keyPool = rolePool(tools, server.connection(), 'keys');
  try {
    state.erased = await erasures(keyPool).catch(() => []);
    for (const municipality of tools.settings.municipalities) {
      try {
        const journal = await Journal.open(await journalOptions(tools, pool, municipality));
        try {
          await journal.flush();
          const { size } = journal.head();
          const first = await firstLineAfter(pool, municipality.code, to - marginMs);
          const { records } = await readBetween(journal, first ?? size, size, residentTable.name);
          state.taken.push(
            ...(await takenIndexes(
              pool,
              records.map(({ person }) => person),
            )),
          );
        } finally {
          await journal.close();
        }
        state.settled.push(municipality.code);
      } catch (error) {
        state.unsettled.push({ municipality: municipality.code, kind: asSekishoError(error).kind });
      }
    }
  } finally {
    await Promise.allSettled([pool.end(), keyPool.end()]);
  }
  return state;
}

async function erasures(pool: pg.Pool): Promise<Erasure[]> {
  const { rows } = await pool.query<{ person_id: PersonId; line_index: string | null }>(
    'SELECT person_id, line_index FROM keys.erasure',
  );
  return rows.map((row) => ({
    person: row.person_id,
    lineIndex: row.line_index === null ? null : Number(row.line_index),
  }));
}

async function firstLineAfter(pool: pg.Pool, municipality: string, ms: number): Promise<number | undefined> {
  const { rows } = await pool.query<{ first: string | null }>(
    `SELECT min(line_index) AS first FROM journal.line WHERE municipality_code = $1 AND at_ms >= $2
       AND log_number = (SELECT max(log_number) FROM journal.line WHERE municipality_code = $1)`,
    [municipality, ms],
  );
  const first = rows[0]?.first;
  return first === null || first === undefined ? undefined : Number(first);
}
