import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ProductionHouse, town } from './production-house.fixture.ts';

let house: ProductionHouse;
beforeAll(async () => {
  house = new ProductionHouse();
  await house.make();
  await house.startWitness();
  await house.startGate(house.fileKeystore, {
    sites: { desk: 'https://desk.town.example', portal: 'https://portal.town.example' },
  });
  await house.enrolFirst();
}, 180_000);
afterAll(() => house?.remove(), 60_000);

describe('a gate in production', () => {
  it('makes no link that signs in, for whomever and whoever asks', async () => {
    const refused = { kind: 'unsupported', facts: { what: 'sign-in-links', reason: 'production' } };
    await house.as('cli-admin', async (gate) => {
      for (const who of [
        { staff: 'tanaka', terminal: 'tanaka-1' },
        { person: '01890000-0000-7000-8000-000000000001' as never },
      ])
        await expect(gate.issueSignInLink({ municipality: town, ...who } as never)).rejects.toMatchObject(
          refused,
        );
    });
    await house.as('office', async (gate) => {
      await expect(
        gate.issueSignInLink({ municipality: town, staff: 'tanaka', terminal: 'tanaka-1' }),
      ).rejects.toMatchObject({ kind: 'caller-unknown' });
    });
  });

  it('lets an administrator invite himself, his terminal first', async () => {
    await house.as('cli-admin', async (gate) => {
      const session = await house.signIn(gate, 'tanaka');
      const place = await gate.inviteTerminal({ session, terminal: 'tanaka-1' });
      expect(place.url).toMatch(/^https:\/\/desk\.town\.example\/enter\//);
      const { url } = await gate.inviteStaff({ session, staff: 'tanaka' });
      expect(url).toMatch(/^https:\/\/desk\.town\.example\/enrol#/);
    });
  });

  it('lets the portal call what is the portal’s, and nothing of the desk’s', async () => {
    await house.as('portal', async (gate) => {
      await expect(gate.portalPasskeyOptions({ for: 'sign-in' })).resolves.toMatchObject({
        options: { rpId: 'portal.town.example', userVerification: 'required' },
      });
      for (const work of [
        () => gate.deskPasskeyOptions({ for: 'sign-in' }),
        () => gate.deskSession({ session: 'x' }),
        () => gate.challenge({ staff: 'tanaka' }),
        () => gate.inviteStaff({ session: 'x', staff: 'tanaka' }),
        () => gate.enterDesk({ code: 'x' }),
      ])
        await expect(work()).rejects.toMatchObject({ kind: 'caller-unknown' });
    });
    await house.as('office', async (gate) => {
      await expect(gate.portalSession({ session: 'x' })).rejects.toMatchObject({ kind: 'caller-unknown' });
      await expect(gate.portalPasskeyOptions({ for: 'sign-in' })).rejects.toMatchObject({
        kind: 'caller-unknown',
      });
    });
  });
});
