import { writeFileSync } from 'node:fs';
import { type Browser, type BrowserServer, chromium, type Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect } from 'vitest';
import type { House } from '../../src/processes/index.ts';
import type { SampleResident } from '../../src/sample/index.ts';
import { RunningHouse, type RunningHouseOptions } from '../faults/running-house.ts';
import { startChromium } from './chromium.ts';
import { Desk } from './desk-steps.ts';
import { desktop } from './pictures.ts';
import type { Language } from './portal-words.ts';
import { watch } from './watch.ts';

export interface Person {
  language?: Language;
  /** Puts an authenticator into the browser, which its holder has just unlocked. */
  authenticator?: boolean;
  /** The page's clock is the test's to turn. */
  clock?: boolean;
}

/** The whole house as `npm start` runs it, with its own pages, and people who come to it with a real browser. */
export class HouseStage {
  running!: RunningHouse;
  house!: House;
  town: SampleResident[] = [];
  readonly faults: string[] = [];
  #server!: BrowserServer;
  #browser!: Browser;

  async open(residents: number, options: RunningHouseOptions): Promise<void> {
    this.running = await RunningHouse.start('202029' as never, options);
    this.house = this.running.house;
    this.town = await this.running.importTown(residents);
    this.#server = await startChromium();
    this.#browser = await chromium.connect(this.#server.wsEndpoint());
  }

  /** A browser of its own at a page; nobody is signed in. */
  async browser(name: string, o: Person = {}): Promise<Page> {
    const locale = o.language === 'ja' ? 'ja-JP' : 'en-GB';
    const context = await this.#browser.newContext({
      ...{ locale, timezoneId: 'Asia/Tokyo', viewport: desktop, acceptDownloads: true },
    });
    watch(context, Object.values(this.house.sites!), [], (fault) => this.faults.push(`${name}: ${fault}`));
    const page = await context.newPage();
    page.setDefaultTimeout(20_000);
    if (o.clock === true) await page.clock.install();
    if (o.authenticator === true) await authenticator(page);
    return page;
  }

  /** A browser of its own, signed in by the demonstration's link. */
  async signedIn(name: string, o: Person = {}): Promise<Page> {
    const page = await this.browser(name, o);
    const link = (await this.house.signInLinks()).find((each) => each.name === name)!;
    await page.goto(link.url);
    await page.getByRole('heading', { level: 1 }).waitFor();
    return page;
  }

  /** One who works at the desk. */
  async at(name: string, o: Person = {}): Promise<Desk> {
    return new Desk(await this.signedIn(name, o), o.language ?? 'en');
  }

  /** A file for somebody to choose on a page. */
  file(name: string, bytes: Uint8Array): string {
    const path = `${this.running.folder}/${name}`;
    writeFileSync(path, bytes);
    return path;
  }

  async close(): Promise<void> {
    await this.#browser?.close();
    await this.#server?.close();
    await this.running?.end();
  }
}

async function authenticator(page: Page): Promise<void> {
  const devtools = await page.context().newCDPSession(page);
  await devtools.send('WebAuthn.enable');
  await devtools.send('WebAuthn.addVirtualAuthenticator', {
    options: {
      ...{ protocol: 'ctap2', transport: 'internal', automaticPresenceSimulation: true },
      ...{ hasResidentKey: true, hasUserVerification: true, isUserVerified: true },
    },
  });
}

/** Once at the top of a file. Every test fails on any error on a page, broken policy or foreign request. */
export function openHouse(residents = 40, options: RunningHouseOptions = {}): HouseStage {
  const stage = new HouseStage();
  beforeAll(() => stage.open(residents, options), 240_000);
  afterEach(() => expect(stage.faults.splice(0)).toEqual([]));
  afterAll(() => stage.close(), 60_000);
  return stage;
}
