import type { Server } from 'node:http';
import { type Browser, type BrowserContext, type BrowserServer, chromium, type Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, expect } from 'vitest';
import {
  headOf,
  municipality,
  person,
  policy,
  type Scene,
  sceneOf,
  writtenAt,
} from '../../src/doors/web/portal/verify/scene.fixture.ts';
import { startChromium } from './chromium.ts';
import { desktop } from './pictures.ts';
import type { Language } from './portal-words.ts';
import { serveSite } from './site.ts';
import { watch } from './watch.ts';

/** Synthetic values of one who does not exist. */
export const own = {
  name: '髙橋　花子',
  address: '長野県松本市中央２丁目８番２１号　松本中央グランドハイツ弐番館１２０３号室',
  number: '123456789018',
};

const fields: Record<string, Record<string, string>> = {
  name: { name: own.name, reading: 'タカハシ　ハナコ', former_name: '', alias: '' },
  birth: { date: '1984-04-01', date_stated: '', sex: 'female' },
  address: { postcode: '3900811', address: own.address },
  number: { number: own.number },
  resident_code: { code: '12345678903' },
  household: { household_number: '0000123', relation: '世帯主', address_number: '0000012345' },
};

/** What each line says: a clerk's opening, a refusal, an event, one's own doing. */
const says = (index: number) => {
  const desk = { actor: 'demo-clerk', role: 'clerk', office: 'resident-desk', basis: 'jukiho-12' };
  const lines = [
    { kind: 'field.opened', body: { ...desk, fields: ['address'], outcome: 'opened' } },
    {
      kind: 'field.refused',
      body: { ...desk, fields: ['number'], outcome: 'refused', reason: 'no-authority' },
    },
    { kind: 'record.changed', body: { ...desk, basis: 'jukiho-23', outcome: 'done' } },
    {
      kind: 'field.opened',
      body: { role: 'resident', office: 'portal', basis: 'kojo-76', fields: ['name'] },
    },
  ];
  return lines[index % lines.length]!;
};

/** The last ten lines of a log of 43, newest first. */
export const scene: Scene = await sceneOf(
  43,
  Array.from({ length: 10 }, (_, i) => 42 - i),
  says,
);

/** What the server answers; a test alters its copy. */
export interface Wire {
  signedIn: boolean;
  /** One session has one end: another would be another session. */
  expiresAt: number;
  /** Who the page says is reading. */
  reader: string;
  trees: { municipality: string; size: number; checkpoint: string; nodes: string }[];
  lines: { tree: number; index: number; leaf: number; path: number[]; payload: string; salt: string }[];
  coarse: {
    tree: number;
    index: number;
    leaf: number;
    path: number[];
    at: number;
    kind: string;
    rule: string;
  }[];
  hidden: { count: number; opensAt: number }[];
  lock: { until: number } | null;
  contests: { contest: string; about: unknown; openedAt: number; state: string; answer?: string }[];
  name: string;
  /** Calls that changed or opened something. */
  asked: string[];
}

function honest(): Wire {
  const { trees, lines } = JSON.parse(JSON.stringify(scene.answer)) as Pick<Wire, 'trees' | 'lines'>;
  const [kept] = lines.splice(4, 1);
  const { payload: _payload, salt: _salt, ...place } = kept!;
  return {
    ...{
      signedIn: true,
      expiresAt: Date.now() + 28_800_000,
      reader: person,
      trees,
      lines,
      lock: null,
      name: own.name,
      asked: [],
    },
    coarse: [{ ...place, at: writtenAt + kept!.index, kind: 'search.made', rule: 'names-hits' }],
    hidden: [{ count: 2, opensAt: Date.parse('2027-03-20T00:00:00+09:00') }],
    contests: [
      { contest: 'a', about: { line: { municipality, index: 40 } }, openedAt: writtenAt, state: 'taken' },
      {
        ...{ contest: 'b', about: { group: 'address' }, openedAt: writtenAt, state: 'accepted' },
        answer: 'ご指摘のとおりでした。番地を訂正しました。',
      },
    ],
  };
}

