import { SekishoError } from '../../ground/errors.ts';
import { emptyRoot, HASH_BYTES, hashPairInto, nodeHashOf } from './merkle.ts';
import {
  consistencyStretches,
  inclusionStretches,
  type Stretch,
  type Subtree,
  subtreesOf,
} from './proofs.ts';
import { FULL_TILE_BYTES, TILE_WIDTH } from './tiles.ts';

const NODES = 2 * TILE_WIDTH - 1;
/** Byte offset of node `index` of the row `height` (0–8) within a tile's nodes. */
const place = (height: number, index: number) =>
  (2 * TILE_WIDTH - (2 * TILE_WIDTH) / 2 ** height + index) * 32;

/** A tile with all the inner nodes over its hashes: 511 hashes side by side, 16 kB. */
export class Tile {
  readonly #nodes = Buffer.allocUnsafeSlow(NODES * HASH_BYTES);
  width = 0;

  /** Adds the next hash and every inner node that it completes. */
  push(hash: Uint8Array): void {
    this.#nodes.set(hash, place(0, this.width));
    let index = this.width++;
    for (let height = 0; index % 2 === 1; height++) {
      hashPairInto(this.#nodes, place(height, index - 1), this.#nodes, place(height + 1, index >>> 1));
      index >>>= 1;
    }
  }

  /** A view of a node; only of nodes that are complete. */
  node(height: number, index: number): Buffer {
    const at = place(height, index);
    return this.#nodes.subarray(at, at + HASH_BYTES);
  }

  /** The tile as its file holds it. */
  bytes(): Buffer {
    return this.#nodes.subarray(0, this.width * HASH_BYTES);
  }

  static from(bytes: Buffer, width: number): Tile {
    const tile = new Tile();
    for (let i = 0; i < width; i++) tile.push(bytes.subarray(i * HASH_BYTES, (i + 1) * HASH_BYTES));
    return tile;
  }
}

export interface FullTile {
  level: number;
  index: number;
  tile: Tile;
}

/** Reads a full tile's 8,192 bytes. */
export type TileLoader = (level: number, index: number) => Promise<Buffer>;

/**
 * The whole tree as tiles: the right edge in memory, full tiles in a cache of bounded size and else loaded. A proof
 * from cached tiles costs no hashing but that of the right edge.
 */
export class HashTree {
  size = 0;
  readonly #edge: Tile[] = [];
  readonly #cache = new Map<string, Tile>();
  readonly #cacheTiles: number;
  readonly #load: TileLoader;
  /** Tiles filled since the last `takeFull()`, to be written out. */
  #full: FullTile[] = [];

  constructor(load: TileLoader, cacheTiles = 4096) {
    this.#load = load;
    this.#cacheTiles = cacheTiles;
  }

  /** Sets the right edge of an empty tree: the partial tile of each level, its bytes. */
  restore(size: number, partials: readonly Buffer[]): void {
    this.size = size;
    for (const [level, bytes] of partials.entries())
      this.#edge[level] = Tile.from(bytes, bytes.length / HASH_BYTES);
  }

  append(leafHash: Uint8Array): void {
    this.#push(0, leafHash);
    this.size++;
  }

  #push(level: number, hash: Uint8Array): void {
    this.#edge[level] ??= new Tile();
    const tile = this.#edge[level];
    tile.push(hash);
    if (tile.width < TILE_WIDTH) return;
    const index = Math.floor(this.size / TILE_WIDTH ** (level + 1));
    this.#keep(`${level}/${index}`, tile);
    this.#full.push({ level, index, tile });
    this.#edge[level] = new Tile();
    this.#push(level + 1, tile.node(8, 0));
  }

  #keep(key: string, tile: Tile): void {
    this.#cache.delete(key);
    this.#cache.set(key, tile);
    if (this.#cache.size <= this.#cacheTiles) return;
    // Map keeps the order of insertion: the first key is the one longest unused.
    for (const oldest of this.#cache.keys()) {
      this.#cache.delete(oldest);
      break;
    }
  }

  takeFull(): FullTile[] {
    const full = this.#full;
    this.#full = [];
    return full;
  }

  /** The partial tile of each level; width 0 where a level has none. */
  partials(): readonly Tile[] {
    return this.#edge;
  }

