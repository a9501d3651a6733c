import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { seededRandomness } from '../../../ground/randomness.ts';
import { DuplicateFinder } from './duplicates.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sekisho-duplicates-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function found(values: readonly string[]) {
  const finder = await DuplicateFinder.create(folder, seededRandomness('duplicates'));
  const pairs = [];
  for (const [at, value] of values.entries()) finder.add(value, at + 1);
  for await (const pair of finder.duplicates()) pairs.push(pair);
  await finder.close();
  return pairs.sort((a, b) => a.line - b.line);
}

describe('duplicates', () => {
  it('names every line of a value that occurs twice or more', async () => {
    expect(await found(['a', 'b', 'a', 'c', 'a'])).toEqual([
      { line: 1, otherLine: 3 },
      { line: 3, otherLine: 1 },
      { line: 5, otherLine: 1 },
    ]);
    expect(await found(['a', 'b', 'c'])).toEqual([]);
  });

  it('finds them across what went to disk, and leaves nothing there', async () => {
    const values = Array.from({ length: 200_000 }, (_, at) => `value-${at}`);
    values.push('value-17', 'value-199999');
    expect(await found(values)).toEqual([
      { line: 18, otherLine: 200_001 },
      { line: 200_000, otherLine: 200_002 },
      { line: 200_001, otherLine: 18 },
      { line: 200_002, otherLine: 200_000 },
    ]);
    expect(await readdir(folder)).toEqual([]);
  });

  it('what lies on disk meanwhile holds no value', async () => {
    const finder = await DuplicateFinder.create(folder, seededRandomness('duplicates'));
    for (let at = 0; at < 150_000; at++) finder.add('24727059608', at + 1);
    const [run] = await readdir(folder);
    const files = await readdir(join(folder, run!));
    expect(files.length).toBeGreaterThan(0);
    for (const file of files) {
      expect((await readFile(join(folder, run!, file))).includes('24727059608')).toBe(false);
    }
    await finder.close();
  });
});
