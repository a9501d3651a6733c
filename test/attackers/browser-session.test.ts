import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readStatuteTable } from '../../src/core/gate/index.ts';
import { SoftAuthenticator } from '../../src/core/gate/staging/soft-authenticator.fixture.ts';
import { createApi, createPortalSite, type RegisterDesk } from '../../src/doors/api/index.ts';
import { silentLog } from '../../src/ground/log.ts';
import { matsumoto, TestHouse } from '../house.ts';
import { SoftBrowser } from '../soft-browser.fixture.ts';

/**
 * The attacker is a page that somebody has open beside the desk, a stranger on the network, or whoever has got hold of a cookie.
 * Real requests to real listeners, the real gate behind them.
 */

const sites = { desk: 'http://desk.localhost:8610', portal: 'http://portal.localhost:8611' };
const pages = (site: string) => join(import.meta.dirname, '../../dist/web', site);
let house: TestHouse;
let ports: { desk: number; portal: number };
const close: (() => Promise<unknown>)[] = [];
beforeAll(async () => {
  house = await TestHouse.start({ budgets: 'unlimited', gate: { sites, signInLinks: true } });
  await house.importTown(5);
  const uploads = join(house.folder, 'uploads');
  mkdirSync(uploads);
  const desk = createApi({
    ...{ gate: house.gate, clock: house.clock, randomness: house.randomness, log: silentLog },
    registers: new Map([[matsumoto, { service: house.service(), store: house.store } as RegisterDesk]]),
    ...{ journalFolder: join(house.folder, 'journal'), uploadFolder: uploads },
    statutes: readStatuteTable().statutes,
    ready: async () => {},
    site: { origin: sites.desk, pages: pages('desk') },
  });
  const portal = createPortalSite({
    ...{ gate: house.gate, log: silentLog, site: { origin: sites.portal, pages: pages('portal') } },
    keys: [],
  });
  const listen = async (app: typeof desk) =>
    Number(new URL(await app.listen({ host: '127.0.0.1', port: 0 })).port);
  ports = { desk: await listen(desk), portal: await listen(portal) };
  close.push(
    () => desk.close(),
    () => portal.close(),
  );
}, 120_000);
afterAll(async () => {
  for (const each of close) await each();
  await house?.[Symbol.asyncDispose]();
});

const session = '__Host-sekisho-session';
const terminal = '__Host-sekisho-terminal';
const browser = (site: 'desk' | 'portal') => new SoftBrowser(sites[site], ports[site]);
const linkOf = async (role: 'clerk' | 'administrator' | 'supervisor') => {
  const staff = `${role}@${matsumoto}`;
  const { url } = await house.gate.issueSignInLink({
    municipality: matsumoto,
    staff,
    terminal: `${role}-${matsumoto}`,
  });
  return new URL(url).pathname;
};
/** A browser in which somebody has signed in. */
const signedIn = async (role: 'clerk' | 'administrator' | 'supervisor' = 'clerk') => {
  const one = browser('desk');
  expect((await one.open(await linkOf(role))).status).toBe(303);
  return one;
};
const person = async () => (await house.persons())[0]!;
const resident = async () => {
  const { url } = await house.gate.issueSignInLink({ municipality: matsumoto, person: await person() });
  const one = browser('portal');
  expect((await one.open(new URL(url).pathname)).status).toBe(303);
  return one;
};
/** A passkey of a member, made through the pages' own calls. */
const enrolled = async (one: SoftBrowser, staff: string, device = new SoftAuthenticator(sites.desk)) => {
  const admin = await signedIn('administrator');
  const { json: invited } = await admin.post(`/v1/staff/${staff}/invitation`);
  const { json } = await one.post('/v1/passkeys/options', { for: 'enrol', invitation: invited.code });
  const response = device.make(json.options);
  return { device, answer: await one.post('/v1/passkeys/enrol', { invitation: invited.code, response }) };
};
const aCase = { purpose: 'residence-certificate', note: 'x' };

