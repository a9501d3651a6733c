import { createHash } from 'node:crypto';
import { access, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { isSekishoError, SekishoError } from '../../../ground/errors.ts';
import { readPrivateFile, writePrivateFile } from '../../../ground/private-file.ts';

const markSchema = z.strictObject({
  format: z.literal('sekisho-token-key/v1'),
  label: z.string(),
  state: z.enum(['making', 'made']),
});
const secretSchema = z.strictObject({
  format: z.literal('sekisho-token-secret/v1'),
  name: z.string(),
  wrapped: z.base64(),
});

export type KeyState = 'unknown' | 'making' | 'made';

/**
 * The store's folder beside the token: which keys were made there, and the secrets that a key of the token wraps.
 * Without the marks an empty or exchanged token would silently get new keys, and nobody would find a record again.
 */
export class KeyFolder {
  readonly folder: string;

  constructor(folder: string) {
    this.folder = folder;
  }

  async prepare(): Promise<void> {
    await mkdir(this.folder, { recursive: true, mode: 0o700 });
  }

  async stateOf(label: string): Promise<KeyState> {
    const text = await this.#read('key', label);
    return text === undefined ? 'unknown' : parse(markSchema, text).state;
  }

  async setState(label: string, state: 'making' | 'made'): Promise<void> {
    const mark: z.infer<typeof markSchema> = { format: 'sekisho-token-key/v1', label, state };
    await writePrivateFile(this.#file('key', label), `${JSON.stringify(mark)}\n`, true);
  }

  /** The wrapped secret, undefined when none was made under this name. */
  async secret(name: string): Promise<Buffer | undefined> {
    const text = await this.#read('secret', name);
    return text === undefined ? undefined : Buffer.from(parse(secretSchema, text).wrapped, 'base64');
  }

  /** @throws already-exists when another process made it first: read that one */
  async addSecret(name: string, wrapped: Buffer): Promise<void> {
    const file: z.infer<typeof secretSchema> = {
      format: 'sekisho-token-secret/v1',
      name,
      wrapped: wrapped.toString('base64'),
    };
    await writePrivateFile(this.#file('secret', name), `${JSON.stringify(file)}\n`, false);
  }

  #file(kind: 'key' | 'secret', name: string): string {
    const hash = createHash('sha256').update(name).digest('hex').slice(0, 32);
    return join(this.folder, `${kind}-${hash}.json`);
  }

  async #read(kind: 'key' | 'secret', name: string): Promise<string | undefined> {
    const file = this.#file(kind, name);
    try {
      await access(file);
    } catch {
      return undefined;
    }
    return await readPrivateFile(file, `token-${kind}`);
  }
}

function parse<T>(schema: z.ZodType<T>, text: string): T {
  try {
    return schema.parse(JSON.parse(text));
  } catch (error) {
    if (isSekishoError(error)) throw error;
    throw new SekishoError('seal-broken', { what: 'keystore-folder', reason: 'form' });
  }
}
