import { hash } from 'node:crypto';

/** RFC 6962 §2.1 with SHA-256. Hashes lie side by side in flat buffers: one object per hash would cost more than hashing. */
export const HASH_BYTES = 32;

/** SHA-256. The digest as a latin1 string, copied, costs half of what Node takes to make a Buffer of it itself. */
export function sha256(data: Uint8Array): Buffer {
  return Buffer.from(hash('sha256', data, 'binary'), 'latin1');
}

const pair = Buffer.alloc(1 + 2 * HASH_BYTES);
pair[0] = 0x01;

/** Root of the empty tree: SHA-256 of nothing. */
export const emptyRoot: Buffer = sha256(Buffer.alloc(0));

/** SHA-256(0x00 ‖ entry). */
export function leafHashOf(entry: Uint8Array): Buffer {
  const input = Buffer.allocUnsafe(entry.length + 1);
  input[0] = 0x00;
  input.set(entry, 1);
  return sha256(input);
}

/** SHA-256(0x01 ‖ left ‖ right). */
export function nodeHashOf(left: Uint8Array, right: Uint8Array): Buffer {
  pair.set(left, 1);
  pair.set(right, 1 + HASH_BYTES);
  return sha256(pair);
}

/** Hashes the two hashes that lie at `from` in `source` into `target` at `to` (byte offsets). */
export function hashPairInto(source: Buffer, from: number, target: Buffer, to: number): void {
  source.copy(pair, 1, from, from + 2 * HASH_BYTES);
  target.write(hash('sha256', pair, 'binary'), to, 'latin1');
}

/** The largest power of two below `n` (n ≥ 2): where RFC 6962 splits a tree of n leaves. */
export function splitPoint(n: number): number {
  let k = 1;
  while (k * 2 < n) k *= 2;
  return k;
}

/** A small tree held in memory, made at once from all its leaves: the tree of one batch, under a receipt. */
export class BatchTree {
  /** Rows of hashes from the leaves up, each hash as base64 text; neighbours share what they have in common. */
  readonly #rows: string[][] = [];

  constructor(leafHashes: readonly Buffer[]) {
    let flat = Buffer.concat(leafHashes as Buffer[]);
    let width = leafHashes.length;
    this.#rows.push(leafHashes.map((leaf) => leaf.toString('base64')));
    while (width > 1) {
      const half = Math.ceil(width / 2);
      const above = Buffer.allocUnsafe(half * HASH_BYTES);
      for (let i = 0; i + 1 < width; i += 2) {
        hashPairInto(flat, i * HASH_BYTES, above, (i / 2) * HASH_BYTES);
      }
      // An odd one out goes up as it is: the same tree as RFC 6962's recursion.
      if (width % 2 === 1) flat.copy(above, (half - 1) * HASH_BYTES, (width - 1) * HASH_BYTES);
      this.#rows.push(
        Array.from({ length: half }, (_, i) =>
          above.toString('base64', i * HASH_BYTES, (i + 1) * HASH_BYTES),
        ),
      );
      flat = above;
      width = half;
    }
  }

  /** base64 */
  get root(): string {
    return this.#rows.at(-1)?.[0] ?? emptyRoot.toString('base64');
  }

  /** base64 */
  leaf(index: number): string {
    return this.#rows[0]![index]!;
  }

  /** Audit path (RFC 6962 §2.1.1), base64, from the leaf's sibling up. */
  path(index: number): string[] {
    const path: string[] = [];
    let at = index;
    for (const row of this.#rows) {
      const sibling = row[at ^ 1];
      if (sibling !== undefined) path.push(sibling);
      at >>>= 1;
    }
    return path;
  }
}
