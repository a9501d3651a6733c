import { describe, expect, it } from 'vitest';
import { SekishoError } from '../../ground/errors.ts';
import { MicroBatch } from './micro-batch.ts';

const gate = () => {
  const batches: number[][] = [];
  let open: () => void = () => {};
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  const batch = new MicroBatch<number, string>(
    async (keys) => {
      batches.push(keys);
      await opened;
      return new Map(keys.filter((key) => key >= 0).map((key) => [key, `row ${key}`]));
    },
    { lanes: 1, most: 4 },
  );
  return { batch, batches, open };
};

describe('micro-batching', () => {
  it('joins callers of one turn into one query, each key once', async () => {
    const { batch, batches, open } = gate();
    open();
    expect(await Promise.all([1, 2, 1].map((key) => batch.get(key)))).toEqual(['row 1', 'row 2', 'row 1']);
    expect(batches).toEqual([[1, 2]]);
  });
  it('answers a key that is not there with undefined', async () => {
    const { batch, open } = gate();
    open();
    expect(await batch.get(-1)).toBeUndefined();
  });
  it('collects while a query is under way, and asks for no more than a batch holds', async () => {
    const { batch, batches, open } = gate();
    const first = batch.get(1);
    await new Promise((resolve) => setImmediate(resolve));
    const later = [2, 3, 4, 5, 6, 7].map((key) => batch.get(key));
    await new Promise((resolve) => setImmediate(resolve));
    expect(batches).toEqual([[1]]);
    open();
    await Promise.all([first, ...later]);
    expect(batches).toEqual([[1], [2, 3, 4, 5], [6, 7]]);
  });
  it('tells every caller of a failed query, and goes on afterwards', async () => {
    let fails = true;
    const batch = new MicroBatch<number, number>(async (keys) => {
      if (fails) throw new SekishoError('database-unavailable');
      return new Map(keys.map((key) => [key, key]));
    });
    const both = await Promise.allSettled([batch.get(1), batch.get(2)]);
    expect(both.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    fails = false;
    expect(await batch.get(3)).toBe(3);
  });
});
