import type pg from 'pg';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { asSekishoError } from '../../src/ground/errors.ts';
import type { PersonId } from '../../src/ground/ids.ts';
import { chiyoda, deviceKey, matsumoto, TestHouse } from '../house.ts';

/**
 * Row 8 of the attacker table: an administrator of PostgreSQL, who may read and write every table, and have the gate
 * restarted. No edit gives him a field; each is refused, has no effect, or is named by the verification. What is
 * not caught stands in `describe('is not caught')` at the end, and in SECURITY.md.
 */

let house: TestHouse;
let dba: pg.Pool;
let persons: PersonId[];
beforeEach(async () => {
  house = await TestHouse.start({ municipalities: [matsumoto, chiyoda], budgets: 'unlimited' });
  await house.importTown(12);
  dba = house.superuser;
  persons = await house.persons();
});
afterEach(() => house[Symbol.asyncDispose]());

const named = async () =>
  (await house.inspect()).findings.map(({ finding, person }) => ({ finding, person }));
const open = async (person: PersonId, groups = ['name', 'address']) => {
  const desk = await house.openCase('residence-certificate');
  return house.gate.open({ ...desk, person, groups });
};
const movedWithin = { status: 'resident', event: 'move-within', event_date: '2026-05-02' };

const kindOf = (work: Promise<unknown>) =>
  work.then(
    () => 'done',
    (error: unknown) => asSekishoError(error).kind,
  );

/** Signs in as somebody whose device key the administrator holds. */
const signInAs = (staff: string) => kindOf(house.signIn(staff, `clerk-${matsumoto}`));

