import { z } from 'zod';
import type { Office } from '../office.ts';
import { type Route, route } from '../route.ts';
import { localGovernmentCode } from '../schemas.ts';

const tag = 'journal';

const head = z
  .object({
    municipality: localGovernmentCode,
    origin: z.string(),
    size: z.int().meta({ description: 'lines in the published head' }),
    checkpoint: z.string().meta({ description: 'C2SP tlog-checkpoint, cosigned' }),
  })
  .meta({ id: 'JournalHead' });

/**
 * Heads and proofs are public: they hold nothing personal, and who checks must need nobody's leave. The log's static
 * files are served beside this API under /journal/{municipality}/ (C2SP tlog-tiles).
 */
export const journalRoutes = ({ journals }: Office): Route[] => [
  route({
    operationId: 'journalHeads',
    method: 'GET',
    path: '/v1/journals',
    tag,
    summary: { ja: '記録簿の先頭', en: 'heads of the journals' },
    signedIn: false,
    answer: z.object({ journals: z.array(head) }),
    handle: async () => ({ journals: await journals.heads() }),
  }),
  route({
    operationId: 'proveLine',
    method: 'GET',
    path: '/v1/journals/{municipality}/lines/{index}/proof',
    tag,
    summary: { ja: '行の包含証明', en: 'inclusion proof of a line in the latest witnessed head' },
    signedIn: false,
    params: z.strictObject({ municipality: localGovernmentCode, index: z.coerce.number().int().min(0) }),
    answer: z.object({ index: z.int(), leafHash: z.string(), proof: z.string() }).meta({ id: 'LineProof' }),
    handle: ({ params: { municipality, index } }) => journals.prove(municipality, index),
  }),
];
