import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type FreshDatabase, freshDatabase } from '../../../test/database.ts';
import type { PersonId } from '../../ground/ids.ts';
import { decodeLine } from '../journal/index.ts';
import { codeAsDrawn, invitationTriesMax } from './invitations.ts';
import { SoftAuthenticator } from './staging/soft-authenticator.fixture.ts';
import { type Stage, staged, stagedSites, stageRooms, town } from './staging/stage.fixture.ts';
import { strangerLinesMax } from './stranger-lines.ts';
import type { PublicKeyCredentialCreationOptionsJSON as CreationOptions } from './webauthn.ts';

let database: FreshDatabase;
let stage: Stage;
let person: PersonId;
beforeAll(async () => {
  database = await freshDatabase(stageRooms);
  stage = await staged(database, { change: { signInLinks: true } });
  const [created] = await stage.populate([stage.op(1)]);
  person = created!.person!;
});
afterAll(async () => {
  await stage?.end();
  await database?.drop();
});

const size = () => stage.gate.journal(town).head().size;
const newest = async () => {
  for await (const line of stage.gate.journal(town).read(size() - 1, size())) return decodeLine(line.payload);
  return undefined;
};
const invite = async (staff = 'clerk') =>
  stage.gate.inviteStaff({ session: await stage.signIn('admin'), staff });
const inviteTerminal = async (terminal = 't-01') =>
  stage.gate.inviteTerminal({ session: await stage.signIn('admin'), terminal });
const options = (invitation: string) => stage.gate.deskPasskeyOptions({ for: 'enrol', invitation });
const enrol = async (code: string) => {
  const { options: asked } = await options(code);
  const response = new SoftAuthenticator(stagedSites.desk).make(asked as CreationOptions);
  return stage.gate.enrolDeskPasskey({ invitation: code, response });
};
const refused = { kind: 'sign-in-failed', facts: {} };
/** The last character changed, which the handle does not see. */
const slip = (code: string) => `${code.slice(0, -1)}${code.endsWith('2') ? '3' : '2'}`;
const letters = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const random = () => Array.from(stage.randomness.bytes(32), (byte) => letters[byte & 31]).join('');

describe('a code', () => {
  it.each([
    ['in groups', 'ABCD-EFGH-JKMN-PQRS-TVWX-YZ01-2345-6789'],
    ['in small letters with blanks', 'abcd efgh jkmn pqrs tvwx yz01 2345 6789'],
    [
      'in full width, as a Japanese keyboard gives it',
      'ＡＢＣＤ－ＥＦＧＨ－ＪＫＭＮ－ＰＱＲＳ－ＴＶＷＸ－ＹＺ０１－２３４５－６７８９',
    ],
    ['with look-alikes', 'ABCD-EFGH-JKMN-PQRS-TVWX-YZOI-2345-6789'],
  ])('is taken %s', (_, typed) => {
    expect(codeAsDrawn(typed)).toBe('ABCDEFGHJKMNPQRSTVWXYZ0123456789');
  });
  it.each(['', 'ABCD', 'U'.repeat(32), `${'A'.repeat(32)}A`, '\0'.repeat(32), '<script>'])(
    '%j is none',
    (typed) => {
      expect(codeAsDrawn(typed)).toBeUndefined();
    },
  );
  it('lies in the database as keyed digests alone, and an edited row is none', async () => {
    const { code } = await invite();
    const admin = database.pool('superuser', 1);
    const { rows } = await admin.query('SELECT * FROM gate.invitation');
    const bare = codeAsDrawn(code)!;
    for (const part of [bare, bare.slice(0, 8)]) {
      expect(JSON.stringify(rows)).not.toContain(part);
      expect(JSON.stringify(rows)).not.toContain(Buffer.from(part).toString('hex'));
    }
    await admin.query(`UPDATE gate.invitation SET staff_id = 'supervisor' WHERE staff_id = 'clerk'`);
    await expect(options(code)).rejects.toMatchObject(refused);
  });
  it('works once, however many use it at once', async () => {
    const { code } = await invite();
    const made = await Promise.all(
      [1, 2, 3].map(async () => {
        const { options: asked } = await options(code);
        return new SoftAuthenticator(stagedSites.desk).make(asked as CreationOptions);
      }),
    );
    const tries = made.map((response) => stage.gate.enrolDeskPasskey({ invitation: code, response }));
    const outcomes = (await Promise.allSettled(tries)).map(({ status }) => status);
    expect(outcomes.filter((status) => status === 'fulfilled')).toHaveLength(1);
    await expect(options(code)).rejects.toMatchObject(refused);
  });
  it('runs out', async () => {
    const { code, expiresAt } = await invite();
    stage.clock.set(expiresAt - 1);
    await options(code);
    stage.clock.set(expiresAt);
    await expect(options(code)).rejects.toMatchObject(refused);
    expect(await newest()).toMatchObject({ body: { facts: { reason: 'code-expired' } } });
  });
  it('is void once a newer one was made for the same', async () => {
    const [older, newer] = [await invite(), await invite()];
    await expect(options(older.code)).rejects.toMatchObject(refused);
    await options(newer.code);
  });
  it('leads only to what it was made for: a terminal’s code makes no passkey, a member’s no terminal, neither a resident', async () => {
    const [terminal, staff] = [await inviteTerminal(), await invite()];
    const place = terminal.url.split('/').at(-1)!;
    await expect(options(place)).rejects.toMatchObject(refused);
    await expect(stage.gate.enterDesk({ code: staff.code })).rejects.toMatchObject(refused);
    for (const code of [place, staff.code]) {
      await expect(stage.gate.portalPasskeyOptions({ for: 'enrol', invitation: code })).rejects.toMatchObject(
        refused,
      );
      await expect(stage.gate.enterPortal({ code })).rejects.toMatchObject(refused);
    }
    await enrol(staff.code);
    await stage.gate.enterDesk({ code: place });
    expect(await newest()).toMatchObject({ kind: 'terminal.bound', body: { bound: 't-01' } });
  });
});

