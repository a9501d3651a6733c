import { constants } from 'node:fs';
import { type FileHandle, link, open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { SekishoError } from './errors.ts';

/** Secret files are for their owner alone. */
const ownerOnly = 0o600;

let drafts = 0;

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : '';
}

function asFileError(error: unknown, file: string): SekishoError {
  if (error instanceof SekishoError) return error;
  const code = codeOf(error);
  if (code === 'ENOSPC' || code === 'EDQUOT')
    return new SekishoError('disk-full', { file }, { cause: error });
  if (code === 'EEXIST') return new SekishoError('already-exists', { file }, { cause: error });
  return new SekishoError('internal', { file, code }, { cause: error });
}

async function syncFolder(folder: string): Promise<void> {
  // Windows opens no folders; there NTFS journals the rename itself.
  if (process.platform === 'win32') return;
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/**
 * Writes a file of mode 0600 whole or not at all: into a neighbour, fsync, then into place, fsync of the folder.
 * `commit` or `abort` must be called.
 */
export class PrivateFileWriter {
  readonly file: string;
  readonly #draft: string;
  readonly #handle: FileHandle;

  private constructor(file: string, draft: string, handle: FileHandle) {
    this.file = file;
    this.#draft = draft;
    this.#handle = handle;
  }

  static async open(file: string): Promise<PrivateFileWriter> {
    // Of its own for each writer: two that write one file at once must not share a draft.
    const draft = `${file}.${process.pid}-${++drafts}.new`;
    try {
      await rm(draft, { force: true });
      return new PrivateFileWriter(file, draft, await open(draft, 'wx', ownerOnly));
    } catch (error) {
      throw asFileError(error, file);
    }
  }

  async write(bytes: Buffer | string): Promise<void> {
    try {
      await this.#handle.appendFile(bytes);
    } catch (error) {
      throw asFileError(error, this.file);
    }
  }

  /** @param replace false: an existing file is left as it is and already-exists thrown */
  async commit(replace: boolean): Promise<void> {
    try {
      await this.#handle.sync();
      await this.#handle.close();
      if (replace) {
        await rename(this.#draft, this.file);
      } else {
        await link(this.#draft, this.file);
        await rm(this.#draft);
      }
      await syncFolder(dirname(this.file));
    } catch (error) {
      await this.abort();
      throw asFileError(error, this.file);
    }
  }

  async abort(): Promise<void> {
    await this.#handle.close().catch(() => {});
    await rm(this.#draft, { force: true });
  }
}

/** @throws disk-full, already-exists (when `replace` is false), internal */
export async function writePrivateFile(file: string, bytes: string, replace: boolean): Promise<void> {
  const writer = await PrivateFileWriter.open(file);
  try {
    await writer.write(bytes);
  } catch (error) {
    await writer.abort();
    throw error;
  }
  await writer.commit(replace);
}

/**
 * Opens a secret file for reading. The open file itself is looked at, so it cannot be exchanged in between.
 * @param missing how the thing is called when it is not there
 * @throws keystore-missing, or keystore-unsafe when group or others may read it or it is another user's
 */
export async function openPrivateFile(file: string, missing: string): Promise<FileHandle> {
  let handle: FileHandle;
  try {
    handle = await open(file, constants.O_RDONLY);
  } catch (error) {
    const code = codeOf(error);
    if (code === 'ENOENT' || code === 'ENOTDIR' || code === 'EACCES') {
      const reason = code === 'EACCES' ? 'not-readable' : 'not-found';
      throw new SekishoError('keystore-missing', { missing, file, reason }, { cause: error });
    }
    throw asFileError(error, file);
  }
  try {
    await refuseUnsafe(handle, file);
    return handle;
  } catch (error) {
    await handle.close();
    throw error;
  }
}

/** The whole text of a secret file, at most 1 MiB; refuses like {@link openPrivateFile}. */
export async function readPrivateFile(file: string, missing: string): Promise<string> {
  const handle = await openPrivateFile(file, missing);
  try {
    if ((await handle.stat()).size > 1_048_576) throw new SekishoError('too-large', { file });
    return await handle.readFile('utf8');
  } finally {
    await handle.close();
  }
}

async function refuseUnsafe(handle: FileHandle, file: string): Promise<void> {
  const stat = await handle.stat();
  if (!stat.isFile()) throw new SekishoError('keystore-unsafe', { reason: 'not-a-file', file });
  // Windows has no mode bits; there the folder's access list is the operator's duty.
  const user = process.getuid?.();
  if (user === undefined) return;
  if ((stat.mode & 0o077) !== 0) {
    const mode = (stat.mode & 0o777).toString(8).padStart(4, '0');
    throw new SekishoError('keystore-unsafe', { reason: 'readable-by-others', file, mode });
  }
  if (stat.uid !== user && user !== 0) throw new SekishoError('keystore-unsafe', { reason: 'owner', file });
}
