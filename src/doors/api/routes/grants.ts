import { z } from 'zod';
import type { Office } from '../office.ts';
import { type Route, route } from '../route.ts';
import { caseId, groups, millis, note, uuid } from '../schemas.ts';

const tag = 'grants';
const params = z.strictObject({ grant: uuid });

const status = z
  .object({
    grant: z.string(),
    state: z.string(),
    purpose: z.string(),
    groups: z.array(z.string()).readonly(),
    count: z.int(),
    left: z.int(),
    endsAt: millis,
    askedBy: z.string(),
    approvedBy: z.string().nullable(),
  })
  .meta({ id: 'Grant', description: 'a bulk grant: two different people sign it' });

/** Bulk grants: beyond the budget, so many people, these groups, this purpose, until then. */
export const grantsRoutes = ({ gate }: Office): Route[] => [
  route({
    operationId: 'grants',
    method: 'GET',
    path: '/v1/grants',
    tag,
    summary: { ja: '一括閲覧の許可の一覧', en: 'the bulk grants' },
    answer: z.object({ grants: z.array(status) }),
    handle: ({ session }) => gate.listGrants({ session }),
  }),
  route({
    operationId: 'askGrant',
    method: 'POST',
    path: '/v1/grants',
    tag,
    summary: { ja: '一括閲覧の許可を申請する', en: 'ask for a bulk grant' },
    status: 201,
    body: z.strictObject({
      caseId,
      groups,
      count: z.int().min(1).max(1_000_000),
      endsAt: millis,
      reason: note,
    }),
    answer: z.object({ grant: z.string() }),
    handle: ({ session, body }) => gate.askGrant({ session, ...body }),
  }),
  route({
    operationId: 'approveGrant',
    method: 'POST',
    path: '/v1/grants/{grant}/approve',
    tag,
    summary: { ja: '許可を承認する（申請者とは別の人）', en: 'approve a grant (not by who asked)' },
    params,
    answer: status,
    handle: ({ session, params: { grant } }) => gate.approveGrant({ session, grant }),
  }),
  route({
    operationId: 'revokeGrant',
    method: 'POST',
    path: '/v1/grants/{grant}/revoke',
    tag,
    summary: { ja: '許可を取り消す', en: 'revoke a grant' },
    params,
    answer: status,
    handle: ({ session, params: { grant } }) => gate.revokeGrant({ session, grant }),
  }),
  route({
    operationId: 'grant',
    method: 'GET',
    path: '/v1/grants/{grant}',
    tag,
    summary: { ja: '許可の状態', en: 'state of a grant' },
    params,
    answer: status,
    handle: ({ session, params: { grant } }) => gate.grant({ session, grant }),
  }),
];
