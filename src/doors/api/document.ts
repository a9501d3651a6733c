import { apiVersion } from './create-api.ts';
import { openApiDocument } from './openapi.ts';
import type { ApiPorts } from './ports.ts';
import { apiRoutes } from './routes.ts';

/** The document as it is checked in. Making it calls no port: the table is only read. */
export function checkedInDocument() {
  return openApiDocument(apiRoutes({ statutes: [] } as unknown as ApiPorts), apiVersion());
}
