import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { SiteName } from '../core/gate/index.ts';

/** Where `npm run pages` puts a site, in a clone and in the packed package alike. */
export function pagesOf(site: SiteName): string {
  return fileURLToPath(new URL(`../../dist/web/${site}`, import.meta.url));
}

export const pagesAreBuilt = (): boolean =>
  (['desk', 'portal'] as const).every((site) => existsSync(join(pagesOf(site), 'index.html')));
