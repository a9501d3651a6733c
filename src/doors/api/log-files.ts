import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';

/**
 * The files of a log that the public may read (C2SP tlog-tiles): checkpoint, hash tiles, entry bundles (salted
 * commitments). The sealed payloads, which lie in the same mirror, are not among them. Anything else, also a path that
 * climbs, does not match.
 */
const publicFile =
  /^(?:\d{1,4}\/)?(?:checkpoint|succession|tile\/(?:entries|\d{1,2})\/(?:x\d{3}\/){0,5}\d{3}(?:\.p\/\d{1,3})?)$/;

export interface LogFile {
  stream: Readable;
  size: number;
  contentType: string;
  cacheControl: string;
}

/** Opens a public file of the log in `folder`; undefined where there is none or it is none of the public's. */
export async function openLogFile(folder: string, path: string): Promise<LogFile | undefined> {
  if (!publicFile.test(path)) return undefined;
  const file = join(folder, path);
  let size: number;
  try {
    const found = await stat(file);
    if (!found.isFile()) return undefined;
    size = found.size;
  } catch {
    return undefined;
  }
  // Of a successor too: `2/checkpoint`.
  const isCheckpoint = /(?:^|\/)checkpoint$/.test(path);
  return {
    stream: createReadStream(file),
    size,
    contentType: isCheckpoint ? 'text/plain; charset=utf-8' : 'application/octet-stream',
    // tlog-tiles: tiles never change, full or partial; the checkpoint does with every head.
    cacheControl: isCheckpoint ? 'no-cache' : 'public, max-age=31536000, immutable',
  };
}
