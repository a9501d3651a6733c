import { fromBase64, type HistoryAnswer, toBase64 } from '../../../../core/journal/verify/index.ts';
import { contentOf, type GivenLine, latestMs } from './check-lines.ts';

const HASH_BYTES = 32;

/** Why a line's content is kept back, and what the server alone says of it: nothing of it is proven but its place. */
export interface KeptBack {
  at: number;
  kind: string;
  rule: string;
}

interface CoarsePlace extends KeptBack {
  tree: number;
  index: number;
  leaf: number;
  path: readonly number[];
}

export type HistoryEntry = GivenLine & { keptBack?: KeptBack };

/**
 * A history answer as single lines, each with its whole proof, newest first. Unlike `expandHistory` it gives up no page for
 * one broken line: what does not decode comes out with an empty leaf, which no check lets pass.
 */
export function givenLines(answer: HistoryAnswer & { coarse?: readonly CoarsePlace[] }): HistoryEntry[] {
  const trees = answer.trees.map((tree) => ({ ...tree, bytes: fromBase64(tree.nodes) ?? new Uint8Array() }));
  const placed = (place: { tree: number; index: number; leaf: number; path: readonly number[] }) => {
    const tree = trees[place.tree];
    const hash = (at: number) =>
      toBase64(tree?.bytes.slice(at * HASH_BYTES, (at + 1) * HASH_BYTES) ?? new Uint8Array());
    const proof =
      tree === undefined ? undefined : { path: place.path.map(hash), checkpoint: tree.checkpoint };
    const municipality = tree?.municipality ?? '';
    return { municipality, index: place.index, leafHash: hash(place.leaf), proof };
  };
  const encoder = new TextEncoder();
  const lines: HistoryEntry[] = answer.lines.map((line) => ({
    ...placed(line),
    payload: toBase64(encoder.encode(line.payload)),
    salt: line.salt,
  }));
  const coarse: HistoryEntry[] = (answer.coarse ?? []).map((line) => ({
    ...placed(line),
    keptBack: { at: line.at, kind: line.kind, rule: line.rule },
  }));
  if (coarse.length === 0) return lines;
  // Each list comes newest first; what is kept back is sorted in among the others by its time.
  return [...lines, ...coarse].sort((a, b) => momentOf(b) - momentOf(a) || b.index - a.index);
}

/** When a line was written: by its own payload, else by what the server says. */
export const momentOf = (entry: HistoryEntry): number =>
  contentOf(entry).content?.at ?? aMoment(entry.keptBack?.at ?? 0);

/** A moment that a date can tell; 0 for one that none can. */
export const aMoment = (at: number): number => (Math.abs(at) <= latestMs ? at : 0);
