import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { drawResidentRecordCode } from '../../core/numbers/index.ts';
import { systemRandomness } from '../../ground/randomness.ts';
import { RunningHouse } from './running-house.fixture.ts';

// 異動 as the desk enters them, on the house as it runs: who may, what changes, what is refused and why.

let town: RunningHouse;
beforeAll(async () => {
  // Far more openings than a desk has in an hour: this file opens many records to look at them.
  const most = { session: 900, terminal: 900, purpose: 900, office: 900 };
  const budgets = {
    window_minutes: 60,
    open: most,
    search: most,
    hits_per_search: 20,
    fresh_second_factor_minutes: 5,
  };
  town = await RunningHouse.start({ residents: 24, budgets });
}, 180_000);
afterAll(() => town?.close(), 60_000);

const today = new Date(Date.now() + 9 * 3_600_000).toISOString().slice(0, 10);
let drawn = 0;
const residentCode = () => drawResidentRecordCode(systemRandomness()).reveal();
const newcomer = (more: Record<string, string> = {}) => ({
  addressNumber: String(7_700_000_000 + ++drawn),
  householdNumber: String(7_600_000_000 + drawn),
  relation: '世帯主',
  name: '試験　太郎',
  reading: 'シケン　タロウ',
  birthDate: '昭和60年3月4日',
  sex: 'male',
  postcode: '390-0874',
  address: '長野県松本市大手３丁目８番１３号',
  residentCode: residentCode(),
  ...more,
});

interface Entered {
  as?: string;
  purpose?: string;
  person?: string;
  date?: string;
  details?: unknown;
  more?: string[];
}

function enter(event: string, o: Entered = {}) {
  const argv = ['register', 'event', event, '--as', o.as ?? 'supervisor', '--note', '届出'];
  argv.push('--date', o.date ?? today);
  if (o.purpose !== undefined) argv.push('--purpose', o.purpose);
  if (o.person !== undefined) argv.push('--person', o.person);
  if (o.details !== undefined) argv.push('--details', '-');
  return town.run([...argv, ...(o.more ?? [])], { typed: JSON.stringify(o.details ?? {}) });
}

/** Somebody new on the register, for an event of his own. */
async function somebody(more: Record<string, string> = {}) {
  const stated = newcomer(more);
  const { answer } = await enter('move-in', { details: { newcomer: stated } });
  return { person: answer.person as string, stated };
}

/** The status that a hit shows. */
const statusOf = async (addressNumber: string) => (await town.personOf(addressNumber)).status;
const numberOf = async (person: string) => (await town.fields(person, 'number')).number.number as string;
const newest = async (person: string, kind: string) =>
  (await town.lines(person)).find((line) => line.kind === kind)!;

describe('birth', { timeout: 60_000 }, () => {
  it('enters a child ex officio, with a number of his own', async () => {
    const stated = newcomer({ birthDate: today, relation: '子' });
    const { code, answer } = await enter('birth', { as: 'clerk', details: { newcomer: stated } });
    expect(code).toBe(0);
    expect(answer).toEqual({
      person: expect.stringMatching(/^[0-9a-f-]{36}$/),
      outcome: 'created',
      line: expect.any(Number),
    });
    expect(await numberOf(answer.person)).toMatch(/^\d{12}$/);
    expect(await statusOf(stated.addressNumber)).toBe('resident');
    const { body } = await newest(answer.person, 'record.created');
    expect(body).toMatchObject({ purpose: 'ex-officio-entry', actor: 'demo-clerk' });
    expect(JSON.stringify(body)).not.toContain(stated.residentCode);
  });

  it('refuses a birth date that is not the day of the event, and enters nobody', async () => {
    const stated = newcomer();
    const { code, kind, facts } = await enter('birth', { details: { newcomer: stated } });
    expect([code, kind, facts]).toEqual([3, 'bad-input', { what: 'birth', reason: 'event-date' }]);
    const desk = ['--as', 'clerk', '--purpose', 'residence-certificate', '--note', '照会'];
    expect(
      (await town.run(['register', 'find', '--address-number', stated.addressNumber, ...desk])).code,
    ).toBe(5);
  });
});

