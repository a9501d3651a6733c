import { once } from 'node:events';
import { connect } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { bareOffice, signedIn } from './office.ts';

let office: ReturnType<typeof bareOffice>;
afterEach(() => office?.end());

/** Sends bytes as they are and gives what came back until the other side hung up. */
async function raw(port: number, bytes: string): Promise<string> {
  const socket = connect(port, '127.0.0.1');
  let answer = '';
  socket.on('data', (chunk: Buffer) => {
    answer += chunk.toString('latin1');
  });
  socket.on('error', () => undefined);
  socket.write(bytes);
  await once(socket, 'close');
  return answer;
}

async function listening(): Promise<number> {
  office = bareOffice();
  await office.app.listen({ host: '127.0.0.1', port: 0 });
  const address = office.app.server.address();
  return typeof address === 'object' && address !== null ? address.port : 0;
}

describe('v5.0.0-4.1.1 media types', () => {
  it('every answer names its own; text names its character set, and JSON is UTF-8 by RFC 8259', async () => {
    office = bareOffice();
    const urls = ['/health', '/v1/purposes', '/openapi.json', '/metrics', '/nothing', '/v1/cases'];
    for (const url of urls) {
      const type = String((await office.app.inject({ url })).headers['content-type']);
      expect([url, type]).toEqual([
        url,
        expect.stringMatching(/^(?:application\/(?:problem\+)?json\b|text\/plain; .*charset=utf-8)/),
      ]);
    }
  });
});

describe('v5.0.0-4.1.2 redirects', () => {
  it('there are none, not to HTTPS either', async () => {
    office = bareOffice();
    for (const url of ['/', '/v1', '/v1/purposes/', '/journal', '//elsewhere.example'])
      expect([url, (await office.app.inject({ url })).statusCode]).toEqual([url, 404]);
  });
});

describe('v5.0.0-4.1.3 headers of intermediaries', () => {
  it('say nothing to the office: who calls is the session, wherever it claims to come from', async () => {
    office = bareOffice();
    const headers = {
      'x-forwarded-for': '127.0.0.1',
      'x-real-ip': '127.0.0.1',
      'x-user-id': 'administrator',
      forwarded: 'for=127.0.0.1',
    };
    const answer = await office.app.inject({ method: 'POST', url: '/v1/records/verify', headers });
    expect(answer.statusCode).toBe(401);
    expect(office.reached).toEqual([]);
  });
});

describe('v5.0.0-4.2.1 where a message ends', () => {
  it.each([
    ['both lengths', 'Content-Length: 2\r\nTransfer-Encoding: chunked'],
    ['two lengths', 'Content-Length: 2\r\nContent-Length: 3'],
    ['an unknown coding', 'Transfer-Encoding: xchunked'],
  ])('%s: refused, and what follows is not taken for a request', async (_name, headers) => {
    const port = await listening();
    const first = `POST /v1/cases HTTP/1.1\r\nHost: x\r\nAuthorization: ${signedIn.authorization}\r\nContent-Type: application/json\r\n${headers}\r\n\r\n`;
    const answer = await raw(
      port,
      `${first}0\r\n\r\nGET /health HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`,
    );
    expect(answer).toMatch(/^HTTP\/1\.1 400 /);
    expect(answer).not.toContain('"alive"');
    expect(office.reached).toEqual([]);
  });
});

describe('v5.0.0-13.4.4 TRACE', () => {
  it('is refused and echoes nothing', async () => {
    const port = await listening();
    const answer = await raw(
      port,
      'TRACE /health HTTP/1.1\r\nHost: x\r\nX-Secret: abc\r\nConnection: close\r\n\r\n',
    );
    expect(answer).toMatch(/^HTTP\/1\.1 4\d\d /);
    expect(answer).not.toContain('abc');
  });
});
