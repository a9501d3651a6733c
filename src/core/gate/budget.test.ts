import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { manualClock } from '../../ground/clock.ts';
import type { PersonId } from '../../ground/ids.ts';
import { Budget, type Budgets, costOf, readBudgets, type Spent, spentBy, sumSpent } from './budget.ts';

const limits = { session: 3, terminal: 5, purpose: 6, office: 8 };
const budgets: Budgets = {
  ...{ window_minutes: 60, open: limits, search: { ...limits, session: 2 } },
  ...{ hits_per_search: 20, fresh_second_factor_minutes: 5 },
};
const spender = { session: 's1', terminal: 't1', purpose: 'p1', office: 'o1' };
const person = (i: number) => `person-${i}` as PersonId;
const spend = (budget: Budget, i: number, who = spender) => budget.reserve('open', who, person(i));
const start = () => {
  const clock = manualClock();
  return { clock, budget: new Budget(budgets, clock) };
};

describe('a budget', () => {
  it('lets through as many persons as it says, and no more', () => {
    const { budget } = start();
    for (let i = 0; i < 3; i++) spend(budget, i);
    expect(() => spend(budget, 3)).toThrow(
      expect.objectContaining({ kind: 'budget-spent', facts: { scope: 'session', what: 'open' } }),
    );
  });
  it('counts the same person in the same session once, however often he is opened', () => {
    const { budget } = start();
    for (let i = 0; i < 20; i++) spend(budget, 1);
    expect(budget.left('open', spender).session).toBe(2);
  });
  it('counts the same person again in another session', () => {
    const { budget } = start();
    spend(budget, 1);
    spend(budget, 1, { ...spender, session: 's2' });
    expect(budget.left('open', spender).terminal).toBe(3);
  });
  it('keeps the terminal when the clerk signs in anew', () => {
    const { budget } = start();
    for (let i = 0; i < 5; i++) spend(budget, i, { ...spender, session: `s${i}` });
    expect(() => spend(budget, 9, { ...spender, session: 's9' })).toThrow(/terminal/);
  });
  it('keeps the purpose over terminals', () => {
    const { budget } = start();
    for (let i = 0; i < 6; i++) spend(budget, i, { ...spender, session: `s${i}`, terminal: `t${i}` });
    expect(() => spend(budget, 9, { ...spender, session: 's9', terminal: 't9' })).toThrow(/purpose/);
  });
  it('keeps the office over purposes', () => {
    const { budget } = start();
    for (let i = 0; i < 8; i++) {
      spend(budget, i, { session: `s${i}`, terminal: `t${i}`, purpose: `p${i}`, office: 'o1' });
    }
    expect(() => spend(budget, 9, { session: 's', terminal: 't', purpose: 'p', office: 'o1' })).toThrow(
      /office/,
    );
  });
  it('has its own account for searches', () => {
    const { budget } = start();
    budget.reserve('search', spender);
    budget.reserve('search', spender);
    expect(() => budget.reserve('search', spender)).toThrow(/budget-spent/);
    expect(budget.left('open', spender).session).toBe(3);
  });
  it('counts nothing for a refusal', () => {
    const { budget } = start();
    for (let i = 0; i < 3; i++) spend(budget, i);
    for (let i = 0; i < 9; i++) expect(() => spend(budget, 5)).toThrow();
    expect(budget.left('open', spender).office).toBe(5);
  });
});

describe('the window', () => {
  it('slides by the minute: what was spent an hour ago is free again', () => {
    const { clock, budget } = start();
    spend(budget, 0);
    clock.advance(30 * 60_000);
    spend(budget, 1);
    spend(budget, 2);
    clock.advance(30 * 60_000);
    expect(budget.left('open', spender).session).toBe(1);
    spend(budget, 3);
    expect(() => spend(budget, 4)).toThrow(/budget-spent/);
  });
  it('frees nothing when the clock is turned back', () => {
    const { clock, budget } = start();
    for (let i = 0; i < 3; i++) spend(budget, i);
    for (const back of [1, 60, 61, 10_000]) {
      clock.advance(-back * 60_000);
      expect(() => spend(budget, 7)).toThrow(/budget-spent/);
    }
  });
  it('frees nothing when the clock is turned back and brought forward to where it was', () => {
    const { clock, budget } = start();
    for (let i = 0; i < 3; i++) spend(budget, i);
    clock.advance(-5 * 3_600_000);
    expect(budget.left('open', spender).session).toBe(0);
    clock.advance(5 * 3_600_000);
    expect(budget.left('open', spender).session).toBe(0);
  });
  it('counts a person again when he is opened after the window', () => {
    const { clock, budget } = start();
    spend(budget, 1);
    clock.advance(61 * 60_000);
    expect(spend(budget, 1).spent).toHaveLength(4);
  });
});

