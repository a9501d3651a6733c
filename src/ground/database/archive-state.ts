import { existsSync } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { listBaseCopies } from './base-copy-manifest.ts';

/** How much WAL the archive holds, and how much of it no base copy has caught up with yet. */
export interface ArchiveState {
  files: number;
  sizeBytes: number;
  /** Archived since the newest base copy; all of it where there is none. */
  sinceBytes: number;
  /** When the newest base copy was whole, else the oldest WAL file; null: neither is there. Milliseconds since 1970. */
  since: number | null;
}

/** Reads names and sizes; a file that is pruned meanwhile does not count. */
export async function archiveState(o: { archive: string; bases: string }): Promise<ArchiveState> {
  const newest = (await listBaseCopies(o.bases)).at(-1);
  const base = newest === undefined ? null : Date.parse(newest.manifest.stopped_at);
  const state: ArchiveState = { files: 0, sizeBytes: 0, sinceBytes: 0, since: base };
  for (const name of existsSync(o.archive) ? await readdir(o.archive) : []) {
    const found = await stat(join(o.archive, name)).catch(() => undefined);
    if (!found?.isFile()) continue;
    state.files++;
    state.sizeBytes += found.size;
    if (base === null || found.mtimeMs > base) state.sinceBytes += found.size;
    if (base === null && (state.since === null || found.mtimeMs < state.since)) state.since = found.mtimeMs;
  }
  return state;
}
