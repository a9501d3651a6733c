import { expect, it } from 'vitest';
import { type AllOpened, nextEnd, stillOpen } from './use-opened.ts';

type OpenedGroups = AllOpened<{ fields: { name: string }; line: number }>;

const group = (endsAt: number) => ({ fields: { name: 'x' }, endsAt, line: 1 });

it('a group is open until its end and not at it', () => {
  const opened: OpenedGroups = new Map([
    ['name', group(1_000)],
    ['address', group(2_000)],
  ]);
  expect([...stillOpen(opened, 999).keys()]).toEqual(['name', 'address']);
  expect([...stillOpen(opened, 1_000).keys()]).toEqual(['address']);
  expect(stillOpen(opened, 2_000).size).toBe(0);
  expect(nextEnd(opened)).toBe(1_000);
});

it('nothing changes where none is over', () => {
  const opened: OpenedGroups = new Map([['name', group(1_000)]]);
  expect(stillOpen(opened, 0)).toBe(opened);
  expect(nextEnd(new Map())).toBeNull();
});
