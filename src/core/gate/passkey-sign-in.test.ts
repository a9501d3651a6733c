import { generateKeyPairSync } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type FreshDatabase, freshDatabase } from '../../../test/database.ts';
import type { PersonId } from '../../ground/ids.ts';
import { decodeLine } from '../journal/index.ts';
import { challengeMs } from './passkey-challenges.ts';
import { absoluteMs, idleMs } from './sessions.ts';
import { type Forgery, SoftAuthenticator } from './staging/soft-authenticator.fixture.ts';
import { otherTown, type Stage, staged, stagedSites, stageRooms, town } from './staging/stage.fixture.ts';
import type {
  PublicKeyCredentialCreationOptionsJSON as CreationOptions,
  PublicKeyCredentialRequestOptionsJSON as RequestOptions,
} from './webauthn.ts';

let database: FreshDatabase;
let stage: Stage;
let person: PersonId;
let other: PersonId;
beforeAll(async () => {
  database = await freshDatabase(stageRooms);
  stage = await staged(database);
  const written = await stage.populate([stage.op(1), stage.op(2)]);
  [person, other] = written.map((each) => each.person!) as [PersonId, PersonId];
});
afterAll(async () => {
  await stage?.end();
  await database?.drop();
});

const lines = async (count = 1) => {
  const { size } = stage.gate.journal(town).head();
  const found = [];
  for await (const line of stage.gate.journal(town).read(size - count, size))
    found.push(decodeLine(line.payload));
  return found;
};
const newest = async () => (await lines())[0]!;
const failed = async (work: Promise<unknown>, reason: string) => {
  await expect(work).rejects.toMatchObject({ kind: 'sign-in-failed', facts: {} });
  expect(await newest()).toMatchObject({
    body: { outcome: 'refused', reason: 'sign-in-failed', facts: { reason } },
  });
};

/** A browser that is terminal t-01. */
const terminalSecret = async (terminal = 't-01') => {
  const session = await stage.signIn('admin');
  const { url } = await stage.gate.inviteTerminal({ session, terminal });
  return (await stage.gate.enterDesk({ code: url.split('/').at(-1)! })).terminalSecret;
};
const invite = async (staff: string) =>
  stage.gate.inviteStaff({ session: await stage.signIn('admin'), staff });
const inviteResident = async (of = person) => {
  const { session, caseId } = await stage.desk('clerk', 'portal-binding');
  return stage.gate.inviteResident({ session, caseId, person: of });
};
const make = async (
  site: 'desk' | 'portal',
  code: string,
  device = new SoftAuthenticator(stagedSites[site]),
  forged: Forgery = {},
  secret?: string,
) => {
  const { gate } = stage;
  const asked = { for: 'enrol', invitation: code } as const;
  const { options } = await (site === 'desk'
    ? gate.deskPasskeyOptions(asked)
    : gate.portalPasskeyOptions(asked));
  const response = device.make(options as CreationOptions, forged);
  const answer =
    site === 'desk'
      ? await gate.enrolDeskPasskey({ invitation: code, response, terminalSecret: secret })
      : await gate.enrolPortalPasskey({ invitation: code, response });
  return { device, answer };
};
const signInOptions = async (site: 'desk' | 'portal') => {
  const asked = { for: 'sign-in' } as const;
  const { gate } = stage;
  const { options } = await (site === 'desk'
    ? gate.deskPasskeyOptions(asked)
    : gate.portalPasskeyOptions(asked));
  return options as RequestOptions;
};
const answer = async (
  site: 'desk' | 'portal',
  device: SoftAuthenticator,
  o: { forged?: Forgery; secret?: string; options?: RequestOptions } = {},
) => {
  const response = device.answer(o.options ?? (await signInOptions(site)), o.forged);
  return site === 'desk'
    ? stage.gate.signInAtDesk({ response, terminalSecret: o.secret ?? (await terminalSecret()) })
    : stage.gate.signInAtPortal({ response });
};

