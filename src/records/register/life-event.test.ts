import { describe, expect, it } from 'vitest';
import type { MunicipalityCode, PersonId } from '../../ground/ids.ts';
import { residentEvents, ruleOf } from './event.ts';
import {
  birth,
  correction,
  death,
  moveIn,
  moveOut,
  moveWithin,
  type Newcomer,
  type NumberChangeCause,
  nameChange,
  numberChange,
  type RecordNotice,
  removal,
} from './life-event.ts';
import type { ResidentStatus } from './resident.ts';

const municipality = '131016' as MunicipalityCode;
const person = '0190a000-0000-7000-8000-000000000001' as PersonId;
const base = { requestId: 'r1', municipality, eventDate: '2026-03-01', today: '2026-04-01' };
const about = (status: ResidentStatus = 'resident'): RecordNotice => ({
  ...base,
  person,
  status,
  expect: 'ab',
});

const newcomer: Newcomer = {
  addressNumber: '1001',
  householdNumber: '501',
  relation: '世帯主',
  name: '見本　花子',
  reading: 'ミホン　ハナコ',
  formerName: '',
  alias: '',
  birthDate: '1970-04-01',
  birthDateStated: '',
  sex: 'female',
  postcode: '1000001',
  address: '見本市中央1-2-3',
  residentCode: '24727059608',
};
const cause: NumberChangeCause = {
  by: 'request',
  circumstance: 'leak',
  leaked: true,
  misuseFeared: true,
  evidenceSeen: true,
};

describe('entries', () => {
  it('move-in: looked for by resident code all over the nation, so that a mover keeps his number; drawn only for a new one', () => {
    const op = moveIn(base, newcomer);
    expect(op).toMatchObject({
      kind: 'record.created',
      findBy: 'resident_code',
      draw: 'number',
      clear: { status: 'resident', event: 'move-in', event_date: '2026-03-01' },
      fields: {
        resident_code: { code: '24727059608' },
        household: { relation: '世帯主', address_number: '1001' },
      },
    });
    expect(op.fields['number']).toBeUndefined();
  });

  it('birth: on the day of birth, with a number drawn', () => {
    const child = { ...newcomer, birthDate: '2026-03-01', relation: '子' };
    expect(birth(base, child)).toMatchObject({
      draw: 'number',
      clear: { event: 'birth', status: 'resident' },
    });
    expect(() => birth(base, newcomer)).toThrow(
      expect.objectContaining({ facts: { what: 'birth', reason: 'event-date' } }),
    );
  });

  it.each(['name', 'address', 'residentCode', 'addressNumber', 'householdNumber', 'relation'] as const)(
    'an entry without %s is refused',
    (field) => {
      expect(() => moveIn(base, { ...newcomer, [field]: '' })).toThrow(
        expect.objectContaining({
          kind: 'bad-input',
          facts: { what: 'move-in', reason: `required-${field}` },
        }),
      );
    },
  );
});

describe('changes', () => {
  it('carry the person, the state the desk saw and only the groups that change', () => {
    expect(moveOut(about())).toMatchObject({
      person,
      expect: 'ab',
      fields: {},
      clear: { status: 'moved-out' },
    });
    expect(death(about())).toMatchObject({ fields: {}, clear: { status: 'deceased', event: 'death' } });
    expect(moveWithin(about(), { postcode: '1000002', address: '見本市西2-3-4' })).toMatchObject({
      fields: { address: { postcode: '1000002', address: '見本市西2-3-4' } },
      clear: { status: 'resident', event: 'move-within' },
    });
    const name = { name: '見本　華子', reading: 'ミホン　ハナコ', formerName: '例', alias: '' };
    expect(nameChange(about(), name)).toMatchObject({
      kind: 'record.changed',
      fields: { name: { former_name: '例' } },
    });
  });

  it('move within with a new household changes both groups', () => {
    const to = { postcode: '', address: '見本市西2-3-4' };
    const op = moveWithin(about(), to, { householdNumber: '777', relation: '世帯主' });
    expect(op.fields['household']).toEqual({ household_number: '777', relation: '世帯主' });
  });

  it('correction keeps the status, has a reason and never touches the number', () => {
    const fields = { birth: { date: '1970-04-02' } };
    expect(correction(about('deceased'), fields, '届書の転記誤り')).toMatchObject({
      kind: 'record.corrected',
      reason: '届書の転記誤り',
      clear: { status: 'deceased' },
    });
    expect(() => correction(about(), { number: { number: 'x' } }, '理由')).toThrow(/"reason":"number"/);
    expect(() => correction(about(), {}, '理由')).toThrow(/"reason":"nothing"/);
  });

  it.each([
    ['', 'reason-required'],
    ['　', 'reason-required'],
    ['長'.repeat(201), 'reason-too-long'],
    ['個人番号 123456789018 の転記誤り', 'reason-holds-number'],
  ])('reason %s is refused: %s', (reason, why) => {
    for (const act of [
      () => correction(about(), { birth: { sex: 'male' } }, reason),
      () => removal(about(), reason),
    ]) {
      expect(act).toThrow(
        expect.objectContaining({ kind: 'bad-input', facts: expect.objectContaining({ reason: why }) }),
      );
    }
  });
});

describe('number change (番号法 art. 7(2))', () => {
  it('draws a new number and says by whom and why in closed words', () => {
    expect(numberChange(about(), cause)).toMatchObject({
      kind: 'number.changed',
      draw: 'number',
      reason: 'request:leak',
      fields: {},
    });
    const exOfficio = { ...cause, by: 'ex-officio', evidenceSeen: false } as const;
    expect(numberChange(about(), exOfficio)).toMatchObject({ reason: 'ex-officio:leak' });
  });

  it.each([
    ['not leaked', { leaked: false }, 'cause'],
    ['no misuse feared', { misuseFeared: false }, 'cause'],
    ['a request without evidence', { evidenceSeen: false }, 'evidence'],
  ])('%s is refused', (_, change, reason) => {
    expect(() => numberChange(about(), { ...cause, ...change })).toThrow(
      expect.objectContaining({ kind: 'bad-input', facts: { what: 'number-change', reason } }),
    );
  });
});

describe('what no event allows', () => {
  const acts: Record<string, (notice: RecordNotice) => unknown> = {
    'move-out': moveOut,
    'move-within': (notice) => moveWithin(notice, { postcode: '', address: '見本市西2-3-4' }),
    death,
    'name-change': (notice) =>
      nameChange(notice, { name: '見本', reading: 'ミホン', formerName: '', alias: '' }),
    correction: (notice) => correction(notice, { birth: { sex: 'male' } }, '転記誤り'),
    removal: (notice) => removal(notice, '居住の事実なし'),
    'number-change': (notice) => numberChange(notice, cause),
  };

  it('an event on a record whose status does not allow it', () => {
    for (const event of residentEvents) {
      const act = acts[event];
      for (const status of ['resident', 'moved-out', 'deceased', 'removed'] as const) {
        if (!act) continue;
        if (ruleOf(event).from.includes(status)) expect(() => act(about(status))).not.toThrow();
        else {
          const conflict = { kind: 'conflict', facts: { what: 'resident-status', event, status } };
          expect(() => act(about(status))).toThrow(expect.objectContaining(conflict));
        }
      }
    }
  });

  it('a day that does not exist, or lies ahead', () => {
    for (const act of Object.values(acts)) {
      expect(() => act({ ...about(), eventDate: '2026-02-30' })).toThrow(/"reason":"event-date"/);
      expect(() => act({ ...about(), eventDate: '2026-04-02' })).toThrow(/"reason":"event-date-future"/);
    }
  });
});
