import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { nodePrimitives } from './folder-source.ts';
import { BatchTree, emptyRoot, leafHashOf } from './merkle.ts';
import { consistencyStretches, inclusionStretches, subtreesOf } from './proofs.ts';
import { HashTree, Tile } from './tree.ts';
import { verifyConsistency, verifyInclusion } from './verify/index.ts';

const SIZE = 70_000;
const leaf = (i: number) => leafHashOf(Buffer.from(String(i)));

/** A tree whose full tiles can be read back only from what it gave out. */
function grown(size: number, cacheTiles = 4): { tree: HashTree; loads: () => number } {
  const written = new Map<string, Buffer>();
  let loads = 0;
  const load = async (level: number, index: number) => {
    loads++;
    return written.get(`${level}/${index}`) ?? Buffer.alloc(0);
  };
  const tree = new HashTree(load, cacheTiles);
  for (let i = 0; i < size; i++) {
    tree.append(leaf(i));
    for (const full of tree.takeFull())
      written.set(`${full.level}/${full.index}`, Buffer.from(full.tile.bytes()));
  }
  return { tree, loads: () => loads };
}

/** Leaf hash and audit path of one line. */
async function inclusionIn(of: HashTree, index: number, size: number, edges?: Map<number, Buffer>) {
  const { nodes, leaves, paths } = await of.inclusions([index], size, edges);
  const at = (place: number) => nodes.subarray(place * 32, (place + 1) * 32);
  return { leafHash: at(leaves[0]!), path: paths[0]!.map(at) };
}