  #tileOf({ height, index }: Subtree): { level: number; tile: number; row: number; at: number } {
    const level = Math.floor(height / 8);
    const row = height % 8;
    const inTile = TILE_WIDTH / 2 ** row;
    return { level, tile: Math.floor(index / inTile), row, at: index % inTile };
  }

  /** Loads what the subtrees need and is not at hand; gives their tiles. */
  async #tiles(subtrees: readonly Subtree[]): Promise<Map<string, Tile>> {
    const tiles = new Map<string, Tile>();
    for (const subtree of subtrees) {
      const { level, tile: index } = this.#tileOf(subtree);
      const key = `${level}/${index}`;
      if (tiles.has(key)) continue;
      const onEdge = index === Math.floor(this.size / TILE_WIDTH ** (level + 1));
      let tile = onEdge ? this.#edge[level] : this.#cache.get(key);
      if (tile === undefined) {
        const bytes = await this.#load(level, index);
        if (bytes.length !== FULL_TILE_BYTES)
          throw new SekishoError('proof-invalid', { what: 'tile', level, index, bytes: bytes.length });
        tile = Tile.from(bytes, TILE_WIDTH);
      }
      if (!onEdge) this.#keep(key, tile);
      tiles.set(key, tile);
    }
    return tiles;
  }

  /** Tree hashes of stretches; `edges` remembers those that had to be folded. */
  async #hashes(stretches: readonly Stretch[], edges = new Map<number, Buffer>()): Promise<Buffer[]> {
    const parts = stretches.map((stretch) => subtreesOf(stretch));
    const tiles = await this.#tiles(parts.flat());
    return parts.map((subtrees, i) => {
      const known = subtrees.length > 1 ? edges.get(stretches[i]![0]) : undefined;
      if (known !== undefined) return known;
      const hashes = subtrees.map((subtree) => {
        const { level, tile, row, at } = this.#tileOf(subtree);
        return tiles.get(`${level}/${tile}`)!.node(row, at);
      });
      const folded = hashes.reduceRight((right, left) => nodeHashOf(left, right));
      if (subtrees.length > 1) edges.set(stretches[i]![0], folded);
      return folded;
    });
  }

  /** Root of the tree of the first `size` leaves. */
  async rootAt(size: number): Promise<Buffer> {
    if (size > this.size) throw new SekishoError('not-found', { what: 'tree-size', size });
    return size === 0 ? emptyRoot : Buffer.from((await this.#hashes([[0, size]]))[0]!);
  }

  /**
   * Leaf hashes and audit paths of many lines in the tree of the first `size` leaves, each hash once, side by side in
   * `nodes` (32 bytes each); `leaves` and `paths` are places in it, in the order of `indexes`. Paths of one tree share
   * their upper ends: 50 lines of 100,000 need some 400 hashes instead of 900. `edges` is shared by proofs of one size.
   */
  async inclusions(
    indexes: readonly number[],
    size: number,
    edges?: Map<number, Buffer>,
  ): Promise<{ nodes: Buffer; leaves: number[]; paths: number[][] }> {
    const places = new Map<number, number>();
    const stretches: Stretch[] = [];
    const placeOf = (stretch: Stretch): number => {
      // Stretches that begin at the same leaf differ in their width, a power of two but at the right edge, and there one alone.
      const key = stretch[0] * 64 + Math.ceil(Math.log2(stretch[1] - stretch[0]));
      let found = places.get(key);
      if (found === undefined) {
        found = stretches.push(stretch) - 1;
        places.set(key, found);
      }
      return found;
    };
    const leaves: number[] = [];
    const paths: number[][] = [];
    for (const index of indexes) {
      if (size > this.size || index >= size || index < 0)
        throw new SekishoError('not-found', { what: 'line', index });
      leaves.push(placeOf([index, index + 1]));
      paths.push(inclusionStretches(index, size).map(placeOf));
    }
    return { nodes: Buffer.concat(await this.#hashes(stretches, edges)), leaves, paths };
  }

  async consistency(oldSize: number, newSize: number): Promise<Buffer[]> {
    if (oldSize > newSize || newSize > this.size)
      throw new SekishoError('not-found', { what: 'tree-size', size: newSize });
    return this.#hashes(consistencyStretches(oldSize, newSize));
  }
}
