import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import type { Clock } from '../../ground/clock.ts';
import { SekishoError } from '../../ground/errors.ts';
import type { PersonId } from '../../ground/ids.ts';

const limitsSchema = z.strictObject({
  session: z.int().min(0),
  terminal: z.int().min(0),
  purpose: z.int().min(0),
  office: z.int().min(0),
});
export const budgetsSchema = z.strictObject({
  window_minutes: z.int().min(1).max(1_440),
  open: limitsSchema,
  search: limitsSchema,
  hits_per_search: z.int().min(1).max(1_000),
  fresh_second_factor_minutes: z.int().min(1),
});
/** How many persons may be opened, and searches made, in one window; by session, terminal, purpose and office. */
export type Budgets = z.infer<typeof budgetsSchema>;

/** The limits checked in beside this file. */
export function readBudgets(file: string = join(import.meta.dirname, 'budgets.json')): Budgets {
  return budgetsSchema.parse(JSON.parse(readFileSync(file, 'utf8')));
}

export const budgetScopes = ['session', 'terminal', 'purpose', 'office'] as const;
export type BudgetScope = (typeof budgetScopes)[number];
export type BudgetKind = 'open' | 'search';
/** Who spends: a key for each scope, e.g. `{session: '131016/clerk', terminal: '131016/t-01', …}`. */
export type Spender = Readonly<Record<BudgetScope, string>>;
/** What is still to be had in this window, by scope. */
export type BudgetLeft = Record<BudgetScope, number>;

/** One row of what was spent: in a minute, under a key such as `open|session|131016/clerk`. */
export interface Spent {
  minute: number;
  key: string;
  count: number;
}

export interface Reservation {
  /** What is to be stored with the line; empty when the opening was free. */
  readonly spent: readonly Spent[];
  /** Gives back what was reserved, when the line could not be written. */
  release(): void;
}

/** Counts of one key over the window: a ring of one-minute buckets. */
class Window {
  readonly #buckets: Uint32Array;
  #minute = 0;
  total = 0;

  constructor(minutes: number) {
    this.#buckets = new Uint32Array(minutes);
  }

