import { logKeysRoute } from './log-keys.ts';
import type { PortalPorts } from './portal-ports.ts';
import { ownContestsRoutes } from './portal-routes/own-contests.ts';
import { ownLockRoutes } from './portal-routes/own-lock.ts';
import { ownRecordRoutes } from './portal-routes/own-record.ts';
import { portalSignInRoutes } from './portal-sign-in.ts';
import type { Route } from './route.ts';

/** Everything the portal's pages ask for, as one table. */
export function portalRoutes(ports: PortalPorts): Route[] {
  const own = [ownRecordRoutes, ownContestsRoutes, ownLockRoutes].flatMap((of) => of(ports));
  return [...portalSignInRoutes(ports.gate), ...own, logKeysRoute(ports.keys)];
}
