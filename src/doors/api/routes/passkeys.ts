import { z } from 'zod';
import type { DeskSignedIn } from '../../../core/gate/index.ts';
import { SekishoError } from '../../../ground/errors.ts';
import { type BrowserPlace, browserAt } from '../browser-door.ts';
import type { Office } from '../office.ts';
import { type Route, route } from '../route.ts';
import { deskState, invitation, millis, passkeyAnswer, passkeyMade } from '../schemas.ts';

const tag = 'passkeys';

/** Puts a new session into the browser; what it held before is over, and that it was none any more is no fault. */
export async function keepMember(
  { gate, sessions }: Pick<Office, 'gate' | 'sessions'>,
  browser: BrowserPlace,
  signedIn: DeskSignedIn,
) {
  const { session, ...state } = signedIn;
  const old = browser.session;
  browser.keepSession(session);
  sessions.add(session, state);
  if (old !== undefined) {
    sessions.remove(old);
    await gate.signOut({ session: old }).catch(() => {});
  }
  return state;
}

const options = ({ gate }: Office): Route =>
  route({
    operationId: 'passkeyOptions',
    method: 'POST',
    path: '/v1/passkeys/options',
    tag,
    summary: { ja: 'パスキーの要求を始める', en: 'begin to ask for a passkey' },
    signedIn: false,
    body: z.discriminatedUnion('for', [
      z.strictObject({ for: z.literal('enrol'), invitation }),
      z.strictObject({ for: z.enum(['sign-in', 'step-up']) }),
    ]),
    answer: z.object({ options: z.record(z.string(), z.unknown()) }),
    async handle({ body, browser }) {
      const { session } = browserAt(browser);
      const asked = async () => {
        if (body.for === 'enrol') return await gate.deskPasskeyOptions(body);
        if (body.for === 'sign-in') return await gate.deskPasskeyOptions({ for: 'sign-in' });
        if (session === undefined) throw new SekishoError('session-invalid', { reason: 'missing' });
        return await gate.deskPasskeyOptions({ for: 'step-up', session });
      };
      return { options: { ...(await asked()).options } as Record<string, unknown> };
    },
  });

const enrol = (office: Office): Route =>
  route({
    operationId: 'enrolPasskey',
    method: 'POST',
    path: '/v1/passkeys/enrol',
    tag,
    summary: { ja: 'コードでパスキーを登録する', en: 'enrol a passkey with a code' },
    signedIn: false,
    status: 201,
    body: z.strictObject({ invitation, response: passkeyMade }),
    answer: z.object({ signedIn: deskState.nullable() }),
    async handle({ body, browser }) {
      const place = browserAt(browser);
      const { terminalSecret } = place;
      const known = terminalSecret === undefined ? {} : { terminalSecret };
      const { signedIn } = await office.gate.enrolDeskPasskey({ ...body, ...known });
      return { signedIn: signedIn === undefined ? null : await keepMember(office, place, signedIn) };
    },
  });

const signIn = (office: Office): Route =>
  route({
    operationId: 'signInPasskey',
    method: 'POST',
    path: '/v1/passkeys/sign-in',
    tag,
    summary: { ja: 'パスキーでサインインする', en: 'sign in with a passkey' },
    signedIn: false,
    body: z.strictObject({ response: passkeyAnswer }),
    answer: deskState,
    async handle({ body, browser }) {
      const place = browserAt(browser);
      // Without a secret the gate says the same as for a wrong one.
      const terminalSecret = place.terminalSecret ?? 'none';
      return keepMember(office, place, await office.gate.signInAtDesk({ ...body, terminalSecret }));
    },
  });

const stepUp = ({ gate }: Office): Route =>
  route({
    operationId: 'stepUp',
    method: 'POST',
    path: '/v1/passkeys/step-up',
    tag,
    summary: { ja: 'もう一度パスキーで確かめる', en: 'show the passkey again' },
    body: z.strictObject({ response: passkeyAnswer }),
    answer: z.object({ freshUntil: millis }),
    handle: ({ session, body }) => gate.stepUp({ session, ...body }),
  });

/** Signing in with a passkey. The session goes into a cookie and is in no answer. */
export const passkeysRoutes = (office: Office): Route[] => [
  options(office),
  enrol(office),
  signIn(office),
  stepUp(office),
];
