import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { nodePrimitives } from '../../src/core/journal/index.ts';
import { verifySavedLine } from '../../src/core/journal/verify/index.ts';
import { purposesEn } from '../../src/doors/web/words/purposes-en.ts';
import { purposesJa } from '../../src/doors/web/words/purposes-ja.ts';
import type { Whom } from './desk-steps.ts';
import { deskWordsOf, type Group } from './desk-words.ts';
import { openHouse } from './house-stage.ts';
import { goTo, type Language, wordsOf } from './portal-words.ts';

// What Sekisho is for, as its two users see it: the house of `npm start`, its own pages, a real browser.

const stage = openHouse();

/** What a field of the resident's own record says, once he has opened its group. */
async function own(page: Page, language: Language, group: Group, ...fields: string[]): Promise<string[]> {
  const t = wordsOf(language).record;
  const name = deskWordsOf(language).group(group);
  await page.getByRole('button', { name: t.open(name), exact: true }).click();
  const texts: string[] = [];
  for (const field of fields) {
    const term = page.locator('dt').filter({ has: page.getByText(field, { exact: true }) });
    texts.push((await term.first().locator('xpath=../dd').innerText()).trim());
  }
  return texts;
}

/** What the counter is told by whoever stands there: 昭和45年4月1日（1970年） and 1970-04-01 (S45.4.1) are pasted as they begin. */
async function told(page: Page, language: Language): Promise<Whom> {
  const { fields } = wordsOf(language).record;
  const [reading] = await own(page, language, 'name', fields.reading);
  const [born] = await own(page, language, 'birth', fields.date);
  return { reading: reading!, birthDate: born!.split(/[（(]/)[0]!.trim() };
}

describe.each(['ja', 'en'] satisfies Language[])(
  'a clerk opens one address field, in %s',
  { timeout: 180_000 },
  (language) => {
    it('and the resident sees the line, which his browser has checked', async () => {
      const t = wordsOf(language);
      const resident = await stage.signedIn('resident', { language });
      await goTo(resident, 'record', language);
      const [address] = await own(resident, language, 'address', t.record.fields.address);
      const { reading, birthDate } = await told(resident, language);

      const clerk = await stage.at('clerk', { language });
      await clerk.take('residence-certificate', { reading, birthDate });
      expect(await clerk.page.locator('main').innerText()).not.toContain(address);
      await clerk.open('address');
      await clerk.page.getByText(address!).first().waitFor();
      expect(decodeURIComponent(clerk.page.url())).not.toContain(address);
      expect(await clerk.page.title()).not.toContain(address);
      const kept = await clerk.page.evaluate(() =>
        JSON.stringify([{ ...localStorage }, { ...sessionStorage }]),
      );
      expect(kept).not.toContain(address);

      await goTo(resident, 'looked', language);
      const who = t.whoOf(t.offices['resident-desk'], t.roles.clerk);
      const sentence = t.says['field-opened'](who, deskWordsOf(language).group('address'));
      const heading = new RegExp(`^${sentence}$`, 'i');
      const line = resident.getByRole('listitem').filter({
        has: resident.getByRole('heading', { name: heading }),
      });
      await line.first().waitFor();
      // The Japanese story comes first, and its line is there in the English one.
      expect(await line.count()).toBe(language === 'ja' ? 1 : 2);
      const { plain, article } = (language === 'ja' ? purposesJa : purposesEn)['jukiho-12'];
      for (const text of [plain, article, 'demo-clerk'])
        expect(await line.first().innerText()).toContain(text);
      expect(await line.first().locator('[data-mark]').getAttribute('data-mark')).toBe('green');

      const saving = resident.waitForEvent('download');
      await line.first().getByRole('button', { name: t.looked.save }).click();
      const file = join(stage.running.folder, `kept-${language}.tlog-proof`);
      await (await saving).saveAs(file);
      const proof = readFileSync(file, 'utf8');
      const { journals } = await resident.evaluate(async () => (await fetch('/v1/keys')).json());
      expect(await verifySavedLine(proof, journals[0], nodePrimitives)).toMatchObject({ ok: true });
      const doctored = { ...journals[0], logKey: journals[0].witnessKeys[0] };
      expect(await verifySavedLine(proof, doctored, nodePrimitives)).toMatchObject({ ok: false });
      await clerk.close();
      await resident.context().close();
    });
  },
);

describe('without a case', { timeout: 60_000 }, () => {
  it('nothing opens, and the screen says what to do first', async () => {
    const clerk = await stage.at('clerk');
    await clerk.page.getByText('Records open only within a case').waitFor();
    expect(await clerk.button(clerk.t.desk.find.submit).count()).toBe(0);
    await clerk.close();
  });
});

describe('a resident looks at what is his', { timeout: 120_000 }, () => {
  it('his number is covered until he asks for it; his household is names and relations; each look is a line', async () => {
    const t = wordsOf('en');
    const resident = await stage.signedIn('resident');
    const main = resident.locator('main');
    expect(await main.innerText()).not.toMatch(/\d{4} ?\d{4} ?\d{4}/);
    const [number] = await own(resident, 'en', 'number', t.record.fields.number);
    expect(number).toMatch(/^\d{4} \d{4} \d{4}$/);
    await resident.getByRole('button', { name: t.record.cover('individual number') }).click();
    expect(await main.innerText()).not.toContain(number);
    await resident.getByRole('button', { name: t.household.show }).click();
    await resident.getByRole('table', { name: t.household.table }).getByRole('row').nth(1).waitFor();
    expect(await main.innerText()).not.toContain(number);
    await goTo(resident, 'looked', 'en');
    for (const sentence of [/^You looked at your individual number$/, /^You looked at your name, household/])
      await resident.getByRole('heading', { name: sentence }).first().waitFor();
    await resident.context().close();
  });
});

describe('a resident who disagrees', { timeout: 180_000 }, () => {
  it('objects, is answered by the desk, and each step stands among his lines', async () => {
    const t = wordsOf('en');
    const resident = await stage.signedIn('resident');
    await own(resident, 'en', 'address', t.record.fields.address);
    await resident.getByRole('button', { name: t.record.contest('address') }).click();
    await resident.getByLabel(t.contests.form.text).fill('The house number is an old one.');
    await resident.getByRole('button', { name: t.contests.form.submit, exact: true }).click();
    await resident.getByText(t.contests.form.done).waitFor();

    const officer = await stage.at('officer');
    const { contests } = officer.t.office;
    await officer.go('contests');
    await officer.button(contests.take).click();
    await officer.button(contests.read).click();
    await officer.page.getByText('The house number is an old one.').waitFor();
    await officer.field(contests.answer).fill('It will be corrected.');
    await officer.button(contests.accept).click();
    await officer.page.getByText(contests.states.accepted, { exact: true }).waitFor();
    await officer.heard(contests.answered);

    await resident.getByRole('link', { name: t.contests.form.toContests }).click();
    await resident.getByText('It will be corrected.').waitFor();
    await goTo(resident, 'looked', 'en');
    for (const said of ['took up', 'read', 'answered'])
      await resident
        .getByRole('heading', { name: new RegExp(`${said} your objection`) })
        .first()
        .waitFor();
    await resident.context().close();
    await officer.close();
  });

  it('locks look-ups: the clerk is told so, until they are unlocked', async () => {
    const t = wordsOf('en').lock;
    const resident = await stage.signedIn('resident');
    const whom = await told(resident, 'en');
    await goTo(resident, 'lock', 'en');
    await resident.getByRole('button', { name: t.submit }).click();
    await resident
      .getByText(/^Locked until/)
      .first()
      .waitFor();
    const clerk = await stage.at('clerk');
    await clerk.take('residence-certificate', whom);
    const { open } = clerk.t.desk;
    await clerk.button(open.open('name')).click();
    await clerk.page.getByRole('alert').filter({ hasText: /lock/i }).first().waitFor();
    await resident.getByRole('button', { name: t.lift }).click();
    await resident.getByText(t.lifted).first().waitFor();
    await clerk.open('name');
    await resident.context().close();
    await clerk.close();
  });
});

describe('the security officer', { timeout: 120_000 }, () => {
  it('finds what a clerk did, sees the hours, and has log and register recomputed', async () => {
    const officer = await stage.at('officer');
    const t = officer.t.office.journal;
    await officer.go('journal');
    await officer.button(t.verify).click();
    await officer.page.getByText(/lines recomputed, all of them fit/).waitFor();
    await officer.button(t.records).click();
    await officer.page.getByText(/\d+ records agree with the journal/).waitFor();
    // Refused by a resident's lock, a moment ago: bars, and the same as a table.
    await officer.page.getByRole('img', { name: /refused [1-9]/ }).waitFor();
    await officer.button(t.asTable).click();
    await officer.page.getByRole('columnheader', { name: t.series.refused }).waitFor();
    await officer.page.getByLabel(t.filters.staff, { exact: true }).fill('demo-clerk');
    await officer.page.getByLabel(t.filters.outcome).selectOption('refused');
    await officer.button(t.submit).click();
    const row = officer.page.getByRole('row').filter({ hasText: 'demo-clerk' }).first();
    await row.waitFor();
    expect(await row.innerText()).toMatch(/lock/i);
    await officer.page.getByLabel(t.filters.outcome).selectOption('done');
    await officer.page.getByLabel(t.filters.kind).selectOption('field.opened');
    await officer.button(t.submit).click();
    await officer.page
      .getByRole('row')
      .filter({ hasText: /resident-desk.*address/s })
      .first()
      .waitFor();
    await officer.close();
  });
});

describe('a bulk grant', { timeout: 120_000 }, () => {
  it('is asked for by one, approved by another, counts down as it is used, and is revoked', async () => {
    const clerk = await stage.at('clerk');
    const t = clerk.t.office.grants;
    await clerk.openCase('public-body-request');
    await clerk.go('grants');
    await clerk.choose('name');
    await clerk.field(t.count).fill('30');
    await clerk.field(t.hours).fill('2');
    await clerk.field(t.reason).fill('survey of households');
    await clerk.button(t.submit).click();
    await clerk.page.getByText(t.asked).first().waitFor();

    const supervisor = await stage.at('supervisor');
    await supervisor.go('grants');
    await supervisor.button(t.approve).click();
    await supervisor.button(t.approve, supervisor.page.getByRole('dialog')).click();
    await supervisor.page.getByText('30 of 30').first().waitFor();

    const { nameKana: reading, birthDate } = stage.town[7]!;
    await clerk.go('home');
    await clerk.page
      .getByRole('link', { name: /^Continue/ })
      .first()
      .click();
    await clerk.findByReading({ reading, birthDate });
    await clerk.pick();
    await clerk.page.getByLabel(clerk.t.desk.open.grant).selectOption({ index: 1 });
    await clerk.open('name');
    await supervisor.go('home');
    await supervisor.go('grants');
    await supervisor.page.getByText('29 of 30').first().waitFor();

    await supervisor.button(t.revoke).click();
    await supervisor.button(t.revoke, supervisor.page.getByRole('dialog')).click();
    await supervisor.page.getByText(t.states.revoked).first().waitFor();
    await clerk.close();
    await supervisor.close();
  });
});

describe('two tabs of one browser', { timeout: 120_000 }, () => {
  it('show what belongs to whoever is signed in now, once they are looked at', async () => {
    const clerk = await stage.at('clerk');
    await clerk.openCase('residence-certificate');
    const other = await clerk.page.context().newPage();
    const link = (await stage.house.signInLinks()).find(({ name }) => name === 'supervisor')!;
    await other.goto(link.url);
    await other.getByText(/demo-supervisor \(/).waitFor();
    await clerk.page.evaluate(() => window.dispatchEvent(new Event('focus')));
    await clerk.page.getByText(/demo-supervisor \(/).waitFor();
    expect(await clerk.page.getByText(/demo-clerk \(/).count()).toBe(0);
    await clerk.close();

    const t = wordsOf('en');
    const resident = await stage.signedIn('resident');
    await goTo(resident, 'looked', 'en');
    const second = await resident.context().newPage();
    await second.goto(`${stage.house.sites!.portal}/`);
    await second.getByRole('button', { name: t.frame.signOut }).click();
    await second.getByRole('heading', { level: 1, name: t.signIn.title }).waitFor();
    await resident.evaluate(() => window.dispatchEvent(new Event('focus')));
    await resident.getByRole('heading', { level: 1, name: t.signIn.title }).waitFor();
    expect(await resident.locator('[data-mark]').count()).toBe(0);
    await resident.context().close();
  });
});

describe('an administrator', { timeout: 120_000 }, () => {
  it('suspends a clerk, whose next request is refused', async () => {
    const clerk = await stage.at('clerk');
    const administrator = await stage.at('administrator');
    const t = administrator.t.office.people;
    await administrator.go('people');
    // Who approves is enrolled by two.
    await administrator.field(t.name).fill('second-boss');
    await administrator.page.getByLabel(new RegExp(`^${t.role}`)).selectOption('supervisor');
    await administrator.button(t.submit).click();
    await administrator.page.getByText(t.waits('second-boss')).waitFor();
    const officer = await stage.at('officer');
    await officer.go('people');
    await officer.button(t.showWaiting).click();
    await officer.button(t.confirmOf('second-boss')).click();
    // In the list of staff: for a moment he may stand among those who wait as well.
    const listed = officer.page.getByRole('table', { name: t.staff, exact: true });
    await listed.getByRole('row', { name: /^second-boss / }).waitFor();
    await officer.close();
    await administrator.button(t.suspendOf('demo-clerk')).click();
    const dialog = administrator.page.getByRole('dialog');
    await dialog.getByLabel(new RegExp(`^${t.reason}`)).fill('lost badge');
    await administrator.button(t.suspend, dialog).click();
    await administrator.page
      .getByText(/demo-clerk is suspended/)
      .first()
      .waitFor();
    const { newCase } = clerk.t.desk;
    await clerk.page.getByLabel(newCase.purpose).selectOption('residence-certificate');
    await clerk.field(newCase.note).fill('counter 1');
    await clerk.button(newCase.submit).click();
    await clerk.page.getByText('This member of staff, terminal or office is suspended.').waitFor();
    await clerk.close();
    await administrator.close();
  });
});
