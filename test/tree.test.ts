import { execFileSync } from 'node:child_process';
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, it } from 'vitest';
import { migrationFaults } from './tree-migrations.ts';
import { pageFaults } from './tree-pages.ts';
import {
  bannedCallFaults,
  blobFaults,
  deadFileFaults,
  type Fault,
  importFaults,
  lengthFaults,
  linkFaults,
  nameFaults,
  readmeFaults,
  type Tree,
} from './tree-rules.ts';

const root = join(import.meta.dirname, '..');
const read = new Map<string, string>();
const sizes = new Map<string, number>();

/** What git knows, and what is about to be added: not what .gitignore names. */
beforeAll(() => {
  const listed = execFileSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], {
    cwd: root,
  });
  for (const path of listed.toString().split('\0')) {
    const stat = path === '' ? undefined : statSync(join(root, path), { throwIfNoEntry: false });
    if (!stat?.isFile()) continue;
    sizes.set(path, stat.size);
    read.set(
      path,
      /\.(?:tsx?|css|html|md|sql)$|^package\.json$/.test(path) ? readFileSync(join(root, path), 'utf8') : '',
    );
  }
});

const rules: [string, (tree: Tree) => Fault[]][] = [
  ['imports follow the table and use the doors', importFaults],
  ['files have at most 500 lines, functions 70', lengthFaults],
  ['clock, randomness, console, exit and errors come in by the right way', bannedCallFaults],
  ['names are nouns', nameFaults],
  ['pages keep to their own site, their own words and no storage', pageFaults],
  ['each room has a README of one screen', readmeFaults],
  ['no file is dead', deadFileFaults],
  ['no link in the papers is dead', linkFaults],
  ['no file is over a megabyte', () => blobFaults(sizes)],
  ['migrations can be distributed', migrationFaults],
];

it.each(rules)('%s', (_, rule) => {
  expect(rule(read).map(({ path, line, say }) => `${path}:${line} ${say}`)).toEqual([]);
});

it('the tree is there at all', () => {
  expect([...read.keys()].filter((path) => path.startsWith('src/')).length).toBeGreaterThan(30);
});
