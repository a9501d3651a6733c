import { buildPages } from '../src/doors/web/index.ts';

/** Vitest's global setup: the pages are built once, where the sources have changed since. */
export async function setup(): Promise<void> {
  await buildPages();
}
