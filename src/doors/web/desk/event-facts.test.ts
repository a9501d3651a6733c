import { describe, expect, it } from 'vitest';
import { residentEvents, ruleOf } from '../../../records/register/index.ts';
import {
  afterOf,
  bodyOf,
  type Correctable,
  correctable,
  type Draft,
  eventsOf,
  factsAsked,
  groupsChanged,
  isLifeEvent,
  isNewcomerEvent,
  missingFacts,
} from './event-facts.ts';

const facts = {
  name: '山田 花子',
  reading: 'ヤマダ ハナコ',
  birthDate: '2026-04-01',
  sex: 'female',
  address: '長野県松本市大手３丁目８番１３号',
  addressNumber: '1',
  householdNumber: '2',
  relation: '子',
  residentCode: '00000000019',
};
const draft = (event: Draft['event'], more: Partial<Draft> = {}): Draft => ({
  event,
  facts,
  eventDate: '2026-04-01',
  withHousehold: false,
  corrects: 'name',
  cause: { by: 'request', circumstance: 'leak', leaked: true, misuseFeared: true, evidenceSeen: false },
  ...more,
});
const o = {
  requestId: '0199a5aa-1111-4111-8111-1111aa22b3c4',
  caseId: '0199a5aa-1111-7111-8111-1111aa22b3c4',
  person: '0199a5aa-2222-7111-8111-1111aa22b3c4',
};

describe('the events a case may enter', () => {
  it('are those whose purpose in the register’s rules is the case’s', () => {
    expect(eventsOf('move-out')).toEqual(['move-out']);
    expect(eventsOf('ex-officio-entry')).toEqual(['birth', 'death', 'name-change']);
    expect(eventsOf('residence-certificate')).toEqual([]);
  });

  it('are each entered somewhere, but for what no desk enters', () => {
    const entered = new Set(residentEvents.flatMap((event) => eventsOf(ruleOf(event).purpose)));
    for (const event of residentEvents)
      expect(entered.has(event as Draft['event']), event).toBe(isLifeEvent(event));
  });
});

describe('what is asked for', () => {
  it('everything art. 7 asks of somebody new; a former name, an alias and a postcode may be missing', () => {
    for (const event of ['birth', 'move-in'] as const) {
      expect(isNewcomerEvent(event)).toBe(true);
      expect(missingFacts(draft(event, { facts: {} }))).toEqual([
        'name',
        'reading',
        'birthDate',
        'sex',
        'address',
        'addressNumber',
        'householdNumber',
        'relation',
        'residentCode',
      ]);
      expect(missingFacts(draft(event))).toEqual([]);
    }
  });

  it.each(['move-out', 'death', 'number-change'] as const)('no facts beside the date: %s', (event) => {
    expect(factsAsked(draft(event))).toEqual([]);
    expect(afterOf(draft(event))).toEqual([]);
  });

  it('a household only where it changes along', () => {
    expect(factsAsked(draft('move-within'))).toEqual(['postcode', 'address']);
    expect(factsAsked(draft('move-within', { withHousehold: true }))).toContain('relation');
  });

  it('a reason of what an officer does by himself', () => {
    expect(missingFacts(draft('removal'))).toEqual(['reason']);
    expect(missingFacts(draft('correction'))).toEqual(['reason']);
    expect(missingFacts(draft('correction', { facts: { ...facts, reason: '  ' } }))).toEqual(['reason']);
  });
});

describe('the body for the office', () => {
  it('of a birth: the newcomer, and nobody’s id', () => {
    const body = bodyOf(draft('birth'), { ...o, person: null });
    expect(body).toEqual({
      requestId: o.requestId,
      caseId: o.caseId,
      eventDate: '2026-04-01',
      event: 'birth',
      newcomer: { ...facts, formerName: '', alias: '', postcode: '' },
    });
  });

  it('of a move within: address, and the household where it changes', () => {
    const to = { postcode: '', address: facts.address };
    expect(bodyOf(draft('move-within'), o)).toMatchObject({ person: o.person, event: 'move-within', to });
    expect(bodyOf(draft('move-within'), o)).not.toHaveProperty('household');
    expect(bodyOf(draft('move-within', { withHousehold: true }), o)).toMatchObject({
      to,
      household: { householdNumber: '2', relation: '子' },
    });
  });

  it.each(Object.keys(correctable) as Correctable[])(
    'of a correction of %s: the whole group and the reason',
    (corrects) => {
      const body = bodyOf(draft('correction', { corrects, facts: { ...facts, reason: '誤記' } }), o);
      expect(body).toMatchObject({ event: 'correction', reason: '誤記' });
      const { fields } = body as { fields: Record<string, Record<string, string>> };
      expect(Object.keys(fields)).toEqual([corrects]);
      expect(Object.keys(fields[corrects]!)).toHaveLength(correctable[corrects].length);
    },
  );

  it('of the others', () => {
    expect(bodyOf(draft('death'), o)).toEqual({
      requestId: o.requestId,
      caseId: o.caseId,
      eventDate: '2026-04-01',
      person: o.person,
      event: 'death',
    });
    expect(bodyOf(draft('name-change'), o)).toMatchObject({
      name: { name: facts.name, reading: facts.reading, formerName: '', alias: '' },
    });
    expect(bodyOf(draft('household-change'), o)).toMatchObject({ household: { householdNumber: '2' } });
    expect(bodyOf(draft('number-change'), o)).toMatchObject({ cause: { leaked: true, misuseFeared: true } });
    expect(bodyOf(draft('removal', { facts: { reason: ' 二重登録 ' } }), o)).toMatchObject({
      reason: '二重登録',
    });
    expect(bodyOf(draft('move-out'), o)).toMatchObject({ event: 'move-out', person: o.person });
  });

  it('blanks around what is typed are not kept', () => {
    const body = bodyOf(draft('name-change', { facts: { ...facts, name: ' 山田 花子\u3000' } }), o);
    expect(body).toMatchObject({ name: { name: '山田 花子' } });
  });
});

it('the preview shows each fact where it will stand', () => {
  expect(afterOf(draft('name-change'))).toEqual([
    { group: 'name', field: 'name', value: facts.name },
    { group: 'name', field: 'reading', value: facts.reading },
    { group: 'name', field: 'former_name', value: '' },
    { group: 'name', field: 'alias', value: '' },
  ]);
  expect(groupsChanged(draft('move-within', { withHousehold: true }))).toEqual(['address', 'household']);
});
