import type { BatchTree } from './merkle.ts';

/**
 * The log's signed word, given with a line at once: this leaf stands at this index of this origin. One signature
 * serves a whole batch; each receipt proves its leaf under the batch's root. Who holds it proves a dropped line.
 */
export interface Receipt {
  statement: string;
  /** Ed25519 of the log's key over the statement, base64. */
  signature: string;
  index: number;
  /** base64 */
  leafHash: string;
  /** Audit path in the batch's tree, base64. */
  path: readonly string[];
}

/** The signed text. Its first line keeps it apart from checkpoints, whose first line is an origin. */
export function receiptStatement(origin: string, first: number, count: number, root: string): string {
  return `sekisho-receipt/v1\n${origin}\n${first}\n${count}\n${root}\n`;
}

export function receiptOf(
  statement: string,
  signature: string,
  tree: BatchTree,
  first: number,
  at: number,
): Receipt {
  return { statement, signature, index: first + at, leafHash: tree.leaf(at), path: tree.path(at) };
}
