import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { manualClock } from '../../ground/clock.ts';
import type { MunicipalityCode } from '../../ground/ids.ts';
import { lineKinds } from '../journal/index.ts';
import { Authority } from './authority.ts';
import type { StaffCase } from './cases.ts';
import { Policy, type PolicyAction, readPolicies } from './policy.ts';
import type { Session } from './sessions.ts';
import { type Role, roles } from './staff.ts';
import { type Ask, readStatuteTable, type Statute, searchKeys } from './statute-table.ts';
import { Terminals } from './terminals.ts';

// Role × requester × purpose × what is asked × moment, against the files of the folder and a calendar of its own.
const folder = mkdtempSync(join(tmpdir(), 'sekisho-statutes-'));
const source = join(import.meta.dirname, 'statutes');
/** Dates put into copies of the files, so that rows begin and end while the test looks. */
const borders = ['2026-04-01', '2026-09-30', '2027-01-01', '2027-02-28', '2028-02-29'];
for (const [i, name] of readdirSync(source).sort().entries()) {
  const row = JSON.parse(readFileSync(join(source, name), 'utf8'));
  if (i % 3 === 0) row.valid_to = borders[i % borders.length];
  if (i % 3 === 1) row.valid_from = borders[(i + 1) % borders.length];
  if (i % 6 === 4) row.valid_to = row.valid_from;
  writeFileSync(join(folder, name), JSON.stringify(row));
}
const files = readdirSync(folder).map(
  (name) => JSON.parse(readFileSync(join(folder, name), 'utf8')) as Statute,
);
afterAll(() => rmSync(folder, { recursive: true }));

const calendar = new Intl.DateTimeFormat('sv-SE', { timeZone: 'Asia/Tokyo' });
/** Items of a row by kind of ask. */
const holds = (row: Statute, [what, item]: readonly [string, string]): boolean => {
  const lists: Record<string, readonly string[]> = {
    open: row.opens,
    search: row.searches_by,
    write: row.writes,
  };
  return what === 'history' ? row.history : lists[what]!.includes(item);
};

const municipality = '131016' as MunicipalityCode;
const clock = manualClock();
const terminals = new Terminals(undefined as never, undefined as never);
const terminal = { municipality, terminalId: 't-01', office: 'desk-1', state: 'active' as const };
terminals.add(terminal);
const sessions = new Map<string, Session>();
const sessionOf = (role: Role, requester: string): Session => {
  const ref = `${role}-${requester}`;
  const member = {
    ...{ municipality, staffId: ref, role, office: 'desk-1', requester, state: 'active' as const },
    ...{ person: null, publicKey: Buffer.alloc(32), pinSalt: Buffer.alloc(16), pinHash: Buffer.alloc(32) },
    pinFailures: 0,
  };
  const times = { startedAt: 0, usedAt: 0, storedAt: 0, freshAt: 0 };
  const session = sessions.get(ref) ?? { ref, hash: Buffer.alloc(32), member, terminal, ...times };
  sessions.set(ref, session);
  return session;
};
const purposes = [...new Set(files.map(({ purpose }) => purpose)), 'no-such-purpose'];
const cases = new Map(
  purposes.map((purpose): [string, StaffCase] => [
    purpose,
    {
      ...{ caseId: purpose, municipality, staffId: 'somebody', office: 'desk-1', purpose },
      ...{ basis: 'row', openedAt: 0, closed: false, decisions: new Map() },
    },
  ]),
);
const authority = new Authority({
  ...{ table: readStatuteTable(folder), policy: new Policy(readPolicies()), terminals, clock },
  freshSecondFactorMs: 300_000,
});

const groups = ['name', 'birth', 'address', 'household', 'number', 'resident_code', 'nonsense'];
const asks = [
  ...groups.map((group) => ['open', group] as const),
  ...[...searchKeys, 'shoe_size'].map((key) => ['search', key] as const),
  ...Object.keys(lineKinds).map((kind) => ['write', kind] as const),
  ['history', ''] as const,
];
/** Any moment of three years, and the milliseconds around every midnight in Japan that a border makes. */
const moments = fc.oneof(
  fc.integer({ min: Date.parse('2026-01-01T00:00:00Z'), max: Date.parse('2028-12-31T00:00:00Z') }),
  fc
    .tuple(fc.constantFrom(...borders), fc.constantFrom(0, 1), fc.constantFrom(-1, 0, 1))
    .map(([day, days, ms]) => Date.parse(`${day}T00:00:00+09:00`) + days * 86_400_000 + ms),
);