describe('move in', { timeout: 60_000 }, () => {
  it('enters a newcomer as he was stated, with a number', async () => {
    const { person, stated } = await somebody();
    const fields = await town.fields(person, 'name,birth,address,household,resident_code,number');
    expect(fields.name).toEqual({ name: stated.name, reading: stated.reading });
    expect(fields.birth).toMatchObject({ date: '1985-03-04', sex: 'male' });
    expect(fields.address).toEqual({ postcode: '3900874', address: stated.address });
    expect(fields.household).toMatchObject({ address_number: stated.addressNumber, relation: '世帯主' });
    expect(fields.resident_code.code).toBe(stated.residentCode);
    expect(fields.number.number).toMatch(/^\d{12}$/);
  });

  it('somebody who moved out and comes back is the same person with the same number', async () => {
    const { person, stated } = await somebody();
    const number = await numberOf(person);
    expect((await enter('move-out', { person })).code).toBe(0);
    const again = await enter('move-in', {
      details: { newcomer: { ...stated, address: '長野県松本市丸の内３番７号' } },
    });
    expect(again.answer).toMatchObject({ person, outcome: 'changed' });
    expect(await numberOf(person)).toBe(number);
    expect(await statusOf(stated.addressNumber)).toBe('resident');
    expect((await town.fields(person, 'address')).address.address).toBe('長野県松本市丸の内３番７号');
  });

  it('the same request twice enters him once', async () => {
    const details = { newcomer: newcomer() };
    const more = ['--request-id', randomUUID()];
    const first = await enter('move-in', { details, more });
    const second = await enter('move-in', { details, more });
    expect(second.code).toBe(0);
    expect(second.answer).toEqual(first.answer);
  });
});

