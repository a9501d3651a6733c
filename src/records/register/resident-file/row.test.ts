import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Header, type ResidentColumn, readHeader, residentColumns } from './columns.ts';
import { refusalReasons } from './refusal.ts';
import { wordsOf } from './report.ts';
import { type RowRules, readRow } from './row.ts';
import { cellsWith, headerCells } from './sample-rows.fixture.ts';

const read = readHeader(headerCells);
const header = (read as { header: Header }).header;
const rules: RowRules = { today: '2026-04-01' };
const rowOf = (changes: Partial<Record<ResidentColumn, string>>, with_: RowRules = rules) =>
  readRow({ line: 7, cells: cellsWith(changes) }, header, with_);

describe('a sound row', () => {
  it('becomes a resident with canonical numbers and dates and text as it came', () => {
    expect(rowOf({})).toEqual({
      ok: true,
      resident: {
        addressNumber: '1001',
        householdNumber: '501',
        name: '見本　花子',
        reading: 'ミホン　ハナコ',
        formerName: '',
        alias: '',
        birthDate: '1970-04-01',
        birthDateStated: '',
        sex: 'female',
        relation: '世帯主',
        postcode: '1000001',
        address: '見本市中央1丁目2番3号',
        residentCode: '24727059608',
        status: 'resident',
        event: 'move-in',
        eventDate: '2020-04-01',
      },
    });
  });

  it.each([
    [{ name: '髙橋 﨑' }, { name: '髙橋 﨑' }],
    [{ name: '渡邉\u{E0102}　神' }, { name: '渡邉\u{E0102}　神' }],
    [{ reading: 'ﾐﾎﾝ ﾊﾅｺ' }, { reading: 'ﾐﾎﾝ ﾊﾅｺ' }],
    [{ reading: 'みほん はなこ' }, { reading: 'みほん はなこ' }],
    [{ address_number: '１００１' }, { addressNumber: '1001' }],
    [{ address_number: '000000000001001' }, { addressNumber: '000000000001001' }],
    [{ resident_code: '２４７２－７０５９－６０８' }, { residentCode: '24727059608' }],
    [{ birth_date: '昭和20年8月日不詳' }, { birthDate: '1945-08-00', birthDateStated: '昭和20年8月日不詳' }],
    [{ sex: '1' }, { sex: 'male' }],
    [{ sex: '不明' }, { sex: 'unknown' }],
    [
      { name: 'SAMPLE JOHN', reading: '', alias: '見本　次郎' },
      { name: 'SAMPLE JOHN', reading: '' },
    ],
    [
      { name: 'ＳＡＭＰＬＥ　ＪＯＨＮ', reading: '' },
      { name: 'ＳＡＭＰＬＥ　ＪＯＨＮ', reading: '' },
    ],
    [{ relation: '夫(未届)' }, { relation: '夫(未届)' }],
    [{ relation: '妻の子' }, { relation: '妻の子' }],
    [
      { event: '', event_date: '' },
      { status: 'resident', event: '', eventDate: '' },
    ],
    [{ event: '死亡' }, { status: 'deceased', event: 'death' }],
    [{ event: '転出' }, { status: 'moved-out', event: 'move-out' }],
    [{ event: '職権消除' }, { status: 'removed', event: 'removal' }],
    [{ event: '婚姻' }, { status: 'resident', event: 'name-change' }],
    [{ postcode: '' }, { postcode: '' }],
  ])('%j', (changes, expected) => {
    expect(rowOf(changes)).toMatchObject({ ok: true, resident: expected });
  });
});

