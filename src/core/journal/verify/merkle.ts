import { concat, equal } from './bytes.ts';
import { type Asking, sha256 } from './primitives.ts';
import { refuse, type Verdict } from './verdict.ts';

/** Hash of a leaf: SHA-256(0x00 ‖ entry), RFC 6962 §2.1. */
export function* leafHashOf(entry: Uint8Array): Asking<Uint8Array> {
  const input = new Uint8Array(entry.length + 1);
  input.set(entry, 1);
  return yield* sha256(input);
}

/** Hash of an inner node: SHA-256(0x01 ‖ left ‖ right), RFC 6962 §2.1. */
export function* nodeHashOf(left: Uint8Array, right: Uint8Array): Asking<Uint8Array> {
  const input = new Uint8Array(65);
  input[0] = 1;
  input.set(left, 1);
  input.set(right, 33);
  return yield* sha256(input);
}

/**
 * Checks an inclusion proof (RFC 9162 §2.1.3.2, the same tree as RFC 6962 §2.1.1).
 * Sizes may be bigint: vectors go past 2^53.
 */
export function* inclusion(
  index: number | bigint,
  size: number | bigint,
  leafHash: Uint8Array,
  path: readonly Uint8Array[],
  root: Uint8Array,
): Asking<Verdict> {
  let fn = BigInt(index);
  let sn = BigInt(size) - 1n;
  if (fn < 0n || fn > sn) return refuse('index-beyond-size');
  if (leafHash.length !== 32 || path.some((hash) => hash.length !== 32)) return refuse('proof-malformed');
  let hash = leafHash;
  for (const sibling of path) {
    if (sn === 0n) return refuse('proof-length');
    if (fn % 2n === 1n || fn === sn) {
      hash = yield* nodeHashOf(sibling, hash);
      while (fn % 2n === 0n && fn !== 0n) {
        fn /= 2n;
        sn /= 2n;
      }
    } else {
      hash = yield* nodeHashOf(hash, sibling);
    }
    fn /= 2n;
    sn /= 2n;
  }
  if (sn !== 0n) return refuse('proof-length');
  return equal(hash, root) ? { ok: true } : refuse('root-differs');
}

/** Checks a consistency proof (RFC 9162 §2.1.4.2). From size 0 nothing can be proven: refused, as the vectors ask. */
export function* consistency(
  oldSize: number | bigint,
  newSize: number | bigint,
  oldRoot: Uint8Array,
  newRoot: Uint8Array,
  path: readonly Uint8Array[],
): Asking<Verdict> {
  const from = BigInt(oldSize);
  const to = BigInt(newSize);
  if (from > to) return refuse('size-shrank');
  if (from <= 0n) return refuse('proof-malformed');
  if (path.some((hash) => hash.length !== 32)) return refuse('proof-malformed');
  if (from === to) {
    if (path.length > 0) return refuse('proof-length');
    return equal(oldRoot, newRoot) ? { ok: true } : refuse('root-differs');
  }
  // Where the old size is a power of two, the old root is itself the first node of the proof.
  const full = (from & (from - 1n)) === 0n;
  const nodes = full ? [oldRoot, ...path] : path;
  const first = nodes[0];
  if (first === undefined || (full && path.length === 0)) return refuse('proof-length');
  let fn = from - 1n;
  let sn = to - 1n;
  while (fn % 2n === 1n) {
    fn /= 2n;
    sn /= 2n;
  }
  let oldHash = first;
  let newHash = first;
  for (const node of nodes.slice(1)) {
    if (sn === 0n) return refuse('proof-length');
    if (fn % 2n === 1n || fn === sn) {
      oldHash = yield* nodeHashOf(node, oldHash);
      newHash = yield* nodeHashOf(node, newHash);
      while (fn % 2n === 0n && fn !== 0n) {
        fn /= 2n;
        sn /= 2n;
      }
    } else {
      newHash = yield* nodeHashOf(newHash, node);
    }
    fn /= 2n;
    sn /= 2n;
  }
  if (sn !== 0n) return refuse('proof-length');
  return equal(oldHash, oldRoot) && equal(newHash, newRoot) ? { ok: true } : refuse('root-differs');
}

/** HMAC-SHA256 (RFC 2104) of `data` under a key of at most 64 bytes. */
export function* hmac(key: Uint8Array, data: Uint8Array): Asking<Uint8Array> {
  const inner = new Uint8Array(64).fill(0x36);
  const outer = new Uint8Array(64).fill(0x5c);
  for (let i = 0; i < key.length; i++) {
    inner[i]! ^= key[i]!;
    outer[i]! ^= key[i]!;
  }
  return yield* sha256(concat(outer, yield* sha256(concat(inner, data))));
}
