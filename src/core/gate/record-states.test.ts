import { describe, expect, it } from 'vitest';
import type { PersonId } from '../../ground/ids.ts';
import { placeAt, placeNumber, replacing } from './line-place.ts';
import { past, present, RecordStates } from './record-states.ts';

const digest = (n: number) => Buffer.alloc(32, n);
const own = (lineIndex: number) => ({ log: 2, lineIndex });
const old = (lineIndex: number) => ({ log: 1, lineIndex });
const anna = '01900000-0000-7000-8000-00000000000a' as PersonId;
const carried = (lineIndex: number, isPast = false) => ({
  ...{ ...old(lineIndex), person: anna, after: digest(lineIndex), isPast },
});
const left = (states: RecordStates) =>
  [...states.missing()].map(({ log, lineIndex }) => `${log}/${lineIndex}`);

describe('a place', () => {
  it('is one number that sorts by log, then by line, and comes apart again', () => {
    const places = [old(0), old(7), old(2 ** 39), own(0), own(1)];
    const numbers = places.map(placeNumber);
    expect([...numbers].sort((a, b) => a - b)).toEqual(numbers);
    expect(numbers.map(placeAt)).toEqual(places);
  });
  it('of a state replaced names the log only where it is another', () => {
    expect(replacing(null, 2)).toEqual({ replaces: null });
    expect(replacing(own(3), 2)).toEqual({ replaces: 3 });
    expect(replacing(old(3), 2)).toEqual({ replaces: 3, replacesLog: 1 });
  });
});

describe('states by the lines of a log', () => {
  it('the last one stands, the one before it is past', () => {
    const states = new RecordStates(2);
    states.put(3, digest(3), null);
    states.put(5, digest(5), own(3));
    states.settle(6);
    expect([states.is(own(3), past), states.is(own(5), present)]).toEqual([true, true]);
    expect([2, 3, 5, 6].map((line) => states.gave(own(line)))).toEqual([false, true, true, false]);
    expect(states.isState(own(5), digest(5))).toBe(true);
    expect(states.isState(own(5), digest(4))).toBe(false);
    expect(states.is(own(4), present) || states.is(own(99), present)).toBe(false);
    expect([states.isState(own(99), digest(0)), states.isState(own(-1), digest(0))]).toEqual([false, false]);
  });

  it('a restore takes back what came after its moment', () => {
    const states = new RecordStates(2);
    states.put(1, digest(1), null);
    states.put(5, digest(5), own(1));
    states.restore(7, 3);
    states.put(8, digest(8), own(1));
    states.settle(9);
    expect(left(states)).toEqual(['2/1', '2/8']);
    expect(states.is(own(1), past)).toBe(true);
  });

  it('a restore to a moment that an earlier one had left behind brings back what stood there', () => {
    const states = new RecordStates(2);
    states.put(1, digest(1), null);
    states.put(5, digest(5), own(1));
    states.restore(7, 3);
    states.put(8, digest(8), own(1));
    states.restore(10, 6);
    states.settle(11);
    expect(left(states)).toEqual(['2/1', '2/5']);
    expect([states.is(own(1), past), states.is(own(5), present)]).toEqual([true, true]);
  });
});

describe('states of an earlier log', () => {
  it('stand as they are carried, and no other line of that log does', () => {
    const states = new RecordStates(2);
    states.carry(1, [carried(40), carried(12, true)]);
    states.settle(2);
    expect([states.is(old(40), present), states.is(old(12), past), states.is(old(13), present)]).toEqual([
      true,
      true,
      false,
    ]);
    expect(states.isState(old(40), digest(40))).toBe(true);
    expect([states.carriedPerson(old(40)), states.carriedPerson(old(13))]).toEqual([anna, null]);
    expect([states.gave(old(12)), states.gave(old(13))]).toEqual([true, false]);
    expect([states.carriedPerson(own(1)), states.carriedPerson(old(-4))]).toEqual([null, null]);
  });

  it('are past once a line of this log replaces them, and stand again when that is undone', () => {
    const build = (withRestore: boolean) => {
      const states = new RecordStates(2);
      states.carry(1, [carried(40)]);
      states.put(6, digest(6), old(40));
      if (withRestore) states.restore(9, 4);
      states.settle(10);
      return states;
    };
    expect(build(false).is(old(40), past)).toBe(true);
    expect(build(true).is(old(40), present)).toBe(true);
    expect(build(true).is(own(6), present)).toBe(false);
  });

  it('count no more once the records went back to before them, but for what is carried anew', () => {
    const states = new RecordStates(2);
    states.carry(1, [carried(40), carried(41)]);
    states.restore(9, 0);
    states.carry(10, [carried(41)]);
    states.settle(11);
    expect(left(states)).toEqual(['1/41']);
  });

  it('are many: room is made as they come', () => {
    const states = new RecordStates(2);
    states.carry(
      1,
      Array.from({ length: 3_000 }, (_, i) => carried(i)),
    );
    states.settle(2);
    expect(left(states)).toHaveLength(3_000);
    states.seen(old(7));
    expect(left(states)).toHaveLength(2_999);
  });
});
