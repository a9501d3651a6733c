import { hash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type FreshDatabase, freshDatabase } from '../../../test/database.ts';
import type { PersonId } from '../../ground/ids.ts';
import { decodeLine } from '../journal/index.ts';
import { absoluteMs, idleMs, signNonce } from './sessions.ts';
import { pin, type Stage, staged, stagedKey, stageRooms, town } from './staging/stage.fixture.ts';

let database: FreshDatabase;
let stage: Stage;
beforeAll(async () => {
  database = await freshDatabase(stageRooms);
  stage = await staged(database);
});
afterAll(async () => {
  await stage.end();
  await database.drop();
});

let admin: ReturnType<FreshDatabase['pool']> | undefined;
const sql = async (text: string, values: unknown[] = []) => {
  admin ??= database.pool('superuser', 1);
  return (await admin.query(text, values)).rows;
};
const newest = async () => {
  const { size } = stage.gate.journal(town).head();
  for await (const line of stage.gate.journal(town).read(size - 1, size)) return decodeLine(line.payload);
  return undefined;
};
/** Any act that needs nothing but a live session. */
const use = (session: string) => stage.gate.openCase({ session, purpose: 'move-in', note: '' });
const ended = (reason: string) => ({ kind: 'session-invalid', facts: { reason } });
const attempt = async (staff: string, typed = pin, terminal = 't-01', key = staff) => {
  const { nonce } = await stage.gate.challenge({ staff });
  const signature = signNonce(stagedKey(key).privateKey, nonce);
  return stage.gate.signIn({ staff, terminal, nonce, signature, pin: typed });
};

describe('a session', () => {
  it('lives one millisecond short of fifteen idle minutes, and not the fifteenth', async () => {
    const session = await stage.signIn('clerk');
    stage.clock.advance(idleMs - 1);
    await use(session);
    stage.clock.advance(idleMs);
    await expect(use(session)).rejects.toMatchObject(ended('idle'));
    await expect(use(session)).rejects.toMatchObject(ended('unknown'));
  });
  it('lives one millisecond short of eight hours, however busy, and not the eighth', async () => {
    const session = await stage.signIn('clerk');
    const started = stage.clock.now();
    while (stage.clock.now() + idleMs < started + absoluteMs) {
      stage.clock.advance(idleMs - 1);
      await use(session);
    }
    stage.clock.set(started + absoluteMs - 1);
    await use(session);
    stage.clock.set(started + absoluteMs);
    await expect(use(session)).rejects.toMatchObject(ended('absolute'));
  });
  it('is over after a restart at the very end of its eight hours, and not a millisecond before', async () => {
    const session = await stage.signIn('clerk');
    await sql('UPDATE gate.session SET used_at_ms = $1', [stage.clock.now() + absoluteMs - 2]);
    stage.clock.advance(absoluteMs - 1);
    await stage.reopen();
    await use(session);
    stage.clock.advance(1);
    await stage.reopen();
    await expect(use(session)).rejects.toMatchObject(ended('unknown'));
  });
  it('is idle over a restart too: the time runs from the last stored use', async () => {
    const session = await stage.signIn('clerk');
    stage.clock.advance(61_000);
    await use(session);
    await expect
      .poll(async () => (await sql('SELECT max(used_at_ms) AS at FROM gate.session'))[0].at)
      .toBe(String(stage.clock.now()));
    await stage.reopen();
    stage.clock.advance(idleMs - 1);
    await use(session);
    await stage.reopen();
    stage.clock.advance(idleMs);
    await expect(use(session)).rejects.toMatchObject(ended('idle'));
  });
  it('bears a clock that is set right by a minute, and no more', async () => {
    const session = await stage.signIn('clerk');
    stage.clock.advance(-60_000);
    await use(session);
    stage.clock.advance(-1);
    await expect(use(session)).rejects.toMatchObject(ended('clock'));
    stage.clock.advance(60_001);
    await use(session);
  });
  it('that was signed out is over, after a restart too, and signing out again is refused with a line', async () => {
    const session = await stage.signIn('clerk');
    await stage.gate.signOut({ session });
    await expect(stage.gate.signOut({ session })).rejects.toMatchObject(ended('ended'));
    expect(await newest()).toMatchObject({
      kind: 'request.refused',
      body: { operation: 'sign-out', reason: 'session-invalid' },
    });
    await stage.reopen();
    await expect(use(session)).rejects.toMatchObject(ended('unknown'));
  });
});

