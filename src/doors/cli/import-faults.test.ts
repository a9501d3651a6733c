import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { request } from 'node:http';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import iconv from 'iconv-lite';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { drawResidentRecordCode } from '../../core/numbers/index.ts';
import { systemRandomness } from '../../ground/randomness.ts';
import { RunningHouse } from './running-house.fixture.ts';

// Resident files as they come: good, half good, broken, hostile, interrupted; through the command line on the house as it runs.

let town: RunningHouse;
beforeAll(async () => {
  town = await RunningHouse.start({ residents: 0 });
}, 180_000);
afterAll(() => town?.close(), 60_000);

const header =
  '宛名番号,世帯番号,氏名,氏名カナ,旧氏,通称,生年月日,性別,続柄,郵便番号,住所,住民票コード,異動事由,異動日';
let drawn = 0;
beforeEach(() => {
  // Each test its own people.
  drawn += 1_000;
});
function row(more: Partial<Record<'number' | 'name' | 'sex' | 'birth' | 'code', string>> = {}): string {
  const number = more.number ?? String(8_000_000_000 + ++drawn);
  const code = more.code ?? drawResidentRecordCode(systemRandomness()).reveal();
  const [name, sex, birth] = [more.name ?? '試験　太郎', more.sex ?? '男', more.birth ?? '昭和60年3月4日'];
  return `${number},${number},${name},シケン　タロウ,,,${birth},${sex},世帯主,390-0874,長野県松本市大手３丁目８番１３号,${code},,`;
}
const csv = (...rows: string[]) => [header, ...rows, ''].join('\r\n');
const send = (file: string, more: string[] = [], as = 'registrar') =>
  town.run(['register', 'import', file, '--as', as, '--note', '取込み', ...more]);
const isThere = async (number: string) => {
  const desk = ['--as', 'clerk', '--purpose', 'residence-certificate', '--note', '照会'];
  return (await town.run(['register', 'find', '--address-number', number, ...desk])).code === 0;
};
/** What is left in the office's folder of uploads. */
const uploads = () => readdirSync(join(town.data, 'uploads'));

describe('a file with bad rows', { timeout: 60_000 }, () => {
  it('is refused whole, and the good rows are not there', async () => {
    const file = town.file('half.csv', csv(row({ number: '8100000001' }), row({ sex: '猫' })));
    const { code, answer } = await send(file);
    expect(code).toBe(3);
    expect(answer).toMatchObject({ state: 'refused', rowsRead: 2, rowsRefused: 1, rowsCreated: 0 });
    expect(answer.refusedRows).toEqual([
      { line: 3, column: 'sex', reason: 'sex-unknown', kind: null, words: expect.anything() },
    ]);
    expect(await isThere('8100000001')).toBe(false);
  });

  it('--accept-good imports the others, still with exit 3', async () => {
    const file = town.file('half.csv', csv(row({ number: '8100000002' }), row({ sex: '猫' }), row()));
    const { code, answer } = await send(file, ['--accept-good']);
    expect(code).toBe(3);
    expect(answer).toMatchObject({ state: 'finished', rowsRead: 3, rowsRefused: 1, rowsCreated: 2 });
    expect(await isThere('8100000002')).toBe(true);
  });

  it('--refused writes place and reason of every fault, and no value', async () => {
    const bad = [
      row({ name: '' }),
      row({ birth: '昭和99年1月1日' }),
      row({ code: '12345678901' }),
      row({ sex: '猫' }).replace(/^\d+/, 'x1'),
    ];
    const report = join(town.folder, 'refused.csv');
    expect((await send(town.file('bad.csv', csv(...bad)), ['--refused', report])).code).toBe(3);
    const text = readFileSync(report, 'utf8');
    expect(text.startsWith('\uFEFFline,column,reason,kind,')).toBe(true);
    const lines = text.slice(1).trimEnd().split('\r\n').slice(1);
    expect(lines.map((line) => line.split(',').slice(0, 3).join(','))).toEqual([
      '2,name,required',
      '3,birth_date,date-era-range',
      '4,resident_code,resident-code-check-digit',
      '5,address_number,number-format',
      '5,sex,sex-unknown',
    ]);
    for (const value of ['12345678901', '猫', '昭和99年', 'x1']) expect(text).not.toContain(value);
  });

  it('--refused of a file without a fault holds its header alone', async () => {
    const report = join(town.folder, 'none.csv');
    expect((await send(town.file('good.csv', csv(row())), ['--refused', report])).code).toBe(0);
    expect(readFileSync(report, 'utf8').trimEnd().split('\r\n')).toHaveLength(1);
  });

  it('the same person twice in the file', async () => {
    const code = drawResidentRecordCode(systemRandomness()).reveal();
    const { answer } = await send(town.file('twice.csv', csv(row({ code }), row(), row({ code }))));
    const reasons = answer.refusedRows.map(({ reason }: { reason: string }) => reason);
    expect(answer.state).toBe('refused');
    expect(new Set(reasons)).toEqual(new Set(['duplicate-resident-code']));
  });
});

