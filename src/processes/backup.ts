import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseCheckpoint } from '../core/journal/index.ts';
import { keyBackupMaximumMs } from '../core/seal/index.ts';
import type { Clock } from '../ground/clock.ts';
import {
  type ArchiveState,
  archiveState,
  type BaseCopy,
  type EmbeddedServer,
  listBaseCopies,
  type MadeRestore,
  makeBaseCopy,
  type Pruned,
  pruneBackups,
  readRestores,
  startEmbedded,
  verifyBaseCopy,
} from '../ground/database/index.ts';
import { SekishoError } from '../ground/errors.ts';
import type { Log } from '../ground/log.ts';
import { holdStopped } from './house-lock.ts';
import { mirrorFolder, readSettings } from './init.ts';
import { type HouseLayout, houseLayout } from './layout.ts';
import { noteBackups } from './note-backups.ts';
import type { HouseSettings } from './settings.ts';
import { writeJson } from './settings.ts';

const dayMs = 86_400_000;

/**
 * How long a backup lives. In the embedded house the persons' wrapped keys lie in the same cluster as their records,
 * so a base copy is a key backup too, and an erased person is gone for good only when the last copy with his key is.
 */
export const backupKeepMs = 7 * dayMs;

/** Where base copies and archived WAL lie in a house. */
export function backupPlaces(layout: HouseLayout): { bases: string; archive: string } {
  return { bases: join(layout.backup, 'base'), archive: join(layout.backup, 'wal') };
}

export interface BackupOptions {
  folder: string;
  clock: Clock;
  log: Log;
  /** Milliseconds; default seven days, at most the life of a key backup. */
  keepMs?: number;
  onProgress?: (done: number, total: number) => void;
}

/** Where a journal stood when the base copy was begun: a restore to it or later has at least these lines. */
export interface JournalPosition {
  municipality: string;
  size: number;
  checkpoint: string;
}

export interface BackupMade {
  base: string;
  folder: string;
  /** The earliest moment this copy can be taken to, ISO 8601. */
  consistentAt: string;
  files: number;
  bytes: number;
  journals: JournalPosition[];
  pruned: Pruned;
  /** True: each municipality's journal has a line of it. False: the house does not run; it tells when it does again. */
  noted: boolean;
}

/**
 * A base copy of the house's cluster, running or not, read back and compared with its manifest; then whatever is past
 * its life is removed. Errors: those of `makeBaseCopy`; `unsupported` with a PostgreSQL of the operator's own, which
 * has tools for this; `not-found` where no house has been started yet; `bad-input` for a life that is too long.
 */
export async function backupHouse(o: BackupOptions): Promise<BackupMade> {
  const keepMs = o.keepMs ?? backupKeepMs;
  if (!(keepMs >= 0 && keepMs <= keyBackupMaximumMs))
    throw new SekishoError('bad-input', { what: 'keep', maximumDays: keyBackupMaximumMs / dayMs });
  const layout = houseLayout(o.folder);
  const settings = await readSettings(o.folder);
  assertEmbedded(settings);
  if (!existsSync(join(layout.postgres, 'server')))
    throw new SekishoError('not-found', { what: 'database', file: layout.postgres });
  const { bases, archive } = backupPlaces(layout);
  const release = holdStopped(o.folder);
  let server: EmbeddedServer | undefined;
  try {
    server = await startEmbedded({ folder: layout.postgres, log: o.log, archive: { folder: archive } });
    const journals = await journalPositions(layout, settings);
    const base = await makeBaseCopy({
      server,
      folder: bases,
      log: o.log,
      ...(o.onProgress === undefined ? {} : { onProgress: o.onProgress }),
    });
    await verifyBaseCopy(base);
    await writeJson(join(base.folder, 'journals.json'), journals);
    const noted = await noteBackups(o.folder).catch((error: unknown) => {
      // The copy is made all the same, and is told of with the next one or at the next start.
      o.log.warn('backup-not-noted', { error });
      return [] as string[];
    });
    const { cluster } = server.places;
    const pruned = await pruneBackups({ bases, archive, cluster, keepMs, now: o.clock.now() });
    return {
      base: base.name,
      folder: base.folder,
      consistentAt: base.manifest.stopped_at,
      files: base.manifest.files.length,
      bytes: base.manifest.files.reduce((sum, file) => sum + file.size_bytes, 0),
      journals,
      pruned,
      noted: noted.includes(base.name),
    };
  } finally {
    // A server that the house runs is the house's.
    if (server?.reused === false) await server.stop();
    release();
  }
}

/** Refuses where the records lie in a PostgreSQL of the operator's own. */
export function assertEmbedded(settings: HouseSettings): void {
  if (settings.database !== 'embedded')
    throw new SekishoError('unsupported', { what: 'backup', reason: 'own-server' });
}

async function journalPositions(layout: HouseLayout, settings: HouseSettings): Promise<JournalPosition[]> {
  const found: JournalPosition[] = [];
  for (const { code } of settings.municipalities) {
    const file = join(mirrorFolder(layout, code), 'checkpoint');
    if (!existsSync(file)) continue;
    const checkpoint = await readFile(file, 'utf8');
    found.push({ municipality: code, size: parseCheckpoint(checkpoint).size, checkpoint });
  }
  return found;
}

/** What there is to go back to: base copies, oldest first, the restores made so far, and the WAL in the archive. */
export async function listBackups(
  folder: string,
): Promise<{ bases: BaseCopy[]; restores: MadeRestore[]; wal: ArchiveState }> {
  const { bases, archive } = backupPlaces(houseLayout(folder));
  return {
    bases: await listBaseCopies(bases),
    restores: readRestores(join(bases, 'restores.json')),
    wal: await archiveState({ bases, archive }),
  };
}
