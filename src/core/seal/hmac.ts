import { hash } from 'node:crypto';
import { sha256 } from '../../ground/digest.ts';

const blockBytes = 64;
const digestBytes = 32;

/** A key of HMAC-SHA256 as its two padded blocks (RFC 2104 §2): as secret as the key itself. */
export interface Pads {
  readonly inner: Buffer;
  /** Block and room for the inner digest. */
  readonly outer: Buffer;
}

/** @param key 64 bytes at most: a longer one would have to be hashed first, and ours have 32 */
export function padsOf(key: Buffer): Pads {
  const inner = Buffer.alloc(blockBytes, 0x36);
  const outer = Buffer.alloc(blockBytes + digestBytes, 0x5c);
  for (const [i, byte] of key.entries()) {
    inner[i] = 0x36 ^ byte;
    outer[i] = 0x5c ^ byte;
  }
  return { inner, outer };
}

/**
 * HMAC-SHA256 by two one-shot hashes. An Hmac object of Node costs three times as much and leaves a native object for the
 * garbage collector to end; an import makes eight of them a resident.
 */
export function hmacOf({ inner, outer }: Pads, data: Buffer | string): Buffer {
  const bytes = typeof data === 'string' ? Buffer.byteLength(data, 'utf8') : data.length;
  const message = Buffer.allocUnsafe(blockBytes + bytes);
  inner.copy(message);
  if (typeof data === 'string') message.write(data, blockBytes, 'utf8');
  else data.copy(message, blockBytes);
  outer.write(hash('sha256', message, 'binary'), blockBytes, 'latin1');
  message.fill(0, 0, blockBytes);
  return sha256(outer);
}
