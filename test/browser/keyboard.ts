import type { Page } from 'playwright-core';

/** A place the focus came to. */
export interface Stop {
  /** Role or tag with its name, for the eye of who reads a failure. */
  what: string;
  /** An outline or a shadow that is not there without the focus. */
  visible: boolean;
  /** Whether it lies on the screen, not beside it. */
  onScreen: boolean;
}

/** Describes the element in focus; undefined when the focus is on nothing, as after the last stop. */
function focused(): (Stop & { place: number }) | undefined {
  const at = document.activeElement;
  if (at === null || at === document.body || !(at instanceof HTMLElement)) return undefined;
  const style = getComputedStyle(at);
  // A radio or a box may show its focus on the drawn sign beside it.
  const drawn = [at, ...(at.closest('label')?.querySelectorAll('*') ?? [])].map((each) =>
    getComputedStyle(each),
  );
  const visible = drawn.some(
    (each) => each.outlineStyle !== 'none' && Number.parseFloat(each.outlineWidth) >= 2,
  );
  const box = at.getBoundingClientRect();
  const name = at.getAttribute('aria-label') ?? at.textContent?.trim().slice(0, 40) ?? '';
  // A number that the element keeps, whatever comes and goes around it.
  const numbered = window as unknown as { stops?: WeakMap<Element, number>; next?: number };
  numbered.stops ??= new WeakMap();
  numbered.next ??= 0;
  if (!numbered.stops.has(at)) numbered.stops.set(at, numbered.next++);
  return {
    what: `${at.getAttribute('role') ?? at.tagName.toLowerCase()} ${name}`.trim(),
    place: numbered.stops.get(at) ?? -1,
    visible: visible || style.boxShadow !== 'none',
    onScreen: box.bottom > 0 && box.top < window.innerHeight && box.right > 0 && box.left < window.innerWidth,
  };
}

/**
 * Walks a screen with Tab alone until it comes to a place for the second time. `left` tells that on the way the focus went
 * out of the page, or past the last stop to the first: a trap has neither.
 */
export async function walk(page: Page, most = 250): Promise<{ stops: Stop[]; left: boolean }> {
  const stops: Stop[] = [];
  const places: number[] = [];
  let left = false;
  let within = 0;
  for (let i = 0; i < most; i++) {
    await page.keyboard.press('Tab');
    const at = await page.evaluate(focused);
    if (at === undefined) {
      left = true;
      continue;
    }
    const { place, ...stop } = at;
    // A date has its year, month and day: three stops within one element.
    if (place === places.at(-1) && ++within < 4) continue;
    within = 0;
    if (places.includes(place)) return { stops, left: left || place === places[0] };
    places.push(place);
    stops.push(stop);
  }
  return { stops, left: false };
}
