import type { Page } from 'playwright-core';
import { portalEn } from '../../src/doors/web/words/portal-en.ts';
import { portalJa } from '../../src/doors/web/words/portal-ja.ts';

export type Language = 'ja' | 'en';

/** The words a story looks for, as the reader of a language sees them. */
export const wordsOf = (language: Language) => (language === 'ja' ? portalJa : portalEn);

/** The screens of the portal by their names in the navigation. */
export const screens = ['record', 'looked', 'contests', 'lock', 'marks'] as const;
export type Screen = (typeof screens)[number];

/** Goes to a screen as a person does: by the navigation. */
export async function goTo(page: Page, screen: Screen, language: Language = 'ja'): Promise<void> {
  const t = wordsOf(language);
  await page.getByRole('navigation').getByRole('link', { name: t.nav[screen], exact: true }).click();
  await page.getByRole('heading', { level: 1, name: t[screen].title }).waitFor();
  if (screen === 'looked') await page.getByRole('list', { name: t.looked.list }).waitFor();
  if (screen === 'marks') await page.waitForFunction(() => document.querySelector('dd code')?.textContent);
}

/** The lines on the screen "who looked", in their order. */
export async function linesShown(page: Page): Promise<{ sentence: string; mark: string; text: string }[]> {
  return page.locator('main ol > li:has([data-mark])').evaluateAll((all) =>
    all.map((item) => ({
      sentence: item.querySelector('h3')?.textContent ?? '',
      mark: item.querySelector('[data-mark]')?.getAttribute('data-mark') ?? '',
      text: item.textContent ?? '',
    })),
  );
}