describe('a passkey at the desk', () => {
  it('is made with a code, once, asks for a verified holder, and signs in at once where the browser is a terminal', async () => {
    const secret = await terminalSecret();
    const { code, url } = await invite('clerk');
    expect(code).toMatch(/^(?:[0-9A-Z]{4}-){7}[0-9A-Z]{4}$/);
    expect(url).toBe(`${stagedSites.desk}/enrol#${code.replaceAll('-', '')}`);
    const { options } = await stage.gate.deskPasskeyOptions({ for: 'enrol', invitation: code });
    expect(options).toMatchObject({
      rp: { id: 'desk.town.example' },
      authenticatorSelection: { userVerification: 'required', residentKey: 'required' },
      attestation: 'none',
    });
    const { device, answer: enrolled } = await make('desk', code, undefined, {}, secret);
    expect(enrolled).toMatchObject({ signedIn: { staff: 'clerk', terminal: 't-01', municipality: town } });
    const [made, opened] = await lines(2);
    expect(made).toMatchObject({ kind: 'passkey.enrolled', body: { site: 'desk', staff: 'clerk' } });
    expect(opened).toMatchObject({
      kind: 'session.opened',
      body: { actor: 'clerk', by: 'passkey', factors: 2 },
    });
    await expect(stage.gate.deskPasskeyOptions({ for: 'enrol', invitation: code })).rejects.toMatchObject({
      kind: 'sign-in-failed',
    });
    const signedIn = await answer('desk', device, { secret });
    await expect(
      stage.gate.openCase({ session: signedIn.session, purpose: 'move-in', note: '' }),
    ).resolves.toBeDefined();
  });

  it('makes no session on a browser that is no terminal, and none there signs in', async () => {
    const { device, answer: enrolled } = await make('desk', (await invite('clerk-b')).code);
    expect(enrolled).toEqual({});
    await failed(answer('desk', device, { secret: 'guessed' }), 'terminal');
  });

  it('a session says what it is, and outlives a restart together with passkey and terminal', async () => {
    const secret = await terminalSecret();
    const { device } = await make('desk', (await invite('clerk')).code);
    await stage.reopen();
    const { session, ...state } = (await answer('desk', device, { secret })) as { session: string };
    const now = stage.clock.now();
    expect(state).toEqual({
      ...{
        municipality: town,
        staff: 'clerk',
        role: 'clerk',
        office: 'desk-1',
        terminal: 't-01',
        startedAt: now,
      },
      ...{ freshUntil: now + 300_000, idleAt: now + idleMs, expiresAt: now + absoluteMs },
    });
    expect(await stage.gate.deskSession({ session })).toEqual(state);
    await stage.gate.signOut({ session });
    await expect(stage.gate.deskSession({ session })).rejects.toMatchObject({ kind: 'session-invalid' });
  });

  it('of a suspended member, or at a suspended terminal, signs nobody in', async () => {
    const secret = await terminalSecret('t-02');
    const { device } = await make('desk', (await invite('clerk-far')).code);
    const officer = await stage.signIn('officer');
    await stage.gate.suspend({ session: officer, staff: 'clerk-far' });
    await failed(answer('desk', device, { secret }), 'suspended');
    await stage.gate.reinstate({ session: officer, staff: 'clerk-far' });
    await stage.gate.suspend({ session: officer, terminal: 't-02' });
    await failed(answer('desk', device, { secret }), 'terminal');
    await stage.gate.reinstate({ session: officer, terminal: 't-02' });
    await answer('desk', device, { secret });
  });
});

