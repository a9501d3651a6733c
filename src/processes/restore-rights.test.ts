import type pg from 'pg';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type FreshDatabase, freshDatabase } from '../../test/database.ts';
import type { KeyStore, PersonKeys } from '../core/seal/index.ts';
import type { MunicipalityCode, PersonId } from '../ground/ids.ts';
import { silentLog } from '../ground/log.ts';
import { houseMigrations } from './house-database.ts';
import type { Between } from './restore-between.ts';
import { takeAwayAgain, takenIndexes } from './restore-rights.ts';

const town = '202029' as MunicipalityCode;
const other = '131016' as MunicipalityCode;
const person = (n: number) => `01900000-0000-7000-8000-00000000000${n}` as PersonId;
const index = (n: number) => Buffer.alloc(16, n);

let database: FreshDatabase;
let gate: pg.Pool;
let admin: pg.Pool;
let replayed: unknown[];
const keys = {
  replayErasures: async (list: readonly unknown[]) => {
    replayed.push(...list);
    return list.length;
  },
} as unknown as PersonKeys;

/** A key store whose MACs are all one: what the rows below carry. */
const mac = Buffer.alloc(32, 5);
const store = { mac: () => mac } as unknown as KeyStore;
let tools: { pool: pg.Pool; store: KeyStore; log: typeof silentLog };

beforeAll(async () => {
  database = await freshDatabase(houseMigrations);
  gate = database.pool('gate');
  tools = { pool: gate, store, log: silentLog };
  admin = database.pool('superuser');
});
afterAll(() => database.drop());

beforeEach(async () => {
  replayed = [];
  await admin.query(
    'TRUNCATE gate.staff, gate.terminal, gate.session, gate.bulk_grant, gate.look_up_lock, gate.passkey, gate.invitation, gate.terminal_secret, gate.resident_session, national.number_index, national.resident_code_index',
  );
  const staff = `INSERT INTO gate.staff (municipality_code, staff_id, role, office, requester, public_key, pin_salt,
    pin_hash, state, enrolled_at_ms, row_mac) VALUES ($1, $2, 'clerk', 'desk', 'resident-desk', $3, '\\x00', '\\x00', 'active', 0, $4)`;
  for (const [code, name] of [
    [town, 'clerk'],
    [town, 'registrar'],
    [other, 'neighbour'],
  ] as const)
    await gate.query(staff, [code, name, Buffer.alloc(32, 1), mac]);
  for (const code of [town, other])
    await gate.query(`INSERT INTO gate.terminal VALUES ($1, 'desk-1', 'desk', 'active', 0, $2)`, [code, mac]);
  for (const code of [town, other])
    await gate.query(`INSERT INTO gate.session VALUES ($1, $2, 'clerk', 'desk-1', 0, 0, $3)`, [
      code,
      Buffer.alloc(32, 3),
      mac,
    ]);
  await gate.query(
    `INSERT INTO gate.bulk_grant VALUES ($1, $2, 'p', '{name}', 9, 9, 1, 'a', 1, 'b', 1, 'active', $3)`,
    [town, person(1), mac],
  );
  for (const n of [1, 2])
    await gate.query(`INSERT INTO national.number_index VALUES ($1, $2, $3, 'active')`, [
      index(n),
      person(n),
      town,
    ]);
});

const nothing: Between = {
  ...{ from: 0, to: 0, kinds: {}, records: [], erased: [], numbersDrawn: 0, unreadable: 0 },
  ...{ staffSuspended: [], terminalsSuspended: [], staffEnrolled: new Map(), locks: new Map() },
  ...{ passkeysStopped: { staff: [], persons: [] }, terminalsBound: [] },
};
const states = async (table: string, key: string) =>
  (
    await admin.query(`SELECT municipality_code || '/' || ${key} AS name, state FROM ${table} ORDER BY 1`)
  ).rows.map(({ name, state }) => `${name} ${state}`);

