import type { Page } from 'playwright-core';
import { expect } from 'vitest';
import { violations } from './axe.ts';
import { walk } from './keyboard.ts';
import { cutTexts, desktop, phone } from './pictures.ts';
import type { Language } from './portal-words.ts';

/**
 * A screen as it stands: nothing that WCAG 2.2 AA forbids, nothing cut on a phone, every stop of the keyboard seen and left.
 * Only words differ between the languages, so the wide screen and the keyboard are looked at in the first.
 */
export async function hold(page: Page, name: string, language: Language = 'ja'): Promise<void> {
  if (language === 'ja') {
    expect(await violations(page), name).toEqual([]);
    await holdKeys(page, name);
  }
  await page.setViewportSize(phone);
  expect(await violations(page), `${name}, phone`).toEqual([]);
  expect(await cutTexts(page), name).toEqual([]);
  await page.setViewportSize(desktop);
}

async function holdKeys(page: Page, name: string): Promise<void> {
  const { stops, left } = await walk(page);
  expect(stops.length, name).toBeGreaterThan(2);
  expect(left, `${name}: the focus never leaves`).toBe(true);
  expect(
    stops.filter(({ visible, onScreen }) => !visible || !onScreen),
    name,
  ).toEqual([]);
}
