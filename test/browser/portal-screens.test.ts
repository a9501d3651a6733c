import { describe, expect, it } from 'vitest';
import { violations } from './axe.ts';
import { hold } from './hold.ts';
import { picture } from './pictures.ts';
import { openPortal, own } from './portal-stage.ts';
import { goTo, type Language, linesShown, screens, wordsOf } from './portal-words.ts';

const stage = openPortal();

describe.each(['ja', 'en'] satisfies Language[])('in %s', { timeout: 90_000 }, (language) => {
  const t = wordsOf(language);
  const ending = language === 'ja' ? '' : '-en';

  it('every screen of somebody signed in', async () => {
    const page = await stage.page({ language });
    for (const screen of screens) {
      await goTo(page, screen, language);
      await hold(page, screen, language);
      await picture(page, `portal-${screen}${ending}`);
    }
  });

  it('everything opened that can be', async () => {
    const page = await stage.page({ language });
    for (let i = 0; i < 6; i++) {
      await page.locator('main li').nth(i).getByText(t.record.openShort, { exact: true }).click();
      await page.locator('main li').nth(i).getByText(t.record.coverShort, { exact: true }).waitFor();
    }
    await page.getByRole('button', { name: t.household.show }).click();
    await page.getByRole('button', { name: t.household.hide }).waitFor();
    await hold(page, 'record, open', language);
    await picture(page, `portal-record-open${ending}`);
    await goTo(page, 'looked', language);
    for (const summary of await page.locator('main summary').all()) await summary.click();
    await hold(page, 'looked, details open', language);
    await goTo(page, 'lock', language);
    await page.getByText(t.lock.choices.date).click();
    await page.getByRole('button', { name: t.lock.submit }).click();
    await page.getByText(t.lock.dateFault).waitFor();
    await hold(page, 'lock, refused', language);
  });

  it('a dialog is reached, kept to and left by keyboard', async () => {
    const page = await stage.page({ language });
    await goTo(page, 'looked', language);
    await page.getByText(t.looked.contest, { exact: true }).first().focus();
    await page.keyboard.press('Enter');
    const dialog = page.getByRole('dialog', { name: t.contests.form.title });
    await dialog.waitFor();
    expect(await violations(page)).toEqual([]);
    for (let i = 0; i < 8; i++) {
      await page.keyboard.press('Tab');
      expect(await dialog.evaluate((at) => at.contains(document.activeElement))).toBe(true);
    }
    await page.keyboard.press('Escape');
    await dialog.waitFor({ state: 'detached' });
    await page.waitForFunction((name) => document.activeElement?.textContent === name, t.looked.contest);
  });
});

it('a red mark is told in words, and looks like one', async () => {
  stage.wire.lines[1]!.payload = stage.wire.lines[1]!.payload.replace('resident-desk', 'security');
  const page = await stage.page();
  await goTo(page, 'looked');
  expect((await linesShown(page)).filter(({ mark }) => mark === 'red')).toHaveLength(1);
  await hold(page, 'looked, red');
  await picture(page, 'portal-red');
}, 60_000);