describe('another terminal than the session’s own is refused', () => {
  const person = '01890000-0000-7000-8000-000000000001' as PersonId;
  const caseId = person;
  const key = stagedKey('x').publicKey.toString('base64');
  const staff = { municipality: town, staff: 'x', role: 'clerk', office: 'o', publicKey: key, pin } as const;
  const grant = { caseId, groups: ['name'], count: 1, endsAt: 1, reason: 'x' };
  const note = { caseId, importId: 'i', state: 'begun', rows: 1, encoding: 'utf-8' } as const;
  type At = { session: string; terminal: string };
  const operations: Record<string, (at: At) => Promise<unknown>> = {
    signOut: (at) => stage.gate.signOut(at),
    openCase: (at) => stage.gate.openCase({ ...at, purpose: 'move-in', note: '' }),
    closeCase: (at) => stage.gate.closeCase({ ...at, caseId }),
    search: (at) => stage.gate.search({ ...at, caseId, by: { reading: 'x' } }),
    open: (at) => stage.gate.open({ ...at, caseId, person, groups: ['name'] }),
    write: (at) => stage.gate.write({ ...at, caseId, ops: [stage.op(1)] }),
    noteImport: (at) => stage.gate.noteImport({ ...at, ...note }),
    erase: (at) => stage.gate.erase({ ...at, caseId, person, reason: 'x' }),
    askGrant: (at) => stage.gate.askGrant({ ...at, ...grant }),
    approveGrant: (at) => stage.gate.approveGrant({ ...at, grant: caseId }),
    revokeGrant: (at) => stage.gate.revokeGrant({ ...at, grant: caseId }),
    grant: (at) => stage.gate.grant({ ...at, grant: caseId }),
    history: (at) => stage.gate.history({ ...at, person }),
    enrolStaff: (at) => stage.gate.enrolStaff({ ...at, ...staff }),
    enrolments: (at) => stage.gate.enrolments(at),
    confirmEnrolment: (at) => stage.gate.confirmEnrolment({ ...at, enrolment: caseId }),
    markHoney: (at) => stage.gate.markHoney({ ...at, person }),
    verifyRecords: (at) => stage.gate.verifyRecords(at),
  };
  it.each(Object.keys(operations))('by %s, with a line', async (operation) => {
    const session = await stage.signIn('admin');
    const before = stage.gate.journal(town).head().size;
    await expect(operations[operation]!({ session, terminal: 't-02' })).rejects.toMatchObject(
      ended('terminal'),
    );
    expect(stage.gate.journal(town).head().size).toBe(before + 1);
    expect(await newest()).toMatchObject({ body: { outcome: 'refused', reason: 'session-invalid' } });
    await stage.gate.signOut({ session, terminal: 't-01' });
  });
});

describe('wrong PINs', () => {
  it('add up over restarts of the gate: no restart gives new tries', async () => {
    for (let round = 0; round < 5; round++) {
      await expect(attempt('clerk-far', '0000')).rejects.toMatchObject({ kind: 'sign-in-failed' });
      await stage.reopen();
    }
    await expect(attempt('clerk-far')).rejects.toMatchObject({ kind: 'sign-in-failed' });
    expect(await newest()).toMatchObject({ body: { facts: { reason: 'locked' } } });
  });
  it('at the same time are tries all the same: the right one among a dozen does not get in', async () => {
    const tries = await Promise.allSettled(
      Array.from({ length: 12 }, (_, i) => attempt('supervisor-b', i === 11 ? pin : `000${i}`)),
    );
    expect(tries.filter(({ status }) => status === 'fulfilled')).toEqual([]);
    expect(await sql("SELECT state FROM gate.staff WHERE staff_id = 'supervisor-b'")).toEqual([
      { state: 'locked' },
    ]);
  });
  it('of one member lock no other', async () => {
    await expect(attempt('clerk')).resolves.toBeDefined();
  });
});

describe('a suspended terminal', () => {
  it('ends its sessions and takes no new ones; the others go on; after a restart as before', async () => {
    const there = await stage.signIn('clerk', 't-02');
    const here = await stage.signIn('clerk', 't-01');
    const officer = await stage.signIn('officer', 't-01');
    expect(await stage.gate.suspend({ session: officer, terminal: 't-02' })).toEqual({ sessionsEnded: 1 });
    await expect(use(there)).rejects.toMatchObject({ kind: 'suspended' });
    await use(here);
    await stage.reopen();
    await expect(use(there)).rejects.toMatchObject(ended('unknown'));
    await expect(attempt('clerk', pin, 't-02')).rejects.toMatchObject({ kind: 'sign-in-failed' });
    expect(await newest()).toMatchObject({ body: { facts: { reason: 'terminal' } } });
    await stage.gate.reinstate({ session: officer, terminal: 't-02' });
    await expect(use(there)).rejects.toMatchObject(ended('unknown'));
    await attempt('clerk', pin, 't-02');
  });
});

