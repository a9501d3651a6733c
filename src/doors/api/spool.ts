import { createCipheriv, createDecipheriv } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Randomness } from '../../ground/randomness.ts';

/** An uploaded file that can be read twice, for an import checks all of it before it writes any of it. */
export interface Spool {
  readonly size: number;
  open(): AsyncIterable<Uint8Array>;
  remove(): Promise<void>;
}

/**
 * Puts an upload on disk under a key that lives only in this process: who takes the disk, or finds the file after a
 * crash, has ciphertext without a key. AES-256-CTR tells nobody of a change; the importer does, for it compares the
 * digests of its two readings.
 */
export async function spoolUpload(upload: Readable, folder: string, randomness: Randomness): Promise<Spool> {
  const own = await mkdtemp(join(folder, 'upload-'));
  const file = join(own, 'sealed');
  const [key, iv] = [Buffer.from(randomness.bytes(32)), Buffer.from(randomness.bytes(16))];
  let size = 0;
  try {
    upload.on('data', (chunk: Uint8Array) => {
      size += chunk.length;
    });
    await pipeline(
      upload,
      createCipheriv('aes-256-ctr', key, iv),
      createWriteStream(file, { mode: 0o600, flags: 'wx' }),
    );
  } catch (error) {
    await rm(own, { recursive: true, force: true });
    throw error;
  }
  return {
    size,
    open() {
      const plain = createDecipheriv('aes-256-ctr', key, iv);
      const stored = createReadStream(file, { highWaterMark: 262_144 });
      stored.on('error', (error) => plain.destroy(error));
      plain.on('close', () => stored.destroy());
      return stored.pipe(plain);
    },
    async remove() {
      key.fill(0);
      await rm(own, { recursive: true, force: true });
    },
  };
}
