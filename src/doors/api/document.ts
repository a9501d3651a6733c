import { apiVersion } from './create-api.ts';
import type { Office } from './office.ts';
import { openApiDocument } from './openapi.ts';
import type { PortalPorts } from './portal-ports.ts';
import { portalRoutes } from './portal-routes.ts';
import { apiRoutes } from './routes.ts';

/** The document as it is checked in. Making it calls no port: the table is only read. */
export function checkedInDocument() {
  return openApiDocument(apiRoutes({ statutes: [] } as unknown as Office), apiVersion());
}

/** The portal's, likewise. */
export function checkedInPortalDocument() {
  return openApiDocument(portalRoutes({} as unknown as PortalPorts), apiVersion(), {
    title: 'Sekisho portal API',
    description:
      'A resident’s own affairs. No body and no address names a person: the session does. ' +
      'Errors are RFC 9457 problem details; their words follow Accept-Language (ja, en).',
    session: { type: 'apiKey', in: 'cookie', name: 'session', description: 'session from signing in' },
  });
}
