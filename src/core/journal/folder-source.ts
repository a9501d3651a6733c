import { verify } from 'node:crypto';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { sha256 } from '../../ground/digest.ts';
import { FolderFiles } from './files.ts';
import { ed25519Key } from './note.ts';
import type { LogSource, Primitives } from './verify/index.ts';

/** The number of the newest log in a mirror. */
export function newestLogNumber(mirror: string): number {
  let log = 1;
  while (existsSync(join(mirror, String(log + 1), 'checkpoint'))) log++;
  return log;
}

/** The folder of the newest log in a mirror: a successor's lies in `<mirror>/2` and so on. */
export function newestLogFolder(mirror: string): string {
  const log = newestLogNumber(mirror);
  return log === 1 ? mirror : join(mirror, String(log));
}

/** A log in a folder of this machine, for the checker. */
export function folderSource(folder: string): LogSource {
  const files = new FolderFiles(folder);
  return { get: (path) => files.read(path) };
}

/** Node's own primitives for the checker: synchronous, several times faster than WebCrypto. */
export const nodePrimitives: Primitives = {
  sha256,
  ed25519(publicKey, message, signature) {
    try {
      return verify(null, message, ed25519Key(Buffer.from(publicKey)), signature);
    } catch {
      return false;
    }
  },
};
