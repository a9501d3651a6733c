import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type FreshDatabase, freshDatabase } from '../../../test/database.ts';
import { SekishoError } from '../../ground/errors.ts';
import { decodeLine } from '../journal/index.ts';
import { signNonce } from './sessions.ts';
import { pin, type Stage, staged, stagedKey, stageRooms, town } from './staging/stage.fixture.ts';

let database: FreshDatabase;
let stage: Stage;
beforeAll(async () => {
  database = await freshDatabase(stageRooms);
  stage = await staged(database);
});
afterAll(async () => {
  await stage?.end();
  await database?.drop();
});

const other = 'another-pin-90';
const signIn = async (staff: string, typed: string) => {
  const { nonce } = await stage.gate.challenge({ staff });
  const signature = signNonce(stagedKey(staff).privateKey, nonce);
  return stage.gate.signIn({ staff, terminal: 't-01', nonce, signature, pin: typed });
};
const newest = async () => {
  const { size } = stage.gate.journal(town).head();
  for await (const line of stage.gate.journal(town).read(size - 1, size)) return decodeLine(line.payload);
  return undefined;
};
const refusedLine = (reason: string, facts: object) => ({
  kind: 'request.refused',
  body: { operation: 'change-pin', reason, facts },
});

describe('a member changes his own PIN', () => {
  it('and from then on only the new one signs in, also after a restart; the line says nothing of either', async () => {
    const session = await stage.signIn('clerk');
    await stage.gate.changePin({ session, oldPin: pin, newPin: other });
    const line = await newest();
    expect(line).toMatchObject({
      kind: 'staff.pin-changed',
      body: { actor: 'clerk', staff: 'clerk', outcome: 'done' },
    });
    expect(JSON.stringify(line)).not.toMatch(new RegExp(`${pin}|${other}`));
    await expect(signIn('clerk', pin)).rejects.toMatchObject({ kind: 'sign-in-failed' });
    await expect(signIn('clerk', other)).resolves.toBeDefined();
    await stage.reopen();
    await expect(signIn('clerk', pin)).rejects.toMatchObject({ kind: 'sign-in-failed' });
    await expect(signIn('clerk', other)).resolves.toBeDefined();
  });

  it('and his other sessions end, this one does not, and nobody else’s', async () => {
    const [session, elsewhere, colleague] = [
      await stage.signIn('registrar'),
      await stage.signIn('registrar', 't-02'),
      await stage.signIn('officer'),
    ];
    expect(await stage.gate.changePin({ session, oldPin: pin, newPin: other })).toEqual({ sessionsEnded: 1 });
    await expect(stage.gate.signOut({ session: elsewhere })).rejects.toMatchObject({
      kind: 'session-invalid',
    });
    await stage.gate.signOut({ session: colleague });
    await stage.gate.signOut({ session });
  });

  it('while the journal cannot be written changes nothing', async () => {
    const session = await stage.signIn('supervisor');
    stage.faults.append = new SekishoError('journal-unavailable');
    await expect(stage.gate.changePin({ session, oldPin: pin, newPin: other })).rejects.toMatchObject({
      kind: 'journal-unavailable',
    });
    delete stage.faults.append;
    await expect(signIn('supervisor', pin)).resolves.toBeDefined();
    await expect(signIn('supervisor', other)).rejects.toMatchObject({ kind: 'sign-in-failed' });
  });

  it('at the same time as he signs in elsewhere leaves a member that is still whole after a restart', async () => {
    const session = await stage.signIn('supervisor');
    await Promise.allSettled([
      signIn('supervisor', '000000'),
      stage.gate.changePin({ session, oldPin: pin, newPin: other }),
      signIn('supervisor', '000000'),
      signIn('supervisor', pin),
    ]);
    await stage.reopen();
    await expect(signIn('supervisor', other)).resolves.toBeDefined();
  });
});

describe('a change of a PIN is refused', () => {
  it('without a session', async () => {
    await expect(stage.gate.changePin({ session: 'none', oldPin: pin, newPin: other })).rejects.toMatchObject(
      { kind: 'session-invalid' },
    );
    expect(await newest()).toMatchObject(refusedLine('session-invalid', { reason: 'unknown' }));
  });

  it.each(['12345', 'x'.repeat(65), ''])('for a new one of the wrong length: %j', async (newPin) => {
    const session = await stage.signIn('clerk-far');
    await expect(stage.gate.changePin({ session, oldPin: pin, newPin })).rejects.toMatchObject({
      kind: 'bad-input',
      facts: { at: 'pin', reason: 'pin-length', minimum: 6 },
    });
  });

  it('for the old one again, also where it is typed full-width', async () => {
    const session = await stage.signIn('clerk-far');
    for (const newPin of [pin, pin.replaceAll('4', '４')])
      await expect(stage.gate.changePin({ session, oldPin: pin, newPin })).rejects.toMatchObject({
        facts: { reason: 'unchanged' },
      });
    await expect(signIn('clerk-far', pin)).resolves.toBeDefined();
  });

  it('for a wrong old one, and the caller is not told why', async () => {
    const session = await stage.signIn('clerk-far');
    await expect(stage.gate.changePin({ session, oldPin: '000000', newPin: other })).rejects.toMatchObject({
      kind: 'sign-in-failed',
      facts: {},
    });
    expect(await newest()).toMatchObject(refusedLine('sign-in-failed', { reason: 'pin' }));
    await signIn('clerk-far', pin);
  });
});

describe('five wrong old PINs', () => {
  it('lock the member as at a sign-in: his sessions end at once, and a restart gives no new tries', async () => {
    const { session, caseId } = await stage.desk('clerk-b', 'residence-certificate');
    for (let i = 0; i < 5; i++)
      await expect(stage.gate.changePin({ session, oldPin: '000000', newPin: other })).rejects.toMatchObject({
        kind: 'sign-in-failed',
      });
    expect(await newest()).toMatchObject(refusedLine('sign-in-failed', { reason: 'locked' }));
    await expect(stage.gate.search({ session, caseId, by: { reading: 'よみ1' } })).rejects.toMatchObject({
      kind: 'suspended',
    });
    await stage.reopen();
    await expect(signIn('clerk-b', pin)).rejects.toMatchObject({ kind: 'sign-in-failed' });
    await stage.gate.reinstate({ session: await stage.signIn('officer'), staff: 'clerk-b' });
    await expect(signIn('clerk-b', pin)).resolves.toBeDefined();
  });

  it('count together with those of sign-ins', async () => {
    const session = await stage.signIn('clerk-far');
    for (let i = 0; i < 3; i++)
      await expect(signIn('clerk-far', '000000')).rejects.toMatchObject({ kind: 'sign-in-failed' });
    for (let i = 0; i < 2; i++)
      await expect(stage.gate.changePin({ session, oldPin: '000000', newPin: other })).rejects.toMatchObject({
        kind: 'sign-in-failed',
      });
    await expect(signIn('clerk-far', pin)).rejects.toMatchObject({ kind: 'sign-in-failed' });
  });
});
