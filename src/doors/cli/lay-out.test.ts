import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { displayWidth, padEnd, pairs, printable, table } from './lay-out.ts';

describe('width on a terminal', () => {
  it.each([
    ['abc', 3],
    ['髙橋 花子', 9],
    ['ｱｲｳ', 3],
    ['ＡＢ', 4],
    ['葛\u{e0100}', 2],
    ['か\u3099', 2],
    ['', 0],
    ['𠮷', 2],
  ])('%s takes %i', (text, width) => {
    expect(displayWidth(text)).toBe(width);
  });

  it('padding reaches the width and never cuts', () => {
    fc.assert(
      fc.property(fc.string(), fc.nat(40), (text, width) => {
        expect(displayWidth(padEnd(text, width))).toBe(Math.max(displayWidth(text), width));
      }),
    );
  });
});

describe('text from outside', () => {
  it.each([
    ['an escape sequence', 'a\u001b[31mb'],
    ['a C1 control', 'a\u009b31mb'],
    ['a bidi override', 'a\u202eb'],
    ['a line end', 'a\nb'],
    ['a line separator', 'a\u2028b'],
  ])('%s becomes visible', (_name, text) => {
    expect(printable(text)).toContain('\ufffd');
    expect(printable(text)).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u202e\u2028]/);
  });

  it('names with variation selectors stay as they are', () => {
    expect(printable('葛\u{e0100}飾')).toBe('葛\u{e0100}飾');
  });
});

describe('tables', () => {
  it('aligns full-width columns', () => {
    expect(
      table(
        ['名', 'n'],
        [
          ['髙橋', '1'],
          ['a', '22'],
        ],
      ),
    ).toEqual(['名    n', '髙橋  1', 'a     22']);
  });

  it('prints nothing without rows', () => {
    expect(table(['a'], [])).toEqual([]);
  });

  it('aligns labels', () => {
    expect(
      pairs([
        ['a', '1'],
        ['行数', '2\n3'],
      ]),
    ).toEqual(['a     1', '行数  2\ufffd3']);
    expect(pairs([])).toEqual([]);
  });
});
