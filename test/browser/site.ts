import { createReadStream, existsSync, statSync } from 'node:fs';
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join, normalize } from 'node:path';
import { pagePolicy } from '../../src/doors/api/index.ts';
import type { Site } from '../../src/doors/web/index.ts';

const types: Record<string, string> = {
  '.css': 'text/css',
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.svg': 'image/svg+xml',
  '.woff2': 'font/woff2',
};

/** What a call of the API is answered with, by `POST /v1/…`; undefined: nobody is signed in. */
export type Answers = (call: string, body: unknown) => unknown;

async function jsonOf(request: AsyncIterable<Buffer>): Promise<unknown> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part);
  return parts.length === 0 ? undefined : JSON.parse(Buffer.concat(parts).toString());
}

/** A built site as its process will serve it. Nobody is signed in, and every call of the API refused, unless `answers` says otherwise. */
export async function serveSite(
  site: Site,
  answers: Answers = () => undefined,
): Promise<{ origin: string; server: Server }> {
  const folder = join(import.meta.dirname, '../../dist/web', site);
  const answer = async (call: string, request: AsyncIterable<Buffer>, response: ServerResponse) => {
    const found = await answers(call, await jsonOf(request));
    const problem = { status: 401, kind: 'session-invalid', title: '', detail: '' };
    const type = found === undefined ? 'application/problem+json' : 'application/json';
    response.writeHead(found === undefined ? 401 : 200, {
      'content-type': type,
      'cache-control': 'no-store',
    });
    response.end(JSON.stringify(found ?? problem));
  };
  const server = createServer((request, response) => {
    const path = normalize(new URL(request.url ?? '/', 'http://x').pathname);
    response.setHeader('content-security-policy', pagePolicy);
    if (path.startsWith('/v1/') || path.startsWith('/journal/')) {
      void answer(`${request.method} ${path}`, request, response);
      return;
    }
    const asked = join(folder, path);
    const file = existsSync(asked) && statSync(asked).isFile() ? asked : join(folder, 'index.html');
    response.writeHead(200, { 'content-type': types[extname(file)] ?? 'application/octet-stream' });
    createReadStream(file).pipe(response);
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  return { origin: `http://${site}.localhost:${(server.address() as AddressInfo).port}`, server };
}
