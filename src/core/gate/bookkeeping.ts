import type pg from 'pg';
import type { Clock } from '../../ground/clock.ts';
import { type MunicipalityCode, uuidv7 } from '../../ground/ids.ts';
import type { Log } from '../../ground/log.ts';
import type { Randomness } from '../../ground/randomness.ts';
import { decodeLine, type NewLine, type OnBatch } from '../journal/index.ts';
import { type Budget, costOf, type Spent, spentBy, sumSpent } from './budget.ts';
import type { GateTag } from './disclosure.ts';
import type { GateJournal } from './journal-port.ts';

/** Lines of one unit with what they cost: in the first one's body, for a restart, and in the tag, for the batch's row. */
export function withCost(lines: NewLine[], spent: readonly Spent[]): { lines: NewLine[]; tag?: GateTag } {
  const [first, ...more] = lines;
  if (first === undefined || spent.length === 0) return { lines };
  return { lines: [{ ...first, body: { ...first.body, budget: costOf(spent) } }, ...more], tag: { spent } };
}

/** Lines that are read at once, from the journal's end. */
const chunk = 2_000;

/**
 * Stores what the lines of a batch spent, in the batch's own transaction: what was opened is counted, what was not is
 * not, whatever dies. One row a batch, only ever added: 256 sessions at once would else mean 500 updated rows a commit.
 */
export class Bookkeeping {
  readonly #pool: pg.Pool;
  readonly #budget: Budget;
  readonly #clock: Clock;
  readonly #randomness: Randomness;
  readonly #log: Log;
  readonly #prunedAt = new Map<MunicipalityCode, number>();

  constructor(o: { pool: pg.Pool; budget: Budget; clock: Clock; randomness: Randomness; log: Log }) {
    this.#pool = o.pool;
    this.#budget = o.budget;
    this.#clock = o.clock;
    this.#randomness = o.randomness;
    this.#log = o.log;
  }

  /**
   * Loads what was spent in the window: what the rows say and what the journals' lines say, whichever is more. Rows can be
   * deleted by whoever administers the database; a line cannot. Minutes count from the newest stored one, should the
   * clock have gone back.
   */
  async load(journals: ReadonlyMap<MunicipalityCode, GateJournal>): Promise<void> {
    const most = new Map<string, Spent>();
    for (const row of await this.#stored([...journals.keys()])) most.set(placeOf(row), row);
    let missing = 0;
    for (const [municipality, journal] of journals)
      for (const row of sumSpent(await this.#told(municipality, journal))) {
        if ((most.get(placeOf(row))?.count ?? 0) >= row.count) continue;
        most.set(placeOf(row), row);
        missing++;
      }
    if (missing > 0) this.#log.warn('budget-rows-missing', { table: 'gate.budget_spent', count: missing });
    this.#budget.restore(most.values());
  }

  async #stored(municipalities: readonly MunicipalityCode[]): Promise<Spent[]> {
    const { rows } = await this.#pool.query<{ minute: string; spent: Record<string, number> }>(
      `SELECT minute, spent FROM gate.budget_spent AS kept WHERE municipality_code = ANY($1)
         AND minute > (SELECT greatest(max(minute), $2::bigint) FROM gate.budget_spent
                       WHERE municipality_code = kept.municipality_code) - $3`,
      [municipalities, this.#minute(this.#clock.now()), this.#budget.windowMinutes],
    );
    return sumSpent(
      rows.flatMap(({ minute, spent }) =>
        Object.entries(spent).map(([key, count]): Spent => ({ minute: Number(minute), key, count })),
      ),
    );
  }

  /** What the lines of the window cost, read from the journal's end. */
  async #told(municipality: MunicipalityCode, journal: GateJournal): Promise<Spent[]> {
    const found: Spent[] = [];
    let newest = this.#minute(this.#clock.now());
    for (let to = journal.head().size; to > 0; to -= chunk) {
      let latest = 0;
      for await (const line of journal.read(Math.max(0, to - chunk), to)) {
        latest = Math.max(latest, this.#minute(line.at));
        if (line.erased) continue;
        const { body } = decodeLine(line.payload);
        if (body['budget'] !== undefined) found.push(...spentBy(municipality, body));
      }
      newest = Math.max(newest, latest);
      if (latest <= newest - this.#budget.windowMinutes) break;
    }
    return found.filter(({ minute }) => minute > newest - this.#budget.windowMinutes);
  }

  #minute(ms: number): number {
    return Math.floor(ms / 60_000);
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

const placeOf = ({ minute, key }: Spent): string => `${minute}|${key}`;
