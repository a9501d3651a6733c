import { z } from 'zod';
import type { Office } from '../office.ts';
import { type Route, route } from '../route.ts';
import { base64, done, millis, newPin, note, personId, uuid, word } from '../schemas.ts';

const tag = 'staff';
const listedStaff = z
  .object({
    ...{ staff: z.string(), role: z.string(), office: z.string(), state: z.string(), enrolledAt: millis },
    passkeys: z.int(),
  })
  .meta({ id: 'Staff', description: 'one who may sign in' });
const listedTerminal = z
  .object({ terminal: z.string(), office: z.string(), state: z.string(), enrolledAt: millis })
  .meta({ id: 'Terminal', description: 'a place to sign in at' });
const roles = z.enum(['clerk', 'supervisor', 'registrar', 'officer', 'administrator', 'resident']);
const params = z.strictObject({ name: word });
const reason = z.strictObject({ reason: note });
const target = z.enum(['staff', 'terminal']);

const enrolled = z.object({ enrolment: z.string().nullable(), expiresAt: millis.nullable() }).meta({
  id: 'Enrolled',
  description: 'nulls: he may sign in. Else a second person must confirm this enrolment before then',
});

const waiting = z
  .object({
    ...{ enrolment: z.string(), staff: z.string(), role: roles, office: z.string() },
    ...{ publicKey: z.string(), askedBy: z.string(), expiresAt: millis },
  })
  .meta({ id: 'WaitingEnrolment', description: 'an enrolment that a second person has to confirm' });

/** Staff and terminals: enrol, suspend, reinstate. A suspension takes effect on the next request. */
export const staffRoutes = ({ gate, deskOf }: Office): Route[] => [
  route({
    operationId: 'staff',
    method: 'GET',
    path: '/v1/staff',
    tag,
    summary: { ja: '職員の一覧', en: 'who may sign in' },
    answer: z.object({ staff: z.array(listedStaff) }),
    handle: ({ session }) => gate.listStaff({ session }),
  }),
  route({
    operationId: 'terminals',
    method: 'GET',
    path: '/v1/terminals',
    tag,
    summary: { ja: '端末の一覧', en: 'where one may sign in' },
    answer: z.object({ terminals: z.array(listedTerminal) }),
    handle: ({ session }) => gate.listTerminals({ session }),
  }),
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
      publicKey: base64
        .optional()
        .meta({ description: 'Ed25519, 32 raw bytes, base64; with the PIN. Without both: by passkey alone' }),
      pin: newPin.optional(),
      person: personId.optional(),
    }),
    answer: enrolled,
    handle: ({ session, body }) =>
      gate.enrolStaff({ session, municipality: deskOf(session).service.municipality, ...body }),
  }),
  route({
    operationId: 'enrolments',
    method: 'GET',
    path: '/v1/enrolments',
    tag,
    summary: { ja: '確認を待つ職員登録', en: 'enrolments that wait for a second person' },
    answer: z.object({ enrolments: z.array(waiting) }),
    handle: ({ session }) => gate.enrolments({ session }),
  }),
  route({
    operationId: 'confirmEnrolment',
    method: 'POST',
    path: '/v1/enrolments/{enrolment}/confirm',
    tag,
    summary: { ja: '職員登録を確認する（申請者とは別の人）', en: 'confirm an enrolment (not by who asked)' },
    params: z.strictObject({ enrolment: uuid }),
    answer: z.object({ staff: z.string() }),
    handle: ({ session, params: { enrolment } }) => gate.confirmEnrolment({ session, enrolment }),
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
