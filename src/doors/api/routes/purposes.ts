import { z } from 'zod';
import type { Statute } from '../../../core/gate/index.ts';
import { japanDate } from '../../../ground/clock.ts';
import type { Office } from '../office.ts';
import { type Route, route } from '../route.ts';

const purpose = z
  .object({
    purpose: z.string(),
    title: z.object({ ja: z.string(), en: z.string() }),
    law: z.object({ ja: z.string(), en: z.string() }),
    article: z.string(),
    requester: z.string(),
    roles: z.array(z.string()),
    opens: z.array(z.string()),
    searchesBy: z.array(z.string()),
    writes: z.array(z.string()),
    events: z.record(z.string(), z.array(z.string())),
    history: z.boolean(),
    bulkGrant: z.boolean(),
    duty: z.boolean().describe('a statutory duty: goes on where the resident has locked look-ups'),
    hiddenDays: z
      .int()
      .nullable()
      .describe('days until its lines are shown to the resident; until then counted'),
  })
  .meta({ id: 'Purpose', description: 'one row of the statute table that is in force' });

const isInForce = (row: Statute, day: string) =>
  row.valid_from <= day && (row.valid_to === null || day <= row.valid_to);

/** The statute table as a desk chooses from it. Public law: no session is asked for. */
export const purposesRoutes = ({ statutes, clock }: Office): Route[] => [
  route({
    operationId: 'purposes',
    method: 'GET',
    path: '/v1/purposes',
    tag: 'purposes',
    summary: { ja: '今有効な目的と根拠条項', en: 'purposes and legal bases in force' },
    signedIn: false,
    answer: z.object({ purposes: z.array(purpose) }),
    async handle() {
      const day = japanDate(clock.now());
      return {
        purposes: statutes
          .filter((row) => isInForce(row, day))
          .map((row) => ({
            purpose: row.purpose,
            title: row.title,
            law: row.law,
            article: row.article,
            requester: row.requester,
            roles: [...row.roles],
            opens: [...row.opens],
            searchesBy: [...row.searches_by],
            writes: [...row.writes],
            events: row.events,
            history: row.history,
            bulkGrant: row.bulk_grant,
            duty: !row.stopped_by_lock,
            hiddenDays: row.hidden_days,
          })),
      };
    },
  }),
];
