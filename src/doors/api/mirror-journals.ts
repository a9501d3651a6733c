import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { newestLogFolder, proofFileText } from '../../core/journal/index.ts';
import { SekishoError } from '../../ground/errors.ts';
import type { MunicipalityCode } from '../../ground/ids.ts';
import { TileProofs } from './tile-proof.ts';

export interface JournalHead {
  municipality: string;
  origin: string;
  size: number;
  /** C2SP tlog-checkpoint with the cosignatures of its witnesses. */
  checkpoint: string;
}

/** The logs as their public files tell them: the mirror that the gate writes and this office only reads. */
export class MirrorJournals {
  readonly #folder: string;
  readonly #municipalities: readonly MunicipalityCode[];

  constructor(folder: string, municipalities: readonly MunicipalityCode[]) {
    this.#folder = folder;
    this.#municipalities = municipalities;
  }

  /** Folder of a log's files, undefined for a municipality that is not here. */
  folder(municipality: string): string | undefined {
    const known = this.#municipalities.find((code) => code === municipality);
    return known === undefined ? undefined : join(this.#folder, known);
  }

  async heads(): Promise<JournalHead[]> {
    return Promise.all(this.#municipalities.map((municipality) => this.#head(municipality)));
  }

  async #head(municipality: string): Promise<JournalHead> {
    const checkpoint = (await this.#read(municipality, 'checkpoint'))?.toString('utf8');
    const [origin, size] = checkpoint?.split('\n', 2) ?? [];
    if (checkpoint === undefined || origin === undefined || !/^\d{1,16}$/.test(size ?? '')) {
      throw new SekishoError('journal-unavailable', { municipality, reason: 'checkpoint' });
    }
    return { municipality, origin, size: Number(size), checkpoint };
  }

  async #read(municipality: string, path: string): Promise<Buffer | undefined> {
    const folder = this.folder(municipality);
    if (folder === undefined) throw new SekishoError('not-found', { what: 'journal' });
    return readFile(join(newestLogFolder(folder), path)).catch(() => undefined);
  }

  /** A C2SP tlog-proof file for a line, under the latest published head. @throws not-found beyond it */
  async prove(
    municipality: string,
    index: number,
  ): Promise<{ index: number; leafHash: string; proof: string }> {
    if (this.folder(municipality) === undefined) throw new SekishoError('not-found', { what: 'journal' });
    const { size, checkpoint } = await this.#head(municipality);
    const proofs = new TileProofs((path) => this.#read(municipality, path), size);
    const proven = await proofs.prove(index);
    const leafHash = Buffer.from(proven.leafHash).toString('base64');
    const path = proven.path.map((hash) => Buffer.from(hash).toString('base64'));
    return { index, leafHash, proof: proofFileText({ index, size, leafHash, path, checkpoint }) };
  }
}
