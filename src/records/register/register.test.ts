import iconv from 'iconv-lite';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type FreshDatabase, freshDatabase } from '../../../test/database.ts';
import { drawResidentRecordCode } from '../../core/numbers/index.ts';
import { SekishoError } from '../../ground/errors.ts';
import type { MunicipalityCode, PersonId } from '../../ground/ids.ts';
import { seededRandomness } from '../../ground/randomness.ts';
import { splitHousehold } from './household.ts';
import {
  birth,
  correction,
  death,
  moveIn,
  moveOut,
  moveWithin,
  type Newcomer,
  nameChange,
  numberChange,
} from './life-event.ts';
import { cellsWith, residentCsv } from './resident-file/sample-rows.fixture.ts';
import type { Desk, RegisterService } from './service.ts';
import { chiyoda, chuo, RegisterStage, stageRooms } from './staging.fixture.ts';

let database: FreshDatabase;
let stage: RegisterStage;
let service: RegisterService;
beforeAll(async () => {
  database = await freshDatabase(stageRooms);
  stage = await RegisterStage.start(database);
  service = stage.service();
}, 120_000);
afterAll(async () => {
  await stage?.end();
  await database?.drop();
});

const sleep = async () => undefined;
const randomness = seededRandomness('register test');
const code = () => drawResidentRecordCode(randomness).reveal();
let addressNumbers = 1000;
const row = (changes: Parameters<typeof cellsWith>[0] = {}) =>
  cellsWith({ address_number: String(addressNumbers++), resident_code: code(), ...changes });

const newcomer = (changes: Partial<Newcomer> = {}): Newcomer => ({
  addressNumber: String(addressNumbers++),
  householdNumber: '9501',
  relation: '世帯主',
  name: '例示　一郎',
  reading: 'レイジ　イチロウ',
  formerName: '',
  alias: '',
  birthDate: '1980-05-05',
  birthDateStated: '',
  sex: 'male',
  postcode: '1000001',
  address: '見本市北5丁目6番7号',
  residentCode: code(),
  ...changes,
});

/** Imports one row and gives its person, looked up by the address number. */
async function imported(cells: string[], municipality: MunicipalityCode = chiyoda): Promise<PersonId> {
  expect(await stage.import(residentCsv([cells]), municipality)).toMatchObject({
    state: 'finished',
    rowsRefused: 0,
  });
  const desk = await stage.desk('move-in', 'clerk', municipality);
  const { hits } = await stage.service(municipality).find(desk, { addressNumber: cells[0]! });
  expect(hits).toHaveLength(1);
  return hits[0]!.person;
}

async function fieldsOf(person: PersonId, groups: string[], municipality = chiyoda) {
  const desk = await stage.desk('move-in', 'clerk', municipality);
  return (await stage.service(municipality).show(desk, person, groups)).fields;
}
const numberOf = async (person: PersonId, municipality = chiyoda) =>
  (await fieldsOf(person, ['number'], municipality))['number']!['number']!;

const asked = (person: PersonId, event: Parameters<RegisterService['notice']>[0]['event']) =>
  service.notice({ person, event, requestId: stage.requestId(), eventDate: '令和8年3月1日' });
const arrival = (eventDate = '2026-03-01', municipality = chiyoda) => ({
  requestId: stage.requestId(),
  municipality,
  eventDate,
  today: service.today(),
});
const kindsOf = async (person: PersonId) => {
  const { lines } = await service.history(await stage.desk('own-record-at-desk'), person);
  return lines
    .map(({ payload }) => (JSON.parse(payload) as { kind: string }).kind)
    .filter((kind) => kind.startsWith('record') || kind.startsWith('number'));
};

