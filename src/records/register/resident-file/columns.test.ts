import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import columnTable from './columns.json' with { type: 'json' };
import { headerNames, readHeader, residentColumns } from './columns.ts';
import { headerCells } from './sample-rows.fixture.ts';

describe('header', () => {
  it('is read in the order of the contract with the sample writer', () => {
    expect(headerCells.join(',')).toBe(
      '宛名番号,世帯番号,氏名,氏名カナ,旧氏,通称,生年月日,性別,続柄,郵便番号,住所,住民票コード,異動事由,異動日',
    );
    const read = readHeader(headerCells);
    expect(read).toMatchObject({
      ok: true,
      header: { width: 14, position: { address_number: 0, event_date: 13 } },
    });
  });

  it('is read in any order', () => {
    fc.assert(
      fc.property(fc.shuffledSubarray([...residentColumns], { minLength: 14 }), (columns) => {
        const read = readHeader(columns.map((column) => headerNames[column]));
        expect(read.ok && columns.every((column, at) => read.header.position[column] === at)).toBe(true);
      }),
    );
  });

  it('knows every synonym of every column, full and half width', () => {
    for (const { column, names } of columnTable.columns) {
      for (const name of names) {
        for (const spelling of [
          name,
          ` ${name} `,
          name.replace('(', '（').replace(')', '）'),
          name.replace('カナ', 'ｶﾅ'),
        ]) {
          const cells = residentColumns.map((each) => (each === column ? spelling : headerNames[each]));
          expect(readHeader(cells).ok, spelling).toBe(true);
        }
      }
    }
  });

  it('may lack the optional columns', () => {
    const optional = new Set(['旧氏', '通称', '郵便番号', '異動事由', '異動日']);
    expect(readHeader(headerCells.filter((name) => !optional.has(name))).ok).toBe(true);
  });
});

describe('header refused', () => {
  it('missing column, by name', () => {
    const read = readHeader(headerCells.filter((name) => name !== '住民票コード' && name !== '氏名'));
    expect(read).toEqual({
      ok: false,
      faults: { missing: ['氏名', '住民票コード'], unknown: [], duplicate: [] },
    });
  });

  it('unknown column, by name', () => {
    expect(readHeader([...headerCells, '備考'])).toEqual({
      ok: false,
      faults: { missing: [], unknown: ['備考'], duplicate: [] },
    });
  });

  it('duplicate column, also under a synonym', () => {
    expect(readHeader([...headerCells, '現住所'])).toEqual({
      ok: false,
      faults: { missing: [], unknown: [], duplicate: ['住所'] },
    });
  });

  it('a file without header shows nothing of the resident in its place, only the positions', () => {
    const read = readHeader(['1001', '501', '見本　花子', '世帯主']);
    expect(read).toMatchObject({ ok: false, faults: { unknown: ['#1', '#2', '#3', '#4'] } });
  });

  it('an unknown title is shown short and without digits', () => {
    const read = readHeader([...headerCells, '備考１２３4567\u0007と長い見出し']);
    expect(read).toMatchObject({ ok: false, faults: { unknown: ['備考＊＊＊＊＊＊＊?と長'] } });
  });

  it('any cells give a header or faults', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: 'binary' })), (cells) => {
        const read = readHeader(cells);
        if (!read.ok)
          expect(
            read.faults.missing.length + read.faults.unknown.length + read.faults.duplicate.length,
          ).toBeGreaterThan(0);
      }),
    );
  });
});
