import { z } from 'zod';
import type { MunicipalityCode } from '../../../ground/ids.ts';
import { history } from '../history-schemas.ts';
import type { PortalPorts } from '../portal-ports.ts';
import { type Route, route } from '../route.ts';
import { groups, localGovernmentCode, millis, receipt, sealedFields } from '../schemas.ts';

const tag = 'own-record';

const member = z
  .record(z.string(), z.string())
  .meta({ id: 'HouseholdMember', description: '`name` and `relation`' });

/** A resident's own state, record, household and history. No body and no address names anybody: the session does. */
export const ownRecordRoutes = ({ gate }: PortalPorts): Route[] => [
  route({
    operationId: 'me',
    method: 'GET',
    path: '/v1/me',
    tag,
    summary: { ja: '自分の状態', en: 'one’s own state' },
    answer: z.object({
      municipality: z.string(),
      person: z.string(),
      status: z.string().nullable(),
      lock: z.object({ until: millis }).nullable(),
      contests: z.int(),
    }),
    handle: ({ session }) => gate.me({ session }),
  }),
  route({
    operationId: 'openOwn',
    method: 'POST',
    path: '/v1/me/open',
    tag,
    summary: { ja: '自分の記録を開く（記録されます）', en: 'open one’s own record; journalled' },
    body: z.strictObject({ groups }),
    answer: z.object({ fields: sealedFields, receipt }),
    handle: ({ session, body }) => gate.openOwn({ session, ...body }),
  }),
  route({
    operationId: 'household',
    method: 'POST',
    path: '/v1/me/household',
    tag,
    summary: {
      ja: '自分の世帯の氏名と続柄（記録されます）',
      en: 'names and relations in one’s own household; journalled',
    },
    answer: z.object({ members: z.array(member) }),
    handle: ({ session }) => gate.household({ session }),
  }),
  route({
    operationId: 'ownHistory',
    method: 'POST',
    path: '/v1/me/history',
    tag,
    summary: { ja: '自分の記録を誰が見たか（証明付き）', en: 'who looked at one’s record, with proofs' },
    body: z.strictObject({
      limit: z.int().min(1).max(200),
      before: z.int().min(0).optional(),
      municipality: localGovernmentCode.transform((code) => code as MunicipalityCode).optional(),
    }),
    answer: history,
    handle: ({ session, body }) => gate.ownHistory({ session, ...body }),
  }),
];