describe('edits of the register', () => {
  it('of any column of a resident are named, column by column', async () => {
    const { rows: columns } = await dba.query<{ name: string; type: string; table: string }>(
      `SELECT column_name AS name, data_type AS type FROM information_schema.columns
       WHERE table_schema = 'register' AND table_name = 'resident'
         AND column_name NOT IN ('municipality_code', 'person_id')`,
    );
    expect(columns.length).toBeGreaterThan(15);
    const person = persons[3]!;
    for (const { name, type } of columns) {
      const { rows } = await dba.query(
        `SELECT ${name} AS value FROM register.resident WHERE person_id = $1`,
        [person],
      );
      const { value } = rows[0] as { value: unknown };
      const other = {
        bytea: () => Buffer.from((value as Buffer | null) ?? Buffer.alloc(16)).map((byte) => byte ^ 1),
        integer: () => 7,
        bigint: () => 3,
        smallint: () => 2,
        text: () => (name === 'status' ? 'removed' : name === 'event' ? 'correction' : '1999-09-09'),
      }[type as 'text']();
      const set = `UPDATE register.resident SET ${name} = $2 WHERE person_id = $1`;
      await dba.query(set, [person, other]);
      const found = await named();
      expect(found.length, name).toBeGreaterThan(0);
      // A row that names another’s line is one that no line wrote, and its own line’s row is gone.
      if (name !== 'line_index' && name !== 'log_number')
        expect(found, name).toEqual([{ finding: 'changed', person }]);
      await dba.query(set, [person, value]);
    }
    expect(await named()).toEqual([]);
  });

  it('that put one person’s cell into another’s row open nothing and are named', async () => {
    await dba.query(
      `UPDATE register.resident AS r SET address_sealed = o.address_sealed FROM register.resident AS o
       WHERE r.person_id = $1 AND o.person_id = $2`,
      [persons[0], persons[1]],
    );
    expect(await kindOf(open(persons[0]!))).toBe('seal-broken');
    expect(await named()).toEqual([{ finding: 'changed', person: persons[0] }]);
  });

  it('that put a cell into another column of its own row open nothing and are named', async () => {
    await dba.query('UPDATE register.resident SET address_sealed = name_sealed WHERE person_id = $1', [
      persons[0],
    ]);
    expect(await kindOf(open(persons[0]!, ['address']))).toBe('seal-broken');
    expect(await named()).toEqual([{ finding: 'changed', person: persons[0] }]);
  });

  it('that exchange two whole rows open nothing and are named', async () => {
    const free = '01890000-0000-7000-8000-00000000000f';
    const move = 'UPDATE register.resident SET person_id = $2 WHERE person_id = $1';
    await dba.query(move, [persons[0], free]);
    await dba.query(move, [persons[1], persons[0]]);
    await dba.query(move, [free, persons[1]]);
    expect(await kindOf(open(persons[0]!))).toBe('seal-broken');
    expect(await kindOf(open(persons[1]!))).toBe('seal-broken');
    expect((await named()).map(({ person }) => person).sort()).toEqual(
      expect.arrayContaining([persons[0]!, persons[1]!].sort()),
    );
  });

  it('that move a row to another town open nothing there, and both towns’ verifications name it', async () => {
    await dba.query('UPDATE register.resident SET municipality_code = $2 WHERE person_id = $1', [
      persons[0],
      chiyoda,
    ]);
    const { session } = await house.desk('clerk', chiyoda);
    const { caseId } = await house.gate.openCase({ session, purpose: 'residence-certificate', note: '' });
    const there = house.gate.open({ session, caseId, person: persons[0]!, groups: ['name'] });
    expect(await kindOf(there)).toBe('seal-broken');
    expect(await named()).toEqual([{ finding: 'removed', person: persons[0] }]);
    expect((await house.inspect(chiyoda)).findings).toMatchObject([
      { finding: 'inserted', person: persons[0] },
    ]);
  });

  it('that take a resident out or put one in are named', async () => {
    const { rows } = await dba.query('DELETE FROM register.resident WHERE person_id = $1 RETURNING *', [
      persons[4],
    ]);
    expect(await named()).toEqual([{ finding: 'removed', person: persons[4] }]);
    const ghost = '01890000-0000-7000-8000-0000000000aa';
    const row = { ...rows[0], person_id: ghost, address_number_index: null, line_index: 900 };
    const columns = Object.keys(row);
    await dba.query(
      `INSERT INTO register.resident (${columns.join(', ')}) VALUES (${columns.map((_, i) => `$${i + 1}`).join(', ')})`,
      Object.values(row),
    );
    expect(await named()).toContainEqual({ finding: 'inserted', person: ghost });
    expect(await kindOf(open(ghost as PersonId))).toBe('key-erased');
  });

  it('that put an older state of a row back are named', async () => {
    const person = persons[5]!;
    const { rows } = await dba.query('SELECT * FROM register.resident WHERE person_id = $1', [person]);
    const desk = await house.openCase('move-within');
    const notice = {
      ...{ requestId: 'moves', table: 'resident', kind: 'record.changed' as const },
      person,
      clear: movedWithin,
    };
    const fields = { address: { address: '長野県松本市大手一丁目１番１号' } };
    await house.gate.write({ ...desk, ops: [{ ...notice, municipality: matsumoto, fields }] });
    expect(await named()).toEqual([]);
    await dba.query('DELETE FROM register.resident WHERE person_id = $1', [person]);
    const columns = Object.keys(rows[0]);
    await dba.query(
      `INSERT INTO register.resident (${columns.join(', ')}) VALUES (${columns.map((_, i) => `$${i + 1}`).join(', ')})`,
      Object.values(rows[0]),
    );
    expect(await named()).toEqual([{ finding: 'changed', person }]);
  });
});

describe('edits of the nation-wide indexes', () => {
  const number = async (person: PersonId): Promise<string> => {
    const desk = await house.openCase('number-verification');
    return (await house.gate.open({ ...desk, person, groups: ['number'] })).fields['number']!['number']!;
  };
  const searched = async (given: string) => {
    const desk = await house.openCase('number-verification');
    return (await house.gate.search({ ...desk, by: { number: given } })).hits.map(({ person }) => person);
  };

  it('that lead a number to another person show nobody, write over nobody, and are named', async () => {
    const sought = await number(persons[0]!);
    expect(await searched(sought)).toEqual([persons[0]]);
    await dba.query('UPDATE national.number_index SET person_id = $2 WHERE person_id = $1', [
      persons[0],
      persons[1],
    ]);
    expect(await searched(sought)).toEqual([]);
    const desk = await house.openCase('correction', 'supervisor');
    const op = {
      ...{ requestId: 'led', table: 'resident', kind: 'record.corrected' as const, municipality: matsumoto },
      reason: 'misread',
    };
    const fields = { number: { number: sought }, address: { address: '別の住所' } };
    const written = await house.gate.write({
      ...desk,
      ops: [{ ...op, findBy: 'number', fields, clear: { ...movedWithin, event: 'correction' } }],
    });
    expect(written).toMatchObject([{ outcome: 'refused', kind: 'conflict' }]);
    expect(await named()).toEqual([{ finding: 'changed', person: persons[0] }]);
  });

  it('that take an entry out, or retire it, are named', async () => {
    await dba.query('DELETE FROM national.number_index WHERE person_id = $1', [persons[0]]);
    await dba.query(`UPDATE national.resident_code_index SET state = 'retired' WHERE person_id = $1`, [
      persons[1],
    ]);
    expect((await named()).map(({ person }) => person).sort()).toEqual([persons[0]!, persons[1]!].sort());
  });
});