describe('signing in with a browser', () => {
  it('a link makes it a terminal and signs in, once; cookies are for this host, this site and no script', async () => {
    const link = await linkOf('clerk');
    const one = browser('desk');
    const answer = await one.open(link);
    expect([answer.status, answer.headers.location]).toEqual([303, '/']);
    expect(answer.headers['set-cookie']).toHaveLength(2);
    for (const line of answer.headers['set-cookie']!)
      expect(line).toMatch(
        /^__Host-[a-z-]+=[\w-]{43}; (?:Max-Age=\d+; )?Path=\/; Secure; HttpOnly; SameSite=Strict$/,
      );
    const { status, json } = await one.send('/v1/session');
    expect([status, json.staff, json.terminal]).toEqual([200, `clerk@${matsumoto}`, `clerk-${matsumoto}`]);
    expect(JSON.stringify(json)).not.toContain(one.cookies.get(session));
    expect((await browser('desk').open(link)).status).toBe(401);
  });

  it('a passkey enrolled on it signs in from then on, with a new session each time, and steps up', async () => {
    const one = await signedIn('supervisor');
    const before = one.cookies.get(session)!;
    const { device, answer } = await enrolled(one, `supervisor@${matsumoto}`);
    expect([answer.status, answer.json.signedIn.role]).toEqual([201, 'supervisor']);
    expect(answer.text).not.toContain(one.cookies.get(session));
    expect(one.cookies.get(session)).not.toBe(before);
    const options = await one.post('/v1/passkeys/options', { for: 'step-up' });
    const up = await one.post('/v1/passkeys/step-up', { response: device.answer(options.json.options) });
    expect([up.status, up.json.freshUntil]).toEqual([200, house.clock.now() + 300_000]);
    const asked = await one.post('/v1/passkeys/options', { for: 'sign-in' });
    const signed = await one.post('/v1/passkeys/sign-in', { response: device.answer(asked.json.options) });
    expect(signed.status).toBe(200);
    expect((await one.send('/v1/session')).json.role).toBe('supervisor');
    expect((await one.post('/v1/sign-out')).status).toBe(200);
    expect(one.cookies.has(session)).toBe(false);
    expect(one.cookies.has(terminal)).toBe(true);
    expect((await one.send('/v1/session')).status).toBe(401);
  });

  it('a resident likewise at the portal', async () => {
    const one = await resident();
    expect(Object.keys((await one.send('/v1/session')).json)).toEqual([
      'municipality',
      'idleAt',
      'expiresAt',
    ]);
    expect((await one.send('/v1/keys')).json).toEqual({ journals: [] });
    const { session: desk, caseId } = await house.openCase('portal-binding');
    const { code } = await house.gate.inviteResident({ session: desk, caseId, person: await person() });
    const options = await one.post('/v1/passkeys/options', { for: 'enrol', invitation: code });
    const device = new SoftAuthenticator(sites.portal);
    const made = device.make(options.json.options);
    expect((await one.post('/v1/passkeys/enrol', { invitation: code, response: made })).status).toBe(201);
    const asked = await one.post('/v1/passkeys/options', { for: 'sign-in' });
    const signed = await one.post('/v1/passkeys/sign-in', { response: device.answer(asked.json.options) });
    expect(signed.status).toBe(200);
    expect((await one.post('/v1/sign-out')).status).toBe(200);
    expect((await one.send('/v1/session')).status).toBe(401);
  });
});