describe('an answer that is not as it must be is refused, and the caller is not told why', () => {
  let device: SoftAuthenticator;
  let secret: string;
  beforeAll(async () => {
    secret = await terminalSecret();
    ({ device } = await make('desk', (await invite('clerk')).code));
  });
  const foreign = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;
  it.each<[string, Forgery, string]>([
    ['for another origin', { origin: 'https://desk.town.example.evil.example' }, 'passkey'],
    ['for the portal’s origin', { origin: stagedSites.portal }, 'passkey'],
    ['over http', { origin: 'http://desk.town.example' }, 'passkey'],
    ['for another site’s id', { rpId: 'town.example' }, 'passkey'],
    ['without a verified holder', { unverified: true }, 'passkey'],
    ['without anybody there', { absent: true }, 'passkey'],
    ['of another type', { type: 'webauthn.create' }, 'passkey'],
    ['in a frame', { crossOrigin: true }, 'framed'],
    ['in a frame that names its page', { topOrigin: 'https://evil.example' }, 'framed'],
    ['with another key', { key: foreign }, 'passkey'],
    ['for another holder', { userHandle: Buffer.alloc(32, 1).toString('base64url') }, 'holder'],
    [
      'to a challenge of its own making',
      { challenge: Buffer.alloc(32, 1).toString('base64url') },
      'challenge',
    ],
    ['with a count that stands still', { counter: 1 }, 'counter'],
  ])('%s', async (_, forged, reason) => {
    await answer('desk', device, { secret });
    await failed(answer('desk', device, { secret, forged }), reason);
  });

  it('twice, though it was good', async () => {
    const options = await signInOptions('desk');
    const response = device.answer(options);
    await stage.gate.signInAtDesk({ response, terminalSecret: secret });
    await failed(stage.gate.signInAtDesk({ response, terminalSecret: secret }), 'challenge');
  });
  it('after two minutes', async () => {
    const options = await signInOptions('desk');
    stage.clock.advance(challengeMs);
    await failed(answer('desk', device, { secret, options }), 'challenge');
  });
  it('at the portal to what the desk asked', async () => {
    const response = device.answer(await signInOptions('desk'));
    await failed(stage.gate.signInAtPortal({ response }), 'challenge');
  });
  it('two at once with one count: one signs in', async () => {
    const both = await Promise.all([signInOptions('desk'), signInOptions('desk')]);
    const counter = device.counter + 10;
    const tries = both.map((options) => answer('desk', device, { secret, options, forged: { counter } }));
    const outcomes = (await Promise.allSettled(tries)).map(({ status }) => status).sort();
    expect(outcomes).toEqual(['fulfilled', 'rejected']);
    device.counter = counter;
  });
  it('but a device that never counts may go on', async () => {
    const { device: synced } = await make(
      'desk',
      (await invite('clerk')).code,
      new SoftAuthenticator(stagedSites.desk, 0),
    );
    for (let i = 0; i < 2; i++) await answer('desk', synced, { secret });
  });
  it('a credential that was made in no proper way does not come in', async () => {
    for (const [forged, reason] of [
      [{ unverified: true }, 'passkey'],
      [{ origin: stagedSites.portal }, 'passkey'],
      [{ rpId: 'portal.town.example' }, 'passkey'],
      [{ format: 'android-key' }, 'attestation'],
      [{ crossOrigin: true }, 'framed'],
      [{ challenge: Buffer.alloc(32, 2).toString('base64url') }, 'challenge'],
    ] as [Forgery, string][])
      await failed(make('desk', (await invite('clerk-b')).code, undefined, forged), reason);
  });
});

describe('the second factor shown again', () => {
  const fresh = async () => {
    const secret = await terminalSecret();
    const { device, answer: enrolled } = await make(
      'desk',
      (await invite('clerk')).code,
      undefined,
      {},
      secret,
    );
    return { device, session: (enrolled as { signedIn: { session: string } }).signedIn.session };
  };
  const ask = async (session: string) => {
    const { caseId } = await stage.gate.openCase({ session, purpose: 'public-body-request', note: '' });
    const endsAt = stage.clock.now() + 3_600_000;
    return stage.gate.askGrant({ session, caseId, groups: ['name'], count: 5, endsAt, reason: 'r' });
  };
  it('is asked for five minutes after signing in, and lasts five minutes', async () => {
    const { device, session } = await fresh();
    await ask(session);
    stage.clock.advance(300_001);
    await expect(ask(session)).rejects.toMatchObject({ kind: 'second-factor-required' });
    const { options } = await stage.gate.deskPasskeyOptions({ for: 'step-up', session });
    const { freshUntil } = await stage.gate.stepUp({
      session,
      response: device.answer(options as RequestOptions),
    });
    expect(freshUntil).toBe(stage.clock.now() + 300_000);
    expect(await newest()).toMatchObject({ kind: 'session.stepped-up', body: { actor: 'clerk' } });
    await ask(session);
    stage.clock.advance(300_001);
    await expect(ask(session)).rejects.toMatchObject({ kind: 'second-factor-required' });
  });
  it('is not what another session was asked, nor what another holder shows, nor a sign-in', async () => {
    const one = await fresh();
    const two = await fresh();
    const asked = (session: string) => stage.gate.deskPasskeyOptions({ for: 'step-up', session });
    const { options } = await asked(one.session);
    const response = one.device.answer(options as RequestOptions);
    await failed(stage.gate.stepUp({ session: two.session, response }), 'challenge');
    const supervisor = await make('desk', (await invite('supervisor')).code);
    const again = (await asked(one.session)).options as RequestOptions;
    await failed(
      stage.gate.stepUp({ session: one.session, response: supervisor.device.answer(again) }),
      'holder',
    );
    await failed(
      stage.gate.stepUp({ session: one.session, response: one.device.answer(await signInOptions('desk')) }),
      'challenge',
    );
  });
  it('cannot be shown by who has no passkey', async () => {
    const session = await stage.signIn('registrar');
    await expect(stage.gate.deskPasskeyOptions({ for: 'step-up', session })).rejects.toMatchObject({
      kind: 'second-factor-required',
    });
  });
});