const tryIt = (role: Role, requester: string, purpose: string, asked: readonly (typeof asks)[number][]) => {
  const action = asked[0]![0] as PolicyAction;
  const staffCase = cases.get(purpose)!;
  const session = sessionOf(role, requester);
  try {
    const wanted = asked.map(([what, item]): Ask => (what === 'history' ? what : `${what}:${item}`));
    return authority.decide({ action, session, staffCase, purpose, asks: wanted }).statute.id;
  } catch {
    return undefined;
  }
};

describe('authority on a day', () => {
  it('is what the files say, at every moment, in whatever order the moments come', () => {
    let yes = 0;
    fc.assert(
      fc.property(
        ...[fc.constantFrom(...roles), fc.constantFrom('resident-desk', 'resident', 'tax-desk')],
        ...[fc.constantFrom(...purposes), fc.constantFrom(...asks), moments],
        (role, requester, purpose, ask, at) => {
          clock.set(at as number);
          const day = calendar.format(new Date(at as number));
          const [what] = ask as readonly [string, string];
          const row = files.find(
            (each) =>
              each.requester === requester &&
              each.purpose === purpose &&
              holds(each, ask as readonly [string, string]) &&
              each.valid_from <= day &&
              (each.valid_to === null || day <= each.valid_to),
          );
          // The case in hand is no resident's own.
          const mine = row?.conditions.includes('own-person') ?? false;
          const lawful = !mine && (row?.roles.includes(role as string) ?? false);
          const found = tryIt(role as Role, requester as string, purpose as string, [ask as never]);
          expect([what, found]).toEqual([what, lawful ? row?.id : undefined]);
          if (lawful) yes++;
        },
      ),
      { numRuns: 6_000 },
    );
    // A test that only ever met a no would show nothing.
    expect(yes).toBeGreaterThan(20);
  });

  it('covers all that is asked at once, or nothing: the yes for less is not the yes for more', () => {
    fc.assert(
      fc.property(
        fc.constantFrom('clerk' as const, 'supervisor' as const),
        fc.constantFrom(...purposes),
        fc.uniqueArray(fc.constantFrom(...groups), { minLength: 1, maxLength: 4 }),
        moments,
        (role, purpose, asked, at) => {
          clock.set(at);
          const pairs = asked.map((group) => ['open', group] as const);
          const all = tryIt(role, 'resident-desk', purpose, pairs) !== undefined;
          const each = pairs.every((pair) => tryIt(role, 'resident-desk', purpose, [pair]) !== undefined);
          expect(all).toBe(each);
        },
      ),
      { numRuns: 1_000 },
    );
  });

  it('changes at midnight in Japan for a case in hand, and not at midnight elsewhere', () => {
    const row = files.find(
      (each) => each.valid_to !== null && each.roles.includes('supervisor') && each.opens[0],
    )!;
    const ask = [['open', row.opens[0]!] as const];
    const at = (text: string) => {
      clock.set(Date.parse(text));
      return tryIt('supervisor', row.requester, row.purpose, ask);
    };
    expect(at(`${row.valid_to}T23:59:59.999+09:00`)).toBe(row.id);
    const end = Date.parse(`${row.valid_to}T23:59:59.999+09:00`);
    clock.set(end + 1);
    expect(tryIt('supervisor', row.requester, row.purpose, ask)).toBeUndefined();
    clock.set(end);
    expect(tryIt('supervisor', row.requester, row.purpose, ask)).toBe(row.id);
    expect(at(`${row.valid_to}T23:59:59.999Z`)).toBeUndefined();
  });

  it('asked under a name that holds another’s separator is the authority for that name, which nobody has', () => {
    clock.set(Date.parse('2026-06-01T00:00:00Z'));
    const row = files.find(
      (each) =>
        each.opens.length > 1 &&
        each.roles.includes('supervisor') &&
        each.valid_to === null &&
        each.valid_from < '2026-01-01',
    )!;
    const [a, b] = row.opens;
    expect(tryIt('supervisor', row.requester, row.purpose, [['open', `${a}|open:${b}`]])).toBeUndefined();
    expect(tryIt('supervisor', row.requester, row.purpose, [['open', '__proto__']])).toBeUndefined();
    expect(tryIt('supervisor', row.requester, row.purpose, [['open', 'constructor']])).toBeUndefined();
  });
});