describe('a reservation', () => {
  it('gives back what it took when the line could not be written', () => {
    const { budget } = start();
    const reservation = spend(budget, 1);
    reservation.release();
    expect(budget.left('open', spender)).toEqual(limits);
    expect(spend(budget, 1).spent).toHaveLength(4);
  });
  it('gives back once', () => {
    const { budget } = start();
    spend(budget, 0);
    const reservation = spend(budget, 1);
    reservation.release();
    reservation.release();
    expect(budget.left('open', spender).session).toBe(2);
  });
});

describe('what was spent', () => {
  it('is still spent after a restart', () => {
    const { clock, budget } = start();
    const rows = [0, 1, 2].flatMap((i) => [...spend(budget, i).spent]);
    const again = new Budget(budgets, clock);
    again.restore(rows);
    expect(() => spend(again, 4)).toThrow(/budget-spent/);
    expect(again.left('open', spender)).toEqual(budget.left('open', spender));
  });
  it('is still spent after a restart with the clock turned back', () => {
    const { clock, budget } = start();
    const rows = [0, 1, 2].flatMap((i) => [...spend(budget, i).spent]);
    clock.advance(-3 * 3_600_000);
    const again = new Budget(budgets, clock);
    again.restore(rows);
    expect(() => spend(again, 4)).toThrow(/budget-spent/);
  });
  it('is added up by minute and key', () => {
    const row = (minute: number, key: string): Spent => ({ minute, key, count: 1 });
    expect(sumSpent([row(1, 'a'), row(1, 'a'), row(2, 'a'), row(1, 'b')])).toEqual([
      { minute: 1, key: 'a', count: 2 },
      { minute: 2, key: 'a', count: 1 },
      { minute: 1, key: 'b', count: 1 },
    ]);
  });
});

describe('whatever happens', () => {
  it('no hour ever sees more distinct persons of a session than the limit', () => {
    const step = fc.record({
      wait: fc.integer({ min: -90, max: 90 }),
      person: fc.integer({ min: 0, max: 30 }),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 120 }), (steps) => {
        const { clock, budget } = start();
        let latest = 0;
        const opened: { minute: number; person: number }[] = [];
        for (const { wait, person: i } of steps) {
          clock.advance(wait * 60_000);
          latest = Math.max(latest, Math.floor(clock.now() / 60_000));
          try {
            if (spend(budget, i).spent.length > 0) opened.push({ minute: latest, person: i });
          } catch {}
        }
        for (const { minute } of opened) {
          const inWindow = opened.filter((each) => each.minute > minute - 60 && each.minute <= minute);
          expect(inWindow.length).toBeLessThanOrEqual(limits.session);
        }
      }),
      { numRuns: 200 },
    );
  });
  it('the limits checked in are read and sound', () => {
    expect(readBudgets()).toMatchObject({
      window_minutes: 60,
      open: { session: 40, terminal: 60, office: 600 },
    });
  });
});

describe('what a line says it cost', () => {
  const spender = { session: 't/a', terminal: 't/d', purpose: 't/move-in', office: 't/o' };
  const body = { actor: 'a', terminal: 'd', office: 'o' };
  it('is what was spent, and comes back as it', () => {
    const clock = manualClock();
    const budget = new Budget(readBudgets(), clock);
    const spent = [1, 2, 3].flatMap(() => budget.reserve('search', spender).spent);
    const minute = budget.minute();
    expect(costOf(spent)).toEqual([[minute, 'search', 3, 'move-in']]);
    const back = spentBy('t', { ...body, budget: costOf(spent) });
    const sorted = (rows: readonly { key: string }[]) => [...rows].sort((a, b) => (a.key < b.key ? -1 : 1));
    expect(sorted(back)).toEqual(sorted(sumSpent(spent)));
    expect([costOf([]), spentBy('t', body)]).toEqual([[], []]);
  });
  it.each([
    ['x'],
    [[1]],
    [[[1.5, 'open', 1, 'p']]],
    [[[1, 'give', 1, 'p']]],
    [[[1, 'open', 'many', 'p']]],
    [7],
    [null],
  ])('that is none of ours is nothing: %j', (budget) => {
    expect(spentBy('t', { ...body, budget })).toEqual([]);
  });
});

describe('two openings of one person that share a reservation', () => {
  const told = ({ spent }: { spent: readonly { count: number }[] }) =>
    spent.reduce((sum, { count }) => sum + count, 0);

  it('cost once, and where the first leaves no line the other’s tells it', () => {
    const { budget } = start();
    const first = budget.reserve('open', spender, person(1));
    const second = budget.reserve('open', spender, person(1));
    expect([told(first), told(second)]).toEqual([4, 0]);
    const before = budget.left('open', spender);
    first.release();
    expect(told(second)).toBe(4);
    expect(budget.left('open', spender)).toEqual(before);
    second.release();
    expect(budget.left('open', spender).session).toBe(before.session + 1);
  });

  it('where the other leaves none, the first still tells it', () => {
    const { budget } = start();
    const first = budget.reserve('open', spender, person(1));
    budget.reserve('open', spender, person(1)).release();
    expect(told(first)).toBe(4);
  });
});
