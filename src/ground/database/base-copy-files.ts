import { createHash } from 'node:crypto';
import { type FileHandle, open, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { SekishoError } from '../errors.ts';

/** Where a copied file goes. Injected, so that a test can fill the disk at any byte. */
export interface Sink {
  write(chunk: Uint8Array): Promise<void>;
  /** fsync: what is not on the disk is no backup. */
  sync(): Promise<void>;
  close(): Promise<void>;
}
export type OpenSink = (path: string) => Promise<Sink>;

/** A new file, readable for its owner alone; an existing one is never overwritten. */
export const openFileSink: OpenSink = async (path) => {
  const handle = await open(path, 'wx', 0o600);
  return {
    write: (chunk) => handle.writeFile(chunk),
    sync: () => handle.sync(),
    close: () => handle.close(),
  };
};

export interface Copied {
  sizeBytes: number;
  sha256: string;
}

const chunkBytes = 256 * 1024;

/**
 * Copies one file by pieces of 256 KiB and hashes what it wrote. `undefined` when the file has gone meanwhile, which
 * in a running cluster is no fault: the WAL of the backup knows of it.
 */
export async function copyFile(
  from: string,
  to: string,
  openSink: OpenSink = openFileSink,
): Promise<Copied | undefined> {
  let source: FileHandle;
  try {
    source = await open(from, 'r');
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw error;
  }
  try {
    return await writeThrough(source, await openSink(to));
  } finally {
    await source.close();
  }
}

async function writeThrough(source: FileHandle, sink: Sink): Promise<Copied> {
  const hash = createHash('sha256');
  const buffer = Buffer.allocUnsafe(chunkBytes);
  let sizeBytes = 0;
  try {
    for (;;) {
      const { bytesRead } = await source.read(buffer, 0, chunkBytes, sizeBytes);
      if (bytesRead === 0) break;
      const chunk = buffer.subarray(0, bytesRead);
      hash.update(chunk);
      await sink.write(chunk);
      sizeBytes += bytesRead;
    }
    await sink.sync();
  } finally {
    await sink.close();
  }
  return { sizeBytes, sha256: hash.digest('hex') };
}

/** Writes bytes through the same sink as the files. */
export async function writeBytes(path: string, bytes: Buffer, openSink: OpenSink): Promise<Copied> {
  const sink = await openSink(path);
  try {
    await sink.write(bytes);
    await sink.sync();
  } finally {
    await sink.close();
  }
  return { sizeBytes: bytes.length, sha256: createHash('sha256').update(bytes).digest('hex') };
}

/** SHA-256 and size of a file, read by pieces; `undefined` when it is not there. */
export async function hashFile(path: string): Promise<Copied | undefined> {
  const nothing: Sink = { write: async () => {}, sync: async () => {}, close: async () => {} };
  return copyFile(path, '', async () => nothing);
}

/**
 * Runs `work` over the items, 16 at a time: an fsync waits for the disk's journal, and those that wait together are
 * served together. The first error ends it, after the ones under way are done.
 */
export async function severalAtATime<T>(
  items: Iterable<T>,
  work: (item: T) => Promise<void>,
  atATime = 16,
): Promise<void> {
  const left = items[Symbol.iterator]();
  let failed = false;
  const worker = async (): Promise<void> => {
    for (let next = left.next(); !next.done && !failed; next = left.next())
      await work(next.value).catch((error: unknown) => {
        failed = true;
        throw error;
      });
  };
  const ends = await Promise.allSettled(Array.from({ length: atATime }, worker));
  for (const end of ends) if (end.status === 'rejected') throw end.reason;
}

/** fsync of a folder, so that its entries (new names, renames) outlast a power cut. */
export async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Folders whose contents are made anew at each start, and WAL, which comes from the archive (manual §26.3.3). */
const emptied = new Set([
  'pg_wal',
  'pg_replslot',
  'pg_dynshmem',
  'pg_notify',
  'pg_serial',
  'pg_snapshots',
  'pg_stat_tmp',
  'pg_subtrans',
]);

/** Files that belong to the running server, not to its data (manual §26.3.3). */
const left = new Set([
  'postmaster.pid',
  'postmaster.opts',
  'backup_label',
  'backup_label.old',
  'tablespace_map',
  'tablespace_map.old',
  'backup_manifest',
  'current_logfiles',
  'current_logfiles.tmp',
  'recovery.signal',
  'standby.signal',
]);

export interface ClusterTree {
  folders: string[];
  /** `global/pg_control` comes last: the point from which recovery begins must not be older than the files before. */
  files: string[];
}

/**
 * What a base copy holds: every folder, and the files less what PostgreSQL's manual §26.3.3 leaves out.
 * Error: `unsupported` for a tablespace outside the cluster, for a copy without it would not be whole.
 */
export async function clusterTree(cluster: string): Promise<ClusterTree> {
  const tree: ClusterTree = { folders: [], files: [] };
  await walk(cluster, '', tree);
  tree.files = tree.files.filter((file) => file !== controlFile);
  tree.files.push(controlFile);
  return tree;
}

export const controlFile = 'global/pg_control';

async function walk(cluster: string, folder: string, tree: ClusterTree): Promise<void> {
  const entries = await readdir(join(cluster, folder), { withFileTypes: true }).catch((error: unknown) => {
    if (codeOf(error) === 'ENOENT' && folder !== '') return [];
    throw error;
  });
  for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const path = folder === '' ? entry.name : `${folder}/${entry.name}`;
    if (entry.name.startsWith('pgsql_tmp')) continue;
    if (entry.isDirectory()) {
      tree.folders.push(path);
      if (!emptied.has(path)) await walk(cluster, path, tree);
    } else if (entry.isSymbolicLink()) await followedFolder(cluster, path, tree);
    else if (entry.isFile() && entry.name !== 'pg_internal.init' && !(folder === '' && left.has(entry.name)))
      tree.files.push(path);
  }
}

/** An administrator may have moved pg_wal to another disk; any other link is a tablespace. */
async function followedFolder(cluster: string, path: string, tree: ClusterTree): Promise<void> {
  if (path !== 'pg_wal' || !(await stat(join(cluster, path))).isDirectory())
    throw new SekishoError('unsupported', { what: 'tablespace', place: path });
  tree.folders.push(path);
}

export function codeOf(error: unknown): string | undefined {
  return (error as NodeJS.ErrnoException | undefined)?.code;
}

/** A full disk or quota becomes `disk-full`; all else passes unchanged. */
export function mapFileError(error: unknown, what: string): unknown {
  const full = ['ENOSPC', 'EDQUOT', 'EFBIG'].includes(codeOf(error) ?? '');
  return full ? new SekishoError('disk-full', { what }, { cause: error }) : error;
}