describe('edits of the gate’s own tables, with a restart of the gate after each', () => {
  const thief = deviceKey('the administrator himself').publicKey;

  it('promote nobody: a clerk whose row says supervisor does not sign in at all', async () => {
    await dba.query(`UPDATE gate.staff SET role = 'supervisor' WHERE staff_id = $1`, [`clerk@${matsumoto}`]);
    await house.restart();
    expect(await signInAs(`clerk@${matsumoto}`)).toBe('sign-in-failed');
    expect(await signInAs(`supervisor@${matsumoto}`)).toBe('done');
  });

  it('put nobody in another’s place: a public key or PIN that is exchanged signs nobody in', async () => {
    await dba.query('UPDATE gate.staff SET public_key = $2 WHERE staff_id = $1', [
      `officer@${matsumoto}`,
      thief,
    ]);
    await dba.query(
      `UPDATE gate.staff AS s SET pin_hash = o.pin_hash, pin_salt = o.pin_salt FROM gate.staff AS o
       WHERE s.staff_id = $1 AND o.staff_id = $2`,
      [`supervisor@${matsumoto}`, `clerk@${matsumoto}`],
    );
    await house.restart();
    expect(await signInAs(`officer@${matsumoto}`)).toBe('sign-in-failed');
    expect(await signInAs(`supervisor@${matsumoto}`)).toBe('sign-in-failed');
  });

  it('enrol nobody: a copied row under another name and key signs nobody in', async () => {
    await dba.query(
      `INSERT INTO gate.staff SELECT municipality_code, 'mallory', role, office, requester, person_id, $2, pin_salt,
         pin_hash, 0, 'active', enrolled_at_ms, row_mac FROM gate.staff WHERE staff_id = $1`,
      [`officer@${matsumoto}`, deviceKey('mallory').publicKey],
    );
    await house.restart();
    expect(await signInAs('mallory')).toBe('sign-in-failed');
  });

  it('make nobody the first administrator: with the table of staff emptied nobody is enrolled without a session', async () => {
    await dba.query('DELETE FROM gate.staff');
    await house.restart();
    expect(await kindOf(house.enrol('mallory', 'administrator'))).toBe('session-invalid');
    const terminal = { municipality: matsumoto, terminal: 'mine', office: 'x' };
    expect(await kindOf(house.gate.enrolTerminal(terminal))).toBe('session-invalid');
  });

  it('do not let a suspended member or terminal in again', async () => {
    const { session } = await house.desk('officer');
    await house.gate.suspend({ session, staff: `clerk@${matsumoto}` });
    await house.gate.suspend({ session, terminal: `registrar-${matsumoto}` });
    await dba.query(`UPDATE gate.staff SET state = 'active', pin_failures = 0`);
    await dba.query(`UPDATE gate.terminal SET state = 'active'`);
    await house.restart();
    expect(await signInAs(`clerk@${matsumoto}`)).toBe('sign-in-failed');
    const registrar = house.signIn(`registrar@${matsumoto}`, `registrar-${matsumoto}`);
    expect(await kindOf(registrar)).toBe('sign-in-failed');
  });

  it('make no session: an inserted row, or one given to another member, opens nothing', async () => {
    const { session } = await house.desk('clerk');
    const own = 'a session of my own making';
    await dba.query(
      `INSERT INTO gate.session SELECT municipality_code, sha256($2), staff_id, terminal_id, started_at_ms, used_at_ms,
         row_mac FROM gate.session WHERE staff_id = $1`,
      [`officer@${matsumoto}`, Buffer.from(own)],
    );
    await dba.query('UPDATE gate.session SET staff_id = $2 WHERE staff_id = $1', [
      `clerk@${matsumoto}`,
      `supervisor@${matsumoto}`,
    ]);
    await house.restart();
    for (const id of [own, session]) {
      const work = house.gate.openCase({ session: id, purpose: 'investigation', note: '' });
      expect(await kindOf(work)).toBe('session-invalid');
    }
  });

  it('give no bulk: a grant raised, prolonged, widened, approved by hand or taken back from revocation is none', async () => {
    const asker = await house.openCase('investigation', 'supervisor');
    const ask = () =>
      house.gate.askGrant({
        ...asker,
        ...{ groups: ['name'], count: 2, reason: 'survey', endsAt: house.clock.now() + 3_600_000 },
      });
    const { session } = await house.desk('administrator');
    await house.enrol(`second@${matsumoto}`, 'supervisor', { session, office: 'resident-desk' });
    const second = await house.signIn(`second@${matsumoto}`, `supervisor-${matsumoto}`);
    const edits: [string, boolean, string][] = [
      ['persons_max = 90000, persons_left = 90000', true, 'unknown'],
      ['ends_at_ms = ends_at_ms + 86400000', true, 'unknown'],
      [`groups = ARRAY['name', 'number']`, true, 'unknown'],
      [`purpose = 'residence-certificate'`, true, 'unknown'],
      [`state = 'active', approved_by = 'somebody', approved_at_ms = 1`, false, 'unknown'],
    ];
    for (const [set, approved] of edits) {
      const { grant } = await ask();
      if (approved) await house.gate.approveGrant({ session: second, grant });
      await dba.query(`UPDATE gate.bulk_grant SET ${set} WHERE grant_id = $1`, [grant]);
      await house.restart();
      const work = house.gate.open({ ...asker, person: persons[0]!, groups: ['name'], grant });
      await expect(work, set).rejects.toMatchObject({ kind: 'grant-invalid', facts: { reason: 'unknown' } });
    }
    const { grant } = await ask();
    await house.gate.approveGrant({ session: second, grant });
    await house.gate.revokeGrant({ session: second, grant });
    await dba.query(`UPDATE gate.bulk_grant SET state = 'active' WHERE grant_id = $1`, [grant]);
    await house.restart();
    const work = house.gate.open({ ...asker, person: persons[0]!, groups: ['name'], grant });
    await expect(work).rejects.toMatchObject({ kind: 'grant-invalid', facts: { reason: 'unknown' } });
  });

  it('refill a grant up to what two people signed for, never beyond', async () => {
    const asker = await house.openCase('investigation', 'supervisor');
    const { session } = await house.desk('administrator');
    await house.enrol(`second@${matsumoto}`, 'supervisor', { session, office: 'resident-desk' });
    const second = await house.signIn(`second@${matsumoto}`, `supervisor-${matsumoto}`);
    const { grant } = await house.gate.askGrant({
      ...asker,
      ...{ groups: ['name'], count: 2, reason: 'survey', endsAt: house.clock.now() + 3_600_000 },
    });
    await house.gate.approveGrant({ session: second, grant });
    await dba.query('ALTER TABLE gate.bulk_grant DROP CONSTRAINT bulk_grant_check');
    await dba.query('UPDATE gate.bulk_grant SET persons_left = 90000 WHERE grant_id = $1', [grant]);
    await house.restart();
    const got = [];
    for (const person of persons) {
      got.push(await kindOf(house.gate.open({ ...asker, person, groups: ['name'], grant })));
    }
    expect(got.filter((each) => each === 'done')).toHaveLength(2);
  });

  it('erase nobody: a row that orders the erasure of keys without a line is not obeyed', async () => {
    await dba.query('INSERT INTO gate.erasure_due VALUES ($1, $2, $3)', [matsumoto, persons[0], 3]);
    await house.restart();
    expect(await kindOf(open(persons[0]!))).toBe('done');
  });

  it('move nobody out: a departure without an arrival is not obeyed', async () => {
    await dba.query('INSERT INTO gate.departure VALUES ($1, $2, $3, NULL)', [matsumoto, persons[0], chiyoda]);
    await house.restart();
    const { rows } = await dba.query('SELECT status FROM register.resident WHERE person_id = $1', [
      persons[0],
    ]);
    expect(rows[0].status).not.toBe('moved-out');
    expect(await named()).toEqual([]);
  });

  it('change no law: statutes and policies are no rows of his, and their hashes stand in every line', async () => {
    const { rows } = await dba.query(
      `SELECT table_name FROM information_schema.tables WHERE table_schema NOT IN ('pg_catalog', 'information_schema')
       AND table_name ~ 'statute|policy|caller'`,
    );
    expect(rows).toEqual([]);
    await open(persons[0]!);
    const line = (await house.lines()).at(-1)!;
    expect(line.body['statutes']).toMatch(/^[0-9a-f]{64}$/);
    expect(line.body['policies']).toMatch(/^[0-9a-f]{64}$/);
  });

  it('say nothing of a case: its note is sealed and its purpose is judged anew by the session’s own role', async () => {
    const { session, caseId } = await house.openCase('residence-certificate');
    await dba.query(
      `UPDATE gate.staff_case SET purpose = 'correction', statute_id = 'jukiho-14' WHERE case_id = $1`,
      [caseId],
    );
    await house.restart();
    const work = house.gate.open({ session, caseId, person: persons[0]!, groups: ['number'] });
    expect(await kindOf(work)).toBe('policy-denied');
  });
});

