import { describe, expect, it } from 'vitest';
import type { MunicipalityCode, PersonId } from '../../ground/ids.ts';
import { changeHead, type Member, mergeHouseholds, splitHousehold } from './household.ts';

const member = (n: number, relation: string, municipality = '131016'): Member => ({
  relation,
  notice: {
    requestId: `r${n}`,
    municipality: municipality as MunicipalityCode,
    eventDate: '2026-03-01',
    today: '2026-04-01',
    person: `0190a000-0000-7000-8000-00000000000${n}` as PersonId,
    status: 'resident',
  },
});
const father = member(1, '世帯主');
const mother = member(2, '妻');
const son = member(3, '世帯主');
const numbers = { oldHouseholdNumber: '501', newHouseholdNumber: '777' };
const reasonOf = (work: () => unknown) => {
  try {
    work();
    return 'accepted';
  } catch (error) {
    return (error as { facts: { reason: string } }).facts.reason;
  }
};

describe('split (世帯分離)', () => {
  it('gives the leaving the new household and the staying the old one', () => {
    const ops = splitHousehold({ leaving: [son], staying: [father, mother], ...numbers });
    expect(ops.map((op) => [op.requestId, op.fields['household']])).toEqual([
      ['r3', { household_number: '777', relation: '世帯主' }],
      ['r1', { household_number: '501', relation: '世帯主' }],
      ['r2', { household_number: '501', relation: '妻' }],
    ]);
    expect(ops.every((op) => op.kind === 'record.changed' && op.clear['event'] === 'household-change')).toBe(
      true,
    );
  });

  it.each([
    ['no head stays', { leaving: [father], staying: [mother] }, 'no-head'],
    ['two heads leave', { leaving: [father, son], staying: [member(4, '世帯主')] }, 'two-heads'],
    ['nobody leaves', { leaving: [], staying: [father] }, 'nobody'],
    ['nobody stays', { leaving: [father], staying: [] }, 'nobody'],
    ['somebody does both', { leaving: [father], staying: [father] }, 'person-twice'],
    [
      'two municipalities',
      { leaving: [son], staying: [member(1, '世帯主', '131024')] },
      'two-municipalities',
    ],
    ['without a relation', { leaving: [son, member(4, '')], staying: [father] }, 'relation'],
  ])('refused: %s', (_, who, reason) => {
    expect(reasonOf(() => splitHousehold({ ...who, ...numbers }))).toBe(reason);
  });

  it('refused: the same household number, or none', () => {
    const who = { leaving: [son], staying: [father] };
    expect(reasonOf(() => splitHousehold({ ...who, ...numbers, newHouseholdNumber: '501' }))).toBe(
      'same-household',
    );
    expect(reasonOf(() => splitHousehold({ ...who, ...numbers, newHouseholdNumber: '' }))).toBe(
      'household-number',
    );
  });
});

describe('merge (世帯合併) and new head (世帯主変更)', () => {
  it('put all under one head', () => {
    const ops = mergeHouseholds({ members: [father, mother, member(3, '子')], householdNumber: '501' });
    expect(ops.map((op) => op.fields['household']?.['relation'])).toEqual(['世帯主', '妻', '子']);
    expect(changeHead({ members: [member(2, '世帯主')], householdNumber: '501' })).toHaveLength(1);
  });

  it('refused: two heads, no head, one alone, one twice', () => {
    const merge = (...members: Member[]) =>
      reasonOf(() => mergeHouseholds({ members, householdNumber: '501' }));
    expect(merge(father, son)).toBe('two-heads');
    expect(merge(mother, member(3, '子'))).toBe('no-head');
    expect(merge(father)).toBe('nobody');
    expect(merge(father, father)).toBe('person-twice');
  });

  it('refused: a member who is no resident any more', () => {
    const gone: Member = { ...mother, notice: { ...mother.notice, status: 'deceased' } };
    expect(() => mergeHouseholds({ members: [father, gone], householdNumber: '501' })).toThrow(
      /resident-status/,
    );
  });
});