describe('a resident at the portal', () => {
  it('gets a code at the counter, makes a passkey, and is himself from then on', async () => {
    const { code, url } = await inviteResident();
    expect(url).toBe(`${stagedSites.portal}/enrol#${code.replaceAll('-', '')}`);
    expect(await newest()).toMatchObject({
      ...{ kind: 'invitation.issued', person },
      body: { target: 'resident', basis: 'kojo-77-2', actor: 'clerk' },
    });
    const { device, answer: enrolled } = await make('portal', code);
    const { session } = (enrolled as { signedIn: { session: string } }).signedIn;
    expect(stage.gate.residents.require(session)).toMatchObject({ municipality: town, person });
    const [made, opened] = await lines(2);
    expect(made).toMatchObject({ kind: 'passkey.enrolled', person, body: { site: 'portal', actor: 'self' } });
    expect(opened).toMatchObject({
      kind: 'session.opened',
      person,
      body: { role: 'resident', by: 'passkey' },
    });
    const again = await answer('portal', device);
    expect(again.session).not.toBe(session);
    const now = stage.clock.now();
    expect(await stage.gate.portalSession({ session: again.session })).toEqual({
      ...{ municipality: town, idleAt: now + idleMs, expiresAt: now + absoluteMs },
    });
    await stage.gate.signOutOfPortal({ session: again.session });
    expect(await newest()).toMatchObject({ kind: 'session.closed', person });
    await expect(stage.gate.portalSession({ session: again.session })).rejects.toMatchObject({
      kind: 'session-invalid',
    });
  });

  it('is nobody at the desk, with session or passkey, and staff are nobody at the portal', async () => {
    const secret = await terminalSecret();
    const resident = await make('portal', (await inviteResident()).code);
    const { session } = (resident.answer as { signedIn: { session: string } }).signedIn;
    for (const work of [
      stage.gate.deskSession({ session }),
      stage.gate.openCase({ session, purpose: 'move-in', note: '' }),
      stage.gate.signOut({ session }),
    ])
      await expect(work).rejects.toMatchObject({ kind: 'session-invalid' });
    // Even where the device would sign for the desk: the credential is the portal's.
    const forged = { origin: stagedSites.desk, rpId: 'desk.town.example' };
    await failed(answer('desk', resident.device, { secret, forged }), 'unknown');
    const staff = await make('desk', (await invite('clerk')).code, undefined, {}, secret);
    const desk = (staff.answer as { signedIn: { session: string } }).signedIn;
    await expect(stage.gate.portalSession({ session: desk.session })).rejects.toMatchObject({
      kind: 'session-invalid',
    });
    expect(() => stage.gate.residents.require(desk.session)).toThrow();
    const asPortal = { origin: stagedSites.portal, rpId: 'portal.town.example' };
    await failed(answer('portal', staff.device, { forged: asPortal }), 'unknown');
  });

  it('who failed with his own passkey finds the try in his history', async () => {
    const { device } = await make('portal', (await inviteResident()).code);
    await failed(answer('portal', device, { forged: { unverified: true } }), 'passkey');
    expect(await newest()).toMatchObject({ kind: 'session.refused', person });
  });

  it('loses his session after 15 idle minutes', async () => {
    const { device } = await make('portal', (await inviteResident()).code);
    const { session } = await answer('portal', device);
    stage.clock.advance(idleMs);
    await expect(stage.gate.portalSession({ session })).rejects.toMatchObject({ facts: { reason: 'idle' } });
  });

  it('erased, has no way in any more', async () => {
    const [gone] = await stage.populate([stage.op(77)]);
    const { device } = await make('portal', (await inviteResident(gone!.person!)).code);
    const { code } = await inviteResident(gone!.person!);
    const { session } = await answer('portal', device);
    const { session: desk, caseId } = await stage.desk('supervisor', 'record-erasure');
    await stage.gate.erase({ session: desk, caseId, person: gone!.person!, reason: 'r' }).catch(async () => {
      // Where the table keeps those who still live here from being erased, the keys' owner is written out first.
      await database
        .pool('superuser', 1)
        .query(`UPDATE trial.resident SET status = 'deceased' WHERE person_id = $1`, [gone!.person!]);
      await stage.gate.erase({ session: desk, caseId, person: gone!.person!, reason: 'r' });
    });
    await expect(stage.gate.portalSession({ session })).rejects.toMatchObject({ kind: 'session-invalid' });
    await failed(answer('portal', device), 'unknown');
    await failed(make('portal', code), 'code-unknown');
  });
});

