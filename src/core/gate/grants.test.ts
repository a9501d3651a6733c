import { describe, expect, it } from 'vitest';
import type { MunicipalityCode } from '../../ground/ids.ts';
import { checkAsked, type Grant, Grants, longestGrantMs } from './grants.ts';

const municipality = '131016' as MunicipalityCode;
const now = 1_000_000;
const grant = (change: Partial<Grant> = {}): Grant => ({
  ...{ grantId: 'g1', municipality, purpose: 'investigation', groups: ['name', 'address'] },
  ...{ count: 2, left: 2, endsAt: now + 1_000, askedBy: 'clerk', askedAt: now - 1 },
  ...{ approvedBy: 'supervisor', approvedAt: now - 1, state: 'active' as const },
  ...change,
});
const use = { grantId: 'g1', municipality, purpose: 'investigation', groups: ['name'] };
const having = (change: Partial<Grant> = {}) => {
  const grants = new Grants();
  grants.put(grant(change));
  return grants;
};
const refusedAs = (reason: string) =>
  expect.objectContaining({ kind: 'grant-invalid', facts: expect.objectContaining({ reason }) });

describe('a bulk grant', () => {
  it('gives as many openings as it says, and no more', () => {
    const grants = having();
    grants.take(use, now);
    grants.take(use, now);
    expect(() => grants.take(use, now)).toThrow(refusedAs('exhausted'));
  });
  it('gets back what was taken in vain, once', () => {
    const grants = having();
    const giveBack = grants.take(use, now);
    giveBack();
    giveBack();
    expect(grants.get('g1', municipality).left).toBe(2);
  });
  it('cannot be overdrawn by one taking', () => {
    expect(() => having().take(use, now, 3)).toThrow(refusedAs('exhausted'));
  });
  it('that nobody has approved is refused', () => {
    expect(() => having({ state: 'asked' }).take(use, now)).toThrow(refusedAs('not-active'));
  });
  it('that was revoked is refused', () => {
    expect(() => having({ state: 'revoked' }).take(use, now)).toThrow(refusedAs('not-active'));
  });
  it('that is over is refused, on the very millisecond', () => {
    expect(() => having({ endsAt: now }).take(use, now)).toThrow(refusedAs('expired'));
  });
  it('for another purpose is refused', () => {
    expect(() => having().take({ ...use, purpose: 'move-in' }, now)).toThrow(refusedAs('purpose'));
  });
  it('for other fields is refused', () => {
    expect(() => having().take({ ...use, groups: ['name', 'number'] }, now)).toThrow(refusedAs('group'));
  });
  it('of another municipality is refused, and is not shown', () => {
    const other = '131024' as MunicipalityCode;
    expect(() => having().take({ ...use, municipality: other }, now)).toThrow(refusedAs('unknown'));
    expect(() => having().get('g1', other)).toThrow(/not-found/);
  });
  it('that does not exist is refused', () => {
    expect(() => new Grants().take(use, now)).toThrow(refusedAs('unknown'));
  });
});

describe('approving', () => {
  it('takes another person than the one who asked', () => {
    const waiting = grant({ state: 'asked' });
    expect(() => having().checkApproval(waiting, 'clerk', now)).toThrow(refusedAs('self-approval'));
    expect(() => having().checkApproval(waiting, 'supervisor', now)).not.toThrow();
  });
  it('is for grants that wait, and in time', () => {
    expect(() => having().checkApproval(grant(), 'supervisor', now)).toThrow(refusedAs('not-waiting'));
    const late = grant({ state: 'asked', endsAt: now });
    expect(() => having().checkApproval(late, 'supervisor', now)).toThrow(refusedAs('expired'));
  });
});

describe('asking', () => {
  it.each([
    ['no person at all', { count: 0 }],
    ['half a person', { count: 1.5 }],
    ['no group', { groups: [] }],
    ['an end that is past', { endsAt: now }],
    ['an end after more than a week', { endsAt: now + longestGrantMs + 1 }],
  ])('is refused for %s', (_name, change) => {
    expect(() => checkAsked(grant(change), now)).toThrow(/bad-input/);
  });
});
