import { existsSync } from 'node:fs';
import { readdir, rm, unlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { listBaseCopies, removeBaseCopy } from './base-copy-manifest.ts';
import { parseLsn, parseSegment } from './recovery-wal.ts';

export interface PruneOptions {
  bases: string;
  archive: string;
  /** The live cluster's real folder; clusters put aside by restores lie beside it. */
  cluster: string;
  /** Whatever is older than this goes, milliseconds. The newest base copy always stays. */
  keepMs: number;
  /** Milliseconds since 1970. */
  now: number;
}

export interface Pruned {
  bases: string[];
  segments: number;
  asides: string[];
}

/**
 * Removes base copies past their life, the WAL that only they needed, and clusters that restores have put aside: all
 * three hold persons' wrapped keys, and an erased person is erased only when no copy of his key is left.
 */
export async function pruneBackups(o: PruneOptions): Promise<Pruned> {
  const all = await listBaseCopies(o.bases);
  const old = all.slice(0, -1).filter((base) => Date.parse(base.manifest.stopped_at) < o.now - o.keepMs);
  for (const base of old) await removeBaseCopy(base);
  const kept = all.filter((base) => !old.includes(base));
  return {
    bases: old.map((base) => base.name),
    segments: kept.length === 0 ? 0 : await pruneSegments(o.archive, kept[0]!.manifest),
    asides: await pruneAsides(o),
  };
}

/** Segments before the oldest base copy's first, of whatever timeline. History files stay: they are a few bytes. */
async function pruneSegments(
  archive: string,
  oldest: { start_lsn: string; wal_segment_size_bytes: number },
): Promise<number> {
  const first = parseLsn(oldest.start_lsn) / BigInt(oldest.wal_segment_size_bytes);
  let removed = 0;
  for (const name of await readdir(archive)) {
    // `….partial` and `….00000028.backup` belong to the segment they are named after.
    const segment = parseSegment(name.slice(0, 24), oldest.wal_segment_size_bytes);
    if (segment === undefined || segment.number >= first) continue;
    await unlink(join(archive, name));
    removed++;
  }
  return removed;
}

async function pruneAsides(o: PruneOptions): Promise<string[]> {
  const home = dirname(o.cluster);
  if (!existsSync(home)) return [];
  const gone: string[] = [];
  for (const name of await readdir(home)) {
    const found = /^before-restore-(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)(\d{3})Z$/.exec(name);
    if (found === null) continue;
    const [, year, month, day, hour, minute, second, ms] = found;
    const at = Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}.${ms}Z`);
    if (at >= o.now - o.keepMs) continue;
    await rm(join(home, name), { recursive: true, force: true });
    gone.push(name);
  }
  return gone;
}
