/**
 * The checker. Shares no code with the writer, imports nothing of Node, runs in a browser as it stands.
 * Every function takes its primitives last (default: WebCrypto). Given synchronous primitives, the functions that
 * need no files answer synchronously.
 */
import { type CheckedCheckpoint, checkpoint, type Policy } from './checkpoint.ts';
import { type DropFinding, dropped } from './dropped.ts';
import { type CheckedLine, type HistoryAnswer, history } from './history.ts';
import { line } from './line.ts';
import { type VerifiedLog, verifyWholeLog } from './log.ts';
import { consistency, inclusion } from './merkle.ts';
import { COSIGNATURE_ED25519, openNote, parseVerifier, type SignedBy, type Verifier } from './note.ts';
import { type Asking, type Primitives, run, webPrimitives } from './primitives.ts';
import { proofFile } from './proof-file.ts';
import { type Promised, type ReceiptText, receipt } from './receipt.ts';
import { type KeptLine, savedLine } from './saved-line.ts';
import type { LogSource } from './source.ts';
import { refuse, type Verdict } from './verdict.ts';

export { fromBase64, toBase64 } from './bytes.ts';
export type { CheckedCheckpoint, Policy, TreeHead } from './checkpoint.ts';
export type { DropFinding } from './dropped.ts';
export {
  type CheckedLine,
  type CompactLine,
  expandHistory,
  type HistoryAnswer,
  type HistoryLine,
  type HistoryTree,
  type LineProof,
  lineProofFile,
} from './history.ts';
export type { VerifiedLog } from './log.ts';
export type { NoteSignature, ParsedNote, SignedBy, Verifier } from './note.ts';
export { parseNote } from './note.ts';
export type { Primitives } from './primitives.ts';
export { webPrimitives } from './primitives.ts';
export { type ProofFile, parseProofFile } from './proof-file.ts';
export type { ReceiptText } from './receipt.ts';
export { type KeptLine, type SavedContent, type SavedProof, savedLineText } from './saved-line.ts';
export { httpSource, type LogSource, pathOfTile, tilesOfLevel } from './source.ts';
export type { Place, Reason, Verdict } from './verdict.ts';

type Now<T> = T | Promise<T>;

function* note(
  text: string,
  vkeys: readonly string[],
): Asking<Verdict<{ text: string; signedBy: SignedBy[] }>> {
  const verifiers: Verifier[] = [];
  for (const vkey of vkeys) {
    const verifier = yield* parseVerifier(vkey);
    if (verifier === undefined) return refuse('key-malformed');
    verifiers.push(verifier);
  }
  return yield* openNote(text, verifiers);
}

/** A signed note under known keys (C2SP signed-note). */
export function verifyNote(
  text: string,
  vkeys: readonly string[],
  primitives: Primitives = webPrimitives,
): Now<Verdict<{ text: string; signedBy: SignedBy[] }>> {
  return run(note(text, vkeys), primitives);
}

/** A checkpoint under a policy: log key, origin, quorum of witnesses (C2SP tlog-checkpoint). */
export function verifyCheckpoint(
  text: string,
  policy: Policy,
  primitives: Primitives = webPrimitives,
): Now<Verdict<CheckedCheckpoint>> {
  return run(checkpoint(text, policy), primitives);
}

function* cosignature(
  checkpointText: string,
  vkey: string,
): Asking<Verdict<{ timestamp: number; text: string }>> {
  const verifier = yield* parseVerifier(vkey);
  if (verifier === undefined || verifier.type !== COSIGNATURE_ED25519) return refuse('key-malformed');
  const opened = yield* openNote(checkpointText, [verifier]);
  if (!opened.ok) return opened;
  return { ok: true, text: opened.text, timestamp: opened.signedBy[0]!.timestamp! };
}

/** One witness's cosignature on a checkpoint (C2SP tlog-cosignature, Ed25519); tells its time in seconds since 1970. */
export function verifyCosignature(
  checkpointText: string,
  witnessKey: string,
  primitives: Primitives = webPrimitives,
): Now<Verdict<{ timestamp: number; text: string }>> {
  return run(cosignature(checkpointText, witnessKey), primitives);
}

/** An inclusion proof (RFC 6962 §2.1.1). Sizes may be bigint. */
export function verifyInclusion(
  proof: {
    index: number | bigint;
    size: number | bigint;
    leafHash: Uint8Array;
    path: readonly Uint8Array[];
    root: Uint8Array;
  },
  primitives: Primitives = webPrimitives,
): Now<Verdict> {
  return run(inclusion(proof.index, proof.size, proof.leafHash, proof.path, proof.root), primitives);
}

/** A consistency proof (RFC 6962 §2.1.2). From size 0 it is refused: a witness treats that case itself. */
export function verifyConsistency(
  proof: {
    oldSize: number | bigint;
    newSize: number | bigint;
    oldRoot: Uint8Array;
    newRoot: Uint8Array;
    path: readonly Uint8Array[];
  },
  primitives: Primitives = webPrimitives,
): Now<Verdict> {
  return run(consistency(proof.oldSize, proof.newSize, proof.oldRoot, proof.newRoot, proof.path), primitives);
}

/** A receipt: the log's key has promised this leaf at this index. */
export function verifyReceipt(
  given: ReceiptText,
  expected: { origin: string; logKey: string },
  primitives: Primitives = webPrimitives,
): Now<Verdict<Promised>> {
  return run(receipt(given, expected), primitives);
}

/** A payload with its salt against a leaf hash. */
export function verifyLine(
  given: { payload: Uint8Array; salt: Uint8Array; leafHash: Uint8Array },
  primitives: Primitives = webPrimitives,
): Now<Verdict> {
  return run(line(given.payload, given.salt, given.leafHash), primitives);
}

/** A C2SP tlog-proof v1 file for a leaf hash, under a policy. */
export function verifyProofFile(
  text: string,
  leafHash: Uint8Array,
  policy: Policy,
  primitives: Primitives = webPrimitives,
): Now<Verdict<CheckedCheckpoint & { index: number }>> {
  return run(proofFile(text, leafHash, policy), primitives);
}

/** A line that somebody kept in a file, under a policy; see saved-line.ts. */
export function verifySavedLine(
  text: string,
  policy: Policy,
  primitives: Primitives = webPrimitives,
): Now<Verdict<KeptLine>> {
  return run(savedLine(text, policy), primitives);
}

/**
 * A person's lines as the gate, the desk and the portal give them, each told whether it holds.
 * @param policies by municipality: the keys of each log that the answer may speak of
 */
export function verifyHistory(
  answer: HistoryAnswer,
  policies: Readonly<Record<string, Policy>>,
  primitives: Primitives = webPrimitives,
): Now<Verdict<{ lines: CheckedLine[] }>> {
  return run(history(answer, policies), primitives);
}

/** The whole log, streamed; see log.ts. */
export function verifyLog(
  source: LogSource,
  policy: Policy,
  onProgress?: (done: number, of: number) => void,
  primitives: Primitives = webPrimitives,
): Promise<Verdict<VerifiedLog>> {
  return verifyWholeLog(source, policy, onProgress, primitives);
}

/** Holds a receipt against a log: present, not yet covered, or proven dropped. */
export function proveDropped(
  given: ReceiptText,
  log: { source: LogSource; policy: Policy },
  primitives: Primitives = webPrimitives,
): Promise<DropFinding> {
  return dropped(given, log.source, log.policy, primitives);
}
