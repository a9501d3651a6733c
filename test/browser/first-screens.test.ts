import type { Server } from 'node:http';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type Browser, type BrowserServer, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sites } from '../../src/doors/web/index.ts';
import { violations } from './axe.ts';
import { startChromium } from './chromium.ts';
import { walk } from './keyboard.ts';
import { serveSite } from './site.ts';
import { watch } from './watch.ts';

// The built pages in a real browser under the strict policy, before anybody is signed in.

let process: BrowserServer;
let browser: Browser;
beforeAll(async () => {
  process = await startChromium();
  browser = await chromium.connect(process.wsEndpoint());
}, 120_000);
afterAll(async () => {
  await browser?.close();
  await process?.close();
});

const screens = { desk: ['/', '/enrol'], portal: ['/', '/enrol'] } as const;

describe.each(sites)('the %s', (site) => {
  let origin: string;
  let server: Server;
  beforeAll(async () => {
    ({ origin, server } = await serveSite(site));
  });
  afterAll(() => server.close());

  const faults: string[] = [];
  const open = async (path: string, language: 'ja' | 'en', width = 1280): Promise<Page> => {
    faults.length = 0;
    const context = await browser.newContext({ locale: language, viewport: { width, height: 900 } });
    watch(context, [origin], [], (fault) => faults.push(fault));
    const page = await context.newPage();
    await page.goto(origin + path);
    await page.getByRole('heading', { level: 1 }).waitFor();
    return page;
  };

  it.each(screens[site].flatMap((path) => [[path, 'ja'] as const, [path, 'en'] as const]))(
    'shows %s in %s: no fault, no violation of WCAG 2.2 AA, all of it by keyboard',
    async (path, language) => {
      const page = await open(path, language);
      expect(await page.evaluate(() => document.documentElement.lang)).toBe(language);
      const text = await page.evaluate(() => document.body.innerText);
      expect(/[\u3041-\u30ff]/.test(text.replace('日本語', ''))).toBe(language === 'ja');
      expect(await violations(page)).toEqual([]);
      const { stops, left } = await walk(page);
      expect(left).toBe(true);
      expect(stops.length).toBeGreaterThan(2);
      expect(stops.filter((stop) => !stop.visible || !stop.onScreen)).toEqual([]);
      expect(faults).toEqual([]);
      await page.context().close();
    },
  );

  it('fits a phone: nothing is wider than the screen', async () => {
    const page = await open('/', 'ja', 390);
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(390);
    await page.context().close();
  });

  it('changes its language at a press and keeps nothing else in the browser', async () => {
    const page = await open('/', 'ja');
    await page.getByRole('button', { name: 'English' }).click();
    await page.waitForFunction(() => document.documentElement.lang === 'en');
    await page.reload();
    await page.getByRole('heading', { level: 1 }).waitFor();
    expect(await page.evaluate(() => document.documentElement.lang)).toBe('en');
    expect(await page.evaluate(() => Object.keys(localStorage))).toEqual(['language']);
    expect(await page.evaluate(() => sessionStorage.length)).toBe(0);
    expect(await page.context().cookies()).toEqual([]);
    await page.context().close();
  });

  it('is shown in nobody’s frame', async () => {
    const host = createServer((request, response) => {
      response.setHeader('content-type', 'text/html');
      const frames = `<iframe src="${origin}/"></iframe><iframe src="/plain"></iframe>`;
      response.end(request.url === '/plain' ? 'shown' : frames);
    });
    await new Promise<void>((done) => host.listen(0, '127.0.0.1', done));
    const context = await browser.newContext();
    const page = await context.newPage();
    await page.goto(`http://evil.localhost:${(host.address() as AddressInfo).port}/`);
    const textOf = (path: string) =>
      page
        .frames()
        .find((frame) => frame !== page.mainFrame() && frame.url().endsWith(path))
        ?.evaluate(() => document.body?.innerText ?? '')
        .catch(() => '');
    // A page that does not object is shown there.
    await expect.poll(() => textOf('/plain')).toBe('shown');
    for (const frame of page.frames().filter((each) => each !== page.mainFrame()))
      expect(await frame.evaluate(() => document.body?.innerText ?? '').catch(() => '')).not.toMatch(
        /パスキー|passkey/,
      );
    await context.close();
    host.close();
  });
});