describe('import through the gate', () => {
  it('gives everybody a number of his own and is found again by each search', async () => {
    const file = iconv.encode(
      residentCsv([row(), row({ name: '髙橋　﨑', reading: 'タカハシ　サキ' })]),
      'cp932',
    );
    expect(await stage.import(file)).toMatchObject({ state: 'finished', encoding: 'cp932', rowsCreated: 2 });
    const desk = await stage.desk('move-in');
    const byReading = await service.find(desk, { reading: 'たかはし さき', birthDate: 'S45.4.1' });
    expect(byReading.hits).toEqual([
      {
        person: expect.any(String),
        masked: { reading: 'タ・・・', birth_decade: '1970s' },
        status: 'resident',
      },
    ]);
    const { person } = byReading.hits[0]!;
    const { fields } = await service.show(desk, person, ['name', 'number', 'address']);
    expect(fields['name']).toMatchObject({ name: '髙橋　﨑', reading: 'タカハシ　サキ' });
    const number = fields['number']!['number']!;
    expect(number).toMatch(/^\d{12}$/);
    for (const by of [
      { number },
      { reading: 'タカハシ　サキ' },
      { address: '見本市中央一丁目２－３ メゾン見本' },
    ]) {
      expect((await service.find(desk, by)).hits.map((hit) => hit.person)).toContain(person);
    }
  });

  it('run again changes nothing: no line, no state, no number', async () => {
    const rows = Array.from({ length: 30 }, () => row());
    await stage.import(residentCsv(rows));
    const before = await stage.database
      .pool('superuser')
      .query('SELECT * FROM register.resident ORDER BY person_id');
    expect(await stage.import(residentCsv(rows))).toMatchObject({
      rowsCreated: 0,
      rowsChanged: 0,
      rowsUnchanged: 30,
    });
    const after = await stage.database
      .pool('superuser')
      .query('SELECT * FROM register.resident ORDER BY person_id');
    expect(after.rows).toEqual(before.rows);
  });

  it('a changed row is changed, with its line, and keeps its number', async () => {
    const cells = row();
    const person = await imported(cells);
    const number = await numberOf(person);
    const moved = cells.with(10, '見本市南9丁目9番9号');
    expect(await stage.import(residentCsv([moved]))).toMatchObject({ rowsChanged: 1, rowsCreated: 0 });
    expect((await fieldsOf(person, ['address']))['address']).toMatchObject({
      address: '見本市南9丁目9番9号',
    });
    expect(await numberOf(person)).toBe(number);
    expect(await kindsOf(person)).toEqual(['record.changed', 'record.created']);
  });

  it('keeps variant characters, variation selectors and unknown dates as they came', async () => {
    const name = '葛\u{E0100}西　神';
    const person = await imported(
      row({ name, former_name: '渡邉\u{E0102}', birth_date: '昭和20年8月日不詳' }),
    );
    const fields = await fieldsOf(person, ['name', 'birth']);
    expect(fields['name']).toMatchObject({ name, former_name: '渡邉\u{E0102}' });
    expect(fields['birth']).toMatchObject({ date: '1945-08-00', date_stated: '昭和20年8月日不詳' });
  });

  it('a new resident code under a known address number is refused: nobody gets two numbers', async () => {
    const cells = row();
    await imported(cells);
    const result = await stage.import(residentCsv([cells.with(11, code()), row()]));
    expect(result).toMatchObject({ rowsRefused: 1, rowsCreated: 1 });
    expect(result.report.refusals).toEqual([
      { line: 2, column: null, reason: 'refused-by-gate', kind: 'already-exists' },
    ]);
  });

  it('an import that breaks off is finished by the next run, and nobody gets a second number', async () => {
    const rows = Array.from({ length: 40 }, () => row());
    const { gate } = stage;
    let calls = 0;
    const breaking = {
      noteImport: gate.noteImport,
      write: async (i: Parameters<typeof gate.write>[0]) => {
        const results = await gate.write(i);
        // The third answer is lost on its way, and so is everything after it.
        if (++calls >= 3) throw new SekishoError('unreachable');
        return results;
      },
    };
    const broken = stage.import(residentCsv(rows), chiyoda, {
      gate: breaking,
      batchRows: 10,
      batchesAhead: 1,
      sleep,
    });
    await expect(broken).rejects.toMatchObject({ kind: 'unreachable' });
    expect(await stage.import(residentCsv(rows))).toMatchObject({ rowsCreated: 10, rowsUnchanged: 30 });
    const { rows: counts } = await stage.database.pool('superuser').query(
      `SELECT count(*)::int AS residents, count(DISTINCT number_index)::int AS numbers,
         (SELECT count(*)::int FROM national.number_index WHERE state = 'active') AS active FROM register.resident`,
    );
    expect(counts[0].numbers).toBe(counts[0].residents);
    expect(counts[0].active).toBe(counts[0].residents);
  });

  it('nothing of a file with a bad row reaches the register', async () => {
    const good = row();
    expect(await stage.import(residentCsv([good, row({ sex: '5' })]))).toMatchObject({ state: 'refused' });
    const { hits } = await service.find(await stage.desk('move-in'), { addressNumber: good[0]! });
    expect(hits).toEqual([]);
  });
});

