import { equal } from './bytes.ts';
import type { Policy } from './checkpoint.ts';
import { readCheckpoint, rootOfEdge, rootOfFull, type VerifiedLog } from './log.ts';
import { type Primitives, run, webPrimitives } from './primitives.ts';
import { type ReceiptText, receipt } from './receipt.ts';
import { type LogSource, readTile, tilesOfLevel } from './source.ts';
import { type Reason, refuse, type Verdict } from './verdict.ts';

export type DropFinding =
  /** The line stands where the receipt says. */
  | { finding: 'present'; size: number }
  /** The signed log is too short to say; ask again at a later checkpoint. */
  | { finding: 'not-yet'; size: number }
  /** The log's key signed a receipt for one leaf and a checkpoint over another at the same index: proven. */
  | { finding: 'dropped'; index: number; promised: Uint8Array; found: Uint8Array; checkpoint: string }
  | { finding: 'receipt-invalid'; reason: Reason }
  | { finding: 'log-invalid'; reason: Reason };

function split(bytes: Uint8Array, width: number): Uint8Array[] {
  return Array.from({ length: width }, (_, i) => bytes.subarray(i * 32, i * 32 + 32));
}

/** The leaf hash at an index, tied to the checkpoint's root through the right edge and the tiles above the leaf. */
async function leafAt(
  source: LogSource,
  head: VerifiedLog,
  index: number,
  primitives: Primitives,
): Promise<Verdict<{ leafHash: Uint8Array }>> {
  const edge: Uint8Array[][] = [];
  for (let level = 0; 256 ** level <= head.size; level++) {
    const { full, partial } = tilesOfLevel(level, head.size);
    if (partial === 0) {
      edge.push([]);
      continue;
    }
    const { path, bytes } = await readTile(source, level, full, partial);
    if (bytes === undefined) return refuse('tile-missing', { tile: path });
    if (bytes.length < partial * 32) return refuse('tile-length', { tile: path });
    edge.push(split(bytes, partial));
  }
  const root = await run(rootOfEdge(edge), primitives);
  if (root === undefined || !equal(root, head.root)) return refuse('root-differs');
  // Up: the lowest level whose right edge covers the index. Down: each full tile is known by its hash above.
  let level = 0;
  while (Math.floor(index / 256 ** (level + 1)) < tilesOfLevel(level, head.size).full) level++;
  const position = (at: number) => Math.floor(index / 256 ** at) % 256;
  let hash = edge[level]![position(level)]!;
  while (level-- > 0) {
    const { path, bytes } = await readTile(source, level, Math.floor(index / 256 ** (level + 1)), 256);
    if (bytes === undefined) return refuse('tile-missing', { tile: path });
    if (bytes.length !== 8192) return refuse('tile-length', { tile: path });
    const hashes = split(bytes, 256);
    if (!equal(await run(rootOfFull(hashes), primitives), hash))
      return refuse('tile-differs', { tile: path });
    hash = hashes[position(level)]!;
  }
  return { ok: true, leafHash: hash };
}

/** Holds a receipt against a log: is the promised line there? Reads a handful of tiles, not the log. */
export async function dropped(
  given: ReceiptText,
  source: LogSource,
  policy: Policy,
  primitives: Primitives = webPrimitives,
): Promise<DropFinding> {
  const promised = await run(receipt(given, policy), primitives);
  if (!promised.ok) return { finding: 'receipt-invalid', reason: promised.reason };
  const head = await readCheckpoint(source, policy, primitives);
  if (!head.ok) return { finding: 'log-invalid', reason: head.reason };
  if (promised.index >= head.size) return { finding: 'not-yet', size: head.size };
  const leaf = await leafAt(source, head, promised.index, primitives);
  if (!leaf.ok) return { finding: 'log-invalid', reason: leaf.reason };
  if (equal(leaf.leafHash, promised.leafHash)) return { finding: 'present', size: head.size };
  return {
    finding: 'dropped',
    index: promised.index,
    promised: promised.leafHash,
    found: leaf.leafHash,
    checkpoint: head.note,
  };
}
