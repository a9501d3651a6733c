import type pg from 'pg';
import type { MunicipalityCode } from '../../ground/ids.ts';
import { Store } from './store.ts';
import { openRow, type PayloadSealer, type StoredLine } from './unit.ts';

const READ_CHUNK = 1_000;

/** What can be read of a log, the present one or an earlier one. */
export interface LogReader {
  /** 1 for the first log of a municipality; a successor's is one more. */
  readonly number: number;
  head(): { size: number };
  /** Lines [from, to) in order. */
  read(from: number, to: number): AsyncIterable<StoredLine>;
}

/** Lines [from, to) as the database holds them. */
export async function* readRows(
  o: { store: Store; pool: pg.Pool; sealer: PayloadSealer },
  from: number,
  to: number,
): AsyncIterable<StoredLine> {
  for (let first = from; first < to; first += READ_CHUNK) {
    const rows = await o.store.rows(o.pool, first, Math.min(to, first + READ_CHUNK));
    for (const row of rows) yield openRow(row, o.sealer);
  }
}

/** The newest log before `log` of which the database holds lines: what a succession left behind. */
export async function earlierLog(
  o: { municipality: MunicipalityCode; pool: pg.Pool; sealer: PayloadSealer },
  log: number,
): Promise<LogReader | undefined> {
  for (let number = log - 1; number >= 1; number--) {
    const store = new Store(o.municipality, number);
    const size = await store.size(o.pool);
    if (size === 0) continue;
    return {
      number,
      head: () => ({ size }),
      read: (from, to) => readRows({ ...o, store }, from, Math.min(to, size)),
    };
  }
  return undefined;
}
