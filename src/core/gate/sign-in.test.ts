import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type FreshDatabase, freshDatabase } from '../../../test/database.ts';
import { decodeLine } from '../journal/index.ts';
import { signNonce } from './sessions.ts';
import { otherTown, pin, type Stage, staged, stagedKey, stageRooms, town } from './staging/stage.fixture.ts';

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

const attempt = async (
  change: { staff?: string; key?: string; pin?: string; terminal?: string; nonce?: string } = {},
) => {
  const staff = change.staff ?? 'clerk';
  const nonce = change.nonce ?? (await stage.gate.challenge({ staff })).nonce;
  const signature = signNonce(stagedKey(change.key ?? staff).privateKey, nonce);
  return stage.gate.signIn({
    staff,
    terminal: change.terminal ?? 't-01',
    nonce,
    signature,
    pin: change.pin ?? pin,
  });
};
const newest = async () => {
  const { size } = stage.gate.journal(town).head();
  for await (const line of stage.gate.journal(town).read(size - 1, size)) return decodeLine(line.payload);
  return undefined;
};
/** The caller learns nothing but that it failed; the line has the reason. */
const failed = async (work: Promise<unknown>, reason: string) => {
  await expect(work).rejects.toMatchObject({ kind: 'sign-in-failed', facts: {} });
  expect(await newest()).toMatchObject({
    kind: 'session.refused',
    body: { reason: 'sign-in-failed', facts: { reason } },
  });
};

describe('signing in', () => {
  it('with both factors gives a session of eight hours, and is a line', async () => {
    const signedIn = await attempt();
    expect(signedIn).toMatchObject({
      role: 'clerk',
      office: 'desk-1',
      expiresAt: stage.clock.now() + 8 * 3_600_000,
    });
    expect(Buffer.from(signedIn.session, 'base64url')).toHaveLength(32);
    expect(await newest()).toMatchObject({ kind: 'session.opened', body: { actor: 'clerk', factors: 2 } });
  });
  it('stores no session id and no PIN, only their hashes', async () => {
    const { session } = await attempt();
    const pool = database.pool('superuser');
    const dump = JSON.stringify([
      (await pool.query('SELECT * FROM gate.session')).rows,
      (await pool.query('SELECT * FROM gate.staff')).rows,
    ]);
    for (const secret of [
      session,
      Buffer.from(session, 'base64url').toString('hex'),
      pin,
      Buffer.from(pin).toString('hex'),
    ]) {
      expect(dump).not.toContain(secret);
    }
  });
  it('outlives a restart of the gate', async () => {
    const { session } = await attempt();
    await stage.reopen();
    await expect(stage.gate.openCase({ session, purpose: 'move-in', note: '' })).resolves.toBeDefined();
  });
});

describe('signing in fails', () => {
  it('with a nonce that was used', async () => {
    const { nonce } = await stage.gate.challenge({ staff: 'clerk' });
    await attempt({ nonce });
    await failed(attempt({ nonce }), 'nonce');
  });
  it('with a nonce that was used in vain', async () => {
    const { nonce } = await stage.gate.challenge({ staff: 'clerk' });
    await failed(attempt({ nonce, key: 'clerk-b' }), 'signature');
    await failed(attempt({ nonce }), 'nonce');
  });
  it('with a nonce of more than two minutes', async () => {
    const { nonce } = await stage.gate.challenge({ staff: 'clerk' });
    stage.clock.advance(120_000);
    await failed(attempt({ nonce }), 'nonce');
  });
  it("with another member's nonce", async () => {
    const { nonce } = await stage.gate.challenge({ staff: 'clerk-b' });
    await failed(attempt({ nonce }), 'nonce');
  });
  it('with a nonce of one’s own making', async () => {
    await failed(attempt({ nonce: 'sekisho-sign-in/v1 clerk AAAA' }), 'nonce');
  });
  it('with another device', async () => {
    await failed(attempt({ key: 'clerk-b' }), 'signature');
  });
  it('with a wrong PIN', async () => {
    await failed(attempt({ pin: '0000' }), 'pin');
  });
  it('from a terminal that nobody has enrolled', async () => {
    await failed(attempt({ terminal: 't-99' }), 'terminal');
  });
  it('for a name that is nobody’s, which is not written down', async () => {
    await failed(attempt({ staff: 'hunter2-my-password' }), 'unknown');
    expect(JSON.stringify(await newest())).not.toContain('hunter2');
  });
});

