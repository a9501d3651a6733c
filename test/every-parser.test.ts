import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';

const root = join(import.meta.dirname, '..');
const textOf = (file: string): string => readFileSync(join(root, file), 'utf8');

/** Parsers that need no test of their own against garbage, and why. */
const spared = new Map([
  ['decodeGroup', 'given only what the gate itself encoded and has just authenticated'],
]);

it('every parser and decoder of text or bytes is tried with garbage', () => {
  const tried = globSync('src/**/*.test.ts', { cwd: root })
    .map(textOf)
    .filter((text) => text.includes('WithstandGarbage'))
    .join('\n');
  const parsers = globSync('src/**/*.ts', { cwd: root })
    .filter((file) => !/\.(test|fixture|gen)\.ts$/.test(file))
    .flatMap((file) => [...textOf(file).matchAll(/export (?:const|function\*?) ((?:parse|decode)[A-Z]\w*)/g)])
    .map(([, name]) => name!);
  expect(parsers.length).toBeGreaterThan(15);
  expect(parsers.filter((name) => !spared.has(name) && !tried.includes(`name: '${name}'`))).toEqual([]);
});
