import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type FreshDatabase, freshDatabase } from '../../../test/database.ts';
import { manualClock } from '../../ground/clock.ts';
import type { MunicipalityCode, PersonId } from '../../ground/ids.ts';
import type { RegisterGate, WriteOp, WriteResult } from './gate-port.ts';
import { death } from './life-event.ts';
import { registerMigrations } from './migrations.ts';
import { type Find, RegisterService } from './service.ts';
import { RegisterStore } from './store.ts';

const municipality = '131016' as MunicipalityCode;
const desk = { session: 's', caseId: 'c' };
const id = (n: number) => `0190a000-0000-7000-8000-00000000000${n}` as PersonId;
let database: FreshDatabase;
let service: RegisterService;
const calls: { call: string; input: unknown }[] = [];
let results: WriteResult[] = [];

const budget = { session: 1, terminal: 1, purpose: 1, office: 1 };
const verified = {
  verified: { lines: 4, rows: 4, findings: 1 },
  findings: [{ finding: 'changed' as const, municipality, person: id(1), line: 3 }],
};
const gate: RegisterGate = {
  search: async (input) => {
    calls.push({ call: 'search', input });
    return { hits: [], line: 1, budget };
  },
  open: async (input) => {
    calls.push({ call: 'open', input });
    return { fields: {}, receipt: {} as never, budget };
  },
  write: async (input) => {
    calls.push({ call: 'write', input });
    return results;
  },
  history: async (input) => {
    calls.push({ call: 'history', input });
    return { trees: [], lines: [], coarse: [], hidden: [], older: [] };
  },
  verifyRecords: async () => verified,
};

beforeAll(async () => {
  database = await freshDatabase([registerMigrations]);
  const rows: [PersonId, string, string, number][] = [
    [id(1), 'resident', '01', 1],
    [id(2), 'resident', '01', 2],
    [id(3), 'deceased', '01', 3],
    [id(4), 'resident', '02', 4],
  ];
  for (const [person, status, household, line] of rows) {
    await database.pool('gate').query(
      `INSERT INTO register.resident (municipality_code, person_id, key_version, line_index, content_digest,
         household_index, status) VALUES ($1, $2, 1, $3, '', decode(repeat($4, 16), 'hex'), $5)`,
      [municipality, person, line, household, status],
    );
  }
  const store = new RegisterStore(database.pool('office'));
  service = new RegisterService({ gate, store, clock: manualClock(), municipality });
});
afterAll(() => database?.drop());

const lastInput = () => calls.at(-1)?.input;

describe('find', () => {
  it.each<[Find, object]>([
    [{ number: '123456789018' }, { number: '123456789018' }],
    [
      { reading: ' ミホン　ハナコ ', birthDate: 'S45.4.1' },
      { reading: 'ミホン　ハナコ', birthDate: '1970-04-01' },
    ],
    [
      { reading: 'ミホン', birthDate: '昭和20年8月日不詳' },
      { reading: 'ミホン', birthDate: '1945-08-00' },
    ],
    [{ reading: 'ミホン' }, { reading: 'ミホン' }],
    [{ residentCode: '24727059608' }, { residentCode: '24727059608' }],
    [{ address: '見本市中央1-2-3' }, { address: '見本市中央1-2-3' }],
    [{ addressNumber: ' １００１ ' }, { addressNumber: '1001' }],
  ])('%j', async (by, asked) => {
    await service.find(desk, by, 5);
    expect(lastInput()).toEqual({ ...desk, by: asked, limit: 5 });
  });

  it.each<[Find, object]>([
    [
      { reading: ' ', birthDate: 'S45.4.1' },
      { what: 'reading', reason: 'empty' },
    ],
    [
      { reading: 'ミホン', birthDate: '昭和64年1月8日' },
      { what: 'birth-date', reason: 'era-range' },
    ],
    [{ address: '　' }, { what: 'address', reason: 'empty' }],
    [{ addressNumber: '' }, { what: 'address-number', reason: 'empty' }],
  ])('refused: %j', (by, facts) => {
    expect(() => service.find(desk, by)).toThrow(expect.objectContaining({ kind: 'bad-input', facts }));
  });
});

describe('show and history', () => {
  it('ask the gate for the groups named', async () => {
    await service.show(desk, id(1), ['name', 'birth'], 'grant');
    expect(lastInput()).toEqual({ ...desk, person: id(1), groups: ['name', 'birth'], grant: 'grant' });
    await service.history(desk, id(1), { limit: 50 });
    expect(lastInput()).toEqual({ ...desk, person: id(1), limit: 50 });
  });

  it('refuse a group that does not exist, none at all, and an id that is none', () => {
    expect(() => service.show(desk, id(1), ['name', 'constructor'])).toThrow(/"what":"group"/);
    expect(() => service.show(desk, id(1), [])).toThrow(/"reason":"none"/);
    expect(() => service.show(desk, 'x' as PersonId, ['name'])).toThrow(/"what":"person"/);
  });
});

describe('life events', () => {
  const asked = { event: 'death', requestId: 'r1', eventDate: '令和8年3月1日' } as const;

  it('a notice has the fresh status and the date in ISO', async () => {
    expect(await service.notice({ ...asked, person: id(1), expect: 'ab' })).toEqual({
      requestId: 'r1',
      municipality,
      eventDate: '2026-03-01',
      today: '2026-04-01',
      person: id(1),
      status: 'resident',
      expect: 'ab',
    });
  });

  it('are refused for a status that does not allow them, for nobody, and for an impossible day', async () => {
    await expect(service.notice({ ...asked, person: id(3) })).rejects.toMatchObject({
      kind: 'conflict',
      facts: { event: 'death', status: 'deceased' },
    });
    await expect(service.notice({ ...asked, person: id(9) })).rejects.toMatchObject({ kind: 'not-found' });
    await expect(service.notice({ ...asked, person: id(1), eventDate: '2026-02-30' })).rejects.toMatchObject({
      kind: 'bad-input',
      facts: { what: 'event-date', reason: 'day' },
    });
  });

  it('go to the gate as ops; one refused op is an error for whoever sent one', async () => {
    const op: WriteOp = death(await service.notice({ ...asked, person: id(1) }));
    results = [{ requestId: 'r1', outcome: 'changed', person: id(1), line: 9 }];
    expect(await service.applyOne(desk, op)).toEqual(results[0]);
    expect(lastInput()).toEqual({ ...desk, ops: [op] });
    results = [{ requestId: 'r1', outcome: 'refused', kind: 'conflict', facts: { reason: 'state' } }];
    await expect(service.applyOne(desk, op)).rejects.toMatchObject({
      kind: 'conflict',
      facts: { reason: 'state' },
    });
    expect(await service.apply(desk, [op])).toEqual(results);
  });
});

describe('what the office sees by itself', () => {
  it('who lives in the household now, by id only', async () => {
    expect(await service.householdOf(id(1))).toEqual([id(1), id(2)]);
    expect(await service.householdOf(id(4))).toEqual([id(4)]);
    expect(await service.householdOf(id(9))).toEqual([]);
  });

  it('counts by status', async () => {
    expect(await service.counts()).toEqual({ resident: 3, 'moved-out': 0, deceased: 1, removed: 0 });
  });

  it('hands on what the verification names', async () => {
    expect(await service.verify('s')).toEqual(verified);
  });
});