describe('encodings', { timeout: 60_000 }, () => {
  it('CP932 and UTF-8, with and without a byte order mark, are told apart by content', async () => {
    const text = () => csv(row({ name: '髙橋　①' }));
    expect((await send(town.file('a.csv', iconv.encode(text(), 'cp932')))).answer.encoding).toBe('cp932');
    expect((await send(town.file('b.csv', text()))).answer.encoding).toBe('utf-8');
    expect((await send(town.file('c.csv', `\uFEFF${text()}`))).answer).toMatchObject({
      encoding: 'utf-8',
      rowsCreated: 1,
    });
  });

  it.each([
    ['UTF-8 read as CP932', 'cp932', (text: string) => Buffer.from(text)],
    ['CP932 read as UTF-8', 'utf-8', (text: string) => iconv.encode(text, 'cp932')],
  ])('%s imports nobody', async (_name, encoding, encode) => {
    const file = town.file('wrong.csv', encode(csv(row({ number: '8100000009' }))));
    const { code } = await send(file, ['--encoding', encoding]);
    expect(code).toBe(3);
    expect(await isThere('8100000009')).toBe(false);
  });

  it('bytes that are no text at all', async () => {
    const rubbish = Buffer.from(Array.from({ length: 4_000 }, (_, i) => (i * 7919) % 256));
    expect((await send(town.file('rubbish.csv', rubbish))).code).toBe(3);
    expect(uploads()).toEqual([]);
  });
});

describe('files that are broken', { timeout: 60_000 }, () => {
  it.each<[string, () => string, Record<string, unknown>]>([
    ['an empty file', () => '', { reason: 'empty' }],
    ['a byte order mark and nothing else', () => '\uFEFF', { reason: 'empty' }],
    ['line ends alone', () => '\r\n\r\n', {}],
    ['no header', () => `${row()}\r\n`, { what: 'resident-file-header' }],
    [
      'a header that lacks a column',
      () => `${header.replace(',住民票コード', '')}\r\n`,
      { what: 'resident-file-header', missing: '住民票コード' },
    ],
    ['a header with a column twice', () => `${header},氏名\r\n`, { duplicate: '氏名' }],
    ['another header altogether', () => 'a,b,c\r\n1,2,3\r\n', { what: 'resident-file-header' }],
  ])('%s: exit 3 with what is wrong', async (_name, content, facts) => {
    const ran = await send(town.file('broken.csv', content()));
    expect([ran.code, ran.kind]).toEqual([3, 'bad-input']);
    expect(ran.facts).toMatchObject(facts);
    // Without a header a resident stands in its place: nothing of him comes back.
    for (const value of ['試験', '大手', '昭和60']) expect(ran.err).not.toContain(value);
    expect(uploads()).toEqual([]);
  });

  it.each<[string, () => string, string]>([
    ['cut off in the middle of a row', () => csv(row()).slice(0, -30), 'column-count'],
    ['a quotation mark that is never closed', () => `${header}\r\n"${row()}\r\n`, 'unterminated-quote'],
    ['a NUL', () => csv(row({ name: '試\u0000験' })), 'nul'],
    ['a row of another width', () => csv(`${row()},extra`), 'column-count'],
    ['a sign that turns the text around', () => csv(row({ name: '試\u202e験' })), 'control-character'],
    ['a million columns', () => csv(','.repeat(1_000_000)), 'line-too-long'],
  ])('%s: the row is named, nobody is imported', async (_name, content, reason) => {
    const { code, answer } = await send(town.file('broken.csv', content()));
    expect(code).toBe(3);
    expect(answer).toMatchObject({ state: 'refused', rowsCreated: 0 });
    expect(answer.refusedRows.map((refused: { reason: string }) => refused.reason)).toContain(reason);
  });

  it('a file without residents is no fault', async () => {
    expect((await send(town.file('nobody.csv', csv()))).answer).toMatchObject({
      state: 'finished',
      rowsRead: 0,
    });
  });

  it('a file that is not there; a folder; an encoding nobody knows', async () => {
    expect((await send(join(town.folder, 'missing.csv'))).code).toBe(5);
    expect((await send(town.folder)).code).toBe(5);
    expect((await send('x.csv', ['--encoding', 'ebcdic'])).code).toBe(2);
  });
});

