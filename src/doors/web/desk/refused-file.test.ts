import { describe, expect, it } from 'vitest';
import { refusedCsv } from './refused-file.ts';

const titles = { line: '行', column: '列', reason: '理由' };
const row = (line: number, column: string | null, ja: string) => ({
  line,
  column,
  reason: 'x',
  kind: null,
  words: { ja, en: 'why' },
});

describe('the list of refused rows', () => {
  it('is CSV that a spreadsheet reads as UTF-8', () => {
    expect(refusedCsv([row(3, 'birth_date', '日付でない'), row(9, null, '列が足りない')], titles, 'ja')).toBe(
      '\ufeff"行","列","理由"\r\n3,"生年月日","日付でない"\r\n9,"","列が足りない"\r\n',
    );
    expect(refusedCsv([row(3, 'a', 'ja')], titles, 'en')).toContain('3,"a","why"');
  });

  it('quotes what would break a cell, and begins no formula', () => {
    const csv = refusedCsv([row(1, '=1+1', 'a "b", c')], titles, 'ja');
    expect(csv).toContain(`"'=1+1","a ""b"", c"`);
    for (const sign of ['=', '+', '-', '@', '\t'])
      expect(refusedCsv([row(1, `${sign}x`, '')], titles, 'ja')).toContain(`"'${sign}x"`);
  });
});
