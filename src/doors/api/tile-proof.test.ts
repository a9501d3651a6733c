import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { verifyInclusion } from '../../core/journal/verify/index.ts';
import { TileProofs } from './tile-proof.ts';

const sha256 = (...parts: Uint8Array[]) => {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return hash.digest();
};
const node = (left: Uint8Array, right: Uint8Array) => sha256(Buffer.of(1), left, right);
const leaf = (i: number) => sha256(Buffer.of(0), Buffer.from(`entry ${i}`));

/** Root by RFC 6962 §2.1 as it is written there, slowly. */
function rootOf(leaves: readonly Buffer[]): Buffer {
  if (leaves.length === 1) return leaves[0]!;
  let k = 1;
  while (k * 2 < leaves.length) k *= 2;
  return node(rootOf(leaves.slice(0, k)), rootOf(leaves.slice(k)));
}

function pathOf(level: number, index: number, width: number): string {
  const digits = String(index).padStart(3, '0');
  const folder = digits.length > 3 ? `x${digits.slice(0, -3).padStart(3, '0')}/` : '';
  return `tile/${level}/${folder}${digits.slice(-3)}${width < 256 ? `.p/${width}` : ''}`;
}

/** All tiles of a tree, as a log would have them. */
function tilesOf(leaves: readonly Buffer[]): Map<string, Buffer> {
  const tiles = new Map<string, Buffer>();
  for (let level = 0, row = [...leaves]; row.length > 0; level++) {
    for (let i = 0; i * 256 < row.length; i++) {
      const part = row.slice(i * 256, i * 256 + 256);
      tiles.set(pathOf(level, i, part.length), Buffer.concat(part));
    }
    const above: Buffer[] = [];
    for (let i = 0; (i + 1) * 256 <= row.length; i++) above.push(rootOf(row.slice(i * 256, i * 256 + 256)));
    row = above;
  }
  return tiles;
}

describe('inclusion proofs from tiles', () => {
  it.each([1, 2, 3, 7, 255, 256, 257, 511, 1000, 65_536, 65_800])(
    'a tree of %i lines: the checker accepts every proof tried',
    async (size) => {
      const leaves = Array.from({ length: size }, (_, i) => leaf(i));
      const tiles = tilesOf(leaves);
      const root = rootOf(leaves);
      const proofs = new TileProofs(async (path) => tiles.get(path), size);
      const tried = new Set(
        [0, 1, 2, 255, 256, 257, Math.floor(size / 2), size - 2, size - 1].filter((i) => i >= 0 && i < size),
      );
      for (const index of tried) {
        const { leafHash, path } = await proofs.prove(index);
        expect(leafHash).toEqual(leaves[index]);
        expect(await verifyInclusion({ index, size, leafHash, path, root })).toMatchObject({ ok: true });
        if (size > 1) {
          const other = (index + 1) % size;
          expect(await verifyInclusion({ index: other, size, leafHash, path, root })).toMatchObject({
            ok: false,
          });
        }
      }
    },
  );

  it('takes a full tile where the partial one is gone', async () => {
    const leaves = Array.from({ length: 300 }, (_, i) => leaf(i));
    const later = tilesOf(Array.from({ length: 600 }, (_, i) => leaf(i)));
    const tiles = tilesOf(leaves);
    tiles.delete('tile/0/001.p/44');
    const proofs = new TileProofs(async (path) => tiles.get(path) ?? later.get(path), 300);
    const { leafHash, path } = await proofs.prove(299);
    expect(
      await verifyInclusion({ index: 299, size: 300, leafHash, path, root: rootOf(leaves) }),
    ).toMatchObject({ ok: true });
  });

  it('a line beyond the head is not found', async () => {
    await expect(new TileProofs(async () => undefined, 5).prove(5)).rejects.toMatchObject({
      kind: 'not-found',
    });
  });

  it.each([
    ['gone', undefined],
    ['cut short', Buffer.alloc(31)],
  ])('a tile that is %s is an error, not a wrong proof', async (_name, tile) => {
    await expect(new TileProofs(async () => tile, 5).prove(1)).rejects.toMatchObject({
      kind: 'proof-invalid',
    });
  });
});
