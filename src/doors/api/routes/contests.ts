import { z } from 'zod';
import type { Office } from '../office.ts';
import { type Route, route } from '../route.ts';
import { contestAbout, contestState, millis, uuid } from '../schemas.ts';

const tag = 'contests';
const params = z.strictObject({ contest: uuid });
const state = z.object({ state: contestState });

const listed = z
  .object({
    contest: z.string(),
    person: z.string(),
    about: contestAbout,
    openedAt: millis,
    state: contestState,
    takenBy: z.string().optional(),
  })
  .meta({ id: 'Contest', description: 'what a resident says was not right' });

/** What residents contest: taken up, looked into, answered. */
export const contestsRoutes = ({ gate }: Office): Route[] => [
  route({
    operationId: 'contests',
    method: 'GET',
    path: '/v1/contests',
    tag,
    summary: { ja: '住民の申出', en: 'what residents contest' },
    answer: z.object({ contests: z.array(listed) }),
    handle: ({ session }) => gate.contests({ session }),
  }),
  route({
    operationId: 'readContest',
    method: 'POST',
    path: '/v1/contests/{contest}/read',
    tag,
    summary: { ja: '受け付けた申出を読む（記録される）', en: 'read a contest one has taken; journalled' },
    params,
    answer: z.object({ text: z.string() }),
    handle: ({ session, params: { contest } }) => gate.readContest({ session, contest }),
  }),
  route({
    operationId: 'takeContest',
    method: 'POST',
    path: '/v1/contests/{contest}/take',
    tag,
    summary: { ja: '申出を受け付ける', en: 'take a contest up' },
    params,
    answer: state,
    handle: ({ session, params: { contest } }) => gate.takeContest({ session, contest }),
  }),
  route({
    operationId: 'answerContest',
    method: 'POST',
    path: '/v1/contests/{contest}/answer',
    tag,
    summary: { ja: '申出に回答する', en: 'answer a contest' },
    params,
    body: z.strictObject({
      state: z.enum(['accepted', 'rejected']),
      answer: z.string().trim().min(1).max(500),
    }),
    answer: state,
    handle: ({ session, params: { contest }, body }) => gate.answerContest({ session, contest, ...body }),
  }),
];