describe('a lost device', () => {
  it('of a resident: the counter stops all his passkeys, sessions and codes, and nobody else’s', async () => {
    const mine = await make('portal', (await inviteResident()).code);
    const theirs = await make('portal', (await inviteResident(other)).code);
    const { code } = await inviteResident();
    const { session } = await answer('portal', mine.device);
    const desk = await stage.desk('clerk', 'portal-binding');
    const { stopped } = await stage.gate.stopPasskeys({ ...desk, person });
    expect(stopped).toBeGreaterThan(0);
    expect(await newest()).toMatchObject({ kind: 'passkey.stopped', person, body: { site: 'portal' } });
    await expect(stage.gate.portalSession({ session })).rejects.toMatchObject({ kind: 'session-invalid' });
    await failed(answer('portal', mine.device), 'unknown');
    await failed(make('portal', code), 'code-unknown');
    await answer('portal', theirs.device);
  });
  it('of a resident: those he made in another town are stopped too; where he has no row nothing is', async () => {
    const mine = await make('portal', (await inviteResident()).code);
    const dba = database.pool('superuser', 1);
    const there = await stage.desk('clerk', 'portal-binding');
    await dba.query('UPDATE gate.passkey SET municipality_code = $1 WHERE person_id = $2', [
      otherTown,
      person,
    ]);
    const { rows } = await dba.query('SELECT 1 FROM gate.passkey WHERE municipality_code = $1', [otherTown]);
    expect(rows.length).toBeGreaterThan(0);
    const stranger = '0197d3f0-0000-7000-8000-00000000dead' as typeof person;
    await expect(stage.gate.stopPasskeys({ ...there, person: stranger })).rejects.toMatchObject({
      kind: 'not-found',
    });
    expect((await stage.gate.stopPasskeys({ ...there, person })).stopped).toBe(rows.length);
    await failed(answer('portal', mine.device), 'unknown');
  });
  it('of a member: an administrator stops his passkeys and ends his sessions', async () => {
    const secret = await terminalSecret();
    const { device } = await make('desk', (await invite('clerk-b')).code);
    const { session } = await answer('desk', device, { secret });
    await stage.gate.stopPasskeys({ session: await stage.signIn('admin'), staff: 'clerk-b' });
    expect(await newest()).toMatchObject({
      kind: 'passkey.stopped',
      body: { staff: 'clerk-b', actor: 'admin' },
    });
    await expect(stage.gate.deskSession({ session })).rejects.toMatchObject({ kind: 'session-invalid' });
    await failed(answer('desk', device, { secret }), 'unknown');
  });
  it('a holder has eight passkeys at most, until they are stopped', async () => {
    const admin = { staff: 'clerk-b' } as const;
    for (let i = 0; i < 8; i++) await make('desk', (await invite('clerk-b')).code);
    const { code } = await invite('clerk-b');
    await expect(make('desk', code)).rejects.toMatchObject({ kind: 'conflict', facts: { max: 8 } });
    const { stopped } = await stage.gate.stopPasskeys({ session: await stage.signIn('admin'), ...admin });
    expect(stopped).toBe(8);
    await make('desk', (await invite('clerk-b')).code);
  });
  it('a row edited past the gate is no passkey', async () => {
    const secret = await terminalSecret();
    await stage.gate.stopPasskeys({ session: await stage.signIn('admin'), staff: 'clerk' });
    const { device } = await make('desk', (await invite('clerk')).code);
    await database
      .pool('superuser', 1)
      .query(`UPDATE gate.passkey SET staff_id = 'supervisor' WHERE credential_id = $1`, [device.id]);
    await failed(answer('desk', device, { secret }), 'unknown');
  });
});

it('a gate without sites lets no browser in', async () => {
  await stage.reopen({ sites: undefined } as never);
  await expect(stage.gate.deskPasskeyOptions({ for: 'sign-in' })).rejects.toMatchObject({
    kind: 'unsupported',
  });
  const session = await stage.signIn('admin');
  await expect(stage.gate.inviteStaff({ session, staff: 'clerk' })).rejects.toMatchObject({
    kind: 'unsupported',
  });
  await stage.reopen();
  expect(otherTown).not.toBe(town);
});
