import { afterAll, describe, expect, it } from 'vitest';
import { faultyFile } from '../../src/sample/index.ts';
import { violations } from './axe.ts';
import type { Desk, Whom } from './desk-steps.ts';
import { hold as holdScreen } from './hold.ts';
import { openHouse } from './house-stage.ts';
import { picture } from './pictures.ts';
import { goTo, type Language, wordsOf } from './portal-words.ts';

// Every screen of the desk with what it really shows, in both languages: axe, a phone's width, the keyboard, and the pictures.

const stage = openHouse(12, { budgets: 'as checked in' });
/** Those that the docs show. */
const pictured = new Set([
  ...['cases', 'hits', 'opened', 'event-preview', 'newcomer', 'number-change', 'portal-code'],
  ...['grants', 'grant-approval', 'import-refused', 'contests', 'journal', 'people', 'invitation'],
]);
const whomOf = (n: number): Whom => {
  const { nameKana: reading, birthDate } = stage.town[n]!;
  return { reading, birthDate };
};

describe.each(['ja', 'en'] satisfies Language[])('in %s', { timeout: 120_000 }, (language) => {
  const people: Desk[] = [];
  afterAll(async () => {
    for (const each of people) await each.close();
  });
  const at = async (name: string) => {
    const desk = await stage.at(name, { language });
    people.push(desk);
    return desk;
  };
  const hold = async ({ page }: Desk, name: string) => {
    await holdScreen(page, name, language);
    if (language === 'ja' && pictured.has(name)) await picture(page, `desk-${name}`);
  };
  /** A dialog keeps the focus to itself, and Escape leaves it. */
  const holdDialog = async ({ page }: Desk, name: string) => {
    const dialog = page.getByRole('dialog');
    await dialog.waitFor();
    expect(await violations(page), name).toEqual([]);
    for (let i = 0; i < 6; i++) {
      await page.keyboard.press('Tab');
      expect(await dialog.evaluate((within) => within.contains(document.activeElement)), name).toBe(true);
    }
    if (language === 'ja' && pictured.has(name)) await picture(page, `desk-${name}`);
    await page.keyboard.press('Escape');
    await dialog.waitFor({ state: 'detached' });
  };

  it('a clerk’s: cases, a new one, finding, opening, a refusal', async () => {
    const clerk = await at('clerk');
    const { page, t } = clerk;
    await page.getByRole('heading', { level: 1, name: t.desk.home.title }).waitFor();
    await page.getByLabel(t.desk.newCase.purpose).selectOption('residence-certificate');
    await clerk.button(t.desk.newCase.submit).click();
    await page.getByText(`＊${t.desk.newCase.noteError}`).waitFor();
    await hold(clerk, 'cases');
    await clerk.openCase('residence-certificate');
    await clerk.choose(t.desk.newCase.by.address);
    await clerk.button(t.desk.find.submit).click();
    await page.getByText(`＊${t.desk.find.faults.empty}`).first().waitFor();
    await hold(clerk, 'find-refused');
    await clerk.findByReading(whomOf(0));
    await hold(clerk, 'hits');
    await clerk.pick();
    await clerk.open('address');
    await hold(clerk, 'opened');
    // Nobody has been at the desk with this case: the purpose does not open the number.
    await page.getByText(t.desk.open.notInPurpose).first().waitFor();
  });

  it('a life event with its preview, a newcomer, and the slip for the portal', async () => {
    const clerk = await at('clerk');
    const { page, t } = clerk;
    await clerk.take('move-within', whomOf(1));
    await clerk.button(t.events.title).click();
    await clerk.button(t.events.preview).click();
    await page.getByText(`＊${t.events.required}`).first().waitFor();
    await hold(clerk, 'event-refused');
    await clerk.field(t.events.fields.postcode).fill('3900874');
    await clerk.field(t.events.fields.address).fill('長野県松本市大手３丁目８番１３号');
    await clerk.button(t.events.preview).click();
    await clerk.button(`${t.events.openBefore}: ${t.group('address')}`).click();
    await page.getByRole('cell', { name: stage.town[1]!.address }).first().waitFor();
    await hold(clerk, 'event-preview');
    await clerk.go('home');
    await clerk.openCase('move-in');
    await clerk.button(t.desk.case.newcomer).click();
    await hold(clerk, 'newcomer');
    await clerk.go('home');
    await clerk.take('portal-binding', whomOf(2));
    await clerk.button(t.desk.invitation.submit).click();
    await page.getByText(t.desk.invitation.once).waitFor();
    await hold(clerk, 'portal-code');
  });

  it('a supervisor’s: number change for cause, correction, bulk grants', async () => {
    const supervisor = await at('supervisor');
    const { page, t } = supervisor;
    await supervisor.take('number-change', whomOf(3));
    await supervisor.button(t.events.title).click();
    await supervisor.button(t.events.preview).click();
    await page.getByRole('alert').filter({ hasText: t.events.cause.both }).waitFor();
    await hold(supervisor, 'number-change');
    await supervisor.go('home');
    await supervisor.take('correction', whomOf(3));
    await supervisor.button(t.events.title).click();
    await supervisor.choose(t.events.names.correction);
    await hold(supervisor, 'correction');
    const clerk = await at('clerk');
    const { grants } = t.office;
    await clerk.openCase('public-body-request');
    await clerk.go('grants');
    await clerk.choose(t.group('name'));
    await clerk.field(grants.count).fill('30');
    await clerk.field(grants.reason).fill('年次調査');
    await clerk.button(grants.submit).click();
    await clerk.page.getByText(grants.asked).first().waitFor();
    await hold(clerk, 'grant-asked');
    await supervisor.go('grants');
    await supervisor.button(grants.approve).first().click();
    await holdDialog(supervisor, 'grant-approval');
    await hold(supervisor, 'grants');
  });

  it('a registrar’s: an import with faults', async () => {
    const registrar = await at('registrar');
    const { page, t } = registrar;
    const { imports } = t.office;
    await registrar.openCase('register-keeping');
    await registrar.go('imports');
    await registrar.button(imports.submit).click();
    await page.getByText(`＊${imports.fileError}`).waitFor();
    await hold(registrar, 'import');
    const { bytes } = faultyFile(language);
    await page.locator('input[type=file]').setInputFiles(stage.file(`${language}.csv`, bytes));
    await registrar.button(imports.submit).click();
    await page.getByText(imports.states.refused).waitFor();
    await page.getByRole('table').waitFor();
    await hold(registrar, 'import-refused');
  });

  it('the officer’s: contests, journal, people', async () => {
    const portal = wordsOf(language);
    const resident = await stage.signedIn('resident', { language });
    await goTo(resident, 'record', language);
    const group = language === 'ja' ? '住所' : 'address';
    await resident.getByRole('button', { name: portal.record.open(group), exact: true }).click();
    await resident.getByRole('button', { name: portal.record.contest(group) }).click();
    await resident.getByLabel(portal.contests.form.text).fill('番地が古いままです。');
    await resident.getByRole('button', { name: portal.contests.form.submit, exact: true }).click();
    await resident.getByText(portal.contests.form.done).waitFor();
    await resident.context().close();
    const officer = await at('officer');
    const { page, t } = officer;
    const { contests, journal, people } = t.office;
    await officer.go('contests');
    await officer.button(contests.take).click();
    await officer.button(contests.read).click();
    await page.getByText('番地が古いままです。').waitFor();
    await hold(officer, 'contests');
    await officer.field(contests.answer).fill('訂正します。');
    await officer.button(contests.accept).click();
    await page.getByText(contests.states.accepted, { exact: true }).first().waitFor();
    await officer.go('journal');
    await officer.button(journal.verify).click();
    await page.getByText(journal.verified('').replace(/^ /, '')).waitFor();
    await page.getByRole('img').waitFor();
    await officer.button(journal.submit).click();
    await page.getByRole('table', { name: journal.result }).waitFor();
    await hold(officer, 'journal');
    await officer.button(journal.asTable).click();
    await page.getByRole('columnheader', { name: journal.series.refused }).waitFor();
    await hold(officer, 'journal-table');
    await officer.go('people');
    await officer.button(people.suspendOf('demo-clerk')).click();
    await holdDialog(officer, 'suspend');
    await hold(officer, 'people');
  });

  it('an administrator’s: people, terminals, an invitation', async () => {
    const administrator = await at('administrator');
    const { page, t } = administrator;
    const { people } = t.office;
    await administrator.go('people');
    await page.getByRole('heading', { name: people.addStaff }).waitFor();
    await administrator.button(people.submit).first().click();
    await page.getByText(`＊${people.nameError}`).first().waitFor();
    await hold(administrator, 'enrolment');
    await administrator.button(people.inviteOf('demo-clerk')).click();
    await administrator.button(people.invite, page.getByRole('dialog')).click();
    await page.getByText(people.codeUrl).waitFor();
    await holdDialog(administrator, 'invitation');
    await page.getByRole('tab', { name: people.terminals }).click();
    await page.getByRole('heading', { name: people.addTerminal }).waitFor();
    await hold(administrator, 'terminals');
  });
});
