import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';

export const phone = { width: 390, height: 844 };
export const desktop = { width: 1280, height: 800 };

/** A longer screen says nothing more in a picture. */
const tallest = 1500;

const folder = join(import.meta.dirname, '../../docs/pictures');

/** Takes a screen for the docs at phone and desktop width: `<name>-phone.png`, `<name>.png`. Nothing without SEKISHO_PICTURES=1. */
export async function picture(page: Page, name: string): Promise<void> {
  if (process.env['SEKISHO_PICTURES'] !== '1') return;
  mkdirSync(folder, { recursive: true });
  const before = page.viewportSize();
  for (const [size, ending] of [
    [phone, '-phone'],
    [desktop, ''],
  ] as const) {
    await page.setViewportSize(size);
    await page.evaluate(async () => {
      await document.fonts.ready;
      (document.activeElement as HTMLElement | null)?.blur();
      // What sticks to the top stands where it belongs.
      window.scrollTo(0, 0);
    });
    const path = join(folder, `${name}${ending}.png`);
    const long = await page.evaluate(() => document.documentElement.scrollHeight);
    const clip = { x: 0, y: 0, width: size.width, height: Math.min(long, tallest) };
    await page.screenshot({ path, fullPage: true, clip, animations: 'disabled' });
  }
  if (before !== null) await page.setViewportSize(before);
}

/** Texts that stick out of their box: cut Japanese is what nobody sees in a test that only reads. */
export async function cutTexts(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const wide =
      document.documentElement.scrollWidth > window.innerWidth + 1 ? ['the page scrolls sideways'] : [];
    const all = [...document.querySelectorAll<HTMLElement>('h1,h2,h3,p,button,a,label,dt,dd,li,legend')];
    const cut = all.filter((at) => {
      const style = getComputedStyle(at);
      const unseen = style.position === 'absolute' || at.closest('[class*=hidden-visually]') !== null;
      // What scrolls by itself shows all it has.
      if (unseen || style.display === 'inline' || style.overflowX === 'auto') return false;
      // A closing bracket at a line's end may hang out by the space between letters.
      return at.clientWidth > 0 && at.scrollWidth > at.clientWidth + 4;
    });
    return [
      ...wide,
      ...cut.map(
        (at) =>
          `${at.tagName.toLowerCase()} ${at.scrollWidth}/${at.clientWidth}: ${at.textContent?.trim().slice(0, 40)}`,
      ),
    ];
  });
}