describe('what happens to a resident', { timeout: 60_000 }, () => {
  it('death closes the record and leaves the number', async () => {
    const { person, stated } = await somebody();
    const number = await numberOf(person);
    expect((await enter('death', { as: 'clerk', person })).answer).toMatchObject({
      person,
      outcome: 'changed',
    });
    expect(await statusOf(stated.addressNumber)).toBe('deceased');
    expect(await numberOf(person)).toBe(number);
    // A dead man neither moves nor gets another name.
    const later = await enter('move-out', { person });
    expect([later.code, later.kind]).toEqual([6, 'conflict']);
    expect(later.facts).toMatchObject({ event: 'move-out', status: 'deceased' });
  });

  it('move out closes the record', async () => {
    const { person, stated } = await somebody();
    expect((await enter('move-out', { as: 'clerk', person })).code).toBe(0);
    expect(await statusOf(stated.addressNumber)).toBe('moved-out');
    expect((await enter('move-out', { person })).code).toBe(6);
  });

  it('move within changes the address, and the household where one is given', async () => {
    const { person, stated } = await somebody();
    const to = { postcode: '390-0811', address: '長野県松本市中央１丁目１番１号' };
    expect((await enter('move-within', { as: 'clerk', person, details: { to } })).code).toBe(0);
    let fields = await town.fields(person, 'address,household');
    expect(fields.address).toEqual({ ...to, postcode: '3900811' });
    expect(fields.household.household_number).toBe(stated.householdNumber);
    const household = { householdNumber: '7699999999', relation: '同居人' };
    await enter('move-within', { person, details: { to, household } });
    fields = await town.fields(person, 'household');
    expect(fields.household).toEqual({
      household_number: '7699999999',
      relation: '同居人',
      address_number: stated.addressNumber,
    });
    // Found under the new address and no longer under the old one.
    const desk = ['--as', 'clerk', '--purpose', 'residence-certificate', '--note', '照会'];
    const found = await town.ok(['register', 'find', '--address', to.address, ...desk]);
    expect(found.hits.map((hit: { person: string }) => hit.person)).toContain(person);
  });

  it('a name change replaces the whole name, and the old one no longer finds him', async () => {
    const { person } = await somebody({ name: '旧姓　花子', reading: 'キュウセイ　ハナコ' });
    const name = { name: '新姓　花子', reading: 'シンセイ　ハナコ', formerName: '旧姓' };
    expect((await enter('name-change', { as: 'clerk', person, details: { name } })).code).toBe(0);
    expect((await town.fields(person, 'name')).name).toEqual({
      name: '新姓　花子',
      reading: 'シンセイ　ハナコ',
      former_name: '旧姓',
    });
    const find = (reading: string) =>
      town.run([
        ...['register', 'find', '--reading', reading, '--birth-date', '昭和60年3月4日'],
        ...['--as', 'clerk', '--purpose', 'residence-certificate', '--note', '照会'],
      ]);
    expect((await find('シンセイ　ハナコ')).answer.hits).toHaveLength(1);
    expect((await find('キュウセイ　ハナコ')).code).toBe(5);
  });

  it('a household change leaves the address number alone', async () => {
    const { person, stated } = await somebody();
    const household = { householdNumber: '7688888888', relation: '妻' };
    expect((await enter('household-change', { as: 'clerk', person, details: { household } })).code).toBe(0);
    expect((await town.fields(person, 'household')).household).toEqual({
      household_number: '7688888888',
      relation: '妻',
      address_number: stated.addressNumber,
    });
  });

  it('a correction by the supervisor carries its reason in the line, never a value', async () => {
    const { person } = await somebody();
    const details = { fields: { birth: { date: '昭和60年3月5日' } } };
    const { code } = await enter('correction', { person, details, more: ['--reason', '戸籍との照合'] });
    expect(code).toBe(0);
    expect((await town.fields(person, 'birth')).birth).toMatchObject({ date: '1985-03-05', sex: 'male' });
    const { body } = await newest(person, 'record.corrected');
    expect(body).toMatchObject({ reason: '戸籍との照合', actor: 'demo-supervisor', purpose: 'correction' });
    expect(JSON.stringify(body)).not.toContain('1985');
  });

  it('a removal ex officio closes the record', async () => {
    const { person, stated } = await somebody();
    expect((await enter('removal', { person, more: ['--reason', '居住の事実なし'] })).code).toBe(0);
    expect(await statusOf(stated.addressNumber)).toBe('removed');
  });

  it('a number change by the supervisor gives another number; the old one finds nobody', async () => {
    const { person } = await somebody();
    const old = await numberOf(person);
    const cause = {
      by: 'request',
      circumstance: 'leak',
      leaked: true,
      misuseFeared: true,
      evidenceSeen: true,
    };
    expect((await enter('number-change', { person, details: { cause } })).answer).toMatchObject({
      outcome: 'changed',
    });
    const now = await numberOf(person);
    expect(now).toMatch(/^\d{12}$/);
    expect(now).not.toBe(old);
    const desk = ['--as', 'clerk', '--purpose', 'number-verification', '--note', '本人確認'];
    const find = (number: string) =>
      town.run(['register', 'find', '--number', '-', ...desk], { typed: `${number}\n` });
    expect((await find(now)).answer.hits).toMatchObject([{ person }]);
    expect((await find(old)).code).toBe(5);
    const { body } = await newest(person, 'number.changed');
    expect(body).toMatchObject({ reason: 'request:leak', actor: 'demo-supervisor' });
    expect(JSON.stringify(body)).not.toContain(old);
    expect(JSON.stringify(body)).not.toContain(now);
  });

  it('a file of details is as good as stdin', async () => {
    const { person } = await somebody();
    const to = { postcode: '390-0811', address: '長野県松本市中央２丁目２番２号' };
    const file = town.file('to.json', JSON.stringify({ to }));
    const entered = await enter('move-within', { person, more: ['--details', file] });
    expect(entered.code).toBe(0);
    expect((await town.fields(person, 'address')).address.address).toBe(to.address);
  });

  it('a change since the desk looked is not overwritten', async () => {
    const { person } = await somebody();
    const details = { expect: '0'.repeat(64), to: { postcode: '390-0811', address: '松本市' } };
    const { code, kind } = await enter('move-within', { person, details });
    expect([code, kind]).toEqual([6, 'conflict']);
    expect((await town.fields(person, 'address')).address.address).not.toBe('松本市');
  });
});