describe('what is opened', () => {
  const t = wordsOf('ja');

  it('is covered until asked for, covered again, and covered by itself after two minutes', async () => {
    const page = await stage.page();
    await page.clock.install();
    await page.reload();
    const opens = page.getByRole('button', { name: t.record.open('個人番号') });
    await opens.waitFor();
    const text = () => page.textContent('main');
    expect(await text()).not.toContain('1234 5678 9018');
    await opens.click();
    await page.getByText('1234 5678 9018').waitFor();
    await page.getByRole('button', { name: t.record.cover('個人番号') }).click();
    expect(await text()).not.toContain('1234 5678 9018');
    await opens.click();
    await page.getByText('1234 5678 9018').waitFor();
    await page.clock.runFor(118_000);
    expect(await text()).toContain('1234 5678 9018');
    await page.clock.runFor(4_000);
    await opens.waitFor();
    expect(await text()).not.toContain('1234 5678 9018');
  });

  it('goes with the screen, and is in no address, title, storage or cookie', async () => {
    const page = await stage.page();
    await page.getByRole('button', { name: t.record.open('氏名') }).click();
    await page.getByText(own.name, { exact: true }).waitFor();
    expect(await page.title()).toBe(`${t.record.title} | ${t.site}`);
    expect(page.url()).toBe(`${stage.origin}/`);
    await goTo(page, 'lock');
    expect(await page.textContent('body')).not.toContain(own.name);
    const kept = await page.evaluate(async () => ({
      local: Object.keys(localStorage),
      session: JSON.stringify(Object.entries(sessionStorage)),
      databases: (await indexedDB.databases()).length,
      cookie: document.cookie,
      workers: (await navigator.serviceWorker?.getRegistrations())?.length ?? 0,
    }));
    expect(kept).toMatchObject({ local: [], databases: 0, cookie: '', workers: 0 });
    expect(kept.session).not.toContain(own.name);
  });

  it('does not come back by the back button after signing out', async () => {
    const page = await stage.page();
    await page.getByRole('button', { name: t.record.open('氏名') }).click();
    await page.getByText(own.name, { exact: true }).waitFor();
    await goTo(page, 'looked');
    await page.getByRole('button', { name: t.frame.signOut }).click();
    await page.getByRole('heading', { level: 1, name: t.signIn.title }).waitFor();
    for (let i = 0; i < 3; i++) {
      await page.goBack().catch(() => null);
      await page.waitForTimeout(200);
      const text = (await page.textContent('body').catch(() => '')) ?? '';
      expect(text).not.toContain(own.name);
      expect(await page.locator('[data-mark]').count()).toBe(0);
    }
  });

  it('is text, whatever stands in a name', async () => {
    stage.wire.name = '<img src=x onerror="document.title=1">';
    const page = await stage.page();
    await page.getByRole('button', { name: t.record.open('氏名') }).click();
    await page.getByText(stage.wire.name, { exact: true }).waitFor();
    await page.getByRole('button', { name: t.household.show }).click();
    await page.getByRole('table').waitFor();
    expect(await page.locator('main img').count()).toBe(0);
    expect(await page.title()).toBe(`${t.record.title} | ${t.site}`);
  });
});

describe('what a resident may do', () => {
  const t = wordsOf('ja');

  it('contests a line, and sees its state', async () => {
    const page = await stage.page();
    await goTo(page, 'looked');
    await page.getByLabel(t.looked.contestOf(42)).click();
    const dialog = page.getByRole('dialog', { name: t.contests.form.title });
    await dialog.getByRole('button', { name: t.contests.form.submit }).click();
    await dialog.getByText(t.contests.form.missing).waitFor();
    expect(stage.wire.asked).toEqual([]);
    await dialog.getByRole('textbox').fill('この日は行っていません。');
    await dialog.getByRole('button', { name: t.contests.form.submit }).click();
    await dialog.getByRole('link', { name: t.contests.form.toContests }).click();
    await page.getByRole('heading', { name: t.contests.line(42) }).waitFor();
    await page.getByText('受付待ち').waitFor();
    expect(stage.wire.contests[0]).toMatchObject({ about: { line: { municipality: '131016', index: 42 } } });
  });

  it('locks look-ups until a day, and unlocks them', async () => {
    const page = await stage.page();
    await goTo(page, 'lock');
    await page.getByText(t.lock.choices.quarter).click();
    await page.getByRole('button', { name: t.lock.submit }).click();
    await page.getByText(t.lock.done).waitFor();
    const days = (stage.wire.lock!.until - Date.now()) / 86_400_000;
    expect(Math.round(days)).toBeGreaterThan(89);
    expect(Math.round(days)).toBeLessThan(93);
    await page.getByText(/まで止めています$/).waitFor();
    await page.getByRole('button', { name: t.lock.lift }).click();
    await page.getByText(t.lock.lifted).waitFor();
    expect(stage.wire.lock).toBeNull();
  });

  it('a session that is over empties the page', async () => {
    const page = await stage.page();
    await page.getByRole('button', { name: t.record.open('氏名') }).click();
    await page.getByText(own.name, { exact: true }).waitFor();
    stage.wire.signedIn = false;
    await page.getByRole('button', { name: t.record.open('住所') }).click();
    await page.getByRole('heading', { level: 1, name: t.signIn.title }).waitFor();
    expect(await page.textContent('body')).not.toContain(own.name);
  });
});