describe('who may import', { timeout: 60_000 }, () => {
  it.each(['clerk', 'supervisor', 'officer', 'administrator'])(
    'not a %s, and nobody is there afterwards',
    async (who) => {
      const number = String(8_200_000_000 + drawn);
      const { code } = await send(town.file('town.csv', csv(row({ number }))), [], who);
      expect(code).toBe(4);
      expect(await isThere(number)).toBe(false);
      expect(uploads()).toEqual([]);
    },
  );

  it('an upload without a session is not even read', async () => {
    const body = csv(row());
    const address = `${town.house.officeUrl}/v1/imports?caseId=c`;
    const answer = await fetch(address, { method: 'POST', body, headers: { 'content-type': 'text/csv' } });
    expect(answer.status).toBe(401);
    expect(uploads()).toEqual([]);
  });
});

describe('interrupted and at once', { timeout: 120_000 }, () => {
  const bigFile = (name: string, rows: number) =>
    town.file(
      name,
      csv(...Array.from({ length: rows }, () => row({ number: String(8_300_000_000 + ++drawn) }))),
    );
  const importArgs = (file: string) => ['register', 'import', file, '--as', 'registrar', '--note', '取込み'];

  it('Ctrl-C ends the command with 130; run again the file is complete and nobody is there twice', async () => {
    const rows = 3_000;
    const file = bigFile('big.csv', rows);
    const { child, ended } = town.spawn(importArgs(file));
    // Once the office has the file the import is under way.
    await expect.poll(uploads, { timeout: 60_000, interval: 5 }).not.toEqual([]);
    await sleep(150);
    child.kill('SIGINT');
    const { code, out } = await ended;
    expect([code, out]).toEqual([130, '']);
    const again = await send(file);
    expect(again.code).toBe(0);
    const { rowsRead, rowsCreated, rowsChanged, rowsUnchanged } = again.answer;
    expect(rowsRead).toBe(rows);
    expect(rowsChanged).toBe(0);
    expect(rowsCreated + rowsUnchanged).toBe(rows);
    expect((await send(file)).answer).toMatchObject({ rowsUnchanged: rows, rowsCreated: 0 });
  });

  it('two imports of one file at once end with each person there once', async () => {
    const rows = 400;
    const file = bigFile('both.csv', rows);
    const [first, second] = await Promise.all([send(file), send(file)]);
    expect(first.answer.rowsCreated + second.answer.rowsCreated).toBe(rows);
    // Where both reach for one person at the same moment, one of them may be told so; he is never entered twice.
    const kinds = [...first.answer.refusedRows, ...second.answer.refusedRows].map(({ kind }) => kind);
    expect(kinds.filter((kind) => !['conflict', 'already-exists'].includes(kind))).toEqual([]);
    expect((await send(file)).answer).toMatchObject({ rowsUnchanged: rows, rowsRefused: 0 });
    const { verified } = await town.ok(['register', 'verify', '--as', 'officer']);
    expect(verified.findings).toBe(0);
  });

  it('an upload that breaks off leaves nothing behind', async () => {
    const office = await town.office('registrar');
    const { caseId } = await office.openCase({ body: { purpose: 'register-keeping', note: 'x' } });
    const sent = request(`${town.house.officeUrl}/v1/imports?caseId=${caseId}`, {
      method: 'POST',
      headers: { 'content-type': 'text/csv', authorization: `Bearer ${office.session}` },
    });
    sent.on('error', () => undefined);
    sent.write(`${header}\r\n${row()}\r\n`);
    await expect.poll(uploads, { timeout: 20_000, interval: 10 }).not.toEqual([]);
    sent.destroy();
    await expect.poll(uploads, { timeout: 20_000 }).toEqual([]);
    await office.signOut();
  });

  it('an import is nobody else’s business, and its report is not on disk', async () => {
    const { answer } = await send(town.file('mine.csv', csv(row({ sex: '猫' }))));
    const stranger = await fetch(`${town.house.officeUrl}/v1/imports/${answer.importId}`, {
      headers: { authorization: `Bearer ${'x'.repeat(43)}` },
    });
    expect(stranger.status).toBe(401);
    expect(uploads()).toEqual([]);
    expect(existsSync(join(town.data, 'logs', 'office.log'))).toBe(true);
    expect(readFileSync(join(town.data, 'logs', 'office.log'), 'utf8')).not.toContain('猫');
  });
});
