import type { Page } from 'playwright-core';
import { expect } from 'vitest';
import { violations } from './axe.ts';
import { walk } from './keyboard.ts';
import { cutTexts, desktop, phone } from './pictures.ts';

/** Nothing that WCAG 2.2 AA forbids, and nothing cut on a phone. */
export async function holdLooks(page: Page, name: string): Promise<void> {
  expect(await violations(page), name).toEqual([]);
  await page.setViewportSize(phone);
  expect(await violations(page), `${name}, phone`).toEqual([]);
  expect(await cutTexts(page), name).toEqual([]);
  await page.setViewportSize(desktop);
}

/** Every stop of the keyboard seen, and left again. */
export async function holdKeys(page: Page, name: string): Promise<void> {
  const { stops, left } = await walk(page);
  expect(stops.length, name).toBeGreaterThan(2);
  expect(left, `${name}: the focus never leaves`).toBe(true);
  expect(
    stops.filter(({ visible, onScreen }) => !visible || !onScreen),
    name,
  ).toEqual([]);
}

export async function hold(page: Page, name: string): Promise<void> {
  await holdKeys(page, name);
  await holdLooks(page, name);
}