describe('movers', () => {
  it('by file: found nation-wide, keeps person and number, is written out where he left', async () => {
    const cells = row();
    const person = await imported(cells);
    const number = await numberOf(person);
    const arrived = cells.with(0, '77001').with(10, '隣市東1番地').with(13, '令和8年2月1日');
    expect(await imported(arrived, chuo)).toBe(person);
    expect(await numberOf(person, chuo)).toBe(number);
    expect(await stage.store.statusOf(chiyoda, person)).toBe('moved-out');
    expect(await stage.store.statusOf(chuo, person)).toBe('resident');
    const desk = await stage.desk('move-in');
    expect((await service.find(desk, { number })).hits).toEqual([
      { person, masked: {}, status: 'elsewhere' },
    ]);
  });

  it('the old town’s next file, with his closed row, does not fetch him back', async () => {
    const cells = row();
    const person = await imported(cells);
    await imported(cells.with(0, '77002').with(10, '隣市東1番地'), chuo);
    const closed = cells.with(12, '転出').with(13, '令和8年2月1日');
    expect(await stage.import(residentCsv([closed]))).toMatchObject({ rowsRefused: 0, rowsCreated: 0 });
    expect(await stage.store.statusOf(chuo, person)).toBe('resident');
    expect(await stage.store.statusOf(chiyoda, person)).toBe('moved-out');
  });

  it('at the desk: move out, then move in elsewhere, and back again', async () => {
    const cells = row();
    const person = await imported(cells);
    const number = await numberOf(person);
    await service.applyOne(await stage.desk('move-out'), moveOut(await asked(person, 'move-out')));
    expect(await stage.store.statusOf(chiyoda, person)).toBe('moved-out');
    const there = newcomer({
      residentCode: cells[11]!,
      name: cells[2]!,
      reading: cells[3]!,
      birthDate: '1970-04-01',
    });
    const away = await stage.desk('move-in', 'clerk', chuo);
    const result = await stage.service(chuo).applyOne(away, moveIn(arrival('2026-03-02', chuo), there));
    expect(result).toMatchObject({ outcome: 'created', person });
    const back = await service.applyOne(
      await stage.desk('move-in'),
      moveIn(arrival('2026-03-20'), { ...there, addressNumber: cells[0]! }),
    );
    expect(back).toMatchObject({ person });
    expect(await numberOf(person)).toBe(number);
    expect(await stage.store.statusOf(chuo, person)).toBe('moved-out');
  });
});

