import { createHash } from 'node:crypto';
import { SekishoError } from '../../ground/errors.ts';

/** Reads a file of the log; undefined where there is none. */
export type ReadTile = (path: string) => Promise<Uint8Array | undefined>;

const HASH = 32;
const TILE = 256;

/** Path of a hash tile (C2SP tlog-tiles "Merkle Tree"); a width of 256 is a full one. */
function tilePath(level: number, index: number, width: number): string {
  const digits = String(index);
  const groups = digits.padStart(Math.ceil(digits.length / 3) * 3, '0').match(/\d{3}/g)!;
  const folders = groups.slice(0, -1).map((group) => `x${group}/`);
  return `tile/${level}/${folders.join('')}${groups.at(-1)}${width < TILE ? `.p/${width}` : ''}`;
}

function nodeHash(left: Uint8Array, right: Uint8Array): Buffer {
  return createHash('sha256').update(Buffer.of(1)).update(left).update(right).digest();
}

/** Combines neighbours until one hash is left; their count is a power of two. */
function combine(hashes: readonly Uint8Array[]): Uint8Array {
  let row = hashes;
  while (row.length > 1) row = row.flatMap((hash, i) => (i % 2 === 0 ? [nodeHash(hash, row[i + 1]!)] : []));
  return row[0]!;
}

/** The largest power of two below n (RFC 6962 §2.1). Not by bits: a log may be longer than 2^31. */
function splitPoint(n: number): number {
  let k = 1;
  while (k * 2 < n) k *= 2;
  return k;
}

/**
 * Inclusion proofs from the static tiles alone, as any outsider could make them: the office needs neither gate nor
 * key for it.
 */
export class TileProofs {
  readonly #read: ReadTile;
  readonly #size: number;

  /** @param size leaves of the tree to prove against, from a checkpoint */
  constructor(read: ReadTile, size: number) {
    this.#read = read;
    this.#size = size;
  }

  /** Leaf hash and audit path (RFC 6962 §2.1.1), the leaf's sibling first. @throws not-found, proof-invalid */
  async prove(index: number): Promise<{ leafHash: Uint8Array; path: Uint8Array[] }> {
    if (index >= this.#size) throw new SekishoError('not-found', { what: 'line', size: this.#size });
    const leafHash = await this.#range(index, index + 1);
    return { leafHash, path: await this.#path(index, 0, this.#size) };
  }

  async #path(index: number, start: number, end: number): Promise<Uint8Array[]> {
    if (end - start === 1) return [];
    const middle = start + splitPoint(end - start);
    const isLeft = index < middle;
    const below = isLeft ? await this.#path(index, start, middle) : await this.#path(index, middle, end);
    return [...below, isLeft ? await this.#range(middle, end) : await this.#range(start, middle)];
  }

  /** Root of the leaves [start, end). */
  async #range(start: number, end: number): Promise<Uint8Array> {
    const count = end - start;
    const level = Math.log2(count);
    if (Number.isInteger(level) && start % count === 0) return this.#node(level, start / count);
    const middle = start + splitPoint(count);
    return nodeHash(await this.#range(start, middle), await this.#range(middle, end));
  }

  /** A full subtree of 2^level leaves: tiles hold every eighth level, those between are combined. */
  async #node(level: number, index: number): Promise<Uint8Array> {
    const tileLevel = Math.floor(level / 8);
    const width = 2 ** (level - tileLevel * 8);
    const first = index * width;
    const tile = Math.floor(first / TILE);
    const bytes = await this.#tile(tileLevel, tile);
    const at = first % TILE;
    return combine(
      Array.from({ length: width }, (_, i) => bytes.subarray((at + i) * HASH, (at + i + 1) * HASH)),
    );
  }

  async #tile(level: number, index: number): Promise<Uint8Array> {
    const hashes = Math.floor(this.#size / TILE ** level);
    const width = Math.min(TILE, hashes - index * TILE);
    // A partial tile may be gone once the full one is there (tlog-tiles "Partial Tiles").
    const bytes =
      (await this.#read(tilePath(level, index, width))) ?? (await this.#read(tilePath(level, index, TILE)));
    if (bytes === undefined || bytes.length < width * HASH) {
      throw new SekishoError('proof-invalid', { reason: 'tile-missing', level, index });
    }
    return bytes;
  }
}
