import { z } from 'zod';
import type { ContestAbout } from '../../../core/gate/index.ts';
import type { PortalPorts } from '../portal-ports.ts';
import { type Route, route } from '../route.ts';
import { contestAbout, contestState, millis } from '../schemas.ts';

const tag = 'own-contests';

const ownContest = z
  .object({
    contest: z.string(),
    about: contestAbout,
    openedAt: millis,
    state: contestState,
    answer: z.string().optional(),
    answeredAt: millis.optional(),
  })
  .meta({ id: 'OwnContest', description: 'what one has contested, and what became of it' });

/** What a resident says was not right: a line, or what a group of his record says. */
export const ownContestsRoutes = ({ gate }: PortalPorts): Route[] => [
  route({
    operationId: 'contest',
    method: 'POST',
    path: '/v1/me/contests',
    tag,
    summary: { ja: '「これは違う」と申し出る', en: 'contest a line or a datum' },
    status: 201,
    body: z.strictObject({ about: contestAbout, text: z.string().trim().min(1).max(2_000) }),
    answer: z.object({ contest: z.string() }),
    // Codes are checked by shape here; whether there is such a journal is the gate's to say.
    handle: ({ session, body: { about, text } }) =>
      gate.contest({ session, about: about as ContestAbout, text }),
  }),
  route({
    operationId: 'ownContests',
    method: 'GET',
    path: '/v1/me/contests',
    tag,
    summary: { ja: '自分の申出とその回答', en: 'one’s contests and what became of them' },
    answer: z.object({ contests: z.array(ownContest) }),
    handle: ({ session }) => gate.ownContests({ session }),
  }),
];
