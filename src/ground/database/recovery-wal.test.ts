import { mkdirSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import { faultInLog } from './recovery-server.ts';
import { beginSwap, readRestores, settleSwap, timelineAt } from './recovery-swap.ts';
import {
  firstGap,
  missingSegments,
  onDescent,
  parseLsn,
  parseSegment,
  segmentName,
  timelineDescent,
} from './recovery-wal.ts';

const size = 16 * 1024 * 1024;
const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
});
function temporary(): string {
  const folder = mkdtempSync(join(tmpdir(), 'sekisho-wal-'));
  folders.push(folder);
  return folder;
}

/** An archive with sparse segments of full size. */
function archiveOf(...names: string[]): string {
  const folder = temporary();
  for (const name of names) {
    writeFileSync(join(folder, name), '');
    if (/^[0-9A-F]{24}$/.test(name)) truncateSync(join(folder, name), size);
  }
  return folder;
}

const segment = (timeline: number, number: number) => segmentName(timeline, BigInt(number), size);

describe('names of segments', () => {
  it('follow XLogFileName: the low part counts 256 segments of 16 MiB', () => {
    expect(segment(1, 0)).toBe('000000010000000000000000');
    expect(segment(1, 255)).toBe('0000000100000000000000FF');
    expect(segment(26, 256)).toBe('0000001A0000000100000000');
  });

  it('are read back to what they were written from, for every segment size', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 0xffff_ffff }),
        fc.bigInt({ min: 0n, max: 0xffff_ffffn }),
        fc.integer({ min: 20, max: 30 }).map((bits) => 2 ** bits),
        (timeline, number, bytes) => {
          const name = segmentName(timeline, number, bytes);
          expect(parseSegment(name, bytes)).toEqual({ timeline, number });
        },
      ),
    );
  });

  it('are told from history, backup and partial files', () => {
    for (const name of [
      '00000002.history',
      `${segment(1, 3)}.partial`,
      `${segment(1, 3)}.00000028.backup`,
      'x',
    ])
      expect(parseSegment(name, size)).toBeUndefined();
  });

  it('an LSN counts bytes', () => {
    expect(parseLsn('0/3000028')).toBe(0x3000028n);
    expect(parseLsn('16/B374D848')).toBe(0x16_b374_d848n);
  });
});

const base = { timeline: 1, wal_segment_size_bytes: size, start_lsn: '0/2000028', stop_lsn: '0/3000000' };

describe('what a base copy needs', () => {
  it('ends with the segment of its last byte, not the one after', async () => {
    expect(await missingSegments(archiveOf(segment(1, 2)), base)).toEqual([]);
    expect(await missingSegments(archiveOf(segment(1, 3)), base)).toEqual([segment(1, 2)]);
    const further = { ...base, stop_lsn: '0/3000001' };
    expect(await missingSegments(archiveOf(segment(1, 2)), further)).toEqual([segment(1, 3)]);
  });

  it('a segment cut short is not there', async () => {
    const archive = archiveOf(segment(1, 2));
    truncateSync(join(archive, segment(1, 2)), size - 1);
    expect(await missingSegments(archive, base)).toEqual([segment(1, 2)]);
  });
});

describe('timelines', () => {
  const history = '1\t0/5000100\tbefore 2026-04-01 00:00:00+00\n2\t0/7000200\tno recovery target specified\n';

  it('a history file gives the descent with the places of change', async () => {
    const archive = archiveOf();
    writeFileSync(join(archive, '00000003.history'), history);
    expect(await timelineDescent(archive, 3)).toEqual([
      { timeline: 1, beginLsn: 0n },
      { timeline: 2, beginLsn: 0x5000100n },
      { timeline: 3, beginLsn: 0x7000200n },
    ]);
    await expect(timelineDescent(archive, 4)).rejects.toMatchObject({
      kind: 'backup-broken',
      facts: { place: '00000004.history' },
    });
  });

  it('a base copy made after its timeline was left is not on the descent', () => {
    const steps = [
      { timeline: 1, beginLsn: 0n },
      { timeline: 3, beginLsn: 0x5000100n },
    ];
    expect(onDescent(steps, { ...base, stop_lsn: '0/5000100' })).toBe(true);
    expect(onDescent(steps, { ...base, stop_lsn: '0/5000101' })).toBe(false);
    expect(onDescent(steps, { ...base, timeline: 3, stop_lsn: '0/9000000' })).toBe(true);
    expect(onDescent(steps, { ...base, timeline: 2 })).toBe(false);
  });

  it('a gap is found on the way across a change of timeline, and a left timeline fills none', async () => {
    const steps = [
      { timeline: 1, beginLsn: 0n },
      { timeline: 2, beginLsn: 0x5000100n },
    ];
    const whole = [segment(1, 2), segment(1, 3), segment(1, 4), segment(2, 5), segment(2, 6)];
    expect(await firstGap(archiveOf(...whole), base, steps)).toBeUndefined();
    expect(await firstGap(archiveOf(...whole.filter((name) => name !== segment(1, 3))), base, steps)).toBe(
      segment(1, 3),
    );
    const leftOnly = [...whole.filter((name) => name !== segment(2, 5)), segment(1, 5)];
    expect(await firstGap(archiveOf(...leftOnly), base, steps)).toBe(segment(2, 5));
    const tail = new Set([segment(2, 5)]);
    expect(await firstGap(archiveOf(...leftOnly), base, steps, tail)).toBeUndefined();
  });
});

