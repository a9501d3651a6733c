import { verify } from 'node:crypto';
import { sha256 } from '../../ground/digest.ts';
import { FolderFiles } from './files.ts';
import { ed25519Key } from './note.ts';
import type { LogSource, Primitives } from './verify/index.ts';

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
