import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { PersonId } from '../../ground/ids.ts';
import type { DecodedLine } from '../journal/index.ts';
import { tellingOf } from './personal-lines.ts';
import { readStatuteTable, type Statute, StatuteTable } from './statute-table.ts';

const [one, two] = [1, 2].map((n) => `01890000-0000-7000-8000-00000000000${n}` as PersonId) as [
  PersonId,
  PersonId,
];
const day = 86_400_000;
/** Nine in the evening in Japan. */
const at = Date.parse('2026-05-01T12:00:00Z');
const row = readStatuteTable().statutes[0]!;
const table = new StatuteTable([
  { ...row, id: 'open-1', purpose: 'open', hidden_days: null } as Statute,
  { ...row, id: 'secret-1', purpose: 'secret', hidden_days: 30 } as Statute,
]);
const line = (change: Partial<DecodedLine> = {}): DecodedLine => ({
  ...{ at, kind: 'field.opened', person: one, body: { basis: 'open-1' } },
  ...change,
});
const told = (change: Partial<DecodedLine> = {}, now = at, person = one) =>
  tellingOf(line(change), person, table, now);

describe('how a resident is told of a line', () => {
  it('whole, where it is about him and nobody else', () => {
    expect(told()).toEqual({ as: 'whole' });
    expect(told({ person: undefined as never, body: { hits: [one] } })).toEqual({ as: 'whole' });
  });

  it('not at all, where it is about another', () => {
    expect(told({}, at, two)).toBeUndefined();
    expect(told({ person: undefined as never, body: { hits: [two] } })).toBeUndefined();
    expect(told({ person: undefined as never, body: {} })).toBeUndefined();
  });

  it.each([
    ['names-hits', { hits: [two, one] }],
    ['names-household', { household: 'x' }],
    ['by-another-resident', { actor: 'household', role: 'resident' }],
  ])('that it stands, where it tells of another too: %s', (rule, body) => {
    expect(told({ body })).toEqual({ as: 'coarse', rule });
  });

  it.each([
    ['by its row', { basis: 'secret-1' }],
    ['by its purpose, for a refusal names no row', { purpose: 'secret' }],
    ['before any other rule', { basis: 'secret-1', hits: [one, two] }],
  ])('counted only, while a law hides it: %s', (_how, body) => {
    const opensAt = Date.parse('2026-06-01T00:00:00+09:00');
    expect(told({ body })).toEqual({ as: 'hidden', opensAt });
    expect(told({ body }, opensAt - 1)).toMatchObject({ as: 'hidden' });
    expect(told({ body }, opensAt)).not.toMatchObject({ as: 'hidden' });
  });

  it('never an hour of what is hidden, and never before its days are over', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 400 * day }), (later) => {
        const telling = told({ at: at + later, body: { basis: 'secret-1' } }, at);
        if (telling?.as !== 'hidden') throw new Error('told');
        expect((telling.opensAt + 9 * 3_600_000) % day).toBe(0);
        expect(telling.opensAt).toBeGreaterThan(at + later + 30 * day);
        expect(telling.opensAt).toBeLessThanOrEqual(at + later + 31 * day);
      }),
    );
  });
});