describe('restores made', () => {
  const made = (at: string, timeline: number) => ({
    at,
    to: '2026-04-01T00:00:00.000Z',
    base: 'base-20260401T000000000Z',
    from_timeline: timeline - 1,
    timeline,
    aside: 'before-restore-20260402T000000000Z',
  });

  it('say on which timeline the house lived at a moment', () => {
    const restores = [made('2026-04-02T00:00:00.000Z', 2), made('2026-04-03T00:00:00.000Z', 3)];
    expect(timelineAt(restores, Date.parse('2026-04-01T12:00:00Z'), 1)).toBe(1);
    expect(timelineAt(restores, Date.parse('2026-04-02T00:00:00Z'), 1)).toBe(2);
    expect(timelineAt(restores, Date.parse('2026-04-09T00:00:00Z'), 1)).toBe(3);
    expect(timelineAt([], 0, 7)).toBe(7);
  });

  it.each(['nothing yet', 'the old one aside', 'both renames', 'renames and list'])(
    'a swap cut off after %s ends the same',
    (after) => {
      const home = temporary();
      const file = join(home, 'base/restores.json');
      const restore = made('2026-04-02T00:00:00.000Z', 2);
      const write = (folder: string, text: string) => {
        mkdirSync(join(home, folder), { recursive: true });
        writeFileSync(join(home, folder, 'which'), text);
      };
      write(after === 'nothing yet' ? 'cluster' : restore.aside, 'old');
      write(after.includes('renames') ? 'cluster' : 'restoring/cluster', 'new');
      if (after === 'renames and list') {
        mkdirSync(join(home, 'base'));
        writeFileSync(file, JSON.stringify([restore]));
      }
      const swap = { restores_file: file, restore };
      if (after === 'nothing yet') beginSwap(home, swap);
      else {
        writeFileSync(join(home, 'swap.json'), JSON.stringify(swap));
        settleSwap(home);
      }
      settleSwap(home);
      const which = (folder: string) => readRestores(file).length === 1 && read(join(home, folder, 'which'));
      expect([which('cluster'), which(restore.aside)]).toEqual(['new', 'old']);
    },
  );
});

function read(file: string): string {
  return readFileSync(file, 'utf8');
}

describe("PostgreSQL's reasons for giving up", () => {
  it.each([
    [
      'FATAL:  archive file "000000010000000000000004" has wrong size: 10 instead of 16777216',
      { what: 'wal-damaged', place: '000000010000000000000004' },
    ],
    [
      'LOG:  redo done at 0/40001A8 system usage: CPU\nLOG:  last completed transaction was at log time 2026-04-01 00:00:00.5+00\nFATAL:  recovery ended before configured recovery target was reached',
      { what: 'wal-ended', place: '0/40001A8', lastAt: '2026-04-01 00:00:00.5+00' },
    ],
    [
      'FATAL:  requested timeline 3 does not contain minimum recovery point 0/5000000 on timeline 2',
      { what: 'wal-missing', place: 'timeline 3' },
    ],
    ['FATAL:  could not locate required checkpoint record', { what: 'wal-missing', place: 'base copy' }],
    ['PANIC:  could not write to file "pg_wal/xlogtemp.1": No space left on device', { what: 'disk-full' }],
    ['FATAL:  something never seen', { what: 'other' }],
  ])('%s', (text, fault) => {
    expect(faultInLog(text)).toEqual(fault);
  });
});
