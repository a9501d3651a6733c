import { z } from 'zod';
import type { Office } from '../office.ts';
import { type Route, route } from '../route.ts';
import { base64, done, newPin, note, personId, word } from '../schemas.ts';

const tag = 'staff';
const roles = z.enum(['clerk', 'supervisor', 'registrar', 'officer', 'administrator', 'resident']);
const params = z.strictObject({ name: word });
const reason = z.strictObject({ reason: note });
const target = z.enum(['staff', 'terminal']);

/** Staff and terminals: enrol, suspend, reinstate. A suspension takes effect on the next request. */
export const staffRoutes = ({ gate, deskOf }: Office): Route[] => [
  route({
    operationId: 'enrolStaff',
    method: 'POST',
    path: '/v1/staff',
    tag,
    summary: { ja: '職員を登録する', en: 'enrol a member of staff' },
    status: 201,
    body: z.strictObject({
      staff: word,
      role: roles,
      office: word,
      requester: z
        .string()
        .regex(/^[a-z0-9-]{1,64}$/)
        .optional()
        .meta({ description: 'class of requester in the statute table' }),
      publicKey: base64.meta({ description: 'Ed25519, 32 raw bytes, base64' }),
      pin: newPin,
      person: personId.optional(),
    }),
    answer: done,
    async handle({ session, body }) {
      await gate.enrolStaff({ session, municipality: deskOf(session).service.municipality, ...body });
      return { done: true as const };
    },
  }),
  route({
    operationId: 'enrolTerminal',
    method: 'POST',
    path: '/v1/terminals',
    tag,
    summary: { ja: '端末を登録する', en: 'enrol a terminal' },
    status: 201,
    body: z.strictObject({ terminal: word, office: word }),
    answer: done,
    async handle({ session, body }) {
      await gate.enrolTerminal({ session, municipality: deskOf(session).service.municipality, ...body });
      return { done: true as const };
    },
  }),
  route({
    operationId: 'suspend',
    method: 'POST',
    path: '/v1/suspensions/{target}/{name}',
    tag,
    summary: { ja: '職員・端末を停止する', en: 'suspend a member of staff or a terminal' },
    params: params.extend({ target }),
    body: reason,
    answer: z.object({ sessionsEnded: z.int() }),
    handle({ session, params: { target: kind, name }, body }) {
      return gate.suspend({ session, [kind]: name, ...body });
    },
  }),
  route({
    operationId: 'reinstate',
    method: 'POST',
    path: '/v1/suspensions/{target}/{name}/end',
    tag,
    summary: { ja: '停止を解除する', en: 'end a suspension' },
    params: params.extend({ target }),
    body: reason,
    answer: done,
    async handle({ session, params: { target: kind, name }, body }) {
      await gate.reinstate({ session, [kind]: name, ...body });
      return { done: true as const };
    },
  }),
];