describe('a restore gives nothing back that had been taken away', () => {
  it('suspends again who was suspended, of this municipality alone', async () => {
    const between = { ...nothing, staffSuspended: ['clerk', 'neighbour'], terminalsSuspended: ['desk-1'] };
    expect(await takeAwayAgain(tools, keys, town, between)).toMatchObject({ suspended: 2 });
    expect(await states('gate.staff', 'staff_id')).toEqual([
      '131016/neighbour active',
      '202029/clerk suspended',
      '202029/registrar active',
    ]);
    expect(await states('gate.terminal', 'terminal_id')).toEqual([
      '131016/desk-1 active',
      '202029/desk-1 suspended',
    ]);
  });

  it('locks again what residents had locked, lifts what they had lifted, and ends their sessions', async () => {
    await gate.query('INSERT INTO gate.resident_session VALUES ($1, $2, $3, 0, 0, $4)', [
      town,
      Buffer.alloc(32, 4),
      person(1),
      mac,
    ]);
    await gate.query('INSERT INTO gate.look_up_lock VALUES ($1, $2, 99, 1, $3)', [town, person(2), mac]);
    const locks = new Map([
      [person(1), { until: 50, setAt: 3 }],
      [person(2), { until: 0, setAt: 4 }],
    ]);
    const done = await takeAwayAgain(tools, keys, town, { ...nothing, locks });
    expect(done).toMatchObject({ sessionsEnded: 2 });
    const { rows } = await admin.query(
      'SELECT person_id, until_ms::int, set_at_ms::int FROM gate.look_up_lock ORDER BY person_id',
    );
    expect(rows).toEqual([
      { person_id: person(1), until_ms: 50, set_at_ms: 3 },
      { person_id: person(2), until_ms: 0, set_at_ms: 4 },
    ]);
  });

  it('suspends who had been enrolled anew with another key, and leaves who has the same', async () => {
    const key = (n: number) => Buffer.alloc(32, n).toString('base64');
    const staffEnrolled = new Map([
      ['clerk', key(2)],
      ['registrar', key(1)],
      ['newcomer', key(3)],
    ]);
    expect(await takeAwayAgain(tools, keys, town, { ...nothing, staffEnrolled })).toMatchObject({
      suspended: 1,
    });
    expect(await states('gate.staff', 'staff_id')).toContain('202029/clerk suspended');
    expect(await states('gate.staff', 'staff_id')).toContain('202029/registrar active');
  });

  it('ends all sessions and revokes all grants of this municipality', async () => {
    expect(await takeAwayAgain(tools, keys, town, nothing)).toMatchObject({
      sessionsEnded: 1,
      grantsRevoked: 1,
    });
    expect((await gate.query('SELECT municipality_code FROM gate.session')).rows).toEqual([
      { municipality_code: other },
    ]);
  });

  it('withdraws enrolments that one of two had signed, of this municipality alone', async () => {
    await admin.query('TRUNCATE gate.enrolment');
    for (const [code, n, state] of [
      [town, 1, 'asked'],
      [town, 2, 'confirmed'],
      [other, 3, 'asked'],
    ] as const)
      await gate.query(
        `INSERT INTO gate.enrolment VALUES ($1, $2, 'x', 'supervisor', 'desk', 'resident-desk', $3, '\\x00', '\\x00', 'a', 9, $4, $5, $6)`,
        [code, person(n), Buffer.alloc(32, 1), state === 'confirmed' ? 'b' : null, state, mac],
      );
    await takeAwayAgain(tools, keys, town, nothing);
    expect(await states('gate.enrolment', 'enrolment_id')).toEqual([
      `${other}/${person(3)} asked`,
      `${town}/${person(1)} withdrawn`,
      `${town}/${person(2)} confirmed`,
    ]);
  });

  it('stops passkeys again, voids codes, unbinds browsers and ends residents’ sessions, of this municipality alone', async () => {
    const passkey = `INSERT INTO gate.passkey VALUES ($1, $2, $3, $4, $5, '\\x00', 0, 0, $6)`;
    for (const [code, id, site, staff, holder] of [
      [town, 1, 'desk', 'clerk', null],
      [town, 2, 'desk', 'registrar', null],
      [town, 3, 'portal', null, person(1)],
      [town, 4, 'portal', null, person(2)],
      [town, 5, 'portal', null, person(3)],
      [other, 6, 'desk', 'clerk', null],
    ] as const)
      await gate.query(passkey, [code, Buffer.alloc(16, id), site, staff, holder, mac]);
    for (const code of [town, other]) {
      await gate.query(
        `INSERT INTO gate.invitation VALUES ($1, $2, $2, 'staff', 'clerk', NULL, NULL, 'a', 9, 0, $2)`,
        [code, mac],
      );
      await gate.query('INSERT INTO gate.resident_session VALUES ($1, $2, $3, 0, 0, $2)', [
        code,
        mac,
        person(1),
      ]);
      for (const terminal of ['desk-1', 'desk-2'])
        await gate.query('INSERT INTO gate.terminal_secret VALUES ($1, $2, $3, 0, $3)', [
          code,
          terminal,
          mac,
        ]);
    }
    const between: Between = {
      ...{ ...nothing, erased: [{ person: person(3), lineIndex: 1 }], terminalsBound: ['desk-1'] },
      passkeysStopped: { staff: ['clerk'], persons: [person(1)] },
    };
    expect(await takeAwayAgain(tools, keys, town, between)).toMatchObject({ sessionsEnded: 2 });
    const left = await admin.query('SELECT encode(credential_id, $1) AS id FROM gate.passkey ORDER BY 1', [
      'hex',
    ]);
    expect(left.rows.map(({ id }) => Number(id.slice(0, 2)))).toEqual([2, 4, 6]);
    for (const table of ['gate.invitation', 'gate.resident_session'])
      expect((await admin.query(`SELECT municipality_code FROM ${table}`)).rows).toEqual([
        { municipality_code: other },
      ]);
    const bound = await admin.query(
      `SELECT municipality_code || '/' || terminal_id AS name FROM gate.terminal_secret ORDER BY 1`,
    );
    expect(bound.rows.map(({ name }) => name)).toEqual([
      `${other}/desk-1`,
      `${other}/desk-2`,
      `${town}/desk-2`,
    ]);
  });

  it('erases again by the journal first, then by what the old database knew', async () => {
    const erased = [{ person: person(1), lineIndex: 7 }];
    const old = { taken: [], erased: [{ person: person(2), lineIndex: null }] };
    expect(await takeAwayAgain(tools, keys, town, { ...nothing, erased }, old)).toMatchObject({
      erasedAgain: 2,
    });
    expect(replayed).toEqual([...erased, ...old.erased]);
    expect((await gate.query('SELECT person_id, state FROM national.number_index ORDER BY 1')).rows).toEqual([
      { person_id: person(1), state: 'retired' },
      { person_id: person(2), state: 'retired' },
    ]);
  });

  it('keeps numbers drawn in between taken, retired, and touches no number that is there', async () => {
    const taken = [
      { which: 'number' as const, index: index(1), person: person(1), municipality: town },
      { which: 'number' as const, index: index(9), person: person(3), municipality: town },
      { which: 'resident_code' as const, index: index(9), person: person(3), municipality: town },
      { which: 'number' as const, index: index(8), person: person(4), municipality: other },
    ];
    expect(await takeAwayAgain(tools, keys, town, nothing, { taken, erased: [] })).toMatchObject({
      numbersKept: 1,
    });
    expect((await gate.query('SELECT person_id, state FROM national.number_index ORDER BY 1')).rows).toEqual([
      { person_id: person(1), state: 'active' },
      { person_id: person(2), state: 'active' },
      { person_id: person(3), state: 'retired' },
    ]);
    expect(await takenIndexes(gate, [person(3)])).toEqual([
      { which: 'number', index: index(9), person: person(3), municipality: town },
    ]);
  });
});
