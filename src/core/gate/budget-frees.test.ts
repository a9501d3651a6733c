import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { manualClock } from '../../ground/clock.ts';
import type { PersonId } from '../../ground/ids.ts';
import { Budget, type Budgets } from './budget.ts';

const minute = 60_000;
const limits = { session: 2, terminal: 3, purpose: 4, office: 5 };
const budgets: Budgets = {
  ...{ window_minutes: 10, open: limits, search: { ...limits, office: 0 } },
  ...{ hits_per_search: 20, fresh_second_factor_minutes: 5 },
};
const spender = (session: string) => ({ session, terminal: `t-${session}`, purpose: 'p', office: 'o' });
const person = (n: number) => `01890000-0000-7000-8000-${String(n).padStart(12, '0')}` as PersonId;
const made = () => {
  const clock = manualClock();
  return { clock, budget: new Budget(budgets, clock) };
};

describe('when the next one may be had', () => {
  it('is now while there is something left', () => {
    const { budget } = made();
    expect(budget.freesAt('open', spender('a'))).toBeNull();
    budget.reserve('open', spender('a'), person(1));
    expect(budget.freesAt('open', spender('a'))).toBeNull();
  });

  it('is when the oldest that still counts has left the window', () => {
    const { budget, clock } = made();
    budget.reserve('open', spender('a'), person(1));
    const first = Math.floor(clock.now() / minute);
    clock.advance(3 * minute);
    budget.reserve('open', spender('a'), person(2));
    expect(budget.freesAt('open', spender('a'))).toBe((first + 10) * minute);
    expect(budget.freesAt('open', spender('b'))).toBeNull();
  });

  it('is never, where a limit is nothing', () => {
    const { budget } = made();
    expect(budget.freesAt('search', spender('a'))).toBeNull();
    expect(budget.left('search', spender('a')).office).toBe(0);
  });

  it('tells the limits, and gives a copy of them', () => {
    const { budget } = made();
    const told = budget.limits('open');
    expect(told).toEqual(limits);
    told.session = 99;
    expect(budget.limits('open')).toEqual(limits);
  });

  it('holds: a moment before it is refused, at it it is given', () => {
    const step = fc.record({ wait: fc.nat({ max: 4 }), who: fc.constantFrom('a', 'b', 'c') });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
        const { budget, clock } = made();
        let next = 0;
        const spend = (who: string) => budget.reserve('open', spender(who), person(++next));
        for (const { wait, who } of steps) {
          clock.advance(wait * minute);
          const frees = budget.freesAt('open', spender(who));
          const isSpent = Object.values(budget.left('open', spender(who))).includes(0);
          expect(frees !== null).toBe(isSpent);
          if (frees === null) {
            spend(who);
            continue;
          }
          expect(frees).toBeGreaterThan(clock.now());
          expect(frees).toBeLessThanOrEqual(clock.now() + 10 * minute);
          expect(() => spend(who)).toThrow(/budget-spent/);
          // With nobody else at work meanwhile, that is the minute.
          clock.set(frees - 1);
          expect(() => spend(who)).toThrow(/budget-spent/);
          clock.set(frees);
          spend(who);
        }
      }),
      { numRuns: 300 },
    );
  });
});
