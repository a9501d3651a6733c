import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type ManualClock, manualClock } from '../../ground/clock.ts';
import type { PersonId } from '../../ground/ids.ts';
import { Budget, type BudgetKind, type Budgets, budgetScopes, type Spent, sumSpent } from './budget.ts';

// A budget against an oracle that knows no rings, no buckets and no maps of maps: a list of what came to a line.
const limits = { session: 3, terminal: 4, purpose: 6, office: 7 };
const budgets: Budgets = {
  ...{ window_minutes: 10, open: limits, search: { ...limits, session: 2 } },
  ...{ hits_per_search: 20, fresh_second_factor_minutes: 5 },
};
const spenderOf = (session: number, purpose: number) => ({
  ...{ session: `s${session}`, terminal: `t${session % 2}` },
  ...{ purpose: `p${purpose}`, office: 'o' },
});

interface Event {
  kind: BudgetKind;
  minute: number;
  session: number;
  purpose: number;
  person: number | null;
}

/** What the oracle knows: what was counted, and the latest minute that ever was. */
interface Model {
  events: Event[];
  minute: number;
  /** Openings counted since the last restart: only they make the next one free. */
  known: Event[];
}

interface Real {
  clock: ManualClock;
  budget: Budget;
  /** What the lines' transactions have stored. */
  stored: Spent[];
}

const inWindow = (model: Model, event: Event) => event.minute > model.minute - budgets.window_minutes;
function counted(model: Model, kind: BudgetKind, scope: string, session: number, purpose: number): number {
  const key = (event: Event) =>
    spenderOf(event.session, event.purpose)[scope as keyof ReturnType<typeof spenderOf>];
  const mine = spenderOf(session, purpose)[scope as keyof ReturnType<typeof spenderOf>];
  return model.events.filter((event) => event.kind === kind && inWindow(model, event) && key(event) === mine)
    .length;
}

function reads(real: Real, model: Model): void {
  for (const kind of ['open', 'search'] as const) {
    for (const session of [0, 1, 2]) {
      const left = real.budget.left(kind, spenderOf(session, 0));
      for (const scope of budgetScopes) {
        expect([kind, scope, left[scope]]).toEqual([
          ...[kind, scope],
          Math.max(0, budgets[kind][scope] - counted(model, kind, scope, session, 0)),
        ]);
      }
    }
  }
}

type Command = fc.Command<Model, Real>;
const command = (name: string, run: (model: Model, real: Real) => void): Command => ({
  check: () => true,
  run: (model, real) => {
    model.minute = Math.max(model.minute, Math.floor(real.clock.now() / 60_000));
    run(model, real);
    reads(real, model);
  },
  toString: () => name,
});

/** Reserves; `fate` says whether the line is written, is not, or nobody knows. */
const spend = (
  kind: BudgetKind,
  session: number,
  purpose: number,
  who: number,
  fate: 'written' | 'failed' | 'unknown',
) =>
  command(`${kind} s${session} p${purpose} person ${who} ${fate}`, (model, real) => {
    const person = kind === 'open' ? who : null;
    const isFree =
      person !== null &&
      model.known.some(
        (event) => event.session === session && event.person === person && inWindow(model, event),
      );
    const full = budgetScopes.find(
      (scope) => counted(model, kind, scope, session, purpose) >= budgets[kind][scope],
    );
    const reserve = () =>
      real.budget.reserve(
        kind,
        spenderOf(session, purpose),
        person === null ? undefined : (`p${person}` as PersonId),
      );
    if (!isFree && full !== undefined) {
      expect(reserve).toThrow(
        expect.objectContaining({ kind: 'budget-spent', facts: { scope: full, what: kind } }),
      );
      return;
    }
    const reservation = reserve();
    expect(reservation.spent).toHaveLength(isFree ? 0 : 4);
    if (fate === 'failed') {
      reservation.release();
      reservation.release();
      return;
    }
    if (fate === 'written') real.stored.push(...reservation.spent);
    if (isFree) return;
    const event = { kind, minute: model.minute, session, purpose, person };
    model.events.push(event);
    model.known.push(event);
    // Where nobody knows, the oracle takes what memory must: it stays spent until a restart reads what was stored.
    if (fate === 'unknown') lost.add(event);
  });
