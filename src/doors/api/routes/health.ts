import { z } from 'zod';
import type { Office } from '../office.ts';
import { type Route, route } from '../route.ts';

/** For supervisors and load balancers: alive, and able to serve. */
export const healthRoutes = ({ ready }: Office): Route[] => [
  route({
    operationId: 'health',
    method: 'GET',
    path: '/health',
    tag: 'health',
    summary: { ja: 'プロセスが動いているか', en: 'the process is alive' },
    signedIn: false,
    answer: z.object({ alive: z.literal(true) }),
    handle: async () => ({ alive: true as const }),
  }),
  route({
    operationId: 'ready',
    method: 'GET',
    path: '/ready',
    tag: 'health',
    summary: { ja: '要求に応えられるか', en: 'gate and database answer' },
    signedIn: false,
    answer: z.object({ ready: z.literal(true) }),
    async handle() {
      await ready();
      return { ready: true as const };
    },
  }),
];
