import { z } from 'zod';
import type { Office } from '../office.ts';
import { type Route, route } from '../route.ts';
import { invited, personId, uuid, word } from '../schemas.ts';

const tag = 'passkeys';
const params = z.strictObject({ name: word });
const ofPerson = { params: z.strictObject({ person: personId }), body: z.strictObject({ caseId: uuid }) };
const stopped = z.object({ stopped: z.int() });

/** One-time codes that lead to a passkey or make a browser a terminal, and what takes passkeys away. */
export const invitationsRoutes = ({ gate }: Office): Route[] => [
  route({
    operationId: 'inviteStaff',
    method: 'POST',
    path: '/v1/staff/{name}/invitation',
    tag,
    summary: { ja: '職員の登録コードを作る', en: 'make a code for a member’s passkey' },
    status: 201,
    params,
    answer: invited,
    handle: ({ session, params: { name } }) => gate.inviteStaff({ session, staff: name }),
  }),
  route({
    operationId: 'inviteTerminal',
    method: 'POST',
    path: '/v1/terminals/{name}/invitation',
    tag,
    summary: {
      ja: '端末のブラウザを登録する住所を作る',
      en: 'make an address that makes a browser a terminal',
    },
    status: 201,
    params,
    answer: invited,
    handle: ({ session, params: { name } }) => gate.inviteTerminal({ session, terminal: name }),
  }),
  route({
    operationId: 'invitePerson',
    method: 'POST',
    path: '/v1/residents/{person}/portal-invitation',
    tag,
    summary: { ja: '住民ポータルの登録コードを作る', en: 'make a code for a resident’s passkey' },
    status: 201,
    ...ofPerson,
    answer: invited,
    handle: ({ session, params: { person }, body }) => gate.inviteResident({ session, person, ...body }),
  }),
  route({
    operationId: 'stopStaffPasskeys',
    method: 'POST',
    path: '/v1/staff/{name}/passkeys/stop',
    tag,
    summary: { ja: '職員のパスキーをすべて止める', en: 'stop all passkeys of a member' },
    params,
    answer: stopped,
    handle: ({ session, params: { name } }) => gate.stopPasskeys({ session, staff: name }),
  }),
  route({
    operationId: 'stopPersonPasskeys',
    method: 'POST',
    path: '/v1/residents/{person}/passkeys/stop',
    tag,
    summary: { ja: '住民のパスキーをすべて止める', en: 'stop all passkeys of a resident' },
    ...ofPerson,
    answer: stopped,
    handle: ({ session, params: { person }, body }) => gate.stopPasskeys({ session, person, ...body }),
  }),
];
