import { hash } from 'node:crypto';
import { mkdir, open, readFile, rename } from 'node:fs/promises';
import { join } from 'node:path';

/** What a witness remembers of a log: the last checkpoint it cosigned, with its cosignature. */
export interface WitnessState {
  read(origin: string): Promise<string | undefined>;
  /** Durable when it resolves. */
  write(origin: string, note: string): Promise<void>;
}

/** Lower-case hex SHA-256 of the origin: the name tlog-witness gives a log ("Monitor Retrieval Mechanism"). */
export function originHash(origin: string): string {
  return hash('sha256', origin, 'hex');
}

/** One file per log, replaced whole: written beside, synced, renamed, the folder synced. */
export class FolderState implements WitnessState {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  async read(origin: string): Promise<string | undefined> {
    try {
      return await readFile(join(this.#folder, originHash(origin)), 'utf8');
    } catch (error) {
      // Only a file that was never there means "never cosigned"; anything else must not look like it.
      if ((error as { code?: string }).code === 'ENOENT') return undefined;
      throw error;
    }
  }

  async write(origin: string, note: string): Promise<void> {
    await mkdir(this.#folder, { recursive: true });
    const path = join(this.#folder, originHash(origin));
    const file = await open(`${path}.new`, 'w', 0o600);
    try {
      await file.writeFile(note);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(`${path}.new`, path);
    const folder = await open(this.#folder, 'r');
    try {
      await folder.sync();
    } finally {
      await folder.close();
    }
  }
}
