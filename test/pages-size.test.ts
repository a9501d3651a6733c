import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { expect, it } from 'vitest';

const folder = join(import.meta.dirname, '../dist/web/portal');
const sizeOf = (address: string) => gzipSync(readFileSync(join(folder, address))).length;

/** Scripts and styles that a page names, and what its scripts import at once: all that comes before it stands. */
function firstLoad(): string[] {
  const html = readFileSync(join(folder, 'index.html'), 'utf8');
  const named = [...html.matchAll(/(?:src|href)="(\/assets\/[^"]+\.(?:js|css))"/g)].map(([, path]) => path!);
  const all = new Set(named);
  for (const path of all) {
    if (!path.endsWith('.js')) continue;
    const text = readFileSync(join(folder, path), 'utf8');
    for (const [, name] of text.matchAll(/(?:from|import)\s*"\.\/([^"]+\.js)"/g)) all.add(`/assets/${name}`);
  }
  return [...all];
}

it('the portal stands after at most 200 kB of script and style, fonts apart', () => {
  const files = firstLoad();
  expect(files.filter((path) => path.endsWith('.js')).length).toBeGreaterThan(0);
  expect(files.filter((path) => path.endsWith('.css')).length).toBeGreaterThan(0);
  const sizes = Object.fromEntries(files.map((path) => [path, sizeOf(path)]));
  expect(Object.values(sizes).reduce((sum, size) => sum + size, 0)).toBeLessThan(200_000);
});

it('"who looked" adds less than 30 kB to it', () => {
  const html = readFileSync(join(folder, 'index.html'), 'utf8');
  const entry = /src="(\/assets\/[^"]+\.js)"/.exec(html)![1]!;
  const looked = /assets\/(looked-[\w-]+\.js)/.exec(readFileSync(join(folder, entry), 'utf8'));
  expect(sizeOf(`/assets/${looked![1]}`)).toBeLessThan(30_000);
});