it('a hundred and fifty tries under names that are nobody’s leave sixty lines at most', async () => {
  const size = () => stage.gate.journal(town).head().size;
  const before = size();
  for (let i = 0; i < 150; i++)
    await expect(attempt({ staff: `stranger-${i}` })).rejects.toMatchObject({ kind: 'sign-in-failed' });
  expect(size() - before).toBeLessThanOrEqual(60);
  expect(size()).toBeGreaterThan(before);
});

describe('five wrong PINs in a row', () => {
  it('lock the member, even against the right PIN, until he is reinstated', async () => {
    for (let i = 0; i < 4; i++) await failed(attempt({ staff: 'clerk-far', pin: '0000' }), 'pin');
    await failed(attempt({ staff: 'clerk-far', pin: '0000' }), 'locked');
    await failed(attempt({ staff: 'clerk-far' }), 'locked');
    await stage.reopen();
    await failed(attempt({ staff: 'clerk-far' }), 'locked');
    const session = await stage.signIn('officer');
    await stage.gate.reinstate({ session, staff: 'clerk-far' });
    await expect(attempt({ staff: 'clerk-far' })).resolves.toBeDefined();
  });
  it('do not add up over a right one', async () => {
    for (let round = 0; round < 2; round++) {
      for (let i = 0; i < 4; i++) await failed(attempt({ pin: '0000' }), 'pin');
      await attempt();
    }
  });
  it('count when they come at the same time', async () => {
    const tries = await Promise.allSettled(
      Array.from({ length: 12 }, () => attempt({ staff: 'clerk-b', pin: '0000' })),
    );
    expect(new Set(tries.map(({ status }) => status))).toEqual(new Set(['rejected']));
    await failed(attempt({ staff: 'clerk-b' }), 'locked');
  });
  it('without the device lock nobody out', async () => {
    for (let i = 0; i < 6; i++)
      await failed(attempt({ staff: 'supervisor', key: 'clerk', pin: '0000' }), 'signature');
    await expect(attempt({ staff: 'supervisor' })).resolves.toBeDefined();
  });
});

describe('enrolment', () => {
  const publicKey = stagedKey('new').publicKey.toString('base64');
  const member = {
    municipality: town,
    staff: 'new',
    role: 'clerk',
    office: 'desk-1',
    publicKey,
    pin,
  } as const;

  it('without a session is over once there is an administrator', async () => {
    await expect(stage.gate.enrolStaff({ ...member, role: 'administrator' })).rejects.toMatchObject({
      kind: 'session-invalid',
    });
    await expect(
      stage.gate.enrolTerminal({ municipality: town, terminal: 't-77', office: 'desk-1' }),
    ).rejects.toMatchObject({ kind: 'session-invalid' });
  });
  it('is an administrator’s act, and no one else’s', async () => {
    for (const staff of ['clerk', 'supervisor', 'officer', 'registrar']) {
      const session = await stage.signIn(staff);
      await expect(stage.gate.enrolStaff({ ...member, session })).rejects.toMatchObject({
        kind: 'policy-denied',
      });
    }
  });
  it('does not reach into another municipality', async () => {
    const session = await stage.signIn('admin');
    await expect(
      stage.gate.enrolStaff({ ...member, municipality: otherTown, session }),
    ).rejects.toMatchObject({ kind: 'no-authority' });
  });
  it('takes a name once', async () => {
    const session = await stage.signIn('admin');
    await expect(stage.gate.enrolStaff({ ...member, staff: 'clerk', session })).rejects.toMatchObject({
      kind: 'already-exists',
    });
  });
  it('binds a resident, and only a resident, to a person', async () => {
    const session = await stage.signIn('admin');
    await expect(stage.gate.enrolStaff({ ...member, role: 'resident', session })).rejects.toMatchObject({
      kind: 'bad-input',
    });
    const person = '01890000-0000-7000-8000-000000000001' as never;
    await expect(stage.gate.enrolStaff({ ...member, person, session })).rejects.toMatchObject({
      kind: 'bad-input',
    });
  });
  it('refuses a key that is none, and a PIN of five', async () => {
    const session = await stage.signIn('admin');
    await expect(stage.gate.enrolStaff({ ...member, publicKey: 'AAAA', session })).rejects.toMatchObject({
      kind: 'bad-input',
    });
    await expect(stage.gate.enrolStaff({ ...member, pin: '12345', session })).rejects.toMatchObject({
      kind: 'bad-input',
    });
  });
});

