import { fromBase64, fromDecimal } from './bytes.ts';
import { type CheckedCheckpoint, checkpoint, type Policy } from './checkpoint.ts';
import { inclusion } from './merkle.ts';
import type { Asking } from './primitives.ts';
import { refuse, type Verdict } from './verdict.ts';

export interface ProofFile {
  extra?: Uint8Array;
  index: number;
  path: Uint8Array[];
  checkpoint: string;
}

/** Takes a C2SP tlog-proof v1 file apart; undefined where it is not one. */
export function parseProofFile(text: string): ProofFile | undefined {
  const split = text.indexOf('\n\n');
  if (split < 0) return undefined;
  const lines = text.slice(0, split).split('\n');
  if (lines.shift() !== 'c2sp.org/tlog-proof@v1') return undefined;
  let extra: Uint8Array | undefined;
  if (lines[0]?.startsWith('extra ')) {
    extra = fromBase64(lines.shift()!.slice('extra '.length));
    if (extra === undefined) return undefined;
  }
  const indexLine = lines.shift();
  if (indexLine === undefined || !indexLine.startsWith('index ')) return undefined;
  const index = fromDecimal(indexLine.slice('index '.length));
  const path = lines.map((line) => fromBase64(line));
  // RFC 6962 §2.1.1: no more hashes than the tree has levels; 63 is the most a log can have.
  if (index === undefined || path.length > 63) return undefined;
  const hashes = path.filter((hash) => hash?.length === 32) as Uint8Array[];
  if (hashes.length !== path.length) return undefined;
  return {
    ...(extra === undefined ? {} : { extra }),
    index,
    path: hashes,
    checkpoint: text.slice(split + 2),
  };
}

/** The four steps of C2SP tlog-proof "Verifying a tlog proof"; the caller has made the leaf hash himself. */
export function* proofFile(
  text: string,
  leafHash: Uint8Array,
  policy: Policy,
): Asking<Verdict<CheckedCheckpoint & { index: number }>> {
  const proof = parseProofFile(text);
  if (proof === undefined) return refuse('proof-malformed');
  const head = yield* checkpoint(proof.checkpoint, policy);
  if (!head.ok) return head;
  const held = yield* inclusion(proof.index, head.size, leafHash, proof.path, head.root);
  return held.ok ? { ...head, index: proof.index } : refuse(held.reason, { index: proof.index });
}
