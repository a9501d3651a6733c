import { existsSync } from 'node:fs';
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { SekishoError } from '../errors.ts';

/** A place in the WAL, as a number of bytes. `16/B374D848` is 0x16_B374D848. @throws backup-broken */
export function parseLsn(text: string): bigint {
  const [, high, low] = /^([0-9A-Fa-f]{1,8})\/([0-9A-Fa-f]{1,8})$/.exec(text) ?? [];
  if (high === undefined) throw new SekishoError('backup-broken', { reason: 'lsn' });
  return (BigInt(`0x${high}`) << 32n) + BigInt(`0x${low}`);
}

/** Name of the segment file number `number` (xlog_internal.h, XLogFileName): timeline, high and low part, 8 hex digits each. */
export function segmentName(timeline: number, number: bigint, sizeBytes: number): string {
  const perFile = 0x1_0000_0000n / BigInt(sizeBytes);
  const hex = (part: bigint) => part.toString(16).toUpperCase().padStart(8, '0');
  return hex(BigInt(timeline)) + hex(number / perFile) + hex(number % perFile);
}

/** Timeline and number of a segment file, `undefined` for any other file of an archive. */
export function parseSegment(
  name: string,
  sizeBytes: number,
): { timeline: number; number: bigint } | undefined {
  if (!/^[0-9A-F]{24}$/.test(name)) return undefined;
  const part = (at: number) => BigInt(`0x${name.slice(at, at + 8)}`);
  return { timeline: Number(part(0)), number: part(8) * (0x1_0000_0000n / BigInt(sizeBytes)) + part(16) };
}

interface Range {
  timeline: number;
  wal_segment_size_bytes: number;
  start_lsn: string;
  stop_lsn: string;
}

/** The segments that a base copy cannot do without, and that are not (or not whole) in the archive. */
export async function missingSegments(archive: string, base: Range): Promise<string[]> {
  const size = BigInt(base.wal_segment_size_bytes);
  const missing: string[] = [];
  // The stop LSN is the first byte after the backup's last record.
  const last = (parseLsn(base.stop_lsn) - 1n) / size;
  for (let number = parseLsn(base.start_lsn) / size; number <= last; number++) {
    const name = segmentName(base.timeline, number, base.wal_segment_size_bytes);
    if (!(await wholeSegment(archive, name, base.wal_segment_size_bytes))) missing.push(name);
  }
  return missing;
}

async function wholeSegment(folder: string, name: string, sizeBytes: number): Promise<boolean> {
  const found = await stat(join(folder, name)).catch(() => undefined);
  return found?.size === sizeBytes;
}

/** One step of a timeline's descent: this timeline carries the records from `beginLsn` on. */
export interface TimelineStep {
  timeline: number;
  beginLsn: bigint;
}

/**
 * The descent of a timeline, oldest first, from its history file in the archive (lines `parent TAB switch point TAB
 * reason`, timeline.c). Error: `backup-broken` (`reason`: wal-missing) when the history file is not there.
 */
export async function timelineDescent(archive: string, timeline: number): Promise<TimelineStep[]> {
  if (timeline === 1) return [{ timeline: 1, beginLsn: 0n }];
  const name = `${timeline.toString(16).toUpperCase().padStart(8, '0')}.history`;
  const file = join(archive, name);
  if (!existsSync(file)) throw new SekishoError('backup-broken', { reason: 'wal-missing', place: name });
  const steps: TimelineStep[] = [];
  let begin = 0n;
  for (const line of (await readFile(file, 'utf8')).split('\n')) {
    const found = /^\s*(\d+)\t([0-9A-F]+\/[0-9A-F]+)/i.exec(line);
    if (found === null) continue;
    steps.push({ timeline: Number(found[1]), beginLsn: begin });
    begin = parseLsn(found[2]!);
  }
  return [...steps, { timeline, beginLsn: begin }];
}

/** Whether a base copy lies on the descent: on one of its timelines, and finished before that timeline was left. */
export function onDescent(steps: readonly TimelineStep[], base: Range): boolean {
  const at = steps.findIndex((step) => step.timeline === base.timeline);
  if (at === -1) return false;
  const next = steps[at + 1];
  return next === undefined || parseLsn(base.stop_lsn) <= next.beginLsn;
}

/**
 * The first segment between the base copy and the end of the archive that is missing or cut short, following the
 * descent; `undefined` when there is none. Segments found in `tail` (the old cluster's own pg_wal) count too.
 */
export async function firstGap(
  archive: string,
  base: Range,
  steps: readonly TimelineStep[],
  tail: ReadonlySet<string> = new Set(),
): Promise<string | undefined> {
  const size = base.wal_segment_size_bytes;
  const names = new Set([...(await readdir(archive)), ...tail]);
  const descent = new Set(steps.map((step) => step.timeline));
  let last = 0n;
  for (const name of names) {
    const segment = parseSegment(name, size);
    if (
      segment !== undefined &&
      descent.has(segment.timeline) &&
      owner(steps, segment.number, size) === segment.timeline
    )
      if (segment.number > last) last = segment.number;
  }
  for (let number = parseLsn(base.start_lsn) / BigInt(size); number <= last; number++) {
    const name = segmentName(owner(steps, number, size), number, size);
    if (!tail.has(name) && !(await wholeSegment(archive, name, size))) return name;
  }
  return undefined;
}

/** The timeline whose file holds segment `number`: the newest that had begun by its end. */
function owner(steps: readonly TimelineStep[], number: bigint, sizeBytes: number): number {
  let timeline = steps[0]!.timeline;
  for (const step of steps) if (step.beginLsn / BigInt(sizeBytes) <= number) timeline = step.timeline;
  return timeline;
}