  /** Slides to `minute`; a minute already passed changes nothing. */
  slide(minute: number): void {
    const size = this.#buckets.length;
    if (minute <= this.#minute) return;
    const steps = Math.min(minute - this.#minute, size);
    for (let step = 1; step <= steps; step++) {
      const place = (this.#minute + step) % size;
      this.total -= this.#buckets[place]!;
      this.#buckets[place] = 0;
    }
    // A jump over the whole window has emptied it; the places are then counted from the new minute.
    this.#minute = minute;
  }

  /** The oldest minute that still counts; undefined where nothing does. */
  oldest(): number | undefined {
    const size = this.#buckets.length;
    for (let minute = Math.max(0, this.#minute - size + 1); minute <= this.#minute; minute++) {
      if (this.#buckets[minute % size]! > 0) return minute;
    }
    return undefined;
  }

  /** Adds to a minute that is still in the window; older ones are gone. */
  add(minute: number, count: number): void {
    this.slide(minute);
    if (minute <= this.#minute - this.#buckets.length) return;
    const place = minute % this.#buckets.length;
    const value = Math.max(0, this.#buckets[place]! + count);
    this.total += value - this.#buckets[place]!;
    this.#buckets[place] = value;
  }
}

/** An opening that was counted, and how many requests rest on it; it is given back when none of them came to a line. */
interface Counted {
  readonly minute: number;
  readonly spent: readonly Spent[];
  holders: number;
  /** What the line of whoever reserved first tells, and that of the latest: one of them tells the cost. */
  teller: Spent[];
  latest: Spent[];
}

/**
 * The gate's own account of how many people were opened. Reserved in memory before the line is written, stored in
 * the line's own transaction, loaded again at the start; the caller has no hand in it.
 */
export class Budget {
  readonly #clock: Clock;
  readonly #budgets: Budgets;
  readonly #windows = new Map<string, Window>();
  /** Session → person → his counted opening: opening him again within the window is free. */
  readonly #persons = new Map<string, Map<PersonId, Counted>>();
  #minute = 0;

  constructor(budgets: Budgets, clock: Clock) {
    this.#budgets = budgets;
    this.#clock = clock;
  }

  get windowMinutes(): number {
    return this.#budgets.window_minutes;
  }

  /** The present minute. It never goes back: a clock turned back frees nothing. */
  minute(): number {
    const minute = Math.floor(this.#clock.now() / 60_000);
    if (minute > this.#minute) {
      this.#minute = minute;
      this.#sweep();
    }
    return this.#minute;
  }

  /** Loads what was spent before the start; a stored minute later than the clock's moves the window there. */
  restore(rows: Iterable<Spent>): void {
    const sorted = [...rows].sort((a, b) => a.minute - b.minute);
    const last = sorted.at(-1)?.minute ?? 0;
    if (last > this.#minute) this.#minute = last;
    for (const { minute, key, count } of sorted) this.#window(key).add(minute, count);
  }

  /**
   * Reserves one person for an opening, or one search. Opening the same person by the same member again within the
   * window costs nothing (it is journalled all the same).
   * @throws budget-spent with the scope that has nothing left
   */
  reserve(kind: BudgetKind, spender: Spender, person?: PersonId): Reservation {
    const minute = this.minute();
    const seen = person === undefined ? undefined : this.#seen(spender.session);
    const counted = person === undefined ? undefined : seen?.get(person);
    if (counted !== undefined && counted.minute > minute - this.windowMinutes) {
      counted.holders++;
      const told: Spent[] = [];
      counted.latest = told;
      return { spent: told, release: once(() => this.#release(counted, told, seen, person)) };
    }
    const limits = this.#budgets[kind];
    for (const scope of budgetScopes) {
      const window = this.#window(keyOf(kind, scope, spender[scope]));
      window.slide(minute);
      if (window.total >= limits[scope]) throw new SekishoError('budget-spent', { scope, what: kind });
    }
    const spent: Spent[] = [];
    for (const scope of budgetScopes) {
      const key = keyOf(kind, scope, spender[scope]);
      this.#window(key).add(minute, 1);
      spent.push({ minute, key, count: 1 });
    }
    const told = [...spent];
    const fresh: Counted = { minute, holders: 1, spent, teller: told, latest: told };
    if (seen !== undefined && person !== undefined) seen.set(person, fresh);
    return { spent: told, release: once(() => this.#release(fresh, told, seen, person)) };
  }

  #release(
    counted: Counted,
    told: Spent[],
    seen: Map<PersonId, Counted> | undefined,
    person: PersonId | undefined,
  ): void {
    if (--counted.holders > 0) {
      // Who was to tell the cost leaves no line: the latest of the others tells it.
      if (told === counted.teller && told !== counted.latest) {
        counted.latest.push(...counted.spent);
        counted.teller = counted.latest;
      }
      return;
    }
    for (const { key, minute } of counted.spent) this.#window(key).add(minute, -1);
    if (person !== undefined && seen?.get(person) === counted) seen.delete(person);
  }

  /** What is left in this window. */
  left(kind: BudgetKind, spender: Spender): BudgetLeft {
    const minute = this.minute();
    const limits = this.#budgets[kind];
    const left = {} as BudgetLeft;
    for (const scope of budgetScopes) {
      const window = this.#windows.get(keyOf(kind, scope, spender[scope]));
      window?.slide(minute);
      left[scope] = Math.max(0, limits[scope] - (window?.total ?? 0));
    }
    return left;
  }

  /** What may be had in one window. */
  limits(kind: BudgetKind): BudgetLeft {
    return { ...this.#budgets[kind] };
  }

  /** When the next one may be had again, ms since 1970; null where one may be had now. */
  freesAt(kind: BudgetKind, spender: Spender): number | null {
    const minute = this.minute();
    const limits = this.#budgets[kind];
    let frees: number | null = null;
    for (const scope of budgetScopes) {
      const window = this.#windows.get(keyOf(kind, scope, spender[scope]));
      window?.slide(minute);
      if ((window?.total ?? 0) < limits[scope]) continue;
      const oldest = window?.oldest();
      // A limit of nothing never frees anything.
      if (oldest !== undefined) frees = Math.max(frees ?? 0, (oldest + this.windowMinutes) * 60_000);
    }
    return frees;
  }

  #seen(session: string): Map<PersonId, Counted> {
    let seen = this.#persons.get(session);
    if (!seen) {
      seen = new Map();
      this.#persons.set(session, seen);
    }
    return seen;
  }

  #window(key: string): Window {
    let window = this.#windows.get(key);
    if (!window) {
      window = new Window(this.windowMinutes);
      this.#windows.set(key, window);
    }
    return window;
  }

  /** Once a minute: forgets what has left the window, so that memory follows the load. */
  #sweep(): void {
    for (const [key, window] of this.#windows) {
      window.slide(this.#minute);
      if (window.total === 0) this.#windows.delete(key);
    }
    for (const [session, seen] of this.#persons) {
      for (const [person, { minute }] of seen)
        if (minute <= this.#minute - this.windowMinutes) seen.delete(person);
      if (seen.size === 0) this.#persons.delete(session);
    }
  }
}

const keyOf = (kind: BudgetKind, scope: BudgetScope, value: string): string => `${kind}|${scope}|${value}`;

/** What a line cost, as its body tells it: so many of a kind in a minute, for a purpose. Who spent it the line says anyway. */
export type Cost = readonly [minute: number, kind: BudgetKind, count: number, purpose: string];

/** The cost of what was spent. */
export function costOf(spent: readonly Spent[]): Cost[] {
  const costs: Cost[] = [];
  for (const { minute, key, count } of sumSpent(spent)) {
    const [kind, scope, value = ''] = key.split('|');
    if (scope === 'purpose')
      costs.push([minute, kind as BudgetKind, count, value.slice(value.indexOf('/') + 1)]);
  }
  return costs;
}

/** What a line's body says was spent; nothing where it says nothing that we would write. */
export function spentBy(municipality: string, body: Readonly<Record<string, unknown>>): Spent[] {
  const { budget, actor, terminal, office } = body;
  if (!Array.isArray(budget)) return [];
  return budget.flatMap((cost: unknown): Spent[] => {
    const [minute, kind, count, purpose] = Array.isArray(cost) ? (cost as unknown[]) : [];
    if (!Number.isSafeInteger(minute) || !Number.isSafeInteger(count)) return [];
    if (kind !== 'open' && kind !== 'search') return [];
    const spender = { session: actor, terminal, purpose, office };
    return budgetScopes.map((scope) => ({
      minute: minute as number,
      key: keyOf(kind, scope, `${municipality}/${String(spender[scope])}`),
      count: count as number,
    }));
  });
}

function once(act: () => void): () => void {
  let done = false;
  return () => {
    if (!done) act();
    done = true;
  };
}

/** Adds up what the lines of one batch spent: one row a minute and key, however many lines. */
export function sumSpent(rows: Iterable<Spent>): Spent[] {
  const sums = new Map<string, Spent>();
  for (const row of rows) {
    const key = `${row.minute}|${row.key}`;
    const sum = sums.get(key);
    if (sum) sum.count += row.count;
    else sums.set(key, { ...row });
  }
  return [...sums.values()];
}
