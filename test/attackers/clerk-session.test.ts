import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readBudgets, readStatuteTable, type SearchBy } from '../../src/core/gate/index.ts';
import { asSekishoError } from '../../src/ground/errors.ts';
import type { PersonId } from '../../src/ground/ids.ts';
import { residentTable } from '../../src/records/register/index.ts';
import { type Desk, matsumoto, TestHouse } from '../house.ts';

/**
 * Row 1 of the attacker table: a clerk's desktop and live session. He gets at most the budget; every record is
 * journalled, every refusal is a line; the officer cuts him off on his very next request.
 */

const budgets = readBudgets();
const groups = Object.keys(residentTable.groups);

let house: TestHouse;
/** What the intruder sits at: a session that was signed in by its owner. */
let stolen: Desk;
beforeAll(async () => {
  house = await TestHouse.start();
  await house.importTown(200);
  stolen = await house.desk('clerk');
});
afterAll(() => house[Symbol.asyncDispose]());

interface Loot {
  /** Persons of whom a field was read. */
  opened: Set<PersonId>;
  openings: number;
  /** Person → what a masked hit showed of him. */
  masked: Map<PersonId, Record<string, string>>;
  searches: number;
  /** Kind of refusal → how often. */
  refused: Map<string, number>;
}

const nothing = (): Loot => ({
  opened: new Set(),
  openings: 0,
  masked: new Map(),
  searches: 0,
  refused: new Map(),
});

async function attempt<T>(loot: Loot, work: Promise<T>): Promise<T | undefined> {
  try {
    return await work;
  } catch (error) {
    const { kind } = asSekishoError(error);
    loot.refused.set(kind, (loot.refused.get(kind) ?? 0) + 1);
    return undefined;
  }
}

/** Opens a case for every purpose the law knows, as far as he is let. */
async function everyCase(loot: Loot, session: string): Promise<string[]> {
  const cases: string[] = [];
  for (const { purpose } of readStatuteTable().statutes) {
    const opened = await attempt(loot, house.gate.openCase({ session, purpose, note: 'routine' }));
    if (opened) cases.push(opened.caseId);
  }
  return cases;
}

async function openEverybody(loot: Loot, session: string, cases: string[], persons: PersonId[]) {
  for (const person of persons) {
    for (const caseId of cases) {
      const got = await attempt(loot, house.gate.open({ session, caseId, person, groups: ['name'] }));
      if (!got) continue;
      loot.openings++;
      loot.opened.add(person);
      break;
    }
  }
}

/** Everything a search can be asked by, with what an insider may guess: numbers in sequence, common readings, addresses. */
async function searchEverything(loot: Loot, session: string, caseId: string) {
  const tries: SearchBy[] = house.residents.flatMap((resident, at): SearchBy[] => [
    { addressNumber: `99${String(at).padStart(8, '0')}` },
    { reading: resident.nameKana },
    { address: resident.address },
    { reading: resident.nameKana, birthDate: resident.truth.birthDate },
  ]);
  for (const by of tries) {
    const found = await attempt(loot, house.gate.search({ session, caseId, by, limit: 1_000 }));
    if (!found) continue;
    loot.searches++;
    for (const hit of found.hits) loot.masked.set(hit.person, hit.masked);
  }
}

