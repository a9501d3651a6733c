import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Browser, type BrowserServer, chromium, type Locator, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { nodePrimitives } from '../../src/core/journal/index.ts';
import { verifySavedLine } from '../../src/core/journal/verify/index.ts';
import type { House } from '../../src/processes/index.ts';
import { RunningHouse } from '../faults/running-house.ts';
import { startChromium } from './chromium.ts';
import { watch } from './watch.ts';

// What Sekisho is for, as its two users see it: the house of `npm start`, its own pages, a real browser.

let running: RunningHouse;
let house: House;
let server: BrowserServer;
let browser: Browser;
beforeAll(async () => {
  running = await RunningHouse.start('202029' as never);
  ({ house } = running);
  await running.importTown(40);
  server = await startChromium();
  browser = await chromium.connect(server.wsEndpoint());
}, 240_000);
afterAll(async () => {
  await browser?.close();
  await server?.close();
  await running?.end();
}, 60_000);

const faults: string[] = [];
/** A browser of its own, signed in by the demonstration's link. */
async function signedIn(name: string): Promise<Page> {
  const context = await browser.newContext({ locale: 'en', acceptDownloads: true });
  watch(context, Object.values(house.sites!), [], (fault) => faults.push(`${name}: ${fault}`));
  const page = await context.newPage();
  page.setDefaultTimeout(20_000);
  const link = (await house.signInLinks()).find((each) => each.name === name)!;
  await page.goto(link.url);
  await page.getByRole('heading', { level: 1 }).waitFor();
  return page;
}
const go = (page: Page, name: string) => page.getByRole('link', { name, exact: true }).first().click();
/** What a field of the resident's own record says. */
async function own(page: Page, group: string, field: string): Promise<string> {
  await page.getByRole('button', { name: `Show ${group}` }).click();
  return (
    await page
      .locator('dt', { hasText: new RegExp(`^${field}$`) })
      .first()
      .locator('xpath=../dd')
      .innerText()
  ).trim();
}

async function openCase(clerk: Page, purpose: string): Promise<void> {
  await clerk.getByLabel('Purpose').selectOption(purpose);
  await clerk.getByLabel('Note').fill('counter 1');
  await clerk.getByRole('button', { name: 'Open the case' }).click();
}

/** Opens a case for a certificate, and looks for whoever lives at an address. */
async function find(clerk: Page, address: string): Promise<void> {
  await openCase(clerk, 'residence-certificate');
  // The round of a radio button is drawn by its label, as a person clicks it.
  await clerk.locator('label', { hasText: /^address$/ }).click();
  await clerk.getByRole('textbox', { name: /^Address/ }).fill(address);
  await clerk.getByRole('button', { name: 'Search', exact: true }).click();
  await clerk.getByText(/This search is line \d+ of the journal/).waitFor();
}

/** The mark turns green once a witness has seen the line: until then the resident reads anew. */
const green = (page: Page, line: Locator) =>
  expect
    .poll(
      async () => {
        const mark = await line.locator('[data-mark]').getAttribute('data-mark');
        if (mark !== 'green') await page.getByRole('button', { name: 'Read again' }).click();
        return mark;
      },
      { timeout: 30_000, interval: 500 },
    )
    .toBe('green');

describe('a clerk opens one address field', { timeout: 180_000 }, () => {
  it('and the resident sees the line, which his browser has checked', async () => {
    const resident = await signedIn('resident');
    await go(resident, 'My record');
    const address = await own(resident, 'address', 'Address');

    const clerk = await signedIn('clerk');
    await find(clerk, address);
    expect(await clerk.locator('main').innerText()).not.toContain(address);

    // One household shares its address, and its hits are alike: each is opened until it is the resident's own.
    const count = await clerk.getByRole('button', { name: /^Choose number/ }).count();
    for (let n = 1; n <= count; n++) {
      await clerk.getByRole('button', { name: `Choose number ${n}`, exact: true }).click();
      await clerk.getByRole('button', { name: 'Open address' }).click();
      await clerk.getByText(address).first().waitFor();
      if (n < count) await clerk.getByRole('button', { name: 'Back to the hits' }).click();
    }
    expect(decodeURIComponent(clerk.url())).not.toContain(address);
    expect(await clerk.title()).not.toContain(address);
    expect(
      await clerk.evaluate(() => JSON.stringify([{ ...localStorage }, { ...sessionStorage }])),
    ).not.toContain(address);

    await go(resident, 'Who looked');
    const line = resident.getByRole('listitem').filter({
      has: resident.getByRole('heading', {
        name: 'A clerk of the residents’ counter looked at your address',
      }),
    });
    await line.first().waitFor();
    expect(await line.count()).toBe(1);
    for (const text of ['to issue a certificate of residence', 'art. 12', 'demo-clerk'])
      expect(await line.innerText()).toContain(text);
    await green(resident, line);
    const saving = resident.waitForEvent('download');
    await line.getByRole('button', { name: /^Save the proof/ }).click();
    const kept = join(running.folder, 'kept.tlog-proof');
    await (await saving).saveAs(kept);
    const proof = readFileSync(kept, 'utf8');
    const { journals } = await resident.evaluate(async () => (await fetch('/v1/keys')).json());
    const verdict = await verifySavedLine(proof, journals[0], nodePrimitives);
    expect(verdict).toMatchObject({ ok: true });
    const doctored = await verifySavedLine(
      proof,
      { ...journals[0], logKey: journals[0].witnessKeys[0] },
      nodePrimitives,
    );
    expect(doctored).toMatchObject({ ok: false });
    expect(faults).toEqual([]);
  });
});