describe('a session that somebody else chose or took', () => {
  it('a cookie planted before signing in is not the session afterwards, and opens nothing', async () => {
    const one = browser('desk');
    const planted = Buffer.alloc(32, 7).toString('base64url');
    one.cookies.set(session, planted);
    await one.open(await linkOf('clerk'));
    expect(one.cookies.get(session)).not.toBe(planted);
    const thief = browser('desk');
    thief.cookies.set(session, planted);
    expect((await thief.send('/v1/session')).status).toBe(401);
  });
  it('what a browser held before it signed in again is over', async () => {
    const one = await signedIn('supervisor');
    const old = one.cookies.get(session)!;
    await enrolled(one, `supervisor@${matsumoto}`);
    const thief = browser('desk');
    thief.cookies.set(session, old);
    expect((await thief.send('/v1/session')).status).toBe(401);
  });
  it('sent twice, a cookie is none: one of the two is somebody else’s', async () => {
    const one = await signedIn();
    const cookie = `${one.cookieHeader}; ${session}=${Buffer.alloc(32, 7).toString('base64url')}`;
    expect((await one.send('/v1/session', { headers: { cookie } })).status).toBe(401);
  });
  it.each(['', 'x', '../../etc', 'a'.repeat(44), `${'a'.repeat(42)}\u00e9`, '"quoted"'])(
    '%j is none',
    async (value) => {
      const one = browser('desk');
      const cookie = Buffer.from(`${session}=${value}`).toString('latin1');
      expect((await one.send('/v1/session', { headers: { cookie } })).status).toBe(401);
    },
  );
  it('a resident’s session at the desk, a member’s at the portal, and a cookie as a bearer: a session is where it was made', async () => {
    const [member, own] = [await signedIn(), await resident()];
    const [atDesk, atPortal] = [browser('desk'), browser('portal')];
    atDesk.cookies.set(session, own.cookies.get(session)!);
    atPortal.cookies.set(session, member.cookies.get(session)!);
    expect((await atDesk.send('/v1/session')).status).toBe(401);
    expect((await atDesk.post('/v1/cases', aCase)).status).toBe(401);
    expect((await atPortal.send('/v1/session')).status).toBe(401);
    const bearer = { authorization: `Bearer ${own.cookies.get(session)}` };
    expect((await browser('desk').post('/v1/cases', aCase, { headers: bearer })).status).toBe(401);
  });
  it('at another name of the office a cookie is nothing, and there is no page', async () => {
    const one = await signedIn();
    for (const host of ['127.0.0.1:8610', 'localhost:8610']) {
      expect((await one.send('/v1/session', { headers: { host } })).status).toBe(401);
      expect((await one.send('/', { headers: { host } })).status).toBe(404);
    }
  });
  it('signing in without a terminal’s secret is refused', async () => {
    const { device } = await enrolled(await signedIn('clerk'), `clerk@${matsumoto}`);
    const one = browser('desk');
    const asked = await one.post('/v1/passkeys/options', { for: 'sign-in' });
    const signed = await one.post('/v1/passkeys/sign-in', { response: device.answer(asked.json.options) });
    expect([signed.status, signed.json.kind, signed.json.facts]).toEqual([401, 'sign-in-failed', {}]);
    expect(one.cookies.size).toBe(0);
  });
});

