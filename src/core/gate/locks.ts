import type pg from 'pg';
import { type Clock, japanDate } from '../../ground/clock.ts';
import { SekishoError } from '../../ground/errors.ts';
import type { MunicipalityCode, PersonId } from '../../ground/ids.ts';
import type { MacValue, RowMacs } from './row-mac.ts';
import type { Statute } from './statute-table.ts';

/** A lock lasts a year at most: who still wants it says so again. A day more, for it ends with its day in Japan. */
export const longestLockMs = 366 * 86_400_000;

interface StoredLock {
  municipality: MunicipalityCode;
  person: PersonId;
  /** ms since 1970; 0: lifted. */
  until: number;
  setAt: number;
}

const macValues = ({ municipality, person, until, setAt }: StoredLock): MacValue[] => [
  ...[municipality, person, until],
  setAt,
];

/** Who has stopped look-ups that no law demands, in memory: a lock counts from the very next request, wherever he is registered. */
export class Locks {
  readonly #pool: pg.Pool;
  readonly #macs: RowMacs;
  readonly #clock: Clock;
  /** Person → municipality where he set it → until. */
  readonly #until = new Map<PersonId, Map<MunicipalityCode, number>>();

  /** @param o.clock the machine's own: turned back it makes a lock last longer, and never end early */
  constructor(o: { pool: pg.Pool; macs: RowMacs; clock: Clock }) {
    this.#pool = o.pool;
    this.#macs = o.macs;
    this.#clock = o.clock;
  }

  async load(): Promise<void> {
    const { rows } = await this.#pool.query<{
      municipality_code: MunicipalityCode;
      person_id: PersonId;
      until_ms: string;
      set_at_ms: string;
      row_mac: Buffer;
    }>('SELECT * FROM gate.look_up_lock WHERE until_ms > 0');
    const stored = rows.map((row) => ({
      municipality: row.municipality_code,
      person: row.person_id,
      until: Number(row.until_ms),
      setAt: Number(row.set_at_ms),
      row_mac: row.row_mac,
    }));
    for (const lock of await this.#macs.own('gate.look_up_lock', stored, macValues)) this.know(lock);
  }

  /** The end of a resident's lock, ms since 1970; undefined where there is none. */
  until(person: PersonId): number | undefined {
    const latest = Math.max(0, ...(this.#until.get(person)?.values() ?? []));
    return latest > this.#clock.now() ? latest : undefined;
  }

  /** @throws locked where the resident has stopped what this row allows and no law demands */
  check(person: PersonId, statute: Statute): void {
    if (!statute.stopped_by_lock) return;
    const until = this.until(person);
    if (until !== undefined) throw new SekishoError('locked', { until: japanDate(until) });
  }

  /** Stores a lock within its line's transaction; call `know` after it. */
  async store(tx: pg.PoolClient, lock: StoredLock): Promise<void> {
    await tx.query(
      `INSERT INTO gate.look_up_lock (municipality_code, person_id, until_ms, set_at_ms, row_mac)
       VALUES ($1, $2, $3, $4, $5)
       ON CONFLICT (municipality_code, person_id) DO UPDATE SET until_ms = $3, set_at_ms = $4, row_mac = $5`,
      [
        lock.municipality,
        lock.person,
        lock.until,
        lock.setAt,
        await this.#macs.of('gate.look_up_lock', macValues(lock)),
      ],
    );
  }

  know({ municipality, person, until }: StoredLock): void {
    const of = this.#until.get(person) ?? new Map<MunicipalityCode, number>();
    if (until === 0) of.delete(municipality);
    else of.set(municipality, until);
    if (of.size === 0) this.#until.delete(person);
    else this.#until.set(person, of);
  }

  /** Where a resident has a lock that has not ended. */
  places(person: PersonId): MunicipalityCode[] {
    return [...(this.#until.get(person)?.keys() ?? [])];
  }
}
