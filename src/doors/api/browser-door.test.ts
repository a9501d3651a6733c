import fastify, { type FastifyInstance } from 'fastify';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { BrowserDoor } from './browser-door.ts';
import { cookieOf, droppedSession, keptSession, keptTerminal, sessionCookie } from './cookies.ts';

const origin = 'https://desk.town.example';
const value = Buffer.alloc(32, 5).toString('base64url');

describe('a cookie of ours', () => {
  it.each<[string | undefined, string | undefined]>([
    [`${sessionCookie}=${value}`, value],
    [`a=b; ${sessionCookie}=${value}; c=d`, value],
    [`a=b;${sessionCookie}=${value}`, value],
    [undefined, undefined],
    ['', undefined],
    [`${sessionCookie}`, undefined],
    [`${sessionCookie}=`, undefined],
    [`${sessionCookie}=${value.slice(1)}`, undefined],
    [`${sessionCookie}=${value}=`, undefined],
    [`${sessionCookie}="${value}"`, undefined],
    [`${sessionCookie}=${value}; ${sessionCookie}=${value}`, undefined],
    [`x${sessionCookie}=${value}`, undefined],
    [`sekisho-session=${value}`, undefined],
    [`${'a=b; '.repeat(3_000)}${sessionCookie}=${value}`, undefined],
  ])('of %j is %j', (header, expected) => {
    expect(cookieOf(header, sessionCookie)).toBe(expected);
  });

  it('is set for this host, all its paths, and no script; the session for as long as the browser is open', () => {
    for (const line of [keptSession(value), droppedSession, keptTerminal(value)])
      expect(line).toMatch(/^__Host-.*; Path=\/; Secure; HttpOnly; SameSite=Strict$/);
    expect(keptSession(value)).not.toMatch(/Max-Age|Expires|Domain/);
    expect(droppedSession).toContain('=; Max-Age=0;');
    expect(keptTerminal(value)).toMatch(/; Max-Age=\d+;/);
  });
});

describe('the door of a site behind TLS', () => {
  let app: FastifyInstance;
  const door = new BrowserDoor(origin);
  beforeAll(async () => {
    app = fastify();
    app.setErrorHandler((error, _request, reply) => reply.code(400).send({ said: String(error) }));
    door.guard(app);
    app.all('/v1/act', async (request, reply) => {
      const place = door.place(request, reply);
      return { session: place?.session ?? null, browser: place !== undefined };
    });
    door.serveEntrance(app, async (code, browser) => browser.keepTerminal(code));
    await app.ready();
  });
  afterAll(() => app.close());
  const own = {
    host: 'desk.town.example',
    origin,
    'sec-fetch-site': 'same-origin',
    'x-sekisho-request': '1',
  };
  const post = (headers: Record<string, string>) =>
    app.inject({ method: 'POST', url: '/v1/act', headers, payload: {} });

  it('tells browsers to come by TLS alone, at its own name and no other', async () => {
    const hsts = async (host: string) =>
      (await app.inject({ url: '/v1/act', headers: { host } })).headers['strict-transport-security'];
    expect(await hsts('desk.town.example')).toBe('max-age=63072000');
    expect(await hsts('DESK.town.example')).toBe('max-age=63072000');
    expect(await hsts('127.0.0.1:8610')).toBeUndefined();
  });

  it('lets its own pages in, old browsers and new', async () => {
    const cookie = `${sessionCookie}=${value}`;
    expect((await post({ ...own, cookie })).json()).toEqual({ session: value, browser: true });
    const { 'sec-fetch-site': _, ...old } = own;
    expect((await post({ ...old, cookie })).json()).toEqual({ session: value, browser: true });
    const { origin: __, ...newer } = own;
    expect((await post({ ...newer, cookie })).json()).toEqual({ session: value, browser: true });
  });

  it('at another name of the process, or with a bearer, a request is no browser’s', async () => {
    const cookie = `${sessionCookie}=${value}`;
    for (const headers of [
      { host: '127.0.0.1:8610', cookie },
      { host: 'localhost', cookie },
      { host: '[::1]:8610', cookie },
      { host: 'desk.town.example', authorization: 'Bearer x', cookie },
    ] as Record<string, string>[])
      expect((await post(headers)).json()).toEqual({ session: null, browser: false });
  });

  it.each([
    'town.example',
    'desk.town.example.',
    'desk.town.example:443',
    'portal.town.example',
    '127.0.0.1.evil.example',
    'a b',
  ])('at %j nobody is let in', async (host) => {
    expect((await post({ ...own, host })).statusCode).toBe(400);
  });

  it('an entrance is a person’s to open, at the site', async () => {
    const opened = { 'sec-fetch-site': 'none', 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document' };
    const open = (headers: Record<string, string>) => app.inject({ url: `/enter/${value}`, headers });
    const good = await open({ host: 'desk.town.example', ...opened });
    expect([good.statusCode, good.headers.location]).toEqual([303, '/']);
    expect(good.headers['set-cookie']).toContain('__Host-sekisho-terminal=');
    for (const headers of [
      { host: '127.0.0.1', ...opened },
      { host: 'desk.town.example', ...opened, 'sec-fetch-site': 'cross-site' },
      { host: 'desk.town.example', ...opened, 'sec-fetch-dest': 'iframe' },
      { host: 'desk.town.example' },
    ])
      expect((await open(headers)).headers['set-cookie']).toBeUndefined();
  });
});
