import { createReadStream, globSync, statSync } from 'node:fs';
import { extname, join, sep } from 'node:path';
import type { FastifyInstance } from 'fastify';
import { SekishoError } from '../../ground/errors.ts';
import type { BrowserDoor, SiteOptions } from './browser-door.ts';

/** What the pages are held to: nothing inline, nothing from elsewhere, in nobody's frame. */
export const pagePolicy =
  "default-src 'none'; script-src 'self'; style-src 'self'; font-src 'self'; img-src 'self' data:; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

const types: Readonly<Record<string, string>> = {
  '.css': 'text/css; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.woff2': 'font/woff2',
};

/** Addresses of the pages' screens: what the router of each site knows. */
export const screens = {
  desk: ['/', '/enrol', '/cases/:id', '/imports', '/grants', '/contests', '/journal', '/people'],
  portal: ['/', '/enrol', '/looked', '/contests', '/lock', '/marks'],
} as const;

/**
 * The built pages of a site. The files are listed at the start: an address that is none of theirs is looked up nowhere, however it
 * is written.
 * @throws config-invalid where the pages have not been built
 */
export function servePages(
  app: FastifyInstance,
  door: BrowserDoor,
  { pages }: SiteOptions,
  addresses: readonly string[],
): void {
  const files = new Map(
    globSync('**/*', { cwd: pages })
      .filter((path) => Object.hasOwn(types, extname(path)) && statSync(join(pages, path)).isFile())
      .map((path) => [`/${path.split(sep).join('/')}`, join(pages, path)]),
  );
  const index = files.get('/index.html');
  if (index === undefined)
    throw new SekishoError('config-invalid', { key: 'site.pages', reason: 'not-built' });
  files.delete('/index.html');
  for (const url of addresses)
    app.get(url, async (request, reply) => {
      if (!door.isSite(request)) throw new SekishoError('not-found', { what: 'route' });
      reply
        .type(types['.html']!)
        .header('content-security-policy', pagePolicy)
        // What it names has its digest in its name; the page itself is asked for each time.
        .header('cache-control', 'no-cache');
      return reply.send(createReadStream(index));
    });
  app.get('/assets/*', async (request, reply) => {
    const file = files.get(request.url.split('?', 1)[0]!);
    if (file === undefined || !door.isSite(request)) throw new SekishoError('not-found', { what: 'route' });
    reply.type(types[extname(file)]!).header('cache-control', 'public, max-age=31536000, immutable');
    return reply.send(createReadStream(file));
  });
}