describe('another page makes a browser ask', () => {
  let one: SoftBrowser;
  beforeAll(async () => {
    one = await signedIn();
  });
  const cases = async () => (await house.lines()).filter(({ kind }) => kind === 'case.opened').length;
  it.each<[string, Record<string, string | undefined>]>([
    ['from another site', { origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' }],
    [
      'from another name of this machine',
      { origin: 'http://evil.localhost:8610', 'sec-fetch-site': 'same-site' },
    ],
    ['from the portal', { origin: sites.portal, 'sec-fetch-site': 'same-site' }],
    ['from the portal, in an old browser', { origin: sites.portal, 'sec-fetch-site': undefined }],
    ['from another port', { origin: 'http://desk.localhost:9999', 'sec-fetch-site': 'same-site' }],
    ['from nowhere, as a sandboxed frame does', { origin: 'null' }],
    ['saying only where it does not come from', { 'sec-fetch-site': 'cross-site' }],
    ['without saying where from', { origin: undefined, 'sec-fetch-site': undefined }],
    ['without our header, as a form does', { 'x-sekisho-request': undefined }],
    ['with another value of it', { 'x-sekisho-request': '2' }],
    ['over https, which we are not', { origin: 'https://desk.localhost:8610' }],
  ])('%s: nothing is done', async (_, headers) => {
    const before = await cases();
    const answer = await one.post('/v1/cases', aCase, { headers });
    expect([answer.status, answer.json.kind]).toEqual([400, 'bad-input']);
    expect(await cases()).toBe(before);
    expect((await one.post('/v1/cases', aCase)).status).toBe(201);
  });
  it.each(['/%761/cases', '/v%31/cases', '/%76%31/cases'])(
    'the same at %s, which is the same',
    async (path) => {
      const headers = {
        ...{ origin: sites.portal, 'sec-fetch-site': 'same-site', 'x-sekisho-request': undefined },
      };
      const before = await cases();
      const answer = await one.post(path, aCase, { headers });
      expect([answer.status, answer.json.kind]).toEqual([400, 'bad-input']);
      expect(await cases()).toBe(before);
      expect((await one.send(path, { headers: { 'sec-fetch-site': 'cross-site' } })).status).toBe(400);
    },
  );
  it('a form’s own media types are refused even with the header', async () => {
    for (const type of [
      'text/plain',
      'application/x-www-form-urlencoded',
      'multipart/form-data; boundary=x',
    ]) {
      const answer = await one.send('/v1/cases', {
        ...{ method: 'POST', raw: JSON.stringify(aCase) },
        headers: { 'content-type': type },
      });
      expect([type, answer.status >= 400]).toEqual([type, true]);
    }
  });
  it('nobody is signed in unawares: not by a page’s request, nor by a link on one, nor ahead of need', async () => {
    const link = await linkOf('clerk');
    const victim = browser('desk');
    for (const headers of [
      { 'sec-fetch-site': 'cross-site' },
      { 'sec-fetch-site': 'same-site' },
      { 'sec-fetch-mode': 'no-cors', 'sec-fetch-dest': 'image' },
      { 'sec-fetch-dest': 'iframe' },
      { 'sec-purpose': 'prefetch' },
      { 'sec-fetch-site': undefined, 'sec-fetch-mode': undefined, 'sec-fetch-dest': undefined },
    ])
      expect((await victim.open(link, headers)).status).toBe(400);
    expect((await victim.send(link, { method: 'HEAD' })).status).toBe(404);
    expect(victim.cookies.size).toBe(0);
    const asked = { 'sec-fetch-site': 'cross-site', origin: 'https://evil.example' };
    const foreign = await victim.post('/v1/passkeys/sign-in', { response: {} }, { headers: asked });
    expect([foreign.status, foreign.json.facts.reason]).toEqual([400, 'cross-site']);
    expect((await victim.open(link)).status).toBe(303);
  });
  it('no other origin is allowed to read, and none is told that it may ask', async () => {
    const origin = { origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' };
    for (const path of ['/v1/session', '/v1/purposes', '/'])
      expect((await one.send(path, { headers: origin })).headers).not.toHaveProperty(
        'access-control-allow-origin',
      );
    const preflight = await one.send('/v1/cases', {
      method: 'OPTIONS',
      headers: { ...origin, 'access-control-request-method': 'POST' },
    });
    expect(preflight.status).toBeGreaterThanOrEqual(400);
    expect(preflight.headers).not.toHaveProperty('access-control-allow-methods');
  });
});

describe('a host that is none of ours', () => {
  it.each([
    'evil.example',
    'evil.example:8610',
    'desk.localhost.evil.example:8610',
    'desk.localhost:1',
    'x@desk.localhost:8610',
  ])('%j is refused before anything else', async (host) => {
    for (const site of ['desk', 'portal'] as const) {
      const answer = await browser(site).send('/', { headers: { host } });
      expect(answer.status).toBe(400);
      expect(answer.text).not.toContain('<script');
    }
  });
  it('nor does a forwarded name make one', async () => {
    const one = browser('desk');
    const headers = {
      host: '127.0.0.1:8610',
      'x-forwarded-host': 'desk.localhost:8610',
      forwarded: 'host=desk.localhost:8610',
    };
    expect((await one.send('/', { headers })).status).toBe(404);
  });
});

describe('the pages', () => {
  const addresses = {
    desk: [
      '/',
      '/enrol',
      '/cases/01890000-0000-7000-8000-000000000001',
      '/imports',
      '/grants',
      '/contests',
      '/journal',
      '/people',
    ],
    portal: ['/', '/enrol', '/looked', '/contests', '/lock', '/marks'],
  };
  it.each(['desk', 'portal'] as const)(
    'of the %s come in nobody’s frame, under the strict policy, and are asked for anew',
    async (site) => {
      for (const path of addresses[site]) {
        const { status, headers, text } = await browser(site).open(path);
        expect([path, status, headers['content-type']]).toEqual([path, 200, 'text/html; charset=utf-8']);
        expect(text).toContain('<div id="root">');
        expect(headers).toMatchObject({
          'x-frame-options': 'DENY',
          'x-content-type-options': 'nosniff',
          'referrer-policy': 'no-referrer',
          'cross-origin-opener-policy': 'same-origin',
          'cross-origin-resource-policy': 'same-origin',
          'cache-control': 'no-cache',
        });
        const policy = String(headers['content-security-policy']);
        for (const part of [
          "default-src 'none'",
          "script-src 'self'",
          "style-src 'self'",
          "frame-ancestors 'none'",
          "base-uri 'none'",
        ])
          expect(policy).toContain(part);
        expect(policy).not.toMatch(/unsafe|\*|https?:/);
        expect(headers).not.toHaveProperty('set-cookie');
      }
    },
  );
  it('their scripts and fonts are served, as what they are and for ever; what is no file of theirs is not', async () => {
    const { text } = await browser('desk').open('/');
    const scripts = [...text.matchAll(/(?:src|href)="(\/assets\/[^"]+)"/g)].map(([, path]) => path!);
    expect(scripts.length).toBeGreaterThan(1);
    for (const path of scripts) {
      const { status, headers } = await browser('desk').send(path);
      expect([status, headers['cache-control']]).toEqual([200, 'public, max-age=31536000, immutable']);
      expect(headers['content-type']).toMatch(/^(?:text\/javascript|text\/css|image\/svg)/);
    }
    for (const path of [
      '/desk.built.json',
      '/../desk.built.json',
      '/assets/../../desk.built.json',
      '/assets/..%2f..%2fdesk.built.json',
      '/assets/%2e%2e/%2e%2e/portal/index.html',
      '/assets/',
      '/assets/nothing.js',
      '/index.html',
      '/src/doors/web/desk/main.tsx',
      '/assets/..\\..\\desk.built.json',
      '/cases/a/b',
      '/journal/202029/payload/000',
    ]) {
      const { status, text: shown } = await browser('desk').send(path);
      expect([path, status >= 400]).toEqual([path, true]);
      expect(shown).not.toContain('digest');
    }
  });
  it('the journal’s files stay where they were, for anybody', async () => {
    await house.journal().flush();
    const { status, headers } = await browser('desk').send(`/journal/${matsumoto}/checkpoint`);
    expect([status, headers['access-control-allow-origin']]).toEqual([200, '*']);
  });
});

describe('ten thousand sign-in tries', { timeout: 120_000 }, () => {
  it('with passkeys of nobody get nowhere, fill no journal, and keep nobody out', async () => {
    const one = await signedIn('supervisor');
    const { device } = await enrolled(one, `supervisor@${matsumoto}`);
    const stranger = browser('desk');
    const options = async () =>
      (await stranger.post('/v1/passkeys/options', { for: 'sign-in' })).json.options;
    const asked = await options();
    const nobodys = Array.from({ length: 10 }, () => new SoftAuthenticator(sites.desk).answer(asked));
    const stolen = { ...device.answer(await options()), id: nobodys[0]!.id, rawId: nobodys[0]!.id };
    const before = house.journal().head().size;
    const statuses = new Map<number, number>();
    for (let i = 0; i < 100; i++) {
      const batch = Array.from({ length: 100 }, async (_, j) => {
        const response = j === 0 ? stolen : nobodys[j % nobodys.length];
        const { status } = await stranger.post('/v1/passkeys/sign-in', { response });
        statuses.set(status, (statuses.get(status) ?? 0) + 1);
      });
      await Promise.all(batch);
    }
    expect([...statuses]).toEqual([[401, 10_000]]);
    // Of strangers, so many a minute; the clock stands.
    expect(house.journal().head().size - before).toBeLessThanOrEqual(60);
    const response = device.answer(await options());
    expect((await one.post('/v1/passkeys/sign-in', { response })).status).toBe(200);
  });
});

describe('requests that are no honest ones', () => {
  it('too large are refused, at desk and portal, before a body is read to its end', async () => {
    const one = await signedIn();
    const big = await one.post('/v1/passkeys/options', { for: 'enrol', invitation: 'x'.repeat(400_000) });
    expect([big.status, big.json.kind]).toEqual([413, 'too-large']);
    const atPortal = await browser('portal').post('/v1/passkeys/options', {
      for: 'enrol',
      invitation: 'x'.repeat(80_000),
    });
    expect(atPortal.status).toBe(413);
    const long = await one.post('/v1/passkeys/options', { for: 'enrol', invitation: 'x'.repeat(101) });
    expect(long.json.kind).toBe('bad-input');
  });
  it('no answer takes a header from what came in', async () => {
    const one = await signedIn();
    for (const path of [
      '/enter/x%0d%0aset-cookie:%20a=b',
      '/cases/x%0d%0aset-cookie:%20a=b',
      '/enter/%E2%80%A8',
    ]) {
      const { headers } = await one.open(path);
      expect(headers).not.toHaveProperty('set-cookie');
      expect(headers.location).toBeUndefined();
    }
    const { headers } = await one.post('/v1/passkeys/options', {
      for: 'enrol',
      invitation: 'a\r\nset-cookie: a=b',
    });
    expect(headers).not.toHaveProperty('set-cookie');
  });
  it.each([
    ['nothing', {}],
    ['an array', []],
    ['another type', { for: 'sign-in', more: 1 }],
    ['a prototype', JSON.parse('{"for":"enrol","invitation":{"__proto__":null}}')],
  ])('options for %s are refused', async (_, body) => {
    for (const site of ['desk', 'portal'] as const)
      expect((await browser(site).post('/v1/passkeys/options', body)).status).toBe(400);
  });
  it('garbage for a passkey’s answer is refused, whatever its place', async () => {
    for (const site of ['desk', 'portal'] as const) {
      const one = browser(site);
      const device = new SoftAuthenticator(sites[site]);
      const asked = await one.post('/v1/passkeys/options', { for: 'sign-in' });
      const good = device.answer(asked.json.options);
      for (const junk of ['', '\0', 'x', '!!!', 'A'.repeat(3_999), 7, null, {}, []]) {
        for (const field of ['id', 'rawId', 'type'] as const) {
          const { status } = await one.post('/v1/passkeys/sign-in', { response: { ...good, [field]: junk } });
          expect([400, 401]).toContain(status);
        }
        for (const field of Object.keys(good.response)) {
          const response = { ...good, response: { ...good.response, [field]: junk } };
          expect([400, 401]).toContain((await one.post('/v1/passkeys/sign-in', { response })).status);
        }
      }
    }
  });
  it('an origin that a phishing page has signed for is refused', async () => {
    const one = await signedIn('supervisor');
    const { device } = await enrolled(one, `supervisor@${matsumoto}`);
    for (const forged of [
      { origin: 'http://desk.localhost.evil.example' },
      { rpId: 'localhost' },
      { unverified: true },
    ]) {
      const asked = await one.post('/v1/passkeys/options', { for: 'sign-in' });
      const response = device.answer(asked.json.options, forged);
      expect((await one.post('/v1/passkeys/sign-in', { response })).status).toBe(401);
    }
    const asked = await one.post('/v1/passkeys/options', { for: 'sign-in' });
    const response = device.answer(asked.json.options);
    expect((await one.post('/v1/passkeys/sign-in', { response })).status).toBe(200);
    expect((await one.post('/v1/passkeys/sign-in', { response })).status).toBe(401);
  });
});
