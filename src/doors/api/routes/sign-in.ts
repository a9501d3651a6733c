import { z } from 'zod';
import { isSekishoError, SekishoError } from '../../../ground/errors.ts';
import type { Office } from '../office.ts';
import { type Route, route } from '../route.ts';
import { base64, deskState, done, millis, newPin, word } from '../schemas.ts';

const tag = 'sign-in';

/** Signing in with two factors: the key of the device signs a nonce, and a PIN. */
export const signInRoutes = ({ gate, sessions }: Office): Route[] => [
  route({
    operationId: 'challenge',
    method: 'POST',
    path: '/v1/sign-in/challenge',
    tag,
    summary: { ja: '署名するノンスを求める', en: 'ask for a nonce to sign' },
    signedIn: false,
    body: z.strictObject({ staff: word }),
    answer: z.object({ nonce: z.string() }),
    handle: ({ body }) => gate.challenge(body),
  }),
  route({
    operationId: 'signIn',
    method: 'POST',
    path: '/v1/sign-in',
    tag,
    summary: { ja: 'サインインする', en: 'sign in' },
    signedIn: false,
    body: z.strictObject({
      staff: word,
      terminal: word,
      nonce: z.string().min(1).max(500),
      signature: base64.meta({ description: 'Ed25519 over the characters of the nonce, base64' }),
      pin: z.string().min(1).max(64),
    }),
    answer: z.object({ session: z.string(), expiresAt: millis, role: z.string(), office: z.string() }),
    async handle({ body }) {
      const opened = await gate.signIn(body).catch((error: unknown) => {
        // Which of the parts was wrong stays between gate and journal.
        throw isSekishoError(error, 'sign-in-failed') ? new SekishoError('sign-in-failed') : error;
      });
      sessions.add(opened.session, { ...opened, staff: body.staff, terminal: body.terminal });
      return opened;
    },
  }),
  route({
    operationId: 'signOut',
    method: 'POST',
    path: '/v1/sign-out',
    tag,
    summary: { ja: 'サインアウトする', en: 'sign out' },
    answer: done,
    async handle(call) {
      sessions.remove(call.session);
      call.browser?.dropSession();
      await gate.signOut({ session: call.session });
      return { done: true as const };
    },
  }),
  route({
    operationId: 'currentSession',
    method: 'GET',
    path: '/v1/session',
    tag,
    summary: { ja: '現在のサインインの状態', en: 'who is signed in here' },
    answer: deskState,
    async handle(call) {
      const state = await gate.deskSession({ session: call.session });
      // An office that was started again learns here whom it serves.
      sessions.add(call.session, state);
      return state;
    },
  }),
  route({
    operationId: 'changePin',
    method: 'POST',
    path: '/v1/session/pin',
    tag,
    summary: {
      ja: '自分のPINを変える（ほかのサインインは終わる）',
      en: 'change one’s own PIN; one’s other sessions end',
    },
    body: z.strictObject({ oldPin: z.string().min(1).max(64), newPin }),
    answer: z.object({ sessionsEnded: z.int() }),
    handle: (call) => gate.changePin({ session: call.session, ...call.body }),
  }),
];
