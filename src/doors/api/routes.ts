import type { ApiPorts } from './ports.ts';
import type { Route } from './route.ts';
import { casesRoutes } from './routes/cases.ts';
import { grantsRoutes } from './routes/grants.ts';
import { healthRoutes } from './routes/health.ts';
import { importsRoutes } from './routes/imports.ts';
import { journalRoutes } from './routes/journal.ts';
import { purposesRoutes } from './routes/purposes.ts';
import { recordsRoutes } from './routes/records.ts';
import { residentsRoutes } from './routes/residents.ts';
import { signInRoutes } from './routes/sign-in.ts';
import { staffRoutes } from './routes/staff.ts';

/** The whole API as one table: served, documented and turned into a client from here. */
export function apiRoutes(ports: ApiPorts): Route[] {
  return [
    signInRoutes,
    purposesRoutes,
    casesRoutes,
    residentsRoutes,
    importsRoutes,
    grantsRoutes,
    staffRoutes,
    journalRoutes,
    recordsRoutes,
    healthRoutes,
  ].flatMap((of) => of(ports));
}