const lost = new WeakSet<Event>();

const tick = (minutes: number) =>
  command(`${minutes} minutes`, (model, real) => {
    real.clock.advance(minutes * 60_000);
    model.minute = Math.max(model.minute, Math.floor(real.clock.now() / 60_000));
  });

/** A new process: what is known is what was stored; the minute is the newest stored one, or the clock's. */
const restart = () =>
  command('restart', (model, real) => {
    real.budget = new Budget(budgets, real.clock);
    const newest = Math.max(
      Math.floor(real.clock.now() / 60_000),
      ...sumSpent(real.stored).map(({ minute }) => minute),
    );
    real.budget.restore(
      sumSpent(real.stored).filter(({ minute }) => minute > newest - budgets.window_minutes),
    );
    model.events = model.events.filter((event) => !lost.has(event));
    model.known = [];
    model.minute = newest;
  });

const session = fc.integer({ min: 0, max: 2 });
const commands = [
  fc
    .tuple(
      ...[session, fc.integer({ min: 0, max: 1 }), fc.integer({ min: 0, max: 5 })],
      fc.constantFrom('written' as const, 'written' as const, 'failed' as const, 'unknown' as const),
    )
    .map(([s, p, who, fate]) => spend('open', s as number, p as number, who as number, fate as 'written')),
  fc
    .tuple(session, fc.constantFrom('written' as const, 'failed' as const))
    .map(([s, fate]) => spend('search', s, 0, 0, fate)),
  fc.integer({ min: 0, max: 12 }).map(tick),
  fc.integer({ min: -30, max: -1 }).map(tick),
  fc.constant(restart()),
];

describe('a budget and a naive account of the same', () => {
  it('agree after any openings, searches, failed lines, passing time, clocks turned back and restarts', () => {
    fc.assert(
      fc.property(fc.commands(commands, { maxCommands: 60, size: 'max' }), (run) => {
        fc.modelRun(() => {
          const clock = manualClock();
          const budget = new Budget(budgets, clock);
          // It knows the latest minute that it was asked in.
          const minute = budget.minute();
          return {
            model: { events: [], known: [], minute },
            real: { clock, budget, stored: [] },
          };
        }, run);
      }),
      { numRuns: 200 },
    );
  });
});

describe('openings of one person at the same time', () => {
  const opener = spenderOf(0, 0);
  const open = (budget: Budget) => budget.reserve('open', opener, 'p1' as PersonId);

  it('count once, though the line of the first of them fails and that of the second is written', () => {
    const budget = new Budget(budgets, manualClock());
    const first = open(budget);
    const second = open(budget);
    expect(second.spent).toEqual([]);
    first.release();
    first.release();
    expect(budget.left('open', opener).session).toBe(2);
    open(budget);
    expect(budget.left('open', opener).session).toBe(2);
  });
  it('count not at all when none of them came to a line', () => {
    const budget = new Budget(budgets, manualClock());
    const all = [open(budget), open(budget), open(budget)];
    for (const { release } of all.reverse()) release();
    expect(budget.left('open', opener)).toEqual(limits);
    expect(open(budget).spent).toHaveLength(4);
  });
  it('are given back in the minute that they were taken from, however late', () => {
    const clock = manualClock();
    const budget = new Budget(budgets, clock);
    const late = open(budget);
    clock.advance(5 * 60_000);
    budget.reserve('open', opener, 'p2' as PersonId);
    clock.advance(6 * 60_000);
    // The first has left the window by itself: giving it back must not free the second.
    late.release();
    expect(budget.left('open', opener).session).toBe(2);
  });
});
