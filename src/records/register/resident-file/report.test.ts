import { describe, expect, it } from 'vitest';
import { RefusalReport } from './report.ts';

describe('refusal report', () => {
  const report = new RefusalReport(3);
  report.add({ line: 9, column: 'resident_code', reason: 'duplicate-resident-code', otherLine: 4 });
  report.add({ line: 2, column: 'birth_date', reason: 'date-era-range' });
  report.add({ line: 5, column: null, reason: 'refused-by-gate', kind: 'conflict' });
  report.add({ line: 6, column: 'name', reason: 'required' });

  it('counts all and keeps the first ones, in the order of lines', () => {
    expect(report.count).toBe(4);
    expect(report.truncated).toBe(true);
    expect(report.refusals.map(({ line }) => line)).toEqual([2, 5, 9]);
    expect(report.byReason).toEqual({
      'duplicate-resident-code': 1,
      'date-era-range': 1,
      'refused-by-gate': 1,
      required: 1,
    });
  });

  it('is CSV with the file line, the column as its header has it, reason and words in both languages', () => {
    const lines = report.toCsv().split('\r\n');
    expect(lines[0]).toBe('\uFEFF行,項目,理由コード,理由,reason,重複行,関門');
    expect(lines[1]).toMatch(/^2,生年月日,date-era-range,[^,]+,[^,]+,,$/);
    expect(lines[2]).toMatch(/^5,,refused-by-gate,[^,]+,[^,]+,,conflict$/);
    expect(lines[3]).toMatch(/^9,住民票コード,duplicate-resident-code,[^,]+,[^,]+,4,$/);
  });

  it('is JSON with the same', () => {
    expect(JSON.parse(JSON.stringify(report))).toMatchObject({
      count: 4,
      truncated: true,
      refusals: [{ line: 2, column: 'birth_date' }, { gate_kind: 'conflict' }, { other_line: 4 }],
    });
  });
});
