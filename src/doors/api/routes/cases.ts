import { z } from 'zod';
import type { Office } from '../office.ts';
import { type Route, route } from '../route.ts';
import { budgetLeft, done, millis, note, purposeName, uuid } from '../schemas.ts';

const listed = z
  .object({
    caseId: z.string(),
    purpose: z.string(),
    basis: z.string().meta({ description: 'id of the statute row' }),
    openedAt: millis,
    closed: z.boolean(),
    staff: z.string(),
    mine: z.boolean(),
    note: z.string().optional(),
  })
  .meta({ id: 'Case', description: 'a case of one’s own or of one’s office; the note of one’s own alone' });

const budget = z
  .object({
    open: budgetLeft,
    search: budgetLeft,
    limits: z.object({ open: budgetLeft, search: budgetLeft }),
    windowMinutes: z.int(),
    freesAt: millis.nullable(),
  })
  .meta({
    id: 'Budget',
    description: 'what may still be opened and searched for; `freesAt` where nothing is left',
  });

/** A case: for what purpose and why records are about to be opened. */
export const casesRoutes = ({ gate }: Office): Route[] => [
  route({
    operationId: 'cases',
    method: 'GET',
    path: '/v1/cases',
    tag: 'cases',
    summary: { ja: '自分と自部署の事案', en: 'cases of one’s own and of one’s office' },
    answer: z.object({ cases: z.array(listed) }),
    handle: ({ session }) => gate.listCases({ session }),
  }),
  route({
    operationId: 'budget',
    method: 'GET',
    path: '/v1/budget',
    tag: 'cases',
    summary: { ja: '閲覧枠の残り', en: 'what is left of the budget' },
    query: z.strictObject({ caseId: uuid }),
    answer: budget,
    handle: ({ session, query: { caseId } }) => gate.budgetLeft({ session, caseId }),
  }),
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
