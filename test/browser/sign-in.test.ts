import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type Browser, type BrowserContext, type BrowserServer, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { House } from '../../src/processes/index.ts';
import { RunningHouse } from '../faults/running-house.ts';
import { startChromium } from './chromium.ts';

// The whole house as `npm start` runs it, and people with a real browser and a passkey of software.

let running: RunningHouse;
let house: House;
let process: BrowserServer;
let browser: Browser;
beforeAll(async () => {
  running = await RunningHouse.start('202029' as never);
  ({ house } = running);
  await running.importTown(3);
  process = await startChromium();
  browser = await chromium.connect(process.wsEndpoint());
}, 240_000);
afterAll(async () => {
  await browser?.close();
  await process?.close();
  await running?.end();
}, 60_000);

/** A browser of its own, with an authenticator in it that its holder has just unlocked. */
async function person(): Promise<{ context: BrowserContext; page: Page; faults: string[] }> {
  const context = await browser.newContext({ locale: 'en' });
  const page = await context.newPage();
  const faults: string[] = [];
  page.on('console', (message) => {
    if (/Content.Security.Policy|Refused to/i.test(message.text())) faults.push(message.text());
  });
  const devtools = await context.newCDPSession(page);
  await devtools.send('WebAuthn.enable');
  await devtools.send('WebAuthn.addVirtualAuthenticator', {
    options: {
      ...{ protocol: 'ctap2', transport: 'internal', automaticPresenceSimulation: true },
      ...{ hasResidentKey: true, hasUserVerification: true, isUserVerified: true },
    },
  });
  return { context, page, faults };
}
const linkOf = async (name: string) => (await house.signInLinks()).find((link) => link.name === name)!.url;
/** What the page's own session says, asked as the page asks. */
const session = (page: Page) =>
  page.evaluate(async () => {
    const answer = await fetch('/v1/session', { headers: { 'x-sekisho-request': '1' } });
    return { status: answer.status, ...(await answer.json()) };
  });
const call = (page: Page, path: string, body: unknown = {}) =>
  page.evaluate(
    async ([at, sent]) => {
      const answer = await fetch(at as string, {
        method: 'POST',
        headers: { 'x-sekisho-request': '1', 'content-type': 'application/json' },
        body: JSON.stringify(sent),
      });
      return { status: answer.status, ...(await answer.json()) };
    },
    [path, body] as const,
  );

describe('the desk', () => {
  it('a link signs in once and leaves cookies that no script reads', async () => {
    const { context, page } = await person();
    const link = await linkOf('clerk');
    await page.goto(link);
    await page.getByRole('heading', { level: 1 }).waitFor();
    expect(new URL(page.url()).pathname).toBe('/');
    expect(await session(page)).toMatchObject({ status: 200, staff: 'demo-clerk', terminal: 'desk-1' });
    const cookies = await context.cookies();
    expect(cookies.map(({ name }) => name).sort()).toEqual([
      '__Host-sekisho-session',
      '__Host-sekisho-terminal',
    ]);
    for (const cookie of cookies)
      expect(cookie).toMatchObject({ httpOnly: true, secure: true, sameSite: 'Strict', path: '/' });
    expect(await page.evaluate(() => document.cookie)).toBe('');
    const other = await person();
    expect((await other.page.goto(link))!.status()).toBe(401);
    await context.close();
    await other.context.close();
  });

  it('a supervisor makes a passkey with an administrator’s code, signs out, and in again', async () => {
    const admin = await person();
    await admin.page.goto(await linkOf('administrator'));
    await admin.page.getByRole('heading', { level: 1 }).waitFor();
    const invited = await call(admin.page, '/v1/staff/demo-supervisor/invitation');
    expect(invited.status).toBe(201);
    const { context, page, faults } = await person();
    await page.goto(await linkOf('supervisor'));
    await page.getByRole('heading', { level: 1 }).waitFor();
    expect((await call(page, '/v1/sign-out')).status).toBe(200);
    await page.goto(invited.url);
    await page.getByRole('button', { name: /passkey/i }).click();
    await expect
      .poll(() => session(page), { timeout: 15_000 })
      .toMatchObject({ status: 200, staff: 'demo-supervisor' });
    // The code went from the address, too.
    await expect.poll(() => new URL(page.url()).hash).toBe('');
    await page.getByRole('button', { name: /sign out/i }).click();
    await expect.poll(async () => (await session(page)).status).toBe(401);
    await page.goto(house.sites!.desk);
    await page.getByRole('button', { name: /passkey/i }).click();
    await expect
      .poll(() => session(page), { timeout: 15_000 })
      .toMatchObject({ status: 200, terminal: 'desk-3' });
    expect(faults).toEqual([]);
    await context.close();
    await admin.context.close();
  });
});

describe('the portal', () => {
  it('a resident comes by a link of his own, and the desk knows nothing of it', async () => {
    const { context, page, faults } = await person();
    await page.goto(await linkOf('resident'));
    await page.getByRole('heading', { level: 1 }).waitFor();
    expect(await session(page)).toMatchObject({ status: 200, municipality: '202029' });
    const { journals } = await page.evaluate(async () => (await fetch('/v1/keys')).json());
    expect(journals).toMatchObject([{ municipality: '202029', quorum: 1 }]);
    await page.goto(house.sites!.desk);
    await page.getByRole('heading', { level: 1 }).waitFor();
    expect((await session(page)).status).toBe(401);
    expect(faults).toEqual([]);
    await context.close();
  });
});

describe('the other site', () => {
  it('can make no request of the desk’s, whoever is signed in there', async () => {
    const { context, page } = await person();
    await page.goto(await linkOf('clerk'));
    await page.getByRole('heading', { level: 1 }).waitFor();
    const listed = async () => {
      await page.goto(house.sites!.desk);
      return page.evaluate(async () => {
        const answer = await fetch('/v1/cases', { headers: { 'x-sekisho-request': '1' } });
        return (await answer.json()).cases.length as number;
      });
    };
    const before = await listed();
    // A page of nobody's, with no policy of its own that would hold it back.
    const host = createServer((_request, response) => {
      response.setHeader('content-type', 'text/html');
      response.end('evil');
    });
    await new Promise<void>((done) => host.listen(0, '127.0.0.1', done));
    await page.goto(`http://evil.localhost:${(host.address() as AddressInfo).port}/`);
    const { desk } = house.sites!;
    const tried = await page.evaluate(async (origin) => {
      const outcome = (init: RequestInit) =>
        fetch(`${origin}/v1/cases`, { method: 'POST', credentials: 'include', body: '{}', ...init }).then(
          () => 'answered',
          () => 'refused',
        );
      return [
        await outcome({ mode: 'cors' }),
        await outcome({ mode: 'cors', headers: { 'x-sekisho-request': '1' } }),
        await outcome({ mode: 'no-cors' }),
      ];
    }, desk);
    expect(tried).toEqual(['refused', 'refused', 'refused']);
    host.close();
    expect(await listed()).toBe(before);
    await context.close();
  });
});
