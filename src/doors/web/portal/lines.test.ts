import { describe, expect, it } from 'vitest';
import { joined, type Lines, olderOf } from './lines.ts';
import { givenLines } from './verify/index.ts';
import { sceneOf } from './verify/scene.fixture.ts';

const { answer } = await sceneOf(23, [22, 16, 15, 0]);
const told = (given: Partial<Parameters<typeof olderOf>[0]> = {}) =>
  ({ ...answer, coarse: [], hidden: [], older: [], ...given }) as unknown as Parameters<typeof olderOf>[0];
const checked = (indexes: readonly number[]) =>
  givenLines(answer)
    .filter(({ index }) => indexes.includes(index))
    .map((entry) => ({ entry, verdict: { mark: 'grey' as const } }));
const page = (indexes: readonly number[], more: Partial<Lines> = {}): Lines => ({
  ...{ checked: checked(indexes), hidden: [], older: new Map<string, number>() },
  ...more,
});

describe('where an answer goes on', () => {
  it('in each journal where the server says; nowhere at its end', () => {
    const older = [
      { municipality: '131016', before: 15 },
      { municipality: '202029', before: 0 },
    ];
    expect(olderOf(told({ older }))).toEqual(
      new Map([
        ['131016', 15],
        ['202029', 0],
      ]),
    );
    expect(olderOf(told())).toEqual(new Map());
  });
});

describe('what was read further back', () => {
  it('comes behind, and a line that came twice is one line', () => {
    const all = joined(page([22, 16]), page([16, 15, 0], { older: new Map([['131016', 0]]) }));
    expect(all.checked.map(({ entry }) => entry.index)).toEqual([22, 16, 15, 0]);
    expect(all.older).toEqual(new Map([['131016', 0]]));
  });

  it('adds up what is hidden, by the day it opens', () => {
    const before = page([22], { hidden: [{ count: 2, opensAt: 20 }] });
    const after = page([16], {
      hidden: [
        { count: 1, opensAt: 10 },
        { count: 3, opensAt: 20 },
      ],
    });
    expect(joined(before, after).hidden).toEqual([
      { count: 1, opensAt: 10 },
      { count: 5, opensAt: 20 },
    ]);
  });
});