describe('tries', () => {
  it('ten wrong ones void a code, however many come at once, and another code is soon made', async () => {
    const { code } = await invite();
    const wrong = Array.from({ length: 40 }, () => options(slip(code)).catch(() => 'no'));
    expect(new Set(await Promise.all(wrong))).toEqual(new Set(['no']));
    await expect(options(code)).rejects.toMatchObject(refused);
    const { rows } = await database
      .pool('superuser', 1)
      .query('SELECT max(tries) AS most FROM gate.invitation');
    expect(rows[0].most).toBe(invitationTriesMax);
    await enrol((await invite()).code);
  });
  it('right ones do not count against it', async () => {
    const { code } = await invite();
    for (let i = 0; i < invitationTriesMax + 5; i++) await options(code);
    await enrol(code);
  });
  it('ten thousand at random do not get in, fill no journal, and lock nobody out', async () => {
    const { code } = await invite();
    const before = size();
    for (let i = 0; i < 100; i++) {
      const batch = Array.from({ length: 100 }, () =>
        options(random()).then(
          () => 'in',
          () => 'no',
        ),
      );
      expect(new Set(await Promise.all(batch))).toEqual(new Set(['no']));
    }
    expect(size() - before).toBeLessThanOrEqual(strangerLinesMax);
    await enrol(code);
    const session = await stage.signIn('clerk');
    await stage.gate.signOut({ session });
    stage.clock.advance(60_000);
    const then = size();
    await expect(options(random())).rejects.toMatchObject(refused);
    expect(size()).toBe(then + 1);
  });
});

