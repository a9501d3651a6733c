import type pg from 'pg';
import type { Clock } from '../../ground/clock.ts';
import { type MunicipalityCode, uuidv7 } from '../../ground/ids.ts';
import type { Randomness } from '../../ground/randomness.ts';
import type { OnBatch } from '../journal/index.ts';
import { type Budget, type Spent, sumSpent } from './budget.ts';
import type { GateTag } from './disclosure.ts';

/**
 * Stores what the lines of a batch spent, in the batch's own transaction: what was opened is counted, what was not is
 * not, whatever dies. One row a batch, only ever added: 256 sessions at once would else mean 500 updated rows a commit.
 */
export class Bookkeeping {
  readonly #pool: pg.Pool;
  readonly #budget: Budget;
  readonly #clock: Clock;
  readonly #randomness: Randomness;
  readonly #prunedAt = new Map<MunicipalityCode, number>();

  constructor(o: { pool: pg.Pool; budget: Budget; clock: Clock; randomness: Randomness }) {
    this.#pool = o.pool;
    this.#budget = o.budget;
    this.#clock = o.clock;
    this.#randomness = o.randomness;
  }

  /** Loads what was spent in the window. Minutes count from the newest stored one, should the clock have gone back. */
  async load(municipalities: readonly MunicipalityCode[]): Promise<void> {
    const { rows } = await this.#pool.query<{ minute: string; spent: Record<string, number> }>(
      `SELECT minute, spent FROM gate.budget_spent AS kept WHERE municipality_code = ANY($1)
         AND minute > (SELECT greatest(max(minute), $2::bigint) FROM gate.budget_spent
                       WHERE municipality_code = kept.municipality_code) - $3`,
      [municipalities, Math.floor(this.#clock.now() / 60_000), this.#budget.windowMinutes],
    );
    this.#budget.restore(
      rows.flatMap(({ minute, spent }) =>
        Object.entries(spent).map(([key, count]): Spent => ({ minute: Number(minute), key, count })),
      ),
    );
  }

  /** The hook of a municipality's journal. */
  onBatch(municipality: MunicipalityCode): OnBatch {
    return async (tx, units) => {
      const spent: Spent[] = [];
      for (const unit of units) {
        const tag = unit.tag as GateTag | undefined;
        if (tag) spent.push(...tag.spent);
      }
      if (spent.length > 0) await this.#storeSpent(tx, municipality, spent);
    };
  }

  async #storeSpent(
    tx: pg.PoolClient,
    municipality: MunicipalityCode,
    spent: readonly Spent[],
  ): Promise<void> {
    const byMinute = Map.groupBy(sumSpent(spent), (row) => row.minute);
    for (const [minute, rows] of byMinute) {
      await tx.query({
        name: 'gate-budget-spent',
        text: 'INSERT INTO gate.budget_spent (municipality_code, minute, batch_id, spent) VALUES ($1, $2, $3, $4)',
        values: [
          municipality,
          minute,
          uuidv7(this.#clock, this.#randomness),
          JSON.stringify(Object.fromEntries(rows.map((row) => [row.key, row.count]))),
        ],
      });
      await this.#prune(tx, municipality, minute);
    }
  }

  /** Once a minute: what has left the window long ago. */
  async #prune(tx: pg.PoolClient, municipality: MunicipalityCode, minute: number): Promise<void> {
    if ((this.#prunedAt.get(municipality) ?? 0) >= minute) return;
    this.#prunedAt.set(municipality, minute);
    await tx.query('DELETE FROM gate.budget_spent WHERE municipality_code = $1 AND minute < $2', [
      municipality,
      minute - 2 * this.#budget.windowMinutes,
    ]);
  }
}