describe('the security officer', () => {
  it('cuts a member off: all his sessions end, and the act is a line', async () => {
    const [a, b] = [await stage.signIn('supervisor-b'), await stage.signIn('supervisor-b', 't-02')];
    const session = await stage.signIn('officer');
    expect(await stage.gate.suspend({ session, staff: 'supervisor-b', reason: 'seen at 24680' })).toEqual({
      sessionsEnded: 2,
    });
    expect(await newest()).toMatchObject({
      kind: 'staff.suspended',
      body: { staff: 'supervisor-b', actor: 'officer', reason: 'seen at ‹digits›' },
    });
    for (const ended of [a, b]) {
      await expect(
        stage.gate.write({ session: ended, importId: 'i', ops: [stage.op(1)] }),
      ).rejects.toMatchObject({ kind: 'suspended' });
    }
    await failed(attempt({ staff: 'supervisor-b' }), 'suspended');
    await stage.reopen();
    await failed(attempt({ staff: 'supervisor-b' }), 'suspended');
  });
  it('cuts a member off for good, though a try of his was under way', async () => {
    const pool = database.pool('gate', 8);
    const arrived = Promise.withResolvers<void>();
    const letGo = Promise.withResolvers<void>();
    const query = pool.query.bind(pool) as (text: unknown, values?: unknown) => Promise<unknown>;
    const slow = async (text: unknown, values?: unknown) => {
      if (typeof text === 'string' && text.startsWith('UPDATE gate.staff SET pin_failures')) {
        arrived.resolve();
        await letGo.promise;
      }
      return query(text, values);
    };
    const session = await stage.signIn('officer');
    await stage.reopen({ pool: Object.assign(Object.create(pool), { query: slow }) });
    const tried = attempt({ staff: 'clerk-far', pin: 'no such PIN' });
    await arrived.promise;
    await stage.gate.suspend({ session, staff: 'clerk-far', reason: 'x' });
    letGo.resolve();
    await expect(tried).rejects.toMatchObject({ kind: 'sign-in-failed' });
    await stage.reopen();
    await failed(attempt({ staff: 'clerk-far' }), 'suspended');
  });
  it('cannot let himself in again', async () => {
    const session = await stage.signIn('officer');
    await expect(stage.gate.reinstate({ session, staff: 'officer' })).rejects.toMatchObject({
      kind: 'policy-denied',
    });
  });
  it('is not a clerk', async () => {
    const session = await stage.signIn('clerk');
    await expect(stage.gate.suspend({ session, staff: 'officer' })).rejects.toMatchObject({
      kind: 'policy-denied',
    });
  });
  it('cannot cut off who is not there', async () => {
    const session = await stage.signIn('officer');
    await expect(stage.gate.suspend({ session, staff: 'nobody' })).rejects.toMatchObject({
      kind: 'not-found',
    });
  });
});
