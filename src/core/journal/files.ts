import { constants } from 'node:fs';
import { type FileHandle, mkdir, open, readdir, readFile, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { SekishoError } from '../../ground/errors.ts';

export interface NewFile {
  path: string;
  bytes: Buffer;
}

/** Files worked on at once: enough that the disk can gather syncs, few enough to leave it to the database. */
const AT_ONCE = 8;

/** Works through items, some at once; all work has ended before the first failure is told. */
async function each<T>(items: readonly T[], work: (item: T) => Promise<void>): Promise<void> {
  let next = 0;
  const lanes = Array.from({ length: Math.min(AT_ONCE, items.length) }, async () => {
    while (next < items.length) await work(items[next++]!);
  });
  for (const lane of await Promise.allSettled(lanes)) if (lane.status === 'rejected') throw lane.reason;
}

/** What the mirror needs of a disk; comes in as an argument, so that a test can fill it up. Paths are relative. */
export interface MirrorFiles {
  read(path: string): Promise<Buffer | undefined>;
  /** Writes whole files so that a reader sees all of each or nothing, synced; the folders are synced by `settle`. */
  write(files: readonly NewFile[]): Promise<void>;
  /** Writes into a file from `offset` on, cuts what stood after, syncs. */
  splice(path: string, offset: number, bytes: Buffer): Promise<void>;
  /** Overwrites bytes in place and syncs. */
  patch(path: string, offset: number, bytes: Buffer): Promise<void>;
  /** Syncs the folders that got new names since the last call. */
  settle(): Promise<void>;
  /** Removes a folder and all in it, if it is there. */
  remove(folder: string): Promise<void>;
  /** Names in a folder; none where it is missing. */
  list(folder: string): Promise<string[]>;
}

const code = (error: unknown) => (error as { code?: string }).code;

function asKind(error: unknown): unknown {
  if (code(error) !== 'ENOSPC' && code(error) !== 'EDQUOT') return error;
  return new SekishoError('disk-full', { what: 'journal-mirror' }, { cause: error });
}

async function writeAll(handle: FileHandle, bytes: Buffer, position: number): Promise<void> {
  let done = 0;
  while (done < bytes.length) {
    const { bytesWritten } = await handle.write(bytes, done, bytes.length - done, position + done);
    done += bytesWritten;
  }
}

/** Files under one folder of this machine. Errors: `disk-full`; else Node's own. */
export class FolderFiles implements MirrorFiles {
  readonly #root: string;
  readonly #made = new Set<string>();
  #renamed = new Set<string>();

  constructor(root: string) {
    this.#root = root;
  }

  async read(path: string): Promise<Buffer | undefined> {
    try {
      return await readFile(join(this.#root, path));
    } catch (error) {
      if (code(error) === 'ENOENT' || code(error) === 'ENOTDIR') return undefined;
      throw error;
    }
  }

  /** Makes a folder, remembering each parent that got a new name and must be synced. */
  async #folder(path: string): Promise<string> {
    const folder = dirname(join(this.#root, path));
    if (this.#made.has(folder)) return folder;
    const first = await mkdir(folder, { recursive: true });
    for (let at = folder; first !== undefined && at.length >= first.length; at = dirname(at))
      this.#renamed.add(dirname(at));
    this.#made.add(folder);
    return folder;
  }

  async #with(
    path: string,
    flags: string | number,
    work: (handle: FileHandle) => Promise<void>,
  ): Promise<void> {
    try {
      const handle = await open(join(this.#root, path), flags, 0o644);
      try {
        await work(handle);
        await handle.datasync();
      } finally {
        await handle.close();
      }
    } catch (error) {
      throw asKind(error);
    }
  }

  async write(files: readonly NewFile[]): Promise<void> {
    const handles: FileHandle[] = [];
    try {
      // All written before the first is synced: the file system then commits its journal once, not once per file.
      await each(files, async ({ path, bytes }) => {
        await this.#folder(path);
        const handle = await open(join(this.#root, `${path}.new`), 'w', 0o644);
        handles.push(handle);
        await writeAll(handle, bytes, 0);
      });
      await each(handles, (handle) => handle.datasync());
      await each(files, async ({ path }) => {
        await rename(join(this.#root, `${path}.new`), join(this.#root, path));
        this.#renamed.add(dirname(join(this.#root, path)));
      });
    } catch (error) {
      throw asKind(error);
    } finally {
      await Promise.all(handles.map((handle) => handle.close()));
    }
  }

  async splice(path: string, offset: number, bytes: Buffer): Promise<void> {
    try {
      const folder = await this.#folder(path);
      if (offset === 0) this.#renamed.add(folder);
      await this.#with(path, constants.O_RDWR | constants.O_CREAT, async (handle) => {
        await handle.truncate(offset);
        await writeAll(handle, bytes, offset);
      });
    } catch (error) {
      throw asKind(error);
    }
  }

  async patch(path: string, offset: number, bytes: Buffer): Promise<void> {
    await this.#with(path, constants.O_RDWR, (handle) => writeAll(handle, bytes, offset));
  }

  async settle(): Promise<void> {
    const folders = this.#renamed;
    this.#renamed = new Set();
    await Promise.all(
      [...folders].map(async (folder) => {
        const handle = await open(folder, 'r');
        try {
          await handle.sync();
        } finally {
          await handle.close();
        }
      }),
    );
  }

  async remove(folder: string): Promise<void> {
    this.#made.delete(join(this.#root, folder));
    await rm(join(this.#root, folder), { recursive: true, force: true });
  }

  async list(folder: string): Promise<string[]> {
    try {
      return await readdir(join(this.#root, folder));
    } catch (error) {
      if (code(error) === 'ENOENT') return [];
      throw error;
    }
  }
}
