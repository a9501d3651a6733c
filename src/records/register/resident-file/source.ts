import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { SekishoError } from '../../../ground/errors.ts';

/** A file that can be read twice: an import checks all of it before it writes any of it. */
export interface ResidentSource {
  /** Bytes in all, for the progress display; 0 when unknown. */
  size: number;
  open(): AsyncIterable<Uint8Array>;
}

/** @throws not-found when there is no such file */
export async function fileSource(path: string): Promise<ResidentSource> {
  const found = await stat(path).catch(() => null);
  if (!found?.isFile()) throw new SekishoError('not-found', { what: 'file' });
  return { size: found.size, open: () => createReadStream(path, { highWaterMark: 262_144 }) };
}

export function bufferSource(bytes: Uint8Array, chunkBytes = 65_536): ResidentSource {
  return {
    size: bytes.length,
    async *open() {
      for (let at = 0; at < bytes.length; at += chunkBytes) yield bytes.subarray(at, at + chunkBytes);
    },
  };
}
