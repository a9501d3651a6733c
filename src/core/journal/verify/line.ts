import { equal } from './bytes.ts';
import { hmac, leafHashOf } from './merkle.ts';
import type { Asking } from './primitives.ts';
import { refuse, type Verdict } from './verdict.ts';

/**
 * Checks that a payload is the one a leaf stands for: commitment = HMAC-SHA256(salt, payload), entry = 0x01 ‖
 * commitment, leaf = SHA-256(0x00 ‖ entry). Without the salt a leaf tells nothing about its payload.
 */
export function* line(payload: Uint8Array, salt: Uint8Array, leafHash: Uint8Array): Asking<Verdict> {
  if (salt.length !== 32) return refuse('commitment-differs');
  const entry = new Uint8Array(33);
  entry[0] = 0x01;
  entry.set(yield* hmac(salt, payload), 1);
  return equal(yield* leafHashOf(entry), leafHash) ? { ok: true } : refuse('commitment-differs');
}
