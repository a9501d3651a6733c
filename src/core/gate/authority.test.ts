import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { manualClock } from '../../ground/clock.ts';
import type { MunicipalityCode } from '../../ground/ids.ts';
import { Authority } from './authority.ts';
import type { StaffCase } from './cases.ts';
import { Policy, readPolicies } from './policy.ts';
import type { Session } from './sessions.ts';
import { type Role, roles } from './staff.ts';
import { readStatuteTable, type Statute } from './statute-table.ts';
import { Terminals } from './terminals.ts';

// The oracle reads the files by itself and knows nothing of maps, memos or Cedar.
const folder = join(import.meta.dirname, 'statutes');
const files = readdirSync(folder).map(
  (name) => JSON.parse(readFileSync(join(folder, name), 'utf8')) as Statute,
);
const purposes = [...new Set(files.map(({ purpose }) => purpose))];
const groups = ['name', 'birth', 'address', 'household', 'number', 'resident_code', 'nonsense'];
const oracle = (requester: string, role: string, purpose: string, group: string): boolean =>
  files.some(
    (row) =>
      row.requester === requester &&
      row.purpose === purpose &&
      row.opens.includes(group) &&
      row.roles.includes(role) &&
      // Every row in the files is in force on the test's day, and the drawn resident is never the person.
      !row.conditions.includes('own-person'),
  );

const municipality = '131016' as MunicipalityCode;
const clock = manualClock();
const terminals = new Terminals(undefined as never, undefined as never);
const terminal = { municipality, terminalId: 't-01', office: 'desk-1', state: 'active' as const };
terminals.add(terminal);
const sessionOf = (role: Role, requester: string): Session => {
  const member = {
    ...{ municipality, staffId: `a-${role}`, role, office: 'desk-1', requester, state: 'active' as const },
    ...{ person: null, publicKey: Buffer.alloc(32), pinSalt: Buffer.alloc(16), pinHash: Buffer.alloc(32) },
    pinFailures: 0,
  };
  const now = clock.now();
  const ref = `${role}-${requester}`;
  return {
    ref,
    hash: Buffer.alloc(32),
    member,
    terminal,
    startedAt: now,
    usedAt: now,
    storedAt: now,
    freshAt: now,
  };
};
const caseOf = (purpose: string, change: Partial<StaffCase> = {}): StaffCase => ({
  ...{ caseId: 'c', municipality, staffId: 'somebody', office: 'desk-1', purpose },
  ...{ basis: 'row', openedAt: clock.now(), closed: false, decisions: new Map() },
  ...change,
});
const authority = () =>
  new Authority({
    ...{ table: readStatuteTable(), policy: new Policy(readPolicies()), terminals, clock },
    freshSecondFactorMs: 300_000,
  });

describe('authority', () => {
  it('says yes exactly where a statute row does: role × requester × purpose × group', () => {
    const tried = authority();
    const cases = new Map(purposes.map((purpose) => [purpose, caseOf(purpose)]));
    fc.assert(
      fc.property(
        fc.constantFrom(...roles),
        fc.constantFrom('resident-desk', 'resident', 'tax-desk'),
        fc.constantFrom(...purposes),
        fc.uniqueArray(fc.constantFrom(...groups), { minLength: 1, maxLength: 3 }),
        (role, requester, purpose, asked) => {
          const session = sessionOf(role, requester);
          const staffCase = cases.get(purpose)!;
          let yes = true;
          try {
            const asks = asked.map((group) => `open:${group}` as const);
            tried.decide({ action: 'open', session, staffCase, purpose, asks });
          } catch {
            yes = false;
          }
          const lawful =
            role !== 'resident' && asked.every((group) => oracle(requester, role, purpose, group));
          expect(yes).toBe(lawful);
        },
      ),
      { numRuns: 2_000 },
    );
  });

  const request = (staffCase: StaffCase, session = sessionOf('clerk', 'resident-desk')) => ({
    ...{
      action: 'open' as const,
      session,
      staffCase,
      purpose: staffCase.purpose,
      asks: ['open:name'] as const,
    },
  });

  it('remembers a yes within the case, and forgets it with the epoch', () => {
    const tried = authority();
    const staffCase = caseOf('move-in');
    const first = tried.decide(request(staffCase));
    expect(tried.decide(request(staffCase))).toBe(first);
    tried.policy.forget();
    expect(tried.decide(request(staffCase))).not.toBe(first);
  });
  it('forgets a yes at midnight in Japan', () => {
    const tried = authority();
    const staffCase = caseOf('move-in');
    const first = tried.decide(request(staffCase));
    clock.advance(86_400_000);
    expect(tried.decide(request(staffCase))).not.toBe(first);
  });
  it('never remembers a no', () => {
    const tried = authority();
    const staffCase = caseOf('move-in', { closed: true });
    expect(() => tried.decide(request(staffCase))).toThrow(/policy-denied/);
    staffCase.closed = false;
    expect(() => tried.decide(request(staffCase))).not.toThrow();
  });
  it('does not lend one session’s yes to another', () => {
    const tried = authority();
    const staffCase = caseOf('move-in');
    tried.decide(request(staffCase));
    expect(() => tried.decide(request(staffCase, sessionOf('officer', 'resident-desk')))).toThrow(
      /policy-denied/,
    );
  });
  it('needs a case where the row says so', () => {
    expect(() => authority().decide({ ...request(caseOf('move-in')), staffCase: null })).toThrow(
      /case-required/,
    );
  });
});