describe('who may not', { timeout: 60_000 }, () => {
  const cause = { by: 'request', circumstance: 'loss', leaked: true, misuseFeared: true, evidenceSeen: true };
  const name = { name: '別名　某', reading: 'ベツメイ　ボウ' };
  const household = { householdNumber: '1', relation: '妻' };
  let person: string;
  beforeAll(async () => {
    person = (await somebody()).person;
  }, 60_000);

  // Role and purpose of every event, each by somebody whom the statute row does not name.
  it.each<[string, Entered]>([
    ['move-in', { as: 'registrar', details: { newcomer: newcomer() } }],
    ['move-in', { as: 'officer', details: { newcomer: newcomer() } }],
    ['birth', { as: 'administrator', details: { newcomer: newcomer({ birthDate: today }) } }],
    ['move-out', { as: 'registrar' }],
    ['move-within', { as: 'officer', details: { to: { postcode: '', address: '松本市' } } }],
    ['death', { as: 'registrar' }],
    ['name-change', { as: 'administrator', details: { name } }],
    ['household-change', { as: 'officer', details: { household } }],
    [
      'correction',
      { as: 'clerk', details: { fields: { name: { alias: '某' } } }, more: ['--reason', '訂正'] },
    ],
    ['removal', { as: 'clerk', more: ['--reason', '不在'] }],
    ['number-change', { as: 'clerk', details: { cause } }],
    ['number-change', { as: 'registrar', details: { cause } }],
  ])('%s by the wrong role: exit 4, and the refusal is on record (%j)', async (event, o) => {
    const about = ['move-in', 'birth'].includes(event) ? {} : { person };
    const before = await headSize();
    const { code, kind } = await enter(event, { ...o, ...about });
    expect(code).toBe(4);
    expect(['no-authority', 'policy-denied']).toContain(kind);
    // Sign-in, refusal, sign-out: the middle one is the refusal's own line.
    expect((await headSize()) - before).toBeGreaterThanOrEqual(3);
  });

  // A case that was opened for something else does not carry the event.
  it.each<[string, string, Entered]>([
    ['move-out', 'residence-certificate', {}],
    ['number-change', 'correction', { details: { cause } }],
    ['removal', 'move-out', { more: ['--reason', '不在'] }],
    [
      'correction',
      'residence-certificate',
      { details: { fields: { name: { alias: '某' } } }, more: ['--reason', '訂正'] },
    ],
    ['birth', 'residence-certificate', { details: { newcomer: newcomer({ birthDate: today }) } }],
  ])('%s in a case for %s: exit 4 and nothing changes', async (event, purpose, o) => {
    const before = await town.fields(person, 'name,household,number');
    const { code, kind } = await enter(event, { ...o, purpose, ...(event === 'birth' ? {} : { person }) });
    expect([code, kind]).toEqual([4, 'no-authority']);
    expect(await town.fields(person, 'name,household,number')).toEqual(before);
    if (event !== 'birth')
      expect((await town.lines(person)).map(({ kind: line }) => line)).toContain('write.refused');
  });

  it('a case that nobody opened: exit 4', async () => {
    const argv = ['register', 'event', 'move-out', '--person', person, '--date', today];
    const { code, kind } = await town.run([...argv, '--as', 'clerk', '--case', randomUUID()]);
    expect([code, kind]).toEqual([4, 'case-required']);
  });

  // The gate holds kinds of lines against a purpose, not events: a death is as much `record.changed` as a move within.

  it('a session that nobody opened learns nothing of a resident, not even that he is there', async () => {
    const ask = (about: string) =>
      fetch(`${town.house.officeUrl}/v1/residents/events`, {
        method: 'POST',
        headers: { authorization: `Bearer ${'x'.repeat(43)}`, 'content-type': 'application/json' },
        body: JSON.stringify({
          ...{ requestId: randomUUID(), caseId: 'c', event: 'correction', eventDate: today },
          ...{ person: about, fields: {}, reason: 'x' },
        }),
      });
    const [known, unknown] = [await ask(person), await ask(randomUUID())];
    expect([known.status, unknown.status]).toEqual([401, 401]);
    expect(await known.text()).toBe(await unknown.text());
  });
});

