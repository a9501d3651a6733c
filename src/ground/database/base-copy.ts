import { mkdir, readdir, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { SekishoError } from '../errors.ts';
import {
  clusterTree,
  controlFile,
  copyFile,
  mapFileError,
  type OpenSink,
  openFileSink,
  severalAtATime,
  syncFolder,
  writeBytes,
} from './base-copy-files.ts';
import { type BaseCopy, type BaseManifest, nameOfBase } from './base-copy-manifest.ts';
import type { EmbeddedServer } from './embedded.ts';
import { mapDatabaseError } from './faults.ts';
import { missingSegments } from './recovery-wal.ts';

export interface BaseCopyOptions {
  server: Pick<EmbeddedServer, 'connection' | 'places'>;
  /** Base copies lie here, each in a folder of its own. */
  folder: string;
  log: { info(event: string, fields?: Record<string, unknown>): void };
  openSink?: OpenSink;
  /** How long the WAL of the copy may take to reach the archive. */
  archiveWaitMs?: number;
  onProgress?: (done: number, total: number) => void;
}

interface Started {
  timeline: number;
  start_lsn: string;
  started_at: Date;
  system_identifier: string;
  server_version: number;
  wal_segment_size_bytes: number;
}

/**
 * Copies the running cluster (PostgreSQL's manual §26.3.3): pg_backup_start and pg_backup_stop on one held connection,
 * between them the files, each fsynced; then waits until the archive holds the WAL of the copy. The copy gets its name
 * by a rename at the very end, so one that was cut short is never taken for whole; it is swept by the next.
 * Errors: `config-invalid` (no archive), `disk-full`, `timeout` (`what`: wal-archive), `unsupported` (tablespace),
 * `database-unavailable`.
 */
export async function makeBaseCopy(o: BaseCopyOptions): Promise<BaseCopy> {
  const archive = o.server.places.archive;
  if (archive === undefined) throw new SekishoError('config-invalid', { key: 'archive' });
  try {
    await mkdir(o.folder, { recursive: true, mode: 0o700 });
    return await withHeldConnection(o, async (client) => {
      // With the lock held, whatever is unfinished here belongs to a backup that is no more.
      for (const name of await readdir(o.folder))
        if (name.startsWith('unfinished-')) await rm(join(o.folder, name), { recursive: true, force: true });
      return await copyWith(client, o, archive, join(o.folder, `unfinished-${process.pid}`));
    });
  } catch (error) {
    throw mapDatabaseError(mapFileError(error, 'base-copy'));
  }
}

/** Any number; it only has to be the same for every backup of this cluster. */
const backupLock = 7_305_811;

/** The connection is held throughout: when it ends, the server ends backup mode by itself and the stop fails. */
async function withHeldConnection<T>(
  o: BaseCopyOptions,
  work: (client: pg.Client) => Promise<T>,
): Promise<T> {
  const client = new pg.Client({ ...o.server.connection(), application_name: 'sekisho-backup' });
  client.on('error', () => {}); // the next query says it
  try {
    await client.connect();
    const { rows } = await client.query('SELECT pg_try_advisory_lock($1) AS held', [backupLock]);
    if (rows[0].held !== true) throw new SekishoError('conflict', { what: 'backup', reason: 'running' });
    return await work(client);
  } finally {
    await client.end().catch(() => {});
  }
}

async function copyWith(
  client: pg.Client,
  o: BaseCopyOptions,
  archive: string,
  unfinished: string,
): Promise<BaseCopy> {
  try {
    await mkdir(join(unfinished, 'cluster'), { recursive: true, mode: 0o700 });
    const manifest = await inBackupMode(client, o, unfinished);
    await segmentsArchived(archive, manifest, o.archiveWaitMs ?? 60_000);
    const text = `${JSON.stringify(manifest, undefined, 1)}\n`;
    await writeBytes(join(unfinished, 'manifest.json'), Buffer.from(text), o.openSink ?? openFileSink);
    await syncFolder(unfinished);
    const name = nameOfBase(manifest.stopped_at);
    await rename(unfinished, join(o.folder, name));
    await syncFolder(o.folder);
    o.log.info('base-copy-made', { count: manifest.files.length });
    return { name, folder: join(o.folder, name), manifest };
  } finally {
    await rm(unfinished, { recursive: true, force: true });
  }
}

async function inBackupMode(
  client: pg.Client,
  o: BaseCopyOptions,
  unfinished: string,
): Promise<BaseManifest> {
  const openSink = o.openSink ?? openFileSink;
  await assertArchiving(client);
  const started = await startBackup(client);
  const tree = await clusterTree(o.server.places.cluster);
  const files = await copyTree(o, join(unfinished, 'cluster'), tree);
  const stopped = await client.query(
    'SELECT lsn::text AS lsn, labelfile, spcmapfile, clock_timestamp() AS at FROM pg_backup_stop(false)',
  );
  const { lsn, labelfile, spcmapfile, at } = stopped.rows[0];
  // Written byte for byte as they came: without backup_label recovery would begin at the wrong place, unnoticed.
  const extra: [string, string][] = [['backup_label', labelfile]];
  if (spcmapfile.trim() !== '') extra.push(['tablespace_map', spcmapfile]);
  for (const [path, text] of extra) {
    const written = await writeBytes(join(unfinished, 'cluster', path), Buffer.from(text), openSink);
    files.push({ path, size_bytes: written.sizeBytes, sha256: written.sha256 });
  }
  await severalAtATime(['', ...tree.folders], (folder) => syncFolder(join(unfinished, 'cluster', folder)));
  return {
    format: 'sekisho-base-copy/1',
    label: 'sekisho',
    ...started,
    started_at: started.started_at.toISOString(),
    // Up to the next millisecond: the manifest must not promise a moment that is not in the copy.
    stopped_at: new Date(at.getTime() + 1).toISOString(),
    stop_lsn: lsn,
    folders: tree.folders,
    files,
  };
}

/** A server that was started without an archive would be waited for in vain. */
async function assertArchiving(client: pg.Client): Promise<void> {
  const { rows } = await client.query(`SELECT current_setting('archive_mode') AS mode`);
  if (rows[0].mode === 'off') throw new SekishoError('config-invalid', { key: 'archive', reason: 'off' });
}

async function startBackup(client: pg.Client): Promise<Started> {
  const { rows } = await client.query(
    `SELECT clock_timestamp() AS started_at, pg_backup_start('sekisho', fast => true)::text AS start_lsn`,
  );
  const { rows: facts } = await client.query(
    `SELECT (SELECT system_identifier::text FROM pg_control_system()) AS system_identifier,
            (SELECT timeline_id FROM pg_control_checkpoint()) AS timeline,
            current_setting('server_version_num')::int AS server_version,
            (SELECT setting::int FROM pg_settings WHERE name = 'wal_segment_size') AS wal_segment_size_bytes`,
  );
  return { ...facts[0], ...rows[0] };
}

async function copyTree(
  o: BaseCopyOptions,
  target: string,
  tree: { folders: string[]; files: string[] },
): Promise<BaseManifest['files']> {
  const openSink = o.openSink ?? openFileSink;
  const copied = new Map<string, BaseManifest['files'][number]>();
  for (const folder of tree.folders) await mkdir(join(target, folder), { recursive: true, mode: 0o700 });
  let done = 0;
  const copyOne = async (path: string): Promise<void> => {
    const from = join(o.server.places.cluster, path);
    const to = join(target, path);
    const result =
      path === controlFile
        ? await writeBytes(to, await steadyBytes(from), openSink)
        : await copyFile(from, to, openSink);
    if (result !== undefined) copied.set(path, { path, size_bytes: result.sizeBytes, sha256: result.sha256 });
    o.onProgress?.(++done, tree.files.length);
  };
  await severalAtATime(tree.files.slice(0, -1), copyOne);
  await copyOne(controlFile);
  return tree.files.flatMap((path) => copied.get(path) ?? []);
}

/** The server rewrites pg_control in place; two equal readings in a row are not torn. */
async function steadyBytes(path: string): Promise<Buffer> {
  let last = await readFile(path);
  for (;;) {
    const again = await readFile(path);
    if (again.equals(last)) return again;
    last = again;
  }
}

/** pg_backup_stop has switched to a new segment; the archive must hold all of them before the copy is one. */
async function segmentsArchived(archive: string, manifest: BaseManifest, deadlineMs: number): Promise<void> {
  for (let waited = 0; ; waited += 50) {
    const missing = await missingSegments(archive, manifest);
    if (missing.length === 0) return syncFolder(archive);
    if (waited >= deadlineMs) throw new SekishoError('timeout', { what: 'wal-archive', place: missing[0]! });
    await sleep(50);
  }
}