/** One case per reason and column: what goes in, and the only refusal that may come out. */
const refused: [string, Partial<Record<ResidentColumn, string>>, ResidentColumn][] = [
  ['required', { address_number: '' }, 'address_number'],
  ['required', { household_number: ' ' }, 'household_number'],
  ['required', { name: '　' }, 'name'],
  ['required', { reading: '' }, 'reading'],
  ['required', { birth_date: '' }, 'birth_date'],
  ['required', { sex: '' }, 'sex'],
  ['required', { relation: '' }, 'relation'],
  ['required', { address: '' }, 'address'],
  ['required', { resident_code: '' }, 'resident_code'],
  ['required', { event_date: '' }, 'event_date'],
  ['too-long', { name: '長'.repeat(101) }, 'name'],
  ['too-long', { reading: 'ナ'.repeat(201) }, 'reading'],
  ['too-long', { address: '長'.repeat(301) }, 'address'],
  ['encoding', { name: '見\uFFFD' }, 'name'],
  ['control-character', { name: '見\u0007本' }, 'name'],
  ['control-character', { address: '見本市\r\n中央' }, 'address'],
  ['control-character', { alias: '見\u202E本' }, 'alias'],
  ['private-use-character', { name: '見\uE000' }, 'name'],
  ['private-use-character', { former_name: '見\u{F0000}' }, 'former_name'],
  ['number-format', { address_number: '10-01' }, 'address_number'],
  ['number-format', { household_number: '1'.repeat(16) }, 'household_number'],
  ['reading-not-kana', { reading: '見本' }, 'reading'],
  ['date-format', { birth_date: '45年4月1日' }, 'birth_date'],
  ['date-era', { birth_date: '慶応3年4月1日' }, 'birth_date'],
  ['date-era-range', { birth_date: '昭和64年1月8日' }, 'birth_date'],
  ['date-impossible', { birth_date: '1970-02-30' }, 'birth_date'],
  ['date-unknown-part', { event_date: '令和2年4月不詳' }, 'event_date'],
  ['date-too-early', { birth_date: '1600-01-01' }, 'birth_date'],
  ['date-future', { birth_date: '2026-04-02', event: '', event_date: '' }, 'birth_date'],
  ['date-future', { event_date: '2026-04-02' }, 'event_date'],
  ['sex-unknown', { sex: '5' }, 'sex'],
  ['relation-format', { relation: 'head' }, 'relation'],
  ['postcode-format', { postcode: '100-001' }, 'postcode'],
  ['resident-code-format', { resident_code: '2472705960' }, 'resident_code'],
  ['resident-code-format', { resident_code: '2472705960x' }, 'resident_code'],
  ['resident-code-check-digit', { resident_code: '24727059609' }, 'resident_code'],
  ['event-unknown', { event: '引越' }, 'event'],
  ['event-date-without-event', { event: '' }, 'event_date'],
  ['event-before-birth', { event_date: '昭和45年3月31日' }, 'event_date'],
];

describe('a row refused', () => {
  it.each(refused)('%s: %j', (reason, changes, column) => {
    expect(rowOf(changes)).toEqual({ ok: false, refusals: [{ line: 7, column, reason }] });
  });

  it('column-count', () => {
    const refusals = [{ line: 7, column: null, reason: 'column-count' }];
    expect(readRow({ line: 7, cells: cellsWith().slice(1) }, header, rules)).toEqual({ ok: false, refusals });
    expect(readRow({ line: 7, cells: [...cellsWith(), ''] }, header, rules)).toEqual({ ok: false, refusals });
  });

  it.each(['quote', 'unterminated-quote', 'line-too-long', 'nul'] as const)('%s', (fault) => {
    expect(readRow({ line: 7, cells: [], fault }, header, rules)).toEqual({
      ok: false,
      refusals: [{ line: 7, column: null, reason: fault }],
    });
  });

  it('all faults of a row at once', () => {
    const result = rowOf({ name: '', birth_date: 'x', sex: '5', resident_code: '1', event: '引越' });
    expect(
      result.ok ? [] : result.refusals.map(({ column, reason }) => `${column}:${reason}`).sort(),
    ).toEqual([
      'birth_date:date-format',
      'event:event-unknown',
      'name:required',
      'resident_code:resident-code-format',
      'sex:sex-unknown',
    ]);
  });

  it('private-use characters are kept when told so', () => {
    expect(rowOf({ name: '見\uE000' }, { ...rules, privateUse: 'keep' })).toMatchObject({
      ok: true,
      resident: { name: '見\uE000' },
    });
  });

  it('every reason has words in both languages and, unless it needs the whole file or the gate, a case here', () => {
    const elsewhere = ['duplicate-address-number', 'duplicate-resident-code', 'refused-by-gate'];
    const here = [
      'column-count',
      'quote',
      'unterminated-quote',
      'line-too-long',
      'nul',
      ...refused.map(([reason]) => reason),
    ];
    for (const reason of refusalReasons) {
      expect(wordsOf(reason).ja.length * wordsOf(reason).en.length).toBeGreaterThan(0);
      expect([...elsewhere, ...here]).toContain(reason);
    }
  });
});

describe('properties', () => {
  const texts = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 40 }),
    fc.constantFrom(...cellsWith(), '不詳', '0', '\0'),
  );
  it('any cells give a resident or typed refusals at their line, and never a value', () => {
    fc.assert(
      fc.property(fc.array(texts, { minLength: 14, maxLength: 14 }), (cells) => {
        const result = readRow({ line: 3, cells }, header, rules);
        if (result.ok) return;
        expect(result.refusals.length).toBeGreaterThan(0);
        for (const refusal of result.refusals) {
          expect(Object.keys(refusal).sort()).toEqual(['column', 'line', 'reason']);
          expect(refusalReasons).toContain(refusal.reason);
          expect([null, ...residentColumns]).toContain(refusal.column);
        }
        const columns = result.refusals.map(({ column }) => column);
        expect(new Set(columns).size).toBe(columns.length);
      }),
      { numRuns: 1_000 },
    );
  });
});