describe('life events', () => {
  it('birth: a new person with a number of his own', async () => {
    const child = newcomer({
      relation: '子',
      birthDate: '2026-03-01',
      name: '例示　新子',
      reading: 'レイジ　シンコ',
    });
    const result = await service.applyOne(await stage.desk('ex-officio-entry'), birth(arrival(), child));
    expect(result.outcome).toBe('created');
    expect(await numberOf(result.person!)).toMatch(/^\d{12}$/);
  });

  it('the same notice sent twice makes one person', async () => {
    const op = birth(arrival(), newcomer({ relation: '子', birthDate: '2026-03-01' }));
    const desk = await stage.desk('ex-officio-entry');
    const first = await service.applyOne(desk, op);
    expect(await service.applyOne(desk, op)).toMatchObject({ person: first.person!, line: first.line! });
  });

  it('a birth or a move-in under the code of one who lives here is refused: nobody is written over', async () => {
    const adult = newcomer({ relation: '世帯主' });
    const { person } = await service.applyOne(await stage.desk('move-in'), moveIn(arrival(), adult));
    const number = await numberOf(person!);
    const child = { ...adult, birthDate: '2026-03-01', relation: '子', addressNumber: '99777777' };
    for (const [purpose, op] of [
      ['ex-officio-entry', birth(arrival(), child)],
      ['move-in', moveIn(arrival(), { ...child, name: '例示　別人' })],
    ] as const) {
      await expect(service.applyOne(await stage.desk(purpose), op)).rejects.toMatchObject({
        kind: 'conflict',
        facts: { what: 'status', status: 'resident' },
      });
    }
    expect(await numberOf(person!)).toBe(number);
  });

  it('move within, name change and correction change what they name and nothing else', async () => {
    const person = await imported(row());
    const number = await numberOf(person);
    const to = { postcode: '1000009', address: '見本市西7丁目8番9号' };
    await service.applyOne(
      await stage.desk('move-within'),
      moveWithin(await asked(person, 'move-within'), to),
    );
    const name = { name: '見本　新子', reading: 'ミホン　シンコ', formerName: '旧見本', alias: '' };
    await service.applyOne(
      await stage.desk('ex-officio-entry'),
      nameChange(await asked(person, 'name-change'), name),
    );
    const fix = correction(
      await asked(person, 'correction'),
      { birth: { date: '1970-04-02' } },
      '届書の転記誤り',
    );
    await service.applyOne(await stage.desk('correction', 'supervisor'), fix);
    const fields = await fieldsOf(person, ['name', 'birth', 'address', 'household']);
    expect(fields).toMatchObject({
      name: { name: '見本　新子', former_name: '旧見本' },
      birth: { date: '1970-04-02', sex: 'female' },
      address: to,
      household: { relation: '世帯主', household_number: '501' },
    });
    expect(await numberOf(person)).toBe(number);
    expect(await kindsOf(person)).toEqual([
      'record.corrected',
      'record.changed',
      'record.changed',
      'record.created',
    ]);
  });

  it('death closes the record; the number stays his', async () => {
    const cells = row();
    const person = await imported(cells);
    const number = await numberOf(person);
    await service.applyOne(await stage.desk('ex-officio-entry'), death(await asked(person, 'death')));
    expect(await stage.store.statusOf(chiyoda, person)).toBe('deceased');
    expect(await numberOf(person)).toBe(number);
    await expect(asked(person, 'move-within')).rejects.toMatchObject({ kind: 'conflict' });
  });

  it('a change on a state that somebody else has changed meanwhile is refused', async () => {
    const person = await imported(row());
    const desk = await stage.desk('move-within');
    const to = (address: string) => ({ postcode: '', address });
    const first = await service.applyOne(
      desk,
      moveWithin(await asked(person, 'move-within'), to('見本市甲1番')),
    );
    const stale = { ...(await asked(person, 'move-within')), expect: '00'.repeat(32) };
    await expect(service.applyOne(desk, moveWithin(stale, to('見本市乙2番')))).rejects.toMatchObject({
      kind: 'conflict',
      facts: { reason: 'state' },
    });
    const fresh = { ...(await asked(person, 'move-within')), expect: first.state! };
    expect(await service.applyOne(desk, moveWithin(fresh, to('見本市乙2番')))).toMatchObject({
      outcome: 'changed',
    });
  });

  it('a desk without the purpose is refused', async () => {
    const person = await imported(row());
    const notice = await asked(person, 'move-out');
    const wrong: Desk = await stage.desk('residence-certificate');
    await expect(service.applyOne(wrong, moveOut(notice))).rejects.toMatchObject({ kind: 'no-authority' });
    expect(await stage.store.statusOf(chiyoda, person)).toBe('resident');
  });
});

