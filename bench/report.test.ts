import { describe, expect, it } from 'vitest';
import type { Figure } from './figure.ts';
import { figureText, numberText, replaceTable, tableBegins, tableEnds, verdictOf } from './report.ts';

const figure: Figure = { id: 'x', what: 'things', value: 4_000, unit: '/s' };
const reference = { what: 'bare', value: 10_000, unit: '/s' };

describe('numbers', () => {
  it('show the digits that count', () => {
    expect([12_345.6, 123.4, 12.34, 1.234, 0.1234].map(numberText)).toEqual([
      '12,346',
      '123',
      '12.3',
      '1.23',
      '0.123',
    ]);
  });
  it('show that one is missing', () => expect(numberText(Number.NaN)).toBe('–'));
});

describe('verdict', () => {
  it('is silent without a target', () => expect(verdictOf(figure)).toBe(''));
  it('says by how much a value falls short', () =>
    expect(verdictOf({ ...figure, target: { atLeast: 5_000 } })).toBe('no: 20.0 % short'));
  it('says by how much a value is over', () =>
    expect(verdictOf({ ...figure, target: { atMost: 2_000 } })).toBe('no: 100 % over'));
  it('holds the ratio against its own target', () =>
    expect(verdictOf({ ...figure, reference, ratio: 0.4, ratioTarget: { atLeast: 0.5 } })).toBe(
      'no: ratio 20.0 % short',
    ));
  it('needs both', () =>
    expect(
      verdictOf({
        ...figure,
        reference,
        ratio: 0.4,
        target: { atLeast: 4_000 },
        ratioTarget: { atLeast: 0.5 },
      }),
    ).toBe('no: ratio 20.0 % short'));
  it('is yes where all are met', () =>
    expect(
      verdictOf({
        ...figure,
        reference,
        ratio: 0.4,
        target: { atLeast: 1 },
        ratioTarget: { atLeast: 0.4 },
      }),
    ).toBe('yes'));
  it('is no where a ratio could not be measured', () =>
    expect(verdictOf({ ...figure, ratioTarget: { atMost: 2 } })).toMatch(/^no: ratio/));
});

describe('one line', () => {
  it('tells value, reference, ratio and verdict', () =>
    expect(figureText({ ...figure, reference, ratio: 0.4, target: { atLeast: 1 } })).toBe(
      '4,000/s, reference 10,000/s, ratio 0.400; met: yes',
    ));
});

describe('table in a text', () => {
  const text = `before\n${tableBegins}\nold\n${tableEnds}\nafter\n`;
  it('takes the place of the old one and leaves the rest', () =>
    expect(replaceTable(text, 'new')).toBe(`before\n${tableBegins}\nnew\n${tableEnds}\nafter\n`));
  it('put twice is there once', () =>
    expect(replaceTable(replaceTable(text, 'new'), 'new')).toBe(replaceTable(text, 'new')));
  it('goes to the end where there are no marks', () =>
    expect(replaceTable('text\n', 'new')).toBe(`text\n\n${tableBegins}\nnew\n${tableEnds}\n`));
});