describe('without a case', { timeout: 60_000 }, () => {
  it('nothing opens, and the screen says what to do first', async () => {
    const clerk = await signedIn('clerk');
    await clerk.getByText('Records open only within a case').waitFor();
    expect(await clerk.getByRole('button', { name: 'Search', exact: true }).count()).toBe(0);
    await clerk.context().close();
  });
});

describe('a resident who disagrees', { timeout: 180_000 }, () => {
  it('objects, is answered by the desk, and each step stands among his lines', async () => {
    const resident = await signedIn('resident');
    await go(resident, 'My record');
    await own(resident, 'address', 'Address');
    await resident.getByRole('button', { name: 'address is wrong' }).click();
    await resident.getByLabel(/What is wrong/).fill('The house number is an old one.');
    await resident.getByRole('button', { name: 'Object', exact: true }).click();
    await resident.getByText('Your objection was received').waitFor();

    const officer = await signedIn('officer');
    await go(officer, 'Contests');
    await officer.getByRole('button', { name: 'Take it up' }).click();
    await officer.getByRole('button', { name: 'Read it (journalled)' }).click();
    await officer.getByText('The house number is an old one.').waitFor();
    await officer.getByLabel(/^Answer/).fill('It will be corrected.');
    await officer.getByRole('button', { name: 'Accept' }).click();
    await officer.getByText('accepted', { exact: true }).waitFor();

    await resident.goto(`${house.sites!.portal}/contests`);
    await resident.getByText('It will be corrected.').waitFor();
    await go(resident, 'Who looked');
    for (const said of ['took up', 'read', 'answered'])
      await resident
        .getByRole('heading', { name: new RegExp(`${said} your objection`) })
        .first()
        .waitFor();
    await resident.context().close();
    await officer.context().close();
  });

  it('locks look-ups: the clerk is told so, until they are unlocked', async () => {
    const resident = await signedIn('resident');
    await go(resident, 'My record');
    const address = await own(resident, 'address', 'Address');
    await go(resident, 'Lock look-ups');
    await resident.getByRole('button', { name: 'Lock look-ups' }).click();
    await resident
      .getByText(/^Locked until/)
      .first()
      .waitFor();
    const clerk = await signedIn('clerk');
    const refused = async () => {
      await find(clerk, address);
      await clerk
        .getByRole('button', { name: /^Choose number/ })
        .first()
        .click();
      await clerk.getByRole('button', { name: 'Open name' }).click();
    };
    await refused();
    await clerk.getByRole('alert').filter({ hasText: /lock/i }).first().waitFor();
    await resident.getByRole('button', { name: 'Unlock' }).click();
    await resident.getByText('Look-ups are unlocked').first().waitFor();
    await clerk.getByRole('button', { name: 'Open name' }).click();
    await clerk.getByRole('button', { name: 'Close name' }).waitFor();
    await resident.context().close();
    await clerk.context().close();
  });
});

describe('the security officer', { timeout: 120_000 }, () => {
  it('finds what a clerk did, and has the log recomputed', async () => {
    const officer = await signedIn('officer');
    await go(officer, 'Journal');
    await officer.getByRole('button', { name: 'Verify now' }).click();
    await officer.getByText(/lines recomputed, all of them fit/).waitFor();
    await officer.getByLabel('Staff', { exact: true }).fill('demo-clerk');
    await officer.getByRole('button', { name: 'Search', exact: true }).click();
    await officer
      .getByRole('cell', { name: /demo-clerk/ })
      .first()
      .waitFor();
    await officer.context().close();
  });
});

describe('a bulk grant', { timeout: 120_000 }, () => {
  it('is asked for by one, approved by another, counts down and is revoked', async () => {
    const clerk = await signedIn('clerk');
    await openCase(clerk, 'public-body-request');
    await clerk.getByRole('heading', { name: 'Work in a case' }).waitFor();
    await go(clerk, 'Bulk grants');
    await clerk.locator('label', { hasText: /^name$/ }).click();
    await clerk.getByLabel(/^Persons/).fill('30');
    await clerk.getByLabel(/^Hours/).fill('2');
    await clerk.getByLabel(/^Reason/).fill('survey of households');
    await clerk.getByRole('button', { name: 'Ask', exact: true }).click();
    await clerk.getByText('Asked. Another supervisor has to approve.').first().waitFor();

    const supervisor = await signedIn('supervisor');
    await go(supervisor, 'Bulk grants');
    await supervisor.getByRole('button', { name: /^Approve/ }).click();
    await supervisor.getByRole('dialog').getByRole('button', { name: 'Approve' }).click();
    await supervisor.getByText('30 of 30').first().waitFor();
    await supervisor.getByRole('button', { name: /^Revoke/ }).click();
    await supervisor.getByRole('dialog').getByRole('button', { name: 'Revoke' }).click();
    await supervisor.getByText('revoked').first().waitFor();
    await clerk.context().close();
    await supervisor.context().close();
  });
});

describe('an administrator', { timeout: 120_000 }, () => {
  it('suspends a clerk, whose next request is refused', async () => {
    const clerk = await signedIn('clerk');
    const administrator = await signedIn('administrator');
    await go(administrator, 'People and terminals');
    await administrator.getByRole('button', { name: 'Suspend demo-clerk' }).click();
    await administrator
      .getByRole('dialog')
      .getByLabel(/^Reason/)
      .fill('lost badge');
    await administrator.getByRole('dialog').getByRole('button', { name: 'Suspend' }).click();
    await administrator
      .getByText(/demo-clerk is suspended/)
      .first()
      .waitFor();
    await clerk.getByLabel('Purpose').selectOption('residence-certificate');
    await clerk.getByLabel('Note').fill('counter 1');
    await clerk.getByRole('button', { name: 'Open the case' }).click();
    await clerk.getByText('This member of staff, terminal or office is suspended.').waitFor();
    expect(faults).toEqual([]);
  });
});
