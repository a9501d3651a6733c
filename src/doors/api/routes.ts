import type { Office } from './office.ts';
import type { Route } from './route.ts';
import { casesRoutes } from './routes/cases.ts';
import { contestsRoutes } from './routes/contests.ts';
import { grantsRoutes } from './routes/grants.ts';
import { healthRoutes } from './routes/health.ts';
import { importsRoutes } from './routes/imports.ts';
import { invitationsRoutes } from './routes/invitations.ts';
import { journalRoutes } from './routes/journal.ts';
import { lifeEventRoutes } from './routes/life-events.ts';
import { linesRoutes } from './routes/lines.ts';
import { passkeysRoutes } from './routes/passkeys.ts';
import { purposesRoutes } from './routes/purposes.ts';
import { recordsRoutes } from './routes/records.ts';
import { residentsRoutes } from './routes/residents.ts';
import { signInRoutes } from './routes/sign-in.ts';
import { staffRoutes } from './routes/staff.ts';

/** The whole API as one table: served, documented and turned into a client from here. */
export function apiRoutes(office: Office): Route[] {
  return [
    signInRoutes,
    passkeysRoutes,
    invitationsRoutes,
    purposesRoutes,
    casesRoutes,
    residentsRoutes,
    lifeEventRoutes,
    importsRoutes,
    grantsRoutes,
    staffRoutes,
    contestsRoutes,
    journalRoutes,
    linesRoutes,
    recordsRoutes,
    healthRoutes,
  ].flatMap((of) => of(office));
}
