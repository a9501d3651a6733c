import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type FreshDatabase, freshDatabase } from '../../../test/database.ts';
import { decodeLine } from '../journal/index.ts';
import type { Role } from './staff.ts';
import { otherTown, pin, Stage, staged, stagedKey, stageRooms, town } from './staging/stage.fixture.ts';

// Two sign for whoever will sign: an administrator alone can make no supervisor of his own.
let database: FreshDatabase;
let stage: Stage;
let next = 0;
let name: string;
beforeAll(async () => {
  database = await freshDatabase(stageRooms);
  stage = await staged(database);
});
beforeEach(() => {
  name = `new-${next++}`;
});
afterAll(async () => {
  await stage.end();
  await database.drop();
});

const hourMs = 3_600_000;
const sql = async (text: string, values: unknown[] = []) =>
  (await database.pool('superuser', 1).query(text, values)).rows;
const newest = async () => {
  const journal = stage.gate.journal(town);
  const { size } = journal.head();
  for await (const line of journal.read(size - 1, size)) return decodeLine(line.payload);
  return undefined;
};
const enrol = async (role: Role, who = 'admin', staff = name) =>
  stage.gate.enrolStaff({
    ...{ session: await stage.signIn(who), municipality: town, staff, role, office: 'desk-1', pin },
    publicKey: stagedKey(staff).publicKey.toString('base64'),
  });
const ask = async (role: Role = 'supervisor') => (await enrol(role)).enrolment!;
const confirm = async (enrolment: string, who: string) =>
  stage.gate.confirmEnrolment({ session: await stage.signIn(who), enrolment });
const refusal = (work: Promise<unknown>) =>
  work.then(
    () => 'done',
    (error) => [error.kind, error.facts.reason ?? null],
  );

describe('whoever will approve what others ask for', () => {
  it.each(['supervisor', 'officer', 'administrator'] as const)(
    '%s: is asked for by one, confirmed by another',
    async (role) => {
      const asked = await enrol(role);
      expect(asked).toEqual({ enrolment: expect.any(String), expiresAt: stage.clock.now() + 72 * hourMs });
      const key = stagedKey(name).publicKey.toString('base64');
      expect(await newest()).toMatchObject({
        kind: 'staff.enrolment-asked',
        body: { actor: 'admin', staff: name, role, publicKey: key, enrolment: asked.enrolment },
      });
      await expect(stage.signIn(name)).rejects.toMatchObject({ kind: 'sign-in-failed' });
      expect(await confirm(asked.enrolment!, 'officer')).toEqual({ staff: name });
      expect(await newest()).toMatchObject({
        kind: 'staff.enrolled',
        body: {
          actor: 'officer',
          asker: 'admin',
          staff: name,
          role,
          publicKey: key,
          enrolment: asked.enrolment,
        },
      });
      expect(await stage.signIn(name)).toBeTypeOf('string');
      await stage.reopen();
      expect(await stage.signIn(name)).toBeTypeOf('string');
    },
  );

  it.each(['clerk', 'registrar'] as const)('a %s approves nothing, and is enrolled by one', async (role) => {
    expect(await enrol(role)).toEqual({ enrolment: null, expiresAt: null });
    expect(await stage.signIn(name)).toBeTypeOf('string');
  });

  it('may be confirmed by a supervisor too', async () => {
    expect(await confirm(await ask(), 'supervisor')).toEqual({ staff: name });
  });
});

describe('the second signature', () => {
  it('is not the first one’s again, in whatever session of his', async () => {
    const enrolment = await ask();
    expect(await refusal(confirm(enrolment, 'admin'))).toEqual(['policy-denied', null]);
    expect(await newest()).toMatchObject({
      kind: 'request.refused',
      body: { actor: 'admin', operation: 'confirm-enrolment' },
    });
    await expect(stage.signIn(name)).rejects.toMatchObject({ kind: 'sign-in-failed' });
  });

  it.each(['clerk', 'registrar'])('is not a %s’s', async (who) => {
    expect(await refusal(confirm(await ask(), who))).toEqual(['policy-denied', null]);
  });

  it('needs both factors just shown', async () => {
    const session = await stage.signIn('officer');
    stage.clock.advance(6 * 60_000);
    const enrolment = await ask();
    expect(await refusal(stage.gate.confirmEnrolment({ session, enrolment }))).toEqual([
      'second-factor-required',
      null,
    ]);
  });

  it('counts once: sent again it is refused, alone as well as all at once', async () => {
    const enrolment = await ask();
    const [a, b] = [await stage.signIn('officer'), await stage.signIn('supervisor')];
    const results = await Promise.allSettled(
      [a, b, a].map((session) => stage.gate.confirmEnrolment({ session, enrolment })),
    );
    expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    expect(await refusal(confirm(enrolment, 'officer'))).toEqual(['conflict', 'not-waiting']);
    expect(await sql('SELECT 1 FROM gate.staff WHERE staff_id = $1', [name])).toHaveLength(1);
  });

  it('comes too late after three days', async () => {
    const enrolment = await ask();
    stage.clock.advance(72 * hourMs);
    expect(await refusal(confirm(enrolment, 'officer'))).toEqual(['conflict', 'expired']);
    const session = await stage.signIn('officer');
    expect((await stage.gate.enrolments({ session })).enrolments).toEqual([]);
  });

  it('of what was never asked for, or asked for elsewhere, finds nothing', async () => {
    expect(await refusal(confirm('01890000-0000-7000-8000-000000000001', 'officer'))).toEqual([
      'not-found',
      null,
    ]);
  });

  it('does not make good the word of one who was cut off meanwhile', async () => {
    const second = await ask('administrator');
    const admin = name;
    await confirm(second, 'officer');
    name = `new-${next++}`;
    const { enrolment } = await enrol('supervisor', admin);
    const officer = await stage.signIn('officer');
    await stage.gate.suspend({ session: officer, staff: admin });
    expect(await refusal(confirm(enrolment!, 'officer'))).toEqual(['conflict', 'asker-gone']);
    await stage.gate.reinstate({ session: await stage.signIn('officer'), staff: admin });
    expect(await confirm(enrolment!, 'officer')).toEqual({ staff: name });
  });

  it('of two enrolments under one name, the first confirmed has it', async () => {
    const [first, second] = [await ask(), await ask('officer')];
    await confirm(second, 'officer');
    expect(await refusal(confirm(first, 'officer'))).toEqual(['already-exists', null]);
    expect(await sql('SELECT role FROM gate.staff WHERE staff_id = $1', [name])).toEqual([
      { role: 'officer' },
    ]);
  });

  it('is preceded by a look at what waits: name, role, key, who asked', async () => {
    const enrolment = await ask();
    const { enrolments } = await stage.gate.enrolments({ session: await stage.signIn('supervisor-b') });
    expect(enrolments.find((each) => each.enrolment === enrolment)).toEqual({
      ...{ enrolment, staff: name, role: 'supervisor', office: 'desk-1', askedBy: 'admin' },
      publicKey: stagedKey(name).publicKey.toString('base64'),
      expiresAt: expect.any(Number),
    });
    expect(await refusal(stage.gate.enrolments({ session: await stage.signIn('clerk') }))).toEqual([
      'policy-denied',
      null,
    ]);
    await confirm(enrolment, 'supervisor-b');
  });
});