describe('a hijacked session of a clerk', () => {
  it('gets the fields of no more persons than one session may open in an hour, whatever case it opens', async () => {
    const loot = nothing();
    const before = await house.lines();
    const cases = await everyCase(loot, stolen.session);
    const persons = await house.persons();
    await openEverybody(loot, stolen.session, cases, persons);
    expect(loot.opened.size).toBe(budgets.open.session);
    expect(persons.length).toBeGreaterThan(4 * loot.opened.size);
    expect(loot.refused.get('budget-spent')).toBeGreaterThan(0);

    const lines = (await house.lines()).slice(before.length);
    const told = lines.filter(({ kind }) => kind === 'field.opened');
    expect(new Set(told.map(({ person }) => person))).toEqual(loot.opened);
    expect(told).toHaveLength(loot.openings);
    expect(told.every(({ body }) => body['actor'] === stolen.staff)).toBe(true);
    const refusals = lines.filter(({ body }) => body['outcome'] === 'refused');
    const count = [...loot.refused.values()].reduce((sum, n) => sum + n, 0);
    expect(refusals).toHaveLength(count);
  });

  it('may look again at those it has had, which is a line each time, and at nobody else', async () => {
    const loot = nothing();
    const { caseId } = await house.openCase('residence-certificate');
    const told = (await house.lines()).filter(({ kind }) => kind === 'field.opened').length;
    await openEverybody(loot, stolen.session, [caseId], await house.persons());
    expect(loot.opened.size).toBe(budgets.open.session);
    const now = (await house.lines()).filter(({ kind }) => kind === 'field.opened').length;
    expect(now - told).toBe(loot.openings);
  });

  it('searches no oftener than the budget says; hits show a first character and a decade, and are journalled', async () => {
    const loot = nothing();
    const { caseId } = await house.openCase('residence-certificate');
    await searchEverything(loot, stolen.session, caseId);
    expect(loot.searches).toBe(budgets.search.session);
    expect(loot.masked.size).toBeLessThanOrEqual(budgets.search.session * budgets.hits_per_search);
    for (const shown of loot.masked.values()) {
      expect(Object.keys(shown).sort()).toEqual(['birth_decade', 'reading']);
      expect(shown['reading']).toMatch(/^.?・・・$/u);
      expect(shown['birth_decade']).toMatch(/^\d{3}0s$/);
    }
    const lines = (await house.lines()).filter(
      ({ kind, body }) => kind === 'search.made' && body['case'] === caseId,
    );
    const named = new Set(lines.flatMap(({ body }) => body['hits'] as PersonId[]));
    expect(lines).toHaveLength(loot.searches);
    expect([...loot.masked.keys()].every((person) => named.has(person))).toBe(true);
  });

  it('finds nobody by writing: a notice that changes nothing is a search, counted and journalled as one', async () => {
    const loot = nothing();
    const fresh = await house.signIn(`clerk@${matsumoto}`, stolen.terminal);
    const { caseId } = await house.gate.openCase({ session: fresh, purpose: 'move-within', note: 'routine' });
    const before = (await house.lines()).length;
    const found = new Set<PersonId>();
    for (let call = 0; call < 20; call++) {
      const ops = Array.from({ length: 20 }, (_, i) => {
        const address_number = `99${String(call * 20 + i).padStart(8, '0')}`;
        return {
          ...{ requestId: house.requestId(), table: 'resident', kind: 'record.changed' as const },
          ...{ municipality: matsumoto, findBy: 'address_number' as const },
          ...{ fields: { household: { address_number } }, clear: {} },
        };
      });
      const results = await attempt(loot, house.gate.write({ session: fresh, caseId, ops }));
      for (const { person } of results ?? []) if (person) found.add(person);
    }
    expect(loot.refused.get('budget-spent')).toBeGreaterThan(0);
    const lines = (await house.lines()).slice(before);
    const told = new Set(lines.flatMap(({ body }) => (body['hits'] as PersonId[] | undefined) ?? []));
    expect([...found].filter((person) => !told.has(person))).toEqual([]);
    expect(found.size).toBeLessThanOrEqual(budgets.search.session);
  });

  it('is refused everything that is not a clerk’s: administration, oversight, other towns, bulk without a second person', async () => {
    await house.pass(61);
    const { gate } = house;
    const { municipality } = stolen;
    const session = await house.signIn(stolen.staff, stolen.terminal);
    const [person] = await house.persons();
    const { caseId } = await gate.openCase({ session, purpose: 'residence-certificate', note: 'x' });
    const publicKey = Buffer.alloc(32, 1).toString('base64');
    const staff = {
      staff: 'mallory',
      role: 'clerk' as const,
      office: 'resident-desk',
      publicKey,
      pin: '123456',
    };
    const grant = {
      groups: ['name'],
      count: 100_000,
      endsAt: house.clock.now() + 3_600_000,
      reason: 'survey',
    };
    const ops = [
      {
        ...{ requestId: 'evil', table: 'resident', kind: 'number.changed' as const, municipality },
        ...{ person: person!, fields: {}, clear: {}, draw: 'number' as const, reason: 'request:leak' },
      },
    ];
    const attempts: [string, () => Promise<unknown>][] = [
      ['policy-denied', () => gate.enrolStaff({ session, municipality, ...staff })],
      ['policy-denied', () => gate.enrolTerminal({ session, municipality, terminal: 'mine', office: 'x' })],
      ['policy-denied', () => gate.suspend({ session, staff: `officer@${matsumoto}` })],
      ['policy-denied', () => gate.reinstate({ session, staff: `clerk@${matsumoto}` })],
      ['policy-denied', () => gate.markHoney({ session, person: person! })],
      ['policy-denied', () => gate.verifyRecords({ session })],
      ['no-authority', () => gate.open({ session, caseId, person: person!, groups: ['number'] })],
      ['no-authority', () => gate.open({ session, caseId, person: person!, groups })],
      ['no-authority', () => gate.askGrant({ session, caseId, ...grant })],
      ['no-authority', () => gate.erase({ session, caseId, person: person!, reason: 'spite' })],
      ['no-authority', () => gate.history({ session, caseId, person: person! })],
      ['session-invalid', () => gate.enrolStaff({ municipality, ...staff, role: 'administrator' })],
      [
        'session-invalid',
        () => gate.open({ session, terminal: 'elsewhere', caseId, person: person!, groups }),
      ],
      ['case-required', () => gate.open({ session, caseId: person!, person: person!, groups: ['name'] })],
      ['case-required', () => gate.write({ session, ops })],
    ];
    const before = (await house.lines()).length;
    for (const [kind, work] of attempts) {
      const error = await work().then(() => undefined, asSekishoError);
      expect(error?.kind, `${String(work)}`).toBe(kind);
    }
    const written = await gate.write({ session, caseId, ops });
    expect(written).toMatchObject([{ outcome: 'refused', kind: 'no-authority' }]);
    const imported = await gate.write({
      session,
      importId: 'mine',
      ops: [{ ...ops[0]!, requestId: 'evil-2' }],
    });
    expect(imported).toMatchObject([{ outcome: 'refused', kind: 'no-authority' }]);
    const lines = (await house.lines()).slice(before);
    expect(lines).toHaveLength(attempts.length + 2);
    expect(lines.every(({ body }) => body['outcome'] === 'refused')).toBe(true);
  });

  it('with the PIN and the key of the device too gets one session’s budget an hour, however often he signs in', async () => {
    const opened = new Set<PersonId>();
    const persons = await house.persons();
    await house.pass(61);
    for (let sessions = 0; sessions < 4; sessions++) {
      const session = await house.signIn(`clerk@${matsumoto}`, stolen.terminal);
      const { caseId } = await house.gate.openCase({ session, purpose: 'residence-certificate', note: 'x' });
      for (const person of persons.slice(sessions * 45)) {
        const got = await attempt(
          nothing(),
          house.gate.open({ session, caseId, person, groups: ['name', 'address'] }),
        );
        if (got) opened.add(person);
      }
    }
    expect(opened.size).toBe(budgets.open.session);
  });

  it('is not made richer by a restart of the gate: what was spent is remembered', async () => {
    await house.restart();
    const session = await house.signIn(`clerk@${matsumoto}`, stolen.terminal);
    const { caseId } = await house.gate.openCase({ session, purpose: 'residence-certificate', note: 'x' });
    const persons = await house.persons();
    const more = house.gate.open({ session, caseId, person: persons.at(-1)!, groups: ['name'] });
    await expect(more).rejects.toMatchObject({ kind: 'budget-spent' });
  });
});

