import type { FastifyInstance } from 'fastify';
import { httpShell } from '../../ground/http/index.ts';
import type { Log } from '../../ground/log.ts';
import { BrowserDoor, type SiteOptions } from './browser-door.ts';
import { mount } from './create-api.ts';
import { screens, servePages } from './pages.ts';
import type { PortalPorts } from './portal-ports.ts';
import { portalRoutes } from './portal-routes.ts';
import { keepResident } from './portal-sign-in.ts';
import { wording } from './wording.ts';

const bodyLimit = 64 * 1_024;
/** The portal is measured by the gate's lines, not by itself: who looks at himself when is nobody's figure. */
const unmeasured = { observe: () => {} };

/**
 * The residents' site: its pages, signing in, and a resident's own operations. It holds no key, no table and no session. Nothing that
 * comes in names a person, so there is nobody else to ask for.
 */
export function createPortalSite(ports: PortalPorts & { site: SiteOptions; log: Log }): FastifyInstance {
  const { gate, site, log } = ports;
  const app = httpShell({ name: 'portal', log, words: wording, bodyLimit }) as unknown as FastifyInstance;
  const door = new BrowserDoor(site.origin);
  door.guard(app);
  for (const route of portalRoutes(ports))
    mount(
      app,
      route,
      unmeasured,
      (request) => door.session(request),
      (request, reply) => door.place(request, reply),
    );
  app.get('/health', async (_request, reply) => {
    reply.type('application/json');
    return '{"up":true}';
  });
  door.serveEntrance(app, async (code, browser) => {
    const { signedIn } = await gate.enterPortal({ code });
    await keepResident(gate, browser, signedIn);
  });
  servePages(app, door, site, screens.portal);
  return app;
}