describe('past the gate', () => {
  it.each([
    ['somebody else’s key', `public_key = '\\x${'07'.repeat(32)}'`],
    ['another role', `role = 'administrator'`],
    ['another asker, so that who asked may confirm', `asked_by = 'clerk'`],
    ['a later end', 'expires_at_ms = expires_at_ms + 1'],
  ])('a waiting enrolment given %s is one that is not there', async (_what, edit) => {
    const enrolment = await ask();
    await sql(`UPDATE gate.enrolment SET ${edit} WHERE enrolment_id = $1`, [enrolment]);
    expect(await refusal(confirm(enrolment, 'admin'))).toEqual(['not-found', null]);
    expect(await refusal(confirm(enrolment, 'officer'))).toEqual(['not-found', null]);
  });

  it('a confirmed one put back to waiting gives nobody a second key', async () => {
    const enrolment = await ask();
    await sql('CREATE TABLE public.kept AS SELECT * FROM gate.enrolment WHERE enrolment_id = $1', [
      enrolment,
    ]);
    await confirm(enrolment, 'officer');
    await sql('DELETE FROM gate.enrolment WHERE enrolment_id = $1', [enrolment]);
    await sql('INSERT INTO gate.enrolment SELECT * FROM public.kept');
    await sql('DROP TABLE public.kept');
    expect(await refusal(confirm(enrolment, 'officer'))).toEqual(['already-exists', null]);
  });

  it('with every other administrator and officer suspended, or out of the table, two are needed all the same', async () => {
    const officer = await stage.signIn('admin');
    await sql('CREATE TABLE public.kept AS SELECT * FROM gate.staff');
    const others = `role IN ('officer', 'administrator') AND staff_id <> 'admin'`;
    for (const { staff_id } of await sql(`SELECT staff_id FROM gate.staff WHERE ${others}`))
      await stage.gate.suspend({ session: officer, staff: staff_id });
    expect((await enrol('supervisor')).enrolment).toBeTypeOf('string');
    await sql(`DELETE FROM gate.staff WHERE ${others}`);
    await stage.reopen();
    name = `new-${next++}`;
    expect((await enrol('supervisor')).enrolment).toBeTypeOf('string');
    await sql('DELETE FROM gate.staff');
    await sql('INSERT INTO gate.staff SELECT * FROM public.kept');
    await sql('DROP TABLE public.kept');
    await stage.reopen();
  });
});

describe('a municipality that has nobody yet', () => {
  it('is begun by one, who enrols alone until there is a second administrator or an officer', async () => {
    const own = await freshDatabase(stageRooms);
    const begun = await new Stage({
      ...{ gatePool: own.pool('gate', 8), keysPool: own.pool('keys'), municipalities: [otherTown] },
    }).start();
    const { gate } = begun;
    await gate.enrolTerminal({ municipality: otherTown, terminal: 't-01', office: 'desk-1' });
    const add = async (staff: string, role: Role, session?: string) =>
      gate.enrolStaff({
        ...{ municipality: otherTown, staff, role, office: 'desk-1', pin },
        publicKey: stagedKey(staff).publicKey.toString('base64'),
        ...(session === undefined ? {} : { session }),
      });
    expect((await add('first', 'administrator')).enrolment).toBeNull();
    const session = await begun.signIn('first');
    expect((await add('one', 'supervisor', session)).enrolment).toBeNull();
    expect((await add('two', 'officer', session)).enrolment).toBeNull();
    const { enrolment } = await add('three', 'supervisor', session);
    expect(enrolment).toBeTypeOf('string');
    expect(
      await gate.confirmEnrolment({ session: await begun.signIn('two'), enrolment: enrolment! }),
    ).toEqual({
      staff: 'three',
    });
    await begun.end();
    await own.drop();
  });
});
