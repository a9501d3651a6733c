import { z } from 'zod';
import type { Gate, ResidentSignedIn } from '../../core/gate/index.ts';
import { type BrowserPlace, browserAt } from './browser-door.ts';
import { type Route, route } from './route.ts';
import { done, invitation, millis, passkeyAnswer, passkeyMade } from './schemas.ts';

/** What signing in at the portal asks of the gate. */
export type PortalSignInGate = Pick<
  Gate,
  | 'portalPasskeyOptions'
  | 'enrolPortalPasskey'
  | 'signInAtPortal'
  | 'portalSession'
  | 'signOutOfPortal'
  | 'enterPortal'
>;

const tag = 'sign-in';
const state = z.object({ municipality: z.string(), idleAt: millis, expiresAt: millis });

/** Puts a resident's new session into the browser; what it held before is over. */
export async function keepResident(
  gate: Pick<PortalSignInGate, 'signOutOfPortal'>,
  browser: BrowserPlace,
  { session, ...signedIn }: ResidentSignedIn,
): Promise<z.input<typeof state>> {
  const old = browser.session;
  browser.keepSession(session);
  if (old !== undefined) await gate.signOutOfPortal({ session: old }).catch(() => {});
  return signedIn;
}

/** A resident's way in and out. */
export const portalSignInRoutes = (gate: PortalSignInGate): Route[] => [
  route({
    operationId: 'sessionState',
    method: 'GET',
    path: '/v1/session',
    tag,
    summary: { ja: '現在のサインインの状態', en: 'whether somebody is signed in here' },
    answer: state,
    handle: ({ session }) => gate.portalSession({ session }),
  }),
  route({
    operationId: 'signOut',
    method: 'POST',
    path: '/v1/sign-out',
    tag,
    summary: { ja: 'サインアウトする', en: 'sign out' },
    answer: done,
    async handle({ session, browser }) {
      browser?.dropSession();
      await gate.signOutOfPortal({ session });
      return { done: true as const };
    },
  }),
  route({
    operationId: 'passkeyOptions',
    method: 'POST',
    path: '/v1/passkeys/options',
    tag,
    summary: { ja: 'パスキーの要求を始める', en: 'begin to ask for a passkey' },
    signedIn: false,
    body: z.discriminatedUnion('for', [
      z.strictObject({ for: z.literal('enrol'), invitation }),
      z.strictObject({ for: z.literal('sign-in') }),
    ]),
    answer: z.object({ options: z.record(z.string(), z.unknown()) }),
    async handle({ body, browser }) {
      browserAt(browser);
      const { options } = await gate.portalPasskeyOptions(body);
      return { options: { ...options } as Record<string, unknown> };
    },
  }),
  route({
    operationId: 'enrolPasskey',
    method: 'POST',
    path: '/v1/passkeys/enrol',
    tag,
    summary: { ja: 'コードでパスキーを登録する', en: 'enrol a passkey with a code' },
    signedIn: false,
    status: 201,
    body: z.strictObject({ invitation, response: passkeyMade }),
    answer: state,
    async handle({ body, browser }) {
      const place = browserAt(browser);
      const { signedIn } = await gate.enrolPortalPasskey(body);
      return await keepResident(gate, place, signedIn);
    },
  }),
  route({
    operationId: 'signInPasskey',
    method: 'POST',
    path: '/v1/passkeys/sign-in',
    tag,
    summary: { ja: 'パスキーでサインインする', en: 'sign in with a passkey' },
    signedIn: false,
    body: z.strictObject({ response: passkeyAnswer }),
    answer: state,
    async handle({ body, browser }) {
      const place = browserAt(browser);
      return await keepResident(gate, place, await gate.signInAtPortal(body));
    },
  }),
];
