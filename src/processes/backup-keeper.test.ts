import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { manualClock } from '../ground/clock.ts';
import { archiveState } from '../ground/database/index.ts';
import { SekishoError } from '../ground/errors.ts';
import { silentLog } from '../ground/log.ts';
import { type BackupEvent, BackupKeeper } from './backup-keeper.ts';

const clock = manualClock();
const hourMs = 3_600_000;
let folder: string;
let archive: string;
let bases: string;
let made: string[];
let events: BackupEvent[];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sekisho-keeper-'));
  [archive, bases] = [join(folder, 'wal'), join(folder, 'base')];
  mkdirSync(archive);
  mkdirSync(bases);
  [made, events] = [[], []];
});
afterEach(() => {
  vi.useRealTimers();
  rmSync(folder, { recursive: true });
});

/** An archived segment, so many hours before now. */
function segment(number: number, kilobytes: number, hoursAgo: number): void {
  const file = join(archive, `00000001000000000000${number.toString(16).toUpperCase().padStart(4, '0')}`);
  writeFileSync(file, Buffer.alloc(kilobytes * 1_024));
  const at = (clock.now() - hoursAgo * hourMs) / 1_000;
  utimesSync(file, at, at);
}

function baseCopy(hoursAgo: number): void {
  const at = new Date(clock.now() - hoursAgo * hourMs).toISOString();
  const name = `base-${at.replace(/[-:.]/g, '')}`;
  mkdirSync(join(bases, name));
  const manifest = {
    ...{
      format: 'sekisho-base-copy/1',
      label: 'sekisho',
      timeline: 1,
      start_lsn: '0/1000000',
      started_at: at,
    },
    ...{ system_identifier: '1', server_version: 180_000, wal_segment_size_bytes: 4_194_304 },
    ...{ stopped_at: at, stop_lsn: '0/1000100', folders: [], files: [] },
  };
  writeFileSync(join(bases, name, 'manifest.json'), JSON.stringify(manifest));
}

const keeper = (more: { everyMs?: number; backup?: () => Promise<string> } = {}) =>
  new BackupKeeper({
    ...{ archive, bases, clock, log: silentLog, limitBytes: 100 * 1_024, everyMs: 24 * hourMs },
    backup: async () => {
      made.push('base');
      return 'base';
    },
    onEvent: (event) => events.push(event),
    ...more,
  });

describe('what the archive holds', () => {
  it('is nothing where there is none', async () => {
    rmSync(archive, { recursive: true });
    expect(await archiveState({ archive, bases })).toEqual({
      files: 0,
      sizeBytes: 0,
      sinceBytes: 0,
      since: null,
    });
  });
  it('counts from the newest base copy, else from the oldest file', async () => {
    segment(1, 10, 30);
    segment(2, 20, 5);
    const all = { files: 2, sizeBytes: 30 * 1_024 };
    const oldest = await archiveState({ archive, bases });
    expect(oldest).toMatchObject({ ...all, sinceBytes: 30 * 1_024 });
    expect(oldest.since).toBeCloseTo(clock.now() - 30 * hourMs, -1);
    baseCopy(10);
    expect(await archiveState({ archive, bases })).toEqual({
      ...{ ...all, sinceBytes: 20 * 1_024 },
      since: clock.now() - 10 * hourMs,
    });
  });
});

describe('a base copy by itself', () => {
  it('is not made while the newest is young and little has been archived', async () => {
    baseCopy(2);
    segment(1, 10, 1);
    await keeper().look();
    expect([made, events]).toEqual([[], []]);
  });
  it('is made a day after the newest, or after the first WAL where there is none', async () => {
    segment(1, 10, 25);
    await keeper().look();
    expect(events).toEqual([{ type: 'made', base: 'base' }]);
    baseCopy(24);
    segment(2, 10, 1);
    await keeper().look();
    expect(made).toHaveLength(2);
  });
  it('is not made where nothing has happened since the newest', async () => {
    segment(1, 10, 50);
    baseCopy(40);
    await keeper().look();
    expect(made).toEqual([]);
  });
  it('is made earlier where much has been archived, whatever older copies still need', async () => {
    segment(1, 90, 3);
    baseCopy(2);
    segment(2, 90, 1);
    await keeper().look();
    expect(made).toEqual([]);
    segment(3, 90, 1);
    await keeper().look();
    expect(made).toHaveLength(1);
  });
  it('that fails is told of and tried again at the next look', async () => {
    segment(1, 10, 25);
    const failing = keeper({ backup: () => Promise.reject(new SekishoError('disk-full')) });
    await failing.look();
    await failing.look();
    expect(events).toEqual([
      { type: 'failed', error: expect.objectContaining({ kind: 'disk-full' }) },
      { type: 'failed', error: expect.objectContaining({ kind: 'disk-full' }) },
    ]);
  });
  it('is waited for by whoever stops the house, and one look does not overtake another', async () => {
    vi.useFakeTimers();
    segment(1, 10, 25);
    let done: (base: string) => void = () => {};
    let calls = 0;
    const slow = keeper({
      backup: () => {
        calls++;
        return new Promise((resolve) => {
          done = resolve;
        });
      },
    });
    slow.start();
    await vi.advanceTimersByTimeAsync(10 * 60_000);
    vi.useRealTimers();
    await expect.poll(() => calls).toBe(1);
    const stopped = slow.stop();
    done('late');
    await stopped;
    expect([events, calls]).toEqual([[{ type: 'made', base: 'late' }], 1]);
  });
});

describe('where nobody wants base copies made by themselves', () => {
  it('a large archive is told of with its size and age, and nothing is deleted', async () => {
    baseCopy(48);
    segment(1, 60, 5);
    segment(2, 60, 1);
    const before = await archiveState({ archive, bases });
    await keeper({ everyMs: 0 }).look();
    expect(made).toEqual([]);
    expect(events).toEqual([{ type: 'archive-large', sizeBytes: 120 * 1_024, ageMs: 48 * hourMs }]);
    expect(await archiveState({ archive, bases })).toEqual(before);
  });
  it('an old but small one is left in peace', async () => {
    baseCopy(480);
    segment(1, 60, 5);
    await keeper({ everyMs: 0 }).look();
    expect(events).toEqual([]);
  });
});
