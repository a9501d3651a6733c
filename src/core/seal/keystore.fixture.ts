import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ErrorFacts, isSekishoError, SekishoError } from '../../ground/errors.ts';
import { Masked } from '../../ground/masked.ts';
import { seededRandomness } from '../../ground/randomness.ts';
import type { FileKeyStore } from './file-key-store.ts';
import { createFileKeyStore, openFileKeyStore } from './keystore-ceremony.ts';

/** Keystore files for tests, in a folder of their own. Never for service. */

export const randomness = seededRandomness('file key store');
/** The least cost the format takes: these tests are not about slowness. */
export const cost = { n: 2 ** 14, r: 8, p: 1 } as const;
export const passphrase = new Masked('passphrase', 'twelve or more characters');

/** A folder with one keystore, open; `fresh` makes more. */
export class StagedKeystores {
  readonly folder = mkdtempSync(join(tmpdir(), 'sekisho-keystore-'));
  readonly file = join(this.folder, 'keystore.json');
  store!: FileKeyStore;
  #made = 0;

  async start(): Promise<void> {
    await createFileKeyStore(this.file, { passphrase }, randomness, { cost });
    this.store = await openFileKeyStore(this.file, { passphrase });
  }

  async fresh(options: { demo?: boolean } = {}): Promise<string> {
    const name = join(this.folder, `store-${this.#made++}.json`);
    await createFileKeyStore(name, { passphrase }, randomness, { cost, ...options });
    return name;
  }

  remove(): void {
    rmSync(this.folder, { recursive: true });
  }
}

/** Kind and facts of what refuses. */
export async function refusal(work: () => unknown): Promise<{ kind: string } & ErrorFacts> {
  try {
    await work();
  } catch (error) {
    if (isSekishoError(error)) return { kind: error.kind, ...error.facts };
    throw error;
  }
  throw new SekishoError('internal', { reason: 'nothing was refused' });
}
