import { describe, expect, it } from 'vitest';
import { ResidentRecordCode } from '../core/numbers/index.ts';
import faultTable from './data/faults.json' with { type: 'json' };
import { faultyFile, faultyRows } from './faulty-rows.ts';
import { residentFileColumns } from './resident.ts';

const encodings = ['cp932', 'utf-8'] as const;
const label = { cp932: 'shift_jis', 'utf-8': 'utf-8' };
const decode = (bytes: Uint8Array, encoding: (typeof encodings)[number]) =>
  new TextDecoder(label[encoding]).decode(bytes);
const rows = [...faultyRows('test')];
const named = (fault: string) => rows.find((row) => row.fault === fault)!;
const cells = (fault: string) => decode(named(fault).bytes, 'cp932').trimEnd().split(',');

describe.each(encodings)('faulty rows in %s', (encoding) => {
  const drawn = [...faultyRows('test', encoding)];

  it('are the same for the same seed, others for another', () => {
    const bytes = (seed: string) => Buffer.concat([...faultyRows(seed, encoding)].map((row) => row.bytes));
    expect(bytes('test').equals(bytes('test'))).toBe(true);
    expect(bytes('test').equals(bytes('other'))).toBe(false);
  });

  it('cover every fault of the table that the encoding can carry, each once', () => {
    const names = drawn.map((row) => row.fault);
    expect(new Set(names).size).toBe(names.length);
    for (const fault of faultTable.faults) {
      const carried = !('encodings' in fault) || (fault.encodings as string[]).includes(encoding);
      expect(names.includes(fault.fault)).toBe(carried);
    }
  });

  it('name refusals by columns of the contract, in their own records and lines', () => {
    for (const { refusals, records, lines, bytes, fault } of drawn) {
      expect(bytes.subarray(-2).toString('latin1')).toBe('\r\n');
      expect(bytes.filter((byte) => byte === 0x0a).length).toBe(lines);
      expect(lines).toBeGreaterThanOrEqual(records);
      expect(refusals.length === 0).toBe(fault.startsWith('sound'));
      for (const { column, record, line, reason } of refusals) {
        if (column !== null) expect(residentFileColumns).toContain(column);
        expect(record).toBeLessThan(records);
        expect(line).toBeLessThan(lines);
        expect(reason).toMatch(/^[a-z-]+$/);
      }
    }
  });

  it('carry undecodable bytes exactly where that is the fault', () => {
    for (const { bytes, refusals } of drawn) {
      const broken = decode(bytes, encoding).includes('\ufffd');
      expect(broken).toBe(refusals.some(({ reason }) => reason === 'encoding'));
    }
  });
});

describe('single faults', () => {
  it('a wrong check digit is the only thing wrong with the code', () => {
    const code = cells('resident record code: wrong check digit')[11]!;
    expect(code).toMatch(/^\d{11}$/);
    expect(ResidentRecordCode.tryParse(code)).toBeUndefined();
    const right = [1, 2, 3, 4, 5, 6, 7, 8, 9].filter((d) =>
      ResidentRecordCode.tryParse(code.slice(0, 10) + d),
    );
    expect(right).toHaveLength(1);
  });

  it('a cell too few or too many is just that', () => {
    expect(cells('row: a cell too few')).toHaveLength(13);
    expect(cells('row: a cell too many')).toHaveLength(15);
  });

  it('duplicates differ in all but the one number', () => {
    const [a, b, c] = decode(named('宛名番号: the same in 3 rows').bytes, 'cp932').trimEnd().split('\r\n');
    const first = [a, b, c].map((row) => row!.split(',')[0]);
    expect(new Set(first).size).toBe(1);
    expect(new Set([a, b, c].map((row) => row!.split(',')[11])).size).toBe(3);
    expect(named('住民票コード: the same in 2 rows').refusals.map(({ record }) => record)).toEqual([0, 1]);
  });

  it('a line break inside quotes makes one record of two lines', () => {
    const row = named('name: line break inside quotes');
    expect(row).toMatchObject({ records: 1, lines: 2 });
    expect(decode(row.bytes, 'cp932')).toContain('"山田\r\n太郎"');
  });

  it('gaiji decode to a private-use character', () => {
    expect(decode(named('name: private-use character (gaiji)').bytes, 'cp932')).toContain('\ue000');
  });

  it('a quotation that never closes comes last', () => {
    expect(rows.at(-1)!.fault).toBe('row: quotation never closed');
    expect(decode(rows.at(-1)!.bytes, 'cp932').split('"')).toHaveLength(2);
  });

  it('quoted and padded cells hold what they held', () => {
    expect(decode(named('sound: every cell quoted').bytes, 'cp932')).toMatch(
      /^"99\d{8}","98\d{8}",".*"\r\n$/,
    );
    expect(cells('sound: blanks around every cell')[0]).toMatch(/^ 99\d{8}　$/);
  });
});

describe.each(encodings)('a faulty file in %s', (encoding) => {
  const file = faultyFile('test', encoding);
  const lines = decode(file.bytes, encoding).split('\r\n');

  it('begins with the header and names its refusals by physical line', () => {
    expect(lines[0]).toBe(residentFileColumns.join(','));
    const at = (reason: string) =>
      file.refusals.filter((r) => r.reason === reason).map(({ line }) => lines[line - 1]!);
    expect(at('unterminated-quote')[0]!.startsWith('"')).toBe(true);
    for (const line of at('column-count')) expect(line.split(',')).not.toHaveLength(14);
    for (const line of at('number-format')) expect(line).toMatch(/A-1234|9\.8E\+09/);
    const duplicates = at('duplicate-address-number').map((line) => line.split(',')[0]);
    expect(duplicates).toHaveLength(3);
    expect(new Set(duplicates).size).toBe(1);
  });

  it('counts its sound records', () => {
    const faulty = new Set(file.refusals.map(({ line }) => line));
    // One record spans two lines; the last piece is empty.
    expect(file.sound).toBe(lines.length - 1 - 1 - 1 - faulty.size);
    expect(file.municipality).toBe('202029');
  });
});
