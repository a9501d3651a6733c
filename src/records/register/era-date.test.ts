import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { dateReasons, formatEra, isCalendarDate, parseDate } from './era-date.ts';
import vectors from './vectors/era-dates.json' with { type: 'json' };

const today = '2026-04-01';

describe('dates that are read', () => {
  it.each(vectors.read as [string, string][])('%s', (text, date) => {
    expect(parseDate(text, { today })).toEqual({ ok: true, value: { date, stated: text, complete: true } });
  });
});

describe('dates with unknown parts, kept as stated', () => {
  it.each(vectors.kept as [string, string][])('%s', (text, date) => {
    const kept = { ok: true, value: { date, stated: text, complete: false } };
    expect(parseDate(text, { today, unknown: 'keep' })).toEqual(kept);
    expect(parseDate(text, { today })).toEqual({ ok: false, reason: 'unknown-part' });
  });
});

describe('dates that are refused, with the reason', () => {
  it.each(vectors.refused as [string, string, string?][])('%s: %s', (text, reason, unknown) => {
    const options = unknown === 'keep' ? ({ today, unknown } as const) : { today };
    expect(parseDate(text, options)).toEqual({ ok: false, reason });
  });

  it('every reason of the closed list has a vector', () => {
    const seen = new Set(vectors.refused.map(([, reason]) => reason));
    expect([...dateReasons].filter((reason) => !seen.has(reason))).toEqual([]);
  });
});

describe('era form', () => {
  it.each(vectors.formats as [string, string | null, string | null][])('%s', (date, long, short) => {
    expect(formatEra(date)).toBe(long);
    expect(formatEra(date, 'short')).toBe(short);
  });
});

const anyDay = fc
  .date({ min: new Date('1868-09-08T00:00:00Z'), max: new Date('2026-04-01T00:00:00Z'), noInvalidDate: true })
  .map((date) => date.toISOString().slice(0, 10));

describe('properties', () => {
  it('every day since Meiji comes back from its long and short era form and from its Western forms', () => {
    fc.assert(
      fc.property(anyDay, (date) => {
        const forms = [
          formatEra(date)!,
          formatEra(date, 'short')!,
          date,
          date.replaceAll('-', ''),
          date.replaceAll('-', '/'),
        ];
        for (const form of forms) {
          expect(parseDate(form, { today })).toMatchObject({ ok: true, value: { date } });
        }
      }),
      { numRuns: 2_000 },
    );
  });

  it('text never gives anything but an existing date or a typed reason', () => {
    const fragments = [
      '昭和',
      '平成',
      'S',
      '元',
      '年',
      '月',
      '日',
      '-',
      '/',
      '45',
      '13',
      '00',
      '不詳',
      '十',
      '廿',
      '百',
      '〇',
      ' ',
      '４',
      '\0',
      '㍼',
    ];
    const texts = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 80 }),
      fc.array(fc.constantFrom(...fragments), { maxLength: 12 }).map((parts) => parts.join('')),
    );
    fc.assert(
      fc.property(texts, fc.constantFrom('keep' as const, 'refuse' as const), (text, unknown) => {
        const read = parseDate(text, { today, unknown });
        if (!read.ok) expect(dateReasons).toContain(read.reason);
        else if (read.value.complete) expect(isCalendarDate(read.value.date)).toBe(true);
        else expect(read.value.date).toMatch(/^\d{4}-(?:0[1-9]|1[0-2]|00)-00$/);
      }),
      { numRuns: 5_000 },
    );
  });

  it('a day that no calendar has is never read', () => {
    for (let year = 1869; year <= 2026; year++) {
      for (let month = 1; month <= 12; month++) {
        const days = new Date(Date.UTC(year, month, 0)).getUTCDate();
        const after = `${year}-${String(month).padStart(2, '0')}-${days + 1}`;
        expect(parseDate(after)).toEqual({ ok: false, reason: 'day' });
      }
    }
  });
});
