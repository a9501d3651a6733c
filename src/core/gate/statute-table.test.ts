import { describe, expect, it } from 'vitest';
import { isLineKind } from '../journal/index.ts';
import { parseStatute, readStatuteTable, type Statute, StatuteTable, statuteDay } from './statute-table.ts';

const row: Statute = {
  id: 'trial-1',
  law: { ja: '法', en: 'Act' },
  article: '1条',
  purpose: 'trial',
  title: { ja: '試', en: 'trial' },
  requester: 'resident-desk',
  roles: ['clerk'],
  opens: ['name'],
  searches_by: ['reading'],
  writes: [],
  events: {},
  history: false,
  bulk_grant: false,
  stopped_by_lock: false,
  hidden_days: null,
  conditions: ['case'],
  valid_from: '2020-04-01',
  valid_to: '2026-03-31',
  verified: [],
  assumed: [],
};

describe('the statutes checked in', () => {
  const table = readStatuteTable();

  it('hold every act of the resident desk', () => {
    const purposes = new Set(table.statutes.map(({ purpose }) => purpose));
    for (const purpose of [
      ...['residence-certificate', 'public-body-request', 'move-in', 'move-out', 'move-within'],
      ...['household-change', 'ex-officio-entry', 'correction', 'investigation', 'number-assignment'],
      ...['number-change', 'number-verification', 'register-keeping', 'own-record'],
    ]) {
      expect(purposes).toContain(purpose);
    }
  });

  it('write only kinds of line that the journal knows', () => {
    for (const { id, writes } of table.statutes) {
      for (const kind of writes) expect([id, kind, isLineKind(kind)]).toEqual([id, kind, true]);
    }
  });

  it('cite an article, name both titles and say what is verified or assumed', () => {
    for (const { id, article, title, verified, assumed } of table.statutes) {
      expect([id, article]).toEqual([id, expect.stringMatching(/条/)]);
      expect(title.ja).not.toBe('');
      expect(title.en).not.toBe('');
      expect(verified.length + assumed.length).toBeGreaterThan(0);
    }
  });

  it('open the number only where the law is about the number, or it was asked for specially', () => {
    const opening = table.statutes.filter(({ opens }) => opens.includes('number')).map(({ id }) => id);
    expect(opening.sort()).toEqual(
      ['bango-16', 'bango-7-1', 'bango-7-2', 'jukiho-12-special', 'jukiho-14', 'jukiho-22', 'kojo-76'].sort(),
    );
  });

  it('let a resident open only his own record', () => {
    for (const { requester, conditions, searches_by } of table.statutes) {
      if (requester !== 'resident') continue;
      expect(conditions).toContain('own-person');
      expect(searches_by).toEqual([]);
    }
  });

  it('have a hash that does not depend on the order of the files', () => {
    expect(new StatuteTable([...table.statutes].reverse()).hash).toBe(table.hash);
    expect(table.hash).toMatch(/^[0-9a-f]{64}$/);
  });
});

describe('a statute row', () => {
  const table = new StatuteTable([row]);

  it('is in force on its first and its last day', () => {
    expect(table.find('resident-desk', 'trial', 'open:name', '2020-04-01')?.id).toBe('trial-1');
    expect(table.find('resident-desk', 'trial', 'open:name', '2026-03-31')?.id).toBe('trial-1');
  });

  it('is not in force the day before and the day after', () => {
    expect(table.find('resident-desk', 'trial', 'open:name', '2020-03-31')).toBeUndefined();
    expect(table.find('resident-desk', 'trial', 'open:name', '2026-04-01')).toBeUndefined();
  });

  it('counts days in Japan: 15:00 UTC is already the next day', () => {
    expect(statuteDay(Date.parse('2026-03-31T14:59:59Z'))).toBe('2026-03-31');
    expect(statuteDay(Date.parse('2026-03-31T15:00:00Z'))).toBe('2026-04-01');
  });

  it('does not help another requester, purpose, group or kind of ask', () => {
    const day = '2021-01-01';
    expect(table.find('tax-desk', 'trial', 'open:name', day)).toBeUndefined();
    expect(table.find('resident-desk', 'other', 'open:name', day)).toBeUndefined();
    expect(table.find('resident-desk', 'trial', 'open:number', day)).toBeUndefined();
    expect(table.find('resident-desk', 'trial', 'search:number', day)).toBeUndefined();
    expect(table.find('resident-desk', 'trial', 'history', day)).toBeUndefined();
  });

  it('must cover every ask: one group too many is none', () => {
    expect(() => table.get('resident-desk', 'trial', ['open:name', 'open:birth'], '2021-01-01')).toThrow(
      expect.objectContaining({ kind: 'no-authority', facts: { purpose: 'trial', ask: 'unknown' } }),
    );
  });

  it('gives nothing when nothing is asked', () => {
    expect(() => table.get('resident-desk', 'trial', [], '2021-01-01')).toThrow(/no-authority/);
  });

  it('may follow another of the same purpose', () => {
    const next = { ...row, id: 'trial-2', valid_from: '2026-04-01', valid_to: null };
    const both = new StatuteTable([next, row]);
    expect(both.find('resident-desk', 'trial', 'open:name', '2026-04-01')?.id).toBe('trial-2');
    expect(both.find('resident-desk', 'trial', 'open:name', '2026-03-31')?.id).toBe('trial-1');
  });

  it('must not overlap another of the same purpose', () => {
    const next = { ...row, id: 'trial-2', valid_from: '2026-03-31', valid_to: null };
    expect(() => new StatuteTable([row, next])).toThrow(/validity-overlaps/);
  });

  it('changes the hash with any change', () => {
    expect(new StatuteTable([{ ...row, opens: ['name', 'birth'] }]).hash).not.toBe(table.hash);
    expect(new StatuteTable([{ ...row, valid_to: null }]).hash).not.toBe(table.hash);
  });

  it('must not stand twice', () => {
    expect(() => new StatuteTable([row, row])).toThrow(/id-twice/);
  });
});

describe('a file that is no statute row', () => {
  const refuse = (change: object) => () => parseStatute('trial.json', { ...row, ...change });

  it.each([
    ['an unknown item', { opens_all: true }],
    ['no roles', { roles: [] }],
    ['a date that is none', { valid_from: '2026-02-30' }],
    ['an end before the beginning', { valid_from: '2026-04-01', valid_to: '2026-03-31' }],
    ['an unknown condition', { conditions: ['whenever'] }],
    ['an unknown search', { searches_by: ['everything'] }],
    ['a purpose with blanks', { purpose: 'move in' }],
  ])('is refused: %s', (_name, change) => {
    expect(refuse(change)).toThrow(/config-invalid/);
  });

  it('is accepted unchanged otherwise', () => {
    expect(refuse({})()).toEqual(row);
  });
});
