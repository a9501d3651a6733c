import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  dateInWords,
  eras,
  isoInTokyo,
  isTyped,
  noDate,
  readTypedDate,
  spreadOut,
  todayTyped,
} from './typed-date.ts';

const typed = (era: (typeof eras)[number], year: string, month: string, day: string) => ({
  era,
  year,
  month,
  day,
});

describe('a date typed in parts', () => {
  it.each([
    [typed('昭和', '45', '4', '1'), '1970-04-01'],
    [typed('昭和', '４５', '０４', '０１'), '1970-04-01'],
    [typed('平成', '元', '1', '8'), '1989-01-08'],
    [typed('令和', '1', '5', '1'), '2019-05-01'],
    [typed('西暦', '1970', '4', '1'), '1970-04-01'],
    [typed('西暦', '2000', '2', '29'), '2000-02-29'],
  ])('%j is %s', (value, date) => expect(readTypedDate(value)).toEqual({ date }));

  it.each([['昭和45年4月1日'], ['S45.4.1'], ['1970-04-01'], ['1970/4/1']])(
    'a whole date pasted into the year: %s',
    (text) => expect(readTypedDate(typed('令和', text, '', ''))).toEqual({ date: '1970-04-01' }),
  );

  it.each([
    ['昭和45年4月1日', typed('昭和', '45', '4', '1')],
    ['S45.4.1', typed('昭和', '45', '4', '1')],
    ['1989-01-08', typed('平成', '1', '1', '8')],
    ['1850/4/1', typed('西暦', '1850', '4', '1')],
  ])('and is taken apart when the field is left: %s', (text, parts) => {
    const whole = typed('令和', text, '', '');
    expect(spreadOut(whole)).toEqual('date' in readTypedDate(whole) ? parts : whole);
  });

  it('taken apart it is the same date, and what is no date stays as it was typed', () => {
    const days = fc.date({ min: new Date('1870-01-01'), max: new Date('2060-12-31'), noInvalidDate: true });
    fc.assert(
      fc.property(days, (day) => {
        const whole = typed('昭和', day.toISOString().slice(0, 10), '', '');
        expect(readTypedDate(spreadOut(whole))).toEqual(readTypedDate(whole));
        expect(spreadOut(spreadOut(whole))).toEqual(spreadOut(whole));
      }),
    );
    for (const year of ['', '45', '元', '昭和', '1970-13-01', 'S45.4'])
      expect(spreadOut(typed('昭和', year, '', ''))).toEqual(typed('昭和', year, '', ''));
  });

  it.each([
    [noDate, 'empty'],
    [typed('昭和', '45', '', ''), 'format'],
    [typed('昭和', '45', '13', '1'), 'month'],
    [typed('平成', '12', '2', '30'), 'day'],
    [typed('平成', '40', '1', '1'), 'era-range'],
    [typed('昭和', '45', 'x', '1'), 'format'],
  ])('%j is refused: %s', (value, reason) => expect(readTypedDate(value)).toEqual({ reason }));

  it('a day after today is refused where today is said', () => {
    const tomorrow = typed('令和', '8', '4', '2');
    expect(readTypedDate(tomorrow, '2026-04-01')).toEqual({ reason: 'future' });
    expect(readTypedDate(tomorrow, '2026-04-02')).toEqual({ date: '2026-04-02' });
  });

  it('never throws, whatever is typed', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...eras),
        fc.string({ unit: 'grapheme' }),
        fc.string(),
        fc.string(),
        (era, year, month, day) => {
          const read = readTypedDate({ era, year, month, day });
          expect('date' in read ? read.date : read.reason).toMatch(/^(?:\d{4}-\d\d-\d\d|[a-z-]+)$/);
        },
      ),
    );
  });
});

describe('today', () => {
  it('is the day in Japan, not that of the machine', () => {
    // 2026-03-31 15:00 UTC is midnight of 1 April in Tokyo.
    const at = Date.UTC(2026, 2, 31, 15);
    expect(isoInTokyo(at)).toBe('2026-04-01');
    expect(isoInTokyo(at - 1)).toBe('2026-03-31');
    expect(readTypedDate(todayTyped(at))).toEqual({ date: '2026-04-01' });
  });
});

it('says a date in the reader’s way', () => {
  expect(dateInWords('1970-04-01', 'ja')).toBe('昭和45年4月1日（1970年）');
  expect(dateInWords('1970-04-01', 'en')).toBe('1970-04-01 (昭和45年4月1日)');
  expect(dateInWords('no date', 'ja')).toBe('no date');
  expect([isTyped(noDate), isTyped({ ...noDate, day: '1' })]).toEqual([false, true]);
});
