import { z } from 'zod';
import type { Office } from '../office.ts';
import { type Route, route } from '../route.ts';
import { done, note, purposeName, uuid } from '../schemas.ts';

/** A case: for what purpose and why records are about to be opened. */
export const casesRoutes = ({ gate }: Office): Route[] => [
  route({
    operationId: 'openCase',
    method: 'POST',
    path: '/v1/cases',
    tag: 'cases',
    summary: { ja: '事案を開く', en: 'open a case' },
    status: 201,
    body: z.strictObject({ purpose: purposeName, note }),
    answer: z.object({ caseId: z.string(), basis: z.string() }),
    handle: ({ session, body }) => gate.openCase({ session, ...body }),
  }),
  route({
    operationId: 'closeCase',
    method: 'POST',
    path: '/v1/cases/{caseId}/close',
    tag: 'cases',
    summary: { ja: '事案を閉じる', en: 'close a case' },
    params: z.strictObject({ caseId: uuid }),
    answer: done,
    async handle({ session, params: { caseId } }) {
      await gate.closeCase({ session, caseId });
      return { done: true as const };
    },
  }),
];
