import type { Locator, Page } from 'playwright-core';
import { deskWordsOf, type Group } from './desk-words.ts';
import type { Language } from './portal-words.ts';

export interface Whom {
  /** Reading and birth date as the register shows them, or as a clerk hears them. */
  reading: string;
  /** `1970-04-01` or 昭和45年4月1日: whole dates may be pasted into the year. */
  birthDate: string;
}

/** What somebody at the desk does, in the words that he reads there. */
export class Desk {
  readonly page: Page;
  readonly language: Language;
  readonly t: ReturnType<typeof deskWordsOf>;

  constructor(page: Page, language: Language) {
    this.page = page;
    this.language = language;
    this.t = deskWordsOf(language);
  }

  go(screen: 'home' | 'imports' | 'grants' | 'contests' | 'journal' | 'people'): Promise<void> {
    const { nav } = this.t.desk;
    return this.page
      .getByRole('navigation', { name: nav.label })
      .getByRole('link', { name: nav[screen], exact: true })
      .click();
  }

  button(name: string | RegExp, within: Page | Locator = this.page): Locator {
    return within.getByRole('button', { name, ...(typeof name === 'string' ? { exact: true } : {}) });
  }

  /** The round of a radio button is drawn by its label, as a person clicks it. */
  choose(text: string): Promise<void> {
    return this.page
      .locator('label')
      .filter({ has: this.page.getByText(text, { exact: true }) })
      .first()
      .click();
  }

  /** A text field by its label; a hint or a requirement may stand beside it. */
  field(label: string): Locator {
    const starts = new RegExp(`^${label.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}`);
    return this.page.getByRole('textbox', { name: starts });
  }

  async openCase(purpose: string): Promise<void> {
    const { newCase, case: work } = this.t.desk;
    await this.page.getByLabel(newCase.purpose).selectOption(purpose);
    await this.field(newCase.note).fill(this.language === 'ja' ? '窓口1番' : 'counter 1');
    await this.button(newCase.submit).click();
    await this.page.getByRole('heading', { level: 1, name: work.title }).waitFor();
  }

  async date(label: string, date: string): Promise<void> {
    const group = this.page.getByRole('group', { name: label });
    await group.getByRole('textbox', { name: this.t.ui.date.year }).fill(date);
    await group.getByText(this.t.ui.date.reads('').trim()).waitFor();
  }

  async search(): Promise<void> {
    const { find } = this.t.desk;
    await this.button(find.submit).click();
    await this.page.getByText(find.made(0).split('0')[0]!).waitFor();
  }

  async findByAddress(address: string): Promise<void> {
    const { find, newCase } = this.t.desk;
    await this.choose(newCase.by.address);
    await this.field(find.address).fill(address);
    await this.search();
  }

  async findByReading({ reading, birthDate }: Whom): Promise<void> {
    const { find, newCase } = this.t.desk;
    await this.choose(newCase.by.reading);
    await this.field(find.reading).fill(reading);
    await this.date(find.birthDate, birthDate);
    await this.search();
  }

  pick(n = 1): Promise<void> {
    return this.button(this.t.desk.find.chooseOf(n)).click();
  }

  async open(group: Group): Promise<void> {
    const { open } = this.t.desk;
    await this.button(open.open(this.t.group(group))).click();
    await this.button(open.close(this.t.group(group))).waitFor();
  }

  /** Opens a case, finds somebody by reading and birth date, and chooses him. */
  async take(purpose: string, whom: Whom): Promise<void> {
    await this.openCase(purpose);
    await this.findByReading(whom);
    await this.pick();
    await this.page.getByRole('heading', { name: this.t.desk.open.title }).waitFor();
  }

  /** Waits until a text was read out to a screen reader. */
  heard(text: string): Promise<void> {
    return this.page.locator('[aria-live]', { hasText: text }).first().waitFor({ state: 'attached' });
  }

  close(): Promise<void> {
    return this.page.context().close();
  }
}
