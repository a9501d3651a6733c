import { fromBase64, toBase64, utf8 } from './bytes.ts';
import { type Policy, checkpoint as readCheckpoint } from './checkpoint.ts';
import { line as readLine } from './line.ts';
import { inclusion } from './merkle.ts';
import type { Asking } from './primitives.ts';
import { type Reason, refuse, type Verdict } from './verdict.ts';

const HASH_BYTES = 32;
/** RFC 6962 §2.1.1: no more hashes than the tree has levels; 63 is the most a log can have. */
const MOST_LEVELS = 63;

/**
 * A person's lines as they travel: of each journal its checkpoint once and each hash once. `expandHistory` makes of it what
 * stands for itself, line by line.
 */
export interface HistoryAnswer {
  trees: readonly HistoryTree[];
  /** Newest first. */
  lines: readonly CompactLine[];
}

export interface HistoryTree {
  municipality: string;
  /** Leaves in the checkpoint's tree. */
  size: number;
  /** The witnessed checkpoint. */
  checkpoint: string;
  /** Leaf hashes and inner nodes side by side, 32 bytes each, all in one base64. */
  nodes: string;
}

export interface CompactLine {
  /** Place of its tree in `trees`. */
  tree: number;
  index: number;
  /** Place of its leaf hash among the tree's nodes. */
  leaf: number;
  /** Places of its audit path, leaf's sibling first. */
  path: readonly number[];
  /** The text that the line commits to, byte for byte as UTF-8: JSON `{v, at, kind, person?, body}`. */
  payload: string;
  /** Salt of the commitment, base64. */
  salt: string;
}

/** An inclusion proof that stands for itself; binary values in base64. */
export interface LineProof {
  index: number;
  size: number;
  leafHash: string;
  path: readonly string[];
  checkpoint: string;
}

/** One line of a person with all it takes to check it. Binary values in base64. */
export interface HistoryLine {
  municipality: string;
  index: number;
  /** ms since 1970 */
  at: number;
  kind: string;
  body: Record<string, unknown>;
  /** The bytes the line commits to. */
  payload: string;
  salt: string;
  leafHash: string;
  proof: LineProof;
}

/** Nodes of a tree as base64 each; undefined where they are none. */
function nodesOf(tree: HistoryTree): string[] | undefined {
  const bytes = fromBase64(tree.nodes);
  if (bytes === undefined || bytes.length % HASH_BYTES !== 0) return undefined;
  return Array.from({ length: bytes.length / HASH_BYTES }, (_, i) =>
    toBase64(bytes.subarray(i * HASH_BYTES, (i + 1) * HASH_BYTES)),
  );
}

function saysOf(payload: string): { at: number; kind: string; body: Record<string, unknown> } | undefined {
  try {
    const { v, at, kind, body } = JSON.parse(payload) as Record<string, unknown>;
    if (v !== 1 || typeof at !== 'number' || typeof kind !== 'string') return undefined;
    return typeof body === 'object' && body !== null ? { at, kind, body: body as never } : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Takes an answer apart into lines that each carry their whole proof. Checks its shape alone: whether a proof holds
 * `verifyHistory` tells, or `verifyProofFile` of a saved `lineProofFile`.
 */
export function expandHistory(answer: HistoryAnswer): Verdict<{ lines: HistoryLine[] }> {
  const trees = answer.trees.map((tree) => ({ ...tree, hashes: nodesOf(tree) }));
  const lines: HistoryLine[] = [];
  for (const { tree: at, index, leaf, path, payload, salt } of answer.lines) {
    const tree = trees[at];
    const leafHash = tree?.hashes?.[leaf];
    const hashes = path.map((place) => tree?.hashes?.[place]);
    const says = saysOf(payload);
    if (tree === undefined || leafHash === undefined || says === undefined || path.length > MOST_LEVELS)
      return refuse('proof-malformed', { index });
    if (hashes.includes(undefined)) return refuse('proof-malformed', { index });
    const { municipality, size, checkpoint } = tree;
    const proof = { index, size, leafHash, path: hashes as string[], checkpoint };
    const bytes = toBase64(utf8(payload));
    lines.push({ municipality, index, ...says, payload: bytes, salt, leafHash, proof });
  }
  return { ok: true, lines };
}

/** The C2SP tlog-proof v1 file of one line, to be kept: whoever has the line checks it without us. */
export function lineProofFile({ index, path, checkpoint }: LineProof): string {
  return ['c2sp.org/tlog-proof@v1', `index ${index}`, ...path, '', checkpoint].join('\n');
}

export interface CheckedLine {
  line: HistoryLine;
  /** Undefined: it holds. */
  fault: Reason | undefined;
}

/** Every line against its leaf, every leaf against its root, every checkpoint (once) under its log's policy. */
export function* history(
  answer: HistoryAnswer,
  policies: Readonly<Record<string, Policy>>,
): Asking<Verdict<{ lines: CheckedLine[] }>> {
  const expanded = expandHistory(answer);
  if (!expanded.ok) return expanded;
  const heads = [];
  for (const { municipality, size, checkpoint } of answer.trees) {
    const policy = Object.hasOwn(policies, municipality) ? policies[municipality] : undefined;
    const head = policy === undefined ? refuse('key-malformed') : yield* readCheckpoint(checkpoint, policy);
    heads.push(head.ok && head.size !== size ? refuse('checkpoint-malformed') : head);
  }
  const lines: CheckedLine[] = [];
  for (const [i, line] of expanded.lines.entries()) {
    const head = heads[answer.lines[i]!.tree]!;
    lines.push({ line, fault: head.ok ? yield* faultOf(line, head) : head.reason });
  }
  return { ok: true, lines };
}

function* faultOf(
  { payload, salt, leafHash, proof }: HistoryLine,
  head: { size: number; root: Uint8Array },
): Asking<Reason | undefined> {
  const [said, salted, leaf] = [payload, salt, leafHash].map(fromBase64);
  if (said === undefined || salted === undefined || leaf === undefined) return 'proof-malformed';
  const committed = yield* readLine(said, salted, leaf);
  if (!committed.ok) return committed.reason;
  const path = proof.path.map((hash) => fromBase64(hash)!);
  const held = yield* inclusion(proof.index, head.size, leaf, path, head.root);
  return held.ok ? undefined : held.reason;
}
