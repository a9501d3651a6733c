import { z } from 'zod';
import type { PortalPorts } from '../portal-ports.ts';
import { type Route, route } from '../route.ts';
import { millis } from '../schemas.ts';

const tag = 'own-lock';
const lock = z.object({ lock: z.object({ until: millis }).nullable() });

/** Stopping look-ups that no law demands, and letting them go on. */
export const ownLockRoutes = ({ gate }: PortalPorts): Route[] => [
  route({
    operationId: 'lockLookUps',
    method: 'POST',
    path: '/v1/me/lock',
    tag,
    summary: { ja: '義務のない照会を止める', en: 'lock look-ups that no law demands' },
    body: z.strictObject({ until: millis }),
    answer: lock,
    handle: ({ session, body }) => gate.lockLookUps({ session, ...body }),
  }),
  route({
    operationId: 'unlockLookUps',
    method: 'POST',
    path: '/v1/me/unlock',
    tag,
    summary: { ja: '照会の停止を解く', en: 'unlock them again' },
    answer: lock,
    handle: ({ session }) => gate.unlockLookUps({ session }),
  }),
];