describe('HashTree', () => {
  const { tree, loads } = grown(SIZE);

  it('has the empty root', async () => {
    expect(await tree.rootAt(0)).toEqual(emptyRoot);
  });

  it('has the root of a tree made at once, at sizes around every edge', async () => {
    for (const size of [1, 2, 3, 255, 256, 257, 511, 512, 65_535, 65_536, 65_537, SIZE]) {
      const whole = new BatchTree(Array.from({ length: size }, (_, i) => leaf(i)));
      expect((await tree.rootAt(size)).toString('base64')).toBe(whole.root);
    }
  });

  it('proves inclusion of any leaf in any size', async () => {
    const sizes = fc.integer({ min: 1, max: SIZE });
    await fc.assert(
      fc.asyncProperty(sizes, fc.nat(), async (size, seed) => {
        const index = seed % size;
        const { leafHash, path } = await inclusionIn(tree, index, size);
        expect(leafHash).toEqual(leaf(index));
        const root = await tree.rootAt(size);
        expect(verifyInclusion({ index, size, leafHash, path, root }, nodePrimitives)).toEqual({ ok: true });
      }),
      { numRuns: 300 },
    );
    expect(loads()).toBeGreaterThan(0);
  });

  it('gives the same path with remembered edges', async () => {
    const edges = new Map<number, Buffer>();
    for (const index of [0, 1, 69_000, 69_999, 65_536, 12_345]) {
      const plain = await inclusionIn(tree, index, SIZE);
      expect(await inclusionIn(tree, index, SIZE, edges)).toEqual(plain);
    }
    expect(edges.size).toBeGreaterThan(0);
  });

  it('proves many lines together, each hash once, with the paths they have alone', async () => {
    const sizes = fc.integer({ min: 1, max: SIZE });
    const seeds = fc.array(fc.nat(), { maxLength: 60 });
    await fc.assert(
      fc.asyncProperty(sizes, seeds, async (size, drawn) => {
        const indexes = drawn.map((seed) => seed % size);
        const { nodes, leaves, paths } = await tree.inclusions(indexes, size);
        const node = (place: number) => nodes.subarray(place * 32, (place + 1) * 32);
        const hashes = Array.from({ length: nodes.length / 32 }, (_, i) => node(i).toString('hex'));
        expect(new Set(hashes).size).toBe(hashes.length);
        for (const [i, index] of indexes.entries()) {
          const alone = await inclusionIn(tree, index, size);
          expect({ leafHash: node(leaves[i]!), path: paths[i]!.map(node) }).toEqual(alone);
        }
      }),
      { numRuns: 100 },
    );
  });

  it('refuses to prove together what is no line', async () => {
    await expect(tree.inclusions([0, SIZE], SIZE)).rejects.toMatchObject({ kind: 'not-found' });
    await expect(tree.inclusions([0, -1], SIZE)).rejects.toMatchObject({ kind: 'not-found' });
    expect(await tree.inclusions([], SIZE)).toEqual({ nodes: Buffer.alloc(0), leaves: [], paths: [] });
  });

  it('proves consistency between any two sizes', async () => {
    const size = fc.integer({ min: 1, max: SIZE });
    await fc.assert(
      fc.asyncProperty(size, size, async (a, b) => {
        const [oldSize, newSize] = a < b ? [a, b] : [b, a];
        const path = await tree.consistency(oldSize, newSize);
        const [oldRoot, newRoot] = [await tree.rootAt(oldSize), await tree.rootAt(newSize)];
        const verdict = verifyConsistency({ oldSize, newSize, oldRoot, newRoot, path }, nodePrimitives);
        expect(verdict).toEqual({ ok: true });
      }),
      { numRuns: 300 },
    );
  });

  it('needs no proof from the empty tree', async () => {
    expect(await tree.consistency(0, SIZE)).toEqual([]);
  });

  it('refuses what is beyond its size', async () => {
    await expect(tree.rootAt(SIZE + 1)).rejects.toMatchObject({ kind: 'not-found' });
    await expect(inclusionIn(tree, SIZE, SIZE)).rejects.toMatchObject({ kind: 'not-found' });
    await expect(tree.consistency(3, SIZE + 1)).rejects.toMatchObject({ kind: 'not-found' });
  });

  it('refuses a truncated tile', async () => {
    const short = new HashTree(async () => Buffer.alloc(8_191), 0);
    for (let i = 0; i < 600; i++) short.append(leaf(i));
    await expect(inclusionIn(short, 3, 600)).rejects.toMatchObject({ kind: 'proof-invalid' });
  });

  it('goes on from its right edge', async () => {
    const whole = grown(1_000).tree;
    const half = grown(700).tree;
    const again = new HashTree(async () => Buffer.alloc(0));
    again.restore(
      700,
      half.partials().map((tile) => Buffer.from(tile.bytes())),
    );
    for (let i = 700; i < 1_000; i++) again.append(leaf(i));
    expect(await again.rootAt(1_000)).toEqual(await whole.rootAt(1_000));
  });

  it('keeps tiles by how lately they were used, and no more than told', async () => {
    const { tree: small, loads: count } = grown(256 * 8, 2);
    await inclusionIn(small, 0, 2048);
    const first = count();
    await inclusionIn(small, 1, 2048);
    expect(count()).toBe(first);
    for (const index of [300, 600, 900]) await inclusionIn(small, index, 2048);
    const later = count();
    await inclusionIn(small, 0, 2048);
    expect(count()).toBeGreaterThan(later);
  });
});

describe('Tile', () => {
  it('holds its hashes first, as the file does', () => {
    const tile = new Tile();
    for (let i = 0; i < 5; i++) tile.push(leaf(i));
    expect(tile.bytes()).toEqual(Buffer.concat([0, 1, 2, 3, 4].map(leaf)));
    expect(Tile.from(tile.bytes(), 5).node(2, 0)).toEqual(tile.node(2, 0));
  });
});

describe('stretches', () => {
  it('of an inclusion proof cover all other leaves once', () => {
    for (let size = 1; size <= 40; size++)
      for (let index = 0; index < size; index++) {
        const covered = [[index, index + 1] as const, ...inclusionStretches(index, size)];
        const sorted = covered.toSorted((a, b) => a[0] - b[0]);
        expect(sorted[0]![0]).toBe(0);
        expect(sorted.at(-1)![1]).toBe(size);
        for (const [i, [from]] of sorted.entries()) if (i > 0) expect(from).toBe(sorted[i - 1]![1]);
      }
  });

  it('fall into full subtrees that lie on their own widths', () => {
    expect(subtreesOf([0, 11])).toEqual([
      { height: 3, index: 0 },
      { height: 1, index: 4 },
      { height: 0, index: 10 },
    ]);
    expect(consistencyStretches(5, 5)).toEqual([]);
  });
});
