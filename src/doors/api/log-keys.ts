import { z } from 'zod';
import { type Route, route } from './route.ts';

const logKeys = z
  .object({
    municipality: z.string(),
    origin: z.string(),
    logKey: z.string(),
    witnessKeys: z.array(z.string()).readonly(),
    quorum: z.int(),
  })
  .meta({ id: 'LogKeys', description: 'whom a browser trusts when it checks lines; compare them elsewhere' });
export type LogKeys = z.infer<typeof logKeys>;

/** `GET /v1/keys`: the public keys of the journals, for anybody. */
export const logKeysRoute = (journals: readonly LogKeys[]): Route =>
  route({
    operationId: 'keys',
    method: 'GET',
    path: '/v1/keys',
    tag: 'journal',
    summary: { ja: '記録簿を検証する公開鍵', en: 'public keys that lines are checked with' },
    signedIn: false,
    answer: z.object({ journals: z.array(logKeys) }),
    handle: async () => ({ journals: [...journals] }),
  });