describe('the officer', () => {
  it('cuts the session off on its very next request, of whatever kind, for good', async () => {
    await house.pass(61);
    house.forgetDesks();
    const { gate } = house;
    const { session } = await house.desk('clerk');
    const { caseId } = await house.openCase('residence-certificate');
    const [person] = await house.persons();
    await gate.open({ session, caseId, person: person!, groups: ['name'] });

    const officer = await house.desk('officer');
    const cut = await gate.suspend({ session: officer.session, staff: `clerk@${matsumoto}`, reason: 'odd' });
    expect(cut.sessionsEnded).toBeGreaterThan(0);

    const next: (() => Promise<unknown>)[] = [
      () => gate.open({ session, caseId, person: person!, groups: ['name'] }),
      () => gate.search({ session, caseId, by: { addressNumber: '9900000001' } }),
      () => gate.openCase({ session, purpose: 'move-in', note: '' }),
      () => gate.write({ session, caseId, ops: [] }),
      () => gate.history({ session, caseId, person: person! }),
    ];
    for (const work of next) await expect(work()).rejects.toMatchObject({ kind: 'suspended' });
    const again = house.signIn(`clerk@${matsumoto}`, stolen.terminal);
    await expect(again).rejects.toMatchObject({ kind: 'sign-in-failed' });
    await house.restart();
    const after = house.gate.open({ session, caseId, person: person!, groups: ['name'] });
    await expect(after).rejects.toMatchObject({ kind: 'session-invalid' });
    const later = house.signIn(`clerk@${matsumoto}`, stolen.terminal);
    await expect(later).rejects.toMatchObject({ kind: 'sign-in-failed' });
  });

  it('cuts a whole desk by its terminal, whoever sits there', async () => {
    const { gate } = house;
    const desk = await house.desk('supervisor');
    const { caseId } = await house.openCase('residence-certificate', 'supervisor');
    const [person] = await house.persons();
    const officer = await house.desk('officer');
    await gate.suspend({ session: officer.session, terminal: desk.terminal });
    const next = gate.open({ session: desk.session, caseId, person: person!, groups: ['name'] });
    await expect(next).rejects.toMatchObject({ kind: 'suspended' });
    const again = house.signIn(desk.staff, desk.terminal);
    await expect(again).rejects.toMatchObject({ kind: 'sign-in-failed' });
  });
});
