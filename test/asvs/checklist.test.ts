import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { quoted, root, rowsOf, text } from '../papers.ts';

const { ids } = JSON.parse(readFileSync(new URL('requirement-ids.json', import.meta.url), 'utf8')) as {
  ids: string[];
};
const rows = rowsOf(text('docs/asvs.md'));
const idsOf = (cell: string) => cell.split(', ').map((id) => id.replace(/^v5\.0\.0-/, ''));

describe('docs/asvs.md', () => {
  it('every requirement of levels 1 and 2 stands there exactly once', () => {
    const told = rows.flatMap((row) => idsOf(row[0]!));
    const times = (id: string) => told.filter((each) => id === each || id.startsWith(`${each}.`)).length;
    expect(ids.length).toBeGreaterThan(200);
    expect(ids.filter((id) => times(id) !== 1)).toEqual([]);
    expect(told.filter((each) => !ids.some((id) => id === each || id.startsWith(`${each}.`)))).toEqual([]);
  });

  it('every id is written in full', () => {
    for (const row of rows)
      expect(row[0]).toMatch(/^v5\.0\.0-\d+(?:\.\d+){0,2}(?:, v5\.0\.0-\d+(?:\.\d+){0,2})*$/);
  });

  const met = rows.filter((row) => row.length === 4) as [string, string, string, string][];

  it.each(met)('%s %s: file and test are there', (_id, _what, files, shown) => {
    for (const path of quoted(files).filter((each) => !each.includes(' ')))
      expect(existsSync(join(root, path)), path).toBe(true);
    const [test, title] = shown.split(' › ') as [string, string];
    expect(text(quoted(test)[0]!)).toContain(title);
  });

  it('counts as many met as it lists', () => {
    expect(text('docs/asvs.md')).toContain(`Met, with a test: ${met.length} of ${ids.length}.`);
  });
});