describe('budgets', () => {
  it('whose rows are deleted before a restart stay spent: the lines tell what each cost', async () => {
    await house[Symbol.asyncDispose]();
    house = await TestHouse.start();
    await house.importTown(60);
    dba = house.superuser;
    const everybody = await house.persons();
    const desk = await house.openCase('residence-certificate');
    const walk = async () => {
      let opened = 0;
      for (const person of everybody) {
        const done = await kindOf(house.gate.open({ ...desk, person, groups: ['name'] }));
        if (done === 'done') opened++;
      }
      return opened;
    };
    expect(await walk()).toBe(40);
    await dba.query('DELETE FROM gate.budget_spent');
    await house.restart();
    expect(await walk()).toBe(0);
    const lines = (await house.lines()).filter(({ kind }) => kind === 'field.opened');
    expect(lines).toHaveLength(40);
  });
});

describe('is not caught', () => {
  it('an older row of the gate’s own put back before a restart, as of one since suspended; the line of it stands', async () => {
    const { rows } = await dba.query('SELECT * FROM gate.staff WHERE staff_id = $1', [`clerk@${matsumoto}`]);
    const { session } = await house.desk('officer');
    await house.gate.suspend({ session, staff: `clerk@${matsumoto}` });
    await dba.query('UPDATE gate.staff SET state = $2, row_mac = $3, pin_failures = 0 WHERE staff_id = $1', [
      `clerk@${matsumoto}`,
      rows[0].state,
      rows[0].row_mac,
    ]);
    await house.restart();
    expect(await signInAs(`clerk@${matsumoto}`)).toBe('done');
    expect((await house.lines()).map(({ kind }) => kind)).toContain('staff.suspended');
  });

  it('keys deleted from the key database: the person’s record stays shut, and nothing but a backup of the keys helps', async () => {
    await dba.query('DELETE FROM keys.person_key WHERE person_id = $1', [persons[0]]);
    expect(await kindOf(open(persons[0]!))).toBe('key-erased');
    expect(await named()).toEqual([]);
  });
});

describe('the history, doctored, is named too', () => {
  it('replaced states deleted from the history', async () => {
    const desk = await house.openCase('move-within');
    const op = {
      ...{ requestId: 'moves', table: 'resident', kind: 'record.changed' as const, municipality: matsumoto },
    };
    const fields = { address: { address: '長野県松本市大手一丁目１番１号' } };
    await house.gate.write({ ...desk, ops: [{ ...op, person: persons[0]!, fields, clear: movedWithin }] });
    const { rowCount } = await dba.query('DELETE FROM register.resident_history');
    expect(rowCount).toBe(1);
    expect(await named()).toEqual([{ finding: 'removed', person: persons[0] }]);
  });
});
