import { concat, equal, fromUtf8, toBase64, utf8 } from './bytes.ts';
import type { CheckedCheckpoint, Policy } from './checkpoint.ts';
import { hmac, leafHashOf } from './merkle.ts';
import type { Asking } from './primitives.ts';
import { parseProofFile, proofFile } from './proof-file.ts';
import { refuse, type Verdict } from './verdict.ts';

/**
 * A line that somebody keeps: a C2SP tlog-proof v1 file whose `extra` carries what its leaf is made of. `extra` itself is
 * not authenticated; what it holds is, because the leaf is computed from it. Either
 * `sekisho-line/v1\n` ‖ salt (32 bytes) ‖ payload, or, where the content was not told, `sekisho-leaf/v1\n` ‖ leaf hash.
 */
export type SavedContent =
  | { kind: 'line'; salt: Uint8Array; payload: Uint8Array }
  | { kind: 'leaf'; leafHash: Uint8Array };

/** Where a line stands. Hashes base64, leaf's sibling first (RFC 6962 §2.1.1). */
export interface SavedProof {
  index: number;
  path: readonly string[];
  checkpoint: string;
}

const LINE = utf8('sekisho-line/v1\n');
const LEAF = utf8('sekisho-leaf/v1\n');

/** The file's text. */
export function savedLineText(content: SavedContent, proof: SavedProof): string {
  const extra =
    content.kind === 'line' ? concat(LINE, content.salt, content.payload) : concat(LEAF, content.leafHash);
  return [
    'c2sp.org/tlog-proof@v1',
    `extra ${toBase64(extra)}`,
    `index ${proof.index}`,
    ...proof.path,
    '',
    proof.checkpoint,
  ].join('\n');
}

/** What a saved file says its leaf is made of; undefined where it is not one of ours. */
export function savedContent(extra: Uint8Array | undefined): SavedContent | undefined {
  if (extra === undefined) return undefined;
  const rest = extra.subarray(LINE.length);
  const label = extra.subarray(0, LINE.length);
  if (equal(label, LINE) && rest.length > 32)
    return { kind: 'line', salt: rest.subarray(0, 32), payload: rest.subarray(32) };
  if (equal(label, LEAF) && rest.length === 32) return { kind: 'leaf', leafHash: rest };
  return undefined;
}

/** The leaf a content stands for: SHA-256(0x00 ‖ 0x01 ‖ HMAC-SHA256(salt, payload)). */
export function* leafOf(content: SavedContent): Asking<Uint8Array> {
  if (content.kind === 'leaf') return content.leafHash;
  return yield* leafHashOf(concat(Uint8Array.of(0x01), yield* hmac(content.salt, content.payload)));
}

/** Everything a checker learns of a saved line that holds. */
export type KeptLine = CheckedCheckpoint & {
  index: number;
  leafHash: Uint8Array;
  /** The line's JSON, where its content was told. */
  payload?: string;
};

/** Checks a saved line under a policy, with nothing but the file and the public keys. */
export function* savedLine(text: string, policy: Policy): Asking<Verdict<KeptLine>> {
  const content = savedContent(parseProofFile(text)?.extra);
  if (content === undefined) return refuse('proof-malformed');
  const payload = content.kind === 'line' ? fromUtf8(content.payload) : undefined;
  if (content.kind === 'line' && payload === undefined) return refuse('proof-malformed');
  const leafHash = yield* leafOf(content);
  const held = yield* proofFile(text, leafHash, policy);
  return held.ok ? { ...held, leafHash, ...(payload === undefined ? {} : { payload }) } : held;
}
