import type pg from 'pg';
import { cutOffAgain } from '../core/gate/index.ts';
import type { Erasure, KeyStore, PersonKeys } from '../core/seal/index.ts';
import { inTransaction } from '../ground/database/index.ts';
import type { MunicipalityCode, PersonId } from '../ground/ids.ts';
import type { Log } from '../ground/log.ts';
import type { Between } from './restore-between.ts';

/** A nation-wide index as the cluster before the restore held it. */
export interface TakenIndex {
  which: 'number' | 'resident_code';
  index: Buffer;
  person: PersonId;
  municipality: string;
}

const national = {
  number: { table: 'national.number_index', column: 'number_index' },
  resident_code: { table: 'national.resident_code_index', column: 'resident_code_index' },
} as const;
const nationalIndexes = ['number', 'resident_code'] as const;

export interface TakenAway {
  /** Persons whose keys the restore had brought back. */
  erasedAgain: number;
  suspended: number;
  grantsRevoked: number;
  sessionsEnded: number;
  /** Numbers drawn in between that stay taken. */
  numbersKept: number;
}

/**
 * A restore must give nothing back that had been taken away since: erased persons are erased again, before anything
 * else; who was cut off stays cut off; sessions end, grants are revoked, and a number once drawn is never free again
 * (番号法 施行令 8条). What was given in between is not given anew: that is for people to decide.
 */
export async function takeAwayAgain(
  tools: { pool: pg.Pool; store: KeyStore; log: Log },
  keys: PersonKeys,
  municipality: MunicipalityCode,
  between: Between,
  old: { taken: readonly TakenIndex[]; erased: readonly Erasure[] } = { taken: [], erased: [] },
): Promise<TakenAway> {
  const { taken } = old;
  // The journal's word comes first: its line is what the erasure is held against later.
  const erasedAgain = (await keys.replayErasures(between.erased)) + (await keys.replayErasures(old.erased));
  const cut = await cutOffAgain(tools, municipality, {
    staff: between.staffSuspended,
    terminals: between.terminalsSuspended,
    enrolled: between.staffEnrolled,
    locks: between.locks,
    stopped: between.passkeysStopped,
    bound: between.terminalsBound,
  });
  const numbersKept = await inTransaction(tools.pool, async (tx) => {
    const run = async (text: string, values: unknown[]) => (await tx.query(text, values)).rowCount ?? 0;
    const erased = [...between.erased, ...old.erased].map(({ person }) => person);
    // Who was erased has no way in any more.
    await run('DELETE FROM gate.passkey WHERE person_id = ANY($1::uuid[])', [erased]);
    for (const which of nationalIndexes)
      await run(`UPDATE ${national[which].table} SET state = 'retired' WHERE person_id = ANY($1::uuid[])`, [
        erased,
      ]);
    return keepTaken(
      run,
      // Codes are not drawn here: who was entered in between is entered again under his own, unless he was erased.
      taken.filter(
        (each) =>
          each.municipality === municipality && (each.which === 'number' || erased.includes(each.person)),
      ),
    );
  });
  return { erasedAgain, ...cut, numbersKept };
}

async function keepTaken(
  run: (text: string, values: unknown[]) => Promise<number>,
  taken: readonly TakenIndex[],
): Promise<number> {
  let kept = 0;
  for (const which of nationalIndexes) {
    const { table, column } = national[which];
    const rows = taken.filter((each) => each.which === which);
    kept += await run(
      `INSERT INTO ${table} (${column}, person_id, municipality_code, state)
       SELECT index, person_id, municipality_code, 'retired'
       FROM unnest($1::bytea[], $2::uuid[], $3::text[]) AS taken (index, person_id, municipality_code)
       ON CONFLICT (${column}) DO NOTHING`,
      [rows.map((row) => row.index), rows.map((row) => row.person), rows.map((row) => row.municipality)],
    );
  }
  return kept;
}

/** The nation-wide indexes of these persons in the cluster that is about to be replaced. */
export async function takenIndexes(pool: pg.Pool, persons: readonly PersonId[]): Promise<TakenIndex[]> {
  const found: TakenIndex[] = [];
  for (const which of nationalIndexes) {
    const { table, column } = national[which];
    const { rows } = await pool.query<{ index: Buffer; person_id: PersonId; municipality_code: string }>(
      `SELECT ${column} AS index, person_id, municipality_code FROM ${table} WHERE person_id = ANY($1::uuid[])`,
      [persons],
    );
    for (const row of rows)
      found.push({ which, index: row.index, person: row.person_id, municipality: row.municipality_code });
  }
  return found;
}
