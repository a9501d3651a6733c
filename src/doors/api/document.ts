import { apiVersion } from './create-api.ts';
import type { Office } from './office.ts';
import { openApiDocument } from './openapi.ts';
import { apiRoutes } from './routes.ts';

/** The document as it is checked in. Making it calls no port: the table is only read. */
export function checkedInDocument() {
  return openApiDocument(apiRoutes({ statutes: [] } as unknown as Office), apiVersion());
}
