import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { systemClock } from '../clock.ts';
import { systemRandomness } from '../randomness.ts';
import { createAuthority, issueCertificate, trustingFetch } from './index.ts';

let server: Server;
let url: string;
let ca: string;
beforeAll(async () => {
  const authority = await createAuthority(systemClock, systemRandomness());
  const { key, cert } = await issueCertificate(authority, 'witness', ['127.0.0.1']);
  ca = authority.cert;
  server = createServer({ key, cert }, (request, response) => {
    request.pipe(response.writeHead(200, { 'content-type': 'text/plain' }));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => {
  server.close();
  server.closeAllConnections();
});

const signal = () => AbortSignal.timeout(10_000);

describe('a fetch that trusts one authority', () => {
  it('reaches its server and brings the answer back', async () => {
    const answer = await trustingFetch(ca)(`${url}/`, { method: 'POST', body: 'old 0', signal: signal() });
    expect(answer.status).toBe(200);
    expect(answer.headers.get('content-type')).toBe('text/plain');
    expect(await answer.text()).toBe('old 0');
  });

  it('trusts no other authority’s', async () => {
    const other = await createAuthority(systemClock, systemRandomness());
    const asked = trustingFetch(other.cert)(`${url}/`, { method: 'GET', signal: signal() });
    await expect(asked).rejects.toThrow();
  });

  it('looks at the host’s name as ever', async () => {
    const named = url.replace('127.0.0.1', 'localhost');
    await expect(trustingFetch(ca)(`${named}/`, { method: 'GET', signal: signal() })).rejects.toThrow();
  });
});
