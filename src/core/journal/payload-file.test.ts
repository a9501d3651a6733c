import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { manualClock } from '../../ground/clock.ts';
import { Elapsed } from './elapsed.ts';
import { decodeRecords, encodeRecord, erasedRecord, payloadPath } from './payload-file.ts';

const row = (i: number, token = true) => ({
  at: 1_775_000_000_000 + i,
  commitment: Buffer.alloc(32, i),
  token: token ? Buffer.alloc(16, i) : null,
  sealed: Buffer.from(`sealed ${i}`),
});
const file = (first: number, count: number) =>
  Buffer.concat(Array.from({ length: count }, (_, i) => encodeRecord(first + i, row(i, i % 2 === 0))));

describe('payload file', () => {
  it('comes back as it went in', () => {
    const records = [...decodeRecords(file(70_000, 5))];
    expect(records.map(({ index }) => index)).toEqual([70_000, 70_001, 70_002, 70_003, 70_004]);
    for (const [i, record] of records.entries()) {
      const { at, token, sealed } = row(i, i % 2 === 0);
      expect(record).toMatchObject({ at, token, sealed });
    }
  });

  it('is one per 65,536 lines', () => {
    expect([0, 65_535, 65_536, 65_536_000].map(payloadPath)).toEqual([
      ...['payload/000', 'payload/000', 'payload/001', 'payload/x001/000'],
    ]);
  });

  it('cut short ends at the last whole record', () => {
    const bytes = file(0, 3);
    const ends = [...decodeRecords(bytes)].map(({ to }) => to);
    for (let cut = 0; cut < bytes.length; cut++)
      expect([...decodeRecords(bytes.subarray(0, cut))]).toHaveLength(
        ends.filter((end) => end <= cut).length,
      );
  });

  it('stops at an index out of order', () => {
    const bytes = Buffer.concat([encodeRecord(0, row(0)), encodeRecord(2, row(2))]);
    expect([...decodeRecords(bytes)]).toHaveLength(1);
  });

  it('erased in place keeps its length and loses its bytes', () => {
    const bytes = file(0, 3);
    const [, second] = [...decodeRecords(bytes)];
    erasedRecord(bytes, second!).copy(bytes, second!.from);
    expect([...decodeRecords(bytes)].map(({ sealed }) => sealed === null)).toEqual([false, true, false]);
    expect(bytes.includes('sealed 1')).toBe(false);
    expect(bytes.includes('sealed 2')).toBe(true);
  });

  it('reads garbage without throwing', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        expect([...decodeRecords(Buffer.from(bytes))].length).toBeLessThan(20);
      }),
    );
  });
});

describe('elapsed time', () => {
  it('leaves out jumps back and counts jumps forward', () => {
    const clock = manualClock(1_000_000);
    const elapsed = new Elapsed(clock);
    clock.advance(10);
    expect(elapsed.now()).toBe(10);
    clock.set(0);
    expect(elapsed.now()).toBe(10);
    clock.advance(5);
    expect(elapsed.now()).toBe(15);
    clock.set(1_000_000);
    expect(elapsed.now()).toBe(15 + 999_995);
  });
});