describe('who may invite', () => {
  it('staff and terminals: an administrator who has just shown both factors, in his own municipality', async () => {
    for (const staff of ['clerk', 'supervisor', 'officer']) {
      const session = await stage.signIn(staff);
      await expect(stage.gate.inviteStaff({ session, staff: 'clerk' })).rejects.toMatchObject({
        kind: 'policy-denied',
      });
      await expect(stage.gate.inviteTerminal({ session, terminal: 't-01' })).rejects.toMatchObject({
        kind: 'policy-denied',
      });
      await expect(stage.gate.stopPasskeys({ session, staff: 'clerk' })).rejects.toMatchObject({
        kind: 'policy-denied',
      });
    }
    const session = await stage.signIn('admin');
    await expect(stage.gate.inviteStaff({ session, staff: 'nobody' })).rejects.toMatchObject({
      kind: 'not-found',
    });
    stage.clock.advance(300_001);
    await expect(stage.gate.inviteStaff({ session, staff: 'clerk' })).rejects.toMatchObject({
      kind: 'second-factor-required',
    });
    await expect(stage.gate.inviteTerminal({ session, terminal: 't-01' })).rejects.toMatchObject({
      kind: 'second-factor-required',
    });
  });
  it('a resident: a clerk or supervisor, in an open case of that purpose alone', async () => {
    const other = await stage.desk('clerk', 'residence-certificate');
    await expect(stage.gate.inviteResident({ ...other, person })).rejects.toMatchObject({
      kind: 'no-authority',
    });
    const { session, caseId } = await stage.desk('clerk', 'portal-binding');
    await expect(
      stage.gate.inviteResident({ session: await stage.signIn('clerk-far', 't-02'), caseId, person }),
    ).rejects.toMatchObject({ kind: 'policy-denied' });
    await stage.gate.closeCase({ session, caseId });
    await expect(stage.gate.inviteResident({ session, caseId, person })).rejects.toMatchObject({
      kind: 'policy-denied',
    });
    const open = await stage.desk('supervisor', 'portal-binding');
    const nobody = '01890000-0000-7000-8000-000000000009' as PersonId;
    await expect(stage.gate.inviteResident({ ...open, person: nobody })).rejects.toMatchObject({
      kind: 'not-found',
    });
    expect(await newest()).toMatchObject({ kind: 'request.refused', body: { operation: 'invite-resident' } });
    await stage.gate.inviteResident({ ...open, person });
  });
  it('a clerk who gives codes for a whole town is stopped by his budget of openings', async () => {
    const residents = await stage.populate(Array.from({ length: 45 }, (_, i) => stage.op(100 + i)));
    const desk = await stage.desk('clerk-b', 'portal-binding');
    let given = 0;
    const refusal = await (async () => {
      for (const { person: each } of residents) {
        await stage.gate.inviteResident({ ...desk, person: each! });
        given++;
      }
      return undefined;
    })().catch((error: unknown) => error);
    expect(refusal).toMatchObject({ kind: 'budget-spent' });
    expect(given).toBe(40);
    await expect(
      stage.gate.open({ ...desk, person: residents[44]!.person!, groups: ['name'] }),
    ).rejects.toMatchObject({ kind: 'budget-spent' });
  });
  it('a member enrolled without key and PIN signs in by passkey alone', async () => {
    const session = await stage.signIn('admin');
    const enrolment = {
      session,
      municipality: town,
      staff: 'newcomer',
      role: 'clerk',
      office: 'desk-1',
    } as const;
    await expect(stage.gate.enrolStaff({ ...enrolment, pin: '123456' })).rejects.toMatchObject({
      kind: 'bad-input',
    });
    await stage.gate.enrolStaff(enrolment);
    await expect(stage.signIn('newcomer')).rejects.toMatchObject({ kind: 'sign-in-failed' });
    await enrol((await invite('newcomer')).code);
  });
});

describe('links of the demonstration', () => {
  it('sign a member in once at his terminal, and say so', async () => {
    const link = await stage.gate.issueSignInLink({ municipality: town, staff: 'clerk', terminal: 't-01' });
    expect(link.url).toMatch(/^https:\/\/desk\.town\.example\/enter\/[0-9A-Z]{32}$/);
    expect(await newest()).toMatchObject({ kind: 'invitation.issued', body: { target: 'staff-link' } });
    const code = link.url.split('/').at(-1)!;
    const { signedIn, terminalSecret } = await stage.gate.enterDesk({ code });
    expect(signedIn).toMatchObject({ staff: 'clerk', terminal: 't-01' });
    expect(terminalSecret).toHaveLength(43);
    expect(await newest()).toMatchObject({ kind: 'session.opened', body: { by: 'link', factors: 1 } });
    await expect(stage.gate.enterDesk({ code })).rejects.toMatchObject(refused);
  });
  it('sign a resident in at the portal, and at no desk', async () => {
    const link = await stage.gate.issueSignInLink({ municipality: town, person });
    const code = link.url.split('/').at(-1)!;
    await expect(stage.gate.enterDesk({ code })).rejects.toMatchObject(refused);
    const { signedIn } = await stage.gate.enterPortal({ code });
    expect(stage.gate.residents.require(signedIn.session)).toMatchObject({ person });
    await expect(stage.gate.enterPortal({ code })).rejects.toMatchObject(refused);
  });
  it('hold in no production: it issues none, and follows none that a demonstration left behind', async () => {
    const staff = await stage.gate.issueSignInLink({ municipality: town, staff: 'clerk', terminal: 't-01' });
    const resident = await stage.gate.issueSignInLink({ municipality: town, person });
    await stage.reopen({ signInLinks: false });
    await expect(
      stage.gate.issueSignInLink({ municipality: town, staff: 'clerk', terminal: 't-01' }),
    ).rejects.toMatchObject({ kind: 'unsupported' });
    const codeOf = ({ url }: { url: string }) => url.split('/').at(-1)!;
    await expect(stage.gate.enterDesk({ code: codeOf(staff) })).rejects.toMatchObject(refused);
    await expect(stage.gate.enterPortal({ code: codeOf(resident) })).rejects.toMatchObject(refused);
    await stage.reopen();
  });
});