describe('rows edited past the gate', () => {
  it('another public key for a member gives its holder no session', async () => {
    await sql("UPDATE gate.staff SET public_key = $1 WHERE staff_id = 'clerk-b'", [
      stagedKey('intruder').publicKey,
    ]);
    await stage.reopen();
    await expect(attempt('clerk-b', pin, 't-01', 'intruder')).rejects.toMatchObject({
      kind: 'sign-in-failed',
    });
    await expect(attempt('clerk-b')).rejects.toMatchObject({ kind: 'sign-in-failed' });
    await sql("UPDATE gate.staff SET public_key = $1 WHERE staff_id = 'clerk-b'", [
      stagedKey('clerk-b').publicKey,
    ]);
    await stage.reopen();
    await attempt('clerk-b');
  });
  it.each([
    ['a role', "role = 'supervisor'"],
    ['a person', "person_id = '01890000-0000-7000-8000-000000000001'"],
    ['a requester', "requester = 'resident'"],
    ['a PIN', "pin_hash = '\\x00'"],
    ['an office', "office = 'desk-9'"],
  ])('%s for a member makes him nobody', async (_name, edit) => {
    const [row] = await sql("SELECT * FROM gate.staff WHERE staff_id = 'clerk-b'");
    await sql(`UPDATE gate.staff SET ${edit} WHERE staff_id = 'clerk-b'`);
    await stage.reopen();
    await expect(attempt('clerk-b')).rejects.toMatchObject({ kind: 'sign-in-failed' });
    const { role, person_id, requester, pin_hash, office } = row;
    await sql(
      `UPDATE gate.staff SET role = $1, person_id = $2, requester = $3, pin_hash = $4, office = $5
       WHERE staff_id = 'clerk-b'`,
      [role, person_id, requester, pin_hash, office],
    );
    await stage.reopen();
  });
  it('a session put into the table is none; one moved to another member neither', async () => {
    const session = await stage.signIn('clerk');
    await sql("UPDATE gate.session SET staff_id = 'supervisor' WHERE session_hash = $1", [
      hash('sha256', session, 'buffer'),
    ]);
    await sql(
      `INSERT INTO gate.session SELECT municipality_code, $1, staff_id, terminal_id, started_at_ms, used_at_ms, row_mac
       FROM gate.session LIMIT 1`,
      [hash('sha256', 'my own session', 'buffer')],
    );
    await stage.reopen();
    await expect(use('my own session')).rejects.toMatchObject(ended('unknown'));
    await expect(use(session)).rejects.toMatchObject(ended('unknown'));
  });
  it('a member taken out of the table has no session after a restart', async () => {
    const session = await stage.signIn('registrar');
    const [row] = await sql("DELETE FROM gate.staff WHERE staff_id = 'registrar' RETURNING *");
    await stage.reopen();
    await expect(use(session)).rejects.toMatchObject(ended('unknown'));
    expect(row.state).toBe('active');
  });
});

describe('nonces', () => {
  it('are used up by two who bring the same at once: one session, not two', async () => {
    const { nonce } = await stage.gate.challenge({ staff: 'clerk' });
    const signature = signNonce(stagedKey('clerk').privateKey, nonce);
    const input = { staff: 'clerk', terminal: 't-01', nonce, signature, pin };
    const results = await Promise.allSettled([stage.gate.signIn(input), stage.gate.signIn(input)]);
    expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  });
  it('do not outlive the gate that gave them', async () => {
    const { nonce } = await stage.gate.challenge({ staff: 'clerk' });
    await stage.reopen();
    const signature = signNonce(stagedKey('clerk').privateKey, nonce);
    await expect(
      stage.gate.signIn({ staff: 'clerk', terminal: 't-01', nonce, signature, pin }),
    ).rejects.toMatchObject({ kind: 'sign-in-failed' });
  });
  it('are given for names that are nobody’s too', async () => {
    expect((await stage.gate.challenge({ staff: 'nobody' })).nonce).toMatch(/^sekisho-sign-in\/v1 nobody /);
  });
});