describe('households', () => {
  it('split and merge: the index follows, by id only', async () => {
    const family = { household_number: '8801' };
    const father = await imported(row(family));
    const mother = await imported(row({ ...family, relation: '妻' }));
    const son = await imported(row({ ...family, relation: '子' }));
    expect((await service.householdOf(father)).sort()).toEqual([father, mother, son].sort());
    const member = async (person: PersonId, relation: string) => ({
      notice: await asked(person, 'household-change'),
      relation,
    });
    const ops = splitHousehold({
      leaving: [await member(son, '世帯主')],
      staying: [await member(father, '世帯主'), await member(mother, '妻')],
      oldHouseholdNumber: '8801',
      newHouseholdNumber: '8802',
    });
    const results = await service.apply(await stage.desk('household-change'), ops);
    expect(results.map(({ outcome }) => outcome)).toEqual(['changed', 'changed', 'changed']);
    expect(await service.householdOf(son)).toEqual([son]);
    expect((await service.householdOf(father)).sort()).toEqual([father, mother].sort());
    const fields = await fieldsOf(son, ['household']);
    expect(fields['household']).toMatchObject({ household_number: '8802', relation: '世帯主' });
    expect(fields['household']!['address_number']).toMatch(/^\d+$/);
  });
});

describe('number change (番号法 art. 7(2))', () => {
  const cause = {
    by: 'request',
    circumstance: 'leak',
    leaked: true,
    misuseFeared: true,
    evidenceSeen: true,
  } as const;

  it('gives a new number; the old one finds nobody and is never given again', async () => {
    const person = await imported(row());
    const old = await numberOf(person);
    const desk = await stage.desk('number-change', 'supervisor');
    const changed = await service.applyOne(desk, numberChange(await asked(person, 'number-change'), cause));
    expect(changed.outcome).toBe('changed');
    const fresh = await numberOf(person);
    expect(fresh).not.toBe(old);
    expect((await service.find(desk, { number: old })).hits).toEqual([]);
    expect((await service.find(desk, { number: fresh })).hits.map((hit) => hit.person)).toEqual([person]);
    const { rows } = await stage.database
      .pool('superuser')
      .query(
        'SELECT state, count(*)::int FROM national.number_index WHERE person_id = $1 GROUP BY state ORDER BY state',
        [person],
      );
    expect(rows).toEqual([
      { state: 'active', count: 1 },
      { state: 'retired', count: 1 },
    ]);
    expect((await kindsOf(person))[0]).toBe('number.changed');
  });

  it('a clerk may not change a number', async () => {
    const person = await imported(row());
    await expect(stage.desk('number-change', 'clerk')).rejects.toMatchObject({ class: 'refused' });
    const notice = await asked(person, 'number-change');
    const desk = await stage.desk('move-in');
    await expect(service.applyOne(desk, numberChange(notice, cause))).rejects.toMatchObject({
      kind: 'no-authority',
    });
  });
});

describe('the whole register after all this', () => {
  it('verifies, in both municipalities', async () => {
    for (const municipality of [chiyoda, chuo]) {
      const { session } = await stage.worker('officer', municipality);
      const { verified, findings } = await stage.service(municipality).verify(session);
      expect(findings).toEqual([]);
      expect(verified.rows).toBeGreaterThan(0);
    }
  });
});