/** Lines durable now, by the gate's own word: the published head may lag behind. */
async function headSize(): Promise<number> {
  const { verified } = await town.ok(['register', 'verify', '--as', 'officer']);
  return verified.lines;
}

describe('what is missing or wrong: exit 3, with place and reason', { timeout: 60_000 }, () => {
  let person: string;
  beforeAll(async () => {
    person = (await somebody()).person;
  }, 60_000);
  const to = { postcode: '390-0811', address: '松本市中央' };
  const sound = { by: 'request', circumstance: 'loss', leaked: true, misuseFeared: true, evidenceSeen: true };

  it.each<[string, string, Entered, Record<string, unknown>]>([
    ['a date in the future', 'move-out', { date: '2999-01-01' }, { what: 'event-date', reason: 'future' }],
    ['a day that is not in the calendar', 'move-out', { date: '2026-02-30' }, { what: 'event-date' }],
    [
      'no address to move to',
      'move-within',
      { details: { to: { ...to, address: '' } } },
      { what: 'move-within', column: 'address', reason: 'required' },
    ],
    [
      'a name that is empty',
      'name-change',
      { details: { name: { name: '', reading: '' } } },
      { column: 'name', reason: 'required' },
    ],
    [
      'a correction of nothing',
      'correction',
      { details: { fields: {} }, more: ['--reason', '訂正'] },
      { reason: 'nothing' },
    ],
    [
      'a correction of the number',
      'correction',
      { details: { fields: { number: { number: '123456789018' } } }, more: ['--reason', '訂正'] },
      { what: 'correction', reason: 'number' },
    ],
    [
      'a reason that holds somebody’s number',
      'removal',
      { more: ['--reason', '個人番号 123456789018 の件'] },
      { reason: 'reason-holds-number' },
    ],
    [
      'a number change without a leak',
      'number-change',
      { details: { cause: { ...sound, leaked: false } } },
      { reason: 'cause' },
    ],
    [
      'a number change on request without evidence',
      'number-change',
      { details: { cause: { ...sound, evidenceSeen: false } } },
      { reason: 'evidence' },
    ],
  ])('%s', async (_name, event, o, facts) => {
    const ran = await enter(event, { ...o, person });
    expect([ran.code, ran.kind]).toEqual([3, 'bad-input']);
    expect(ran.facts).toMatchObject(facts);
    expect(ran.err).not.toContain('123456789018');
  });

  it.each<[string, Record<string, string>, string, string]>([
    ['no name', { name: '' }, 'name', 'required'],
    ['no reading', { reading: '' }, 'reading', 'required'],
    ['a reading that is none', { reading: '試験 太郎' }, 'reading', 'reading-not-kana'],
    ['no address', { address: '' }, 'address', 'required'],
    ['no resident code', { residentCode: '' }, 'resident_code', 'required'],
    ['a wrong resident code', { residentCode: '12345678901' }, 'resident_code', 'resident-code-check-digit'],
    ['no relation', { relation: '' }, 'relation', 'required'],
    ['a birth date that is none', { birthDate: 'banana' }, 'birth_date', 'date-format'],
    ['a birth date of another era', { birthDate: '昭和99年1月1日' }, 'birth_date', 'date-era-range'],
    ['a postcode that is none', { postcode: '39' }, 'postcode', 'postcode-format'],
    ['a name that reverses the line', { name: '山\u202e田' }, 'name', 'control-character'],
  ])('a newcomer with %s', async (_name, more, column, reason) => {
    const ran = await enter('move-in', { details: { newcomer: newcomer(more) } });
    expect([ran.code, ran.facts]).toEqual([3, { what: 'move-in', column, reason }]);
  });

  it.each<[string, Record<string, Record<string, string>>, string, string]>([
    ['a birth date that is none', { birth: { date: 'soon' } }, 'birth_date', 'date-format'],
    ['a sex that is none', { birth: { sex: 'cat' } }, 'sex', 'sex-unknown'],
    ['an address taken away', { address: { address: '' } }, 'address', 'required'],
    [
      'a wrong resident code',
      { resident_code: { code: '12345678901' } },
      'resident_code',
      'resident-code-check-digit',
    ],
  ])('a correction to %s', async (_name, fields, column, reason) => {
    const ran = await enter('correction', { person, details: { fields }, more: ['--reason', '訂正'] });
    expect([ran.code, ran.facts]).toEqual([3, { what: 'correction', column, reason }]);
  });

  it('a correction of a group nobody knows', async () => {
    const ran = await enter('correction', {
      person,
      details: { fields: { shoe: { size: '27' } } },
      more: ['--reason', 'x'],
    });
    expect([ran.code, ran.kind]).toEqual([3, 'bad-input']);
  });

  it.each<[string, string, Entered]>([
    ['an event that does not exist', 'resurrection', {}],
    ['no person where one is needed', 'death', { purpose: 'ex-officio-entry' }],
    ['a member that is not known', 'move-within', { details: { to, color: 'red' } }],
    ['a member of the wrong type', 'move-within', { details: { to: '松本市' } }],
    ['a correction without a reason', 'correction', { details: { fields: { name: { alias: '某' } } } }],
    [
      'a newcomer without a birth date',
      'move-in',
      { details: { newcomer: { ...newcomer(), birthDate: undefined } } },
    ],
  ])('%s', async (name, event, o) => {
    const purpose = event === 'resurrection' ? { purpose: 'move-out' } : {};
    const ran = await enter(event, { ...o, ...purpose, ...(name.startsWith('no person') ? {} : { person }) });
    expect([ran.code, ran.kind]).toEqual([3, 'bad-input']);
    expect(Object.keys(ran.facts).length).toBeGreaterThan(0);
  });

  it('details that are no JSON, or a list', async () => {
    for (const [typed, reason] of [
      ['{', 'not-json'],
      ['[1]', 'format'],
    ]) {
      const argv = ['register', 'event', 'move-out', '--person', person, '--date', today, '--details', '-'];
      const ran = await town.run([...argv, '--as', 'clerk', '--note', 'x'], { typed: typed! });
      expect([ran.code, ran.facts['reason']]).toEqual([3, reason]);
    }
  });

  it('a person nobody knows: exit 5; an id that is none: exit 3', async () => {
    expect((await enter('death', { person: randomUUID() })).code).toBe(5);
    expect((await enter('death', { person: '123456789018' })).code).toBe(3);
  });

  // Today the record of whoever holds the code is overwritten, by birth as by move-in (event.json: from `none`, `moved-out`).
});

it('after all of it every record holds against the journal', async () => {
  const { verified } = await town.ok(['register', 'verify', '--as', 'officer']);
  expect(verified.findings).toBe(0);
  expect(verified.rows).toBeGreaterThan(24);
}, 60_000);