function answerOf(wire: Wire, call: string, body: unknown): unknown {
  if (call.startsWith('GET /v1/keys')) return { journals: [{ municipality, ...policy }] };
  if (!wire.signedIn) return undefined;
  if (call.startsWith('POST') && !call.endsWith('/history')) wire.asked.push(call);
  const { groups = [], until = 0 } = (body ?? {}) as { groups?: string[]; until?: number };
  switch (call) {
    case 'GET /v1/session':
      return { municipality, idleAt: Date.now() + 900_000, expiresAt: wire.expiresAt };
    case 'GET /v1/me':
      return {
        municipality,
        person: wire.reader,
        status: 'resident',
        lock: wire.lock,
        contests: wire.contests.length,
      };
    case 'POST /v1/me/open': {
      const told = { ...fields, name: { ...fields['name'], name: wire.name } };
      const receipt = { statement: '', signature: '', index: 43, leafHash: '', path: [] };
      return {
        fields: Object.fromEntries(Object.entries(told).filter(([name]) => groups.includes(name))),
        receipt,
      };
    }
    case 'POST /v1/me/household':
      return {
        members: [
          { name: wire.name, relation: '世帯主' },
          { name: '髙橋　一郎', relation: '夫' },
        ],
      };
    case 'POST /v1/me/history': {
      const { trees, lines, coarse, hidden } = wire;
      return { trees, lines, coarse, hidden, older: [] };
    }
    case 'GET /v1/me/contests':
      return { contests: wire.contests };
    case 'POST /v1/me/contests':
      wire.contests.unshift({
        contest: 'c',
        openedAt: writtenAt,
        state: 'open',
        ...(body as { about: unknown }),
      });
      return { contest: 'c' };
    case 'POST /v1/me/lock':
      wire.lock = { until };
      return { lock: wire.lock };
    case 'POST /v1/me/unlock':
      wire.lock = null;
      return { lock: null };
    default:
      wire.signedIn = false;
      return {};
  }
}

/** The portal's pages in a real browser, a wire that answers in the shapes of its API, and a log written from the specifications. */
export class PortalStage {
  wire!: Wire;
  origin = '';
  browser!: Browser;
  readonly faults: string[] = [];
  #process!: BrowserServer;
  #server!: Server;
  readonly #contexts: BrowserContext[] = [];

  async open(): Promise<void> {
    this.#process = await startChromium();
    this.browser = await chromium.connect(this.#process.wsEndpoint());
    ({ origin: this.origin, server: this.#server } = await serveSite('portal', (call, body) =>
      answerOf(this.wire, call, body),
    ));
  }

  /** A page of the portal, in a browser of its own. */
  async page(o: { language?: Language; path?: string } = {}): Promise<Page> {
    const locale = o.language === 'en' ? 'en-GB' : 'ja-JP';
    const context = await this.browser.newContext({ locale, timezoneId: 'Asia/Tokyo', viewport: desktop });
    context.setDefaultTimeout(10_000);
    this.#contexts.push(context);
    watch(context, [this.origin], [], (fault) => this.faults.push(fault));
    const page = await context.newPage();
    await page.goto(this.origin + (o.path ?? '/'));
    await page.getByRole('heading', { level: 1 }).waitFor();
    return page;
  }

  begin(): void {
    this.wire = honest();
    this.faults.length = 0;
  }

  async end(): Promise<void> {
    await Promise.all(this.#contexts.splice(0).map((context) => context.close()));
  }

  async close(): Promise<void> {
    await this.end();
    await this.browser?.close();
    await this.#process?.close();
    this.#server?.close();
  }
}

/** Once at the top of a file. Every test begins with an honest wire, and fails on any error, broken policy or foreign request. */
export function openPortal(): PortalStage {
  const stage = new PortalStage();
  beforeAll(() => stage.open(), 120_000);
  beforeEach(() => stage.begin());
  afterEach(async () => {
    await stage.end();
    expect(stage.faults).toEqual([]);
  });
  afterAll(() => stage.close());
  return stage;
}

export { headOf, municipality, policy };
