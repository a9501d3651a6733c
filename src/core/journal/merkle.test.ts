import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { nodePrimitives } from './folder-source.ts';
import { BatchTree, emptyRoot, leafHashOf, nodeHashOf, splitPoint } from './merkle.ts';
import { verifyInclusion } from './verify/index.ts';

/** RFC 6962 §2.1 word for word; slow. */
function treeHash(leaves: readonly Buffer[]): Buffer {
  if (leaves.length === 0) return emptyRoot;
  if (leaves.length === 1) return leafHashOf(leaves[0]!);
  const k = splitPoint(leaves.length);
  return nodeHashOf(treeHash(leaves.slice(0, k)), treeHash(leaves.slice(k)));
}

const leaves = (count: number) => Array.from({ length: count }, (_, i) => Buffer.from(`leaf ${i}`));

describe('RFC 6962 hashing', () => {
  it('gives the empty tree the hash of nothing', () => {
    expect(emptyRoot.toString('hex')).toBe(
      'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
    );
  });

  it('keeps leaves and nodes apart: a node is not the leaf of its two hashes', () => {
    const [a, b] = [leafHashOf(Buffer.from('a')), leafHashOf(Buffer.from('b'))];
    expect(nodeHashOf(a, b).equals(leafHashOf(Buffer.concat([a, b])))).toBe(false);
    // RFC 6962 test value of the empty leaf, as in transparency-dev/merkle rfc6962.
    expect(leafHashOf(Buffer.alloc(0)).toString('hex')).toBe(
      '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d',
    );
  });

  it.each([
    [2, 1],
    [3, 2],
    [4, 2],
    [5, 4],
    [257, 256],
    [2 ** 40 + 1, 2 ** 40],
  ])('splits %d leaves at %d', (size, at) => {
    expect(splitPoint(size)).toBe(at);
  });
});

describe('BatchTree', () => {
  it('has the root of the recursion, for every size', () => {
    for (let count = 0; count <= 70; count++) {
      const tree = new BatchTree(leaves(count).map(leafHashOf));
      expect(tree.root).toBe(treeHash(leaves(count)).toString('base64'));
    }
  });

  it('gives paths the checker accepts, and only for their own leaf', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 300 }), fc.nat(), fc.nat(), (size, a, b) => {
        const hashes = leaves(size).map(leafHashOf);
        const tree = new BatchTree(hashes);
        const index = a % size;
        const other = b % size;
        const proof = {
          ...{ index, size, root: Buffer.from(tree.root, 'base64') },
          path: tree.path(index).map((hash) => Buffer.from(hash, 'base64')),
        };
        expect(verifyInclusion({ ...proof, leafHash: hashes[index]! }, nodePrimitives)).toEqual({ ok: true });
        const wrong = verifyInclusion({ ...proof, leafHash: hashes[other]! }, nodePrimitives);
        expect(wrong).toMatchObject({ ok: other === index });
      }),
    );
  });
});
