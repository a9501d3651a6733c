import { fromBase64, fromDecimal, utf8 } from './bytes.ts';
import { inclusion } from './merkle.ts';
import { ED25519, parseVerifier } from './note.ts';
import { type Asking, ed25519 } from './primitives.ts';
import { refuse, type Verdict } from './verdict.ts';

/** What the log hands out with a line the moment it is durable. All binary values base64. */
export interface ReceiptText {
  /** `sekisho-receipt/v1\n<origin>\n<first index>\n<count>\n<base64 root of this batch>\n` */
  statement: string;
  /** Ed25519 of the log's key over the statement. */
  signature: string;
  index: number;
  leafHash: string;
  /** Audit path of the leaf in the batch's own tree. */
  path: readonly string[];
}

export interface Promised {
  origin: string;
  index: number;
  leafHash: Uint8Array;
}

/** Checks a receipt: the holder of `logKey` has promised this leaf at this index of this origin. */
export function* receipt(
  given: ReceiptText,
  expected: { origin: string; logKey: string },
): Asking<Verdict<Promised>> {
  const logKey = yield* parseVerifier(expected.logKey);
  if (logKey === undefined || logKey.type !== ED25519) return refuse('key-malformed');
  const lines = given.statement.split('\n');
  const [kind, origin, firstText, countText, rootText, rest] = lines;
  if (lines.length !== 6 || kind !== 'sekisho-receipt/v1' || rest !== '') return refuse('receipt-malformed');
  const first = fromDecimal(firstText ?? '');
  const count = fromDecimal(countText ?? '');
  const root = fromBase64(rootText ?? '');
  const signature = fromBase64(given.signature);
  const leafHash = fromBase64(given.leafHash);
  const path = given.path.map((hash) => fromBase64(hash));
  if (first === undefined || count === undefined || root?.length !== 32 || signature === undefined)
    return refuse('receipt-malformed');
  if (leafHash?.length !== 32 || !Number.isSafeInteger(given.index)) return refuse('receipt-malformed');
  if (!path.every((hash) => hash !== undefined)) return refuse('receipt-malformed');
  if (origin !== expected.origin) return refuse('origin-differs');
  if (!(yield* ed25519(logKey.publicKey, utf8(given.statement), signature))) return refuse('signature-wrong');
  const held = yield* inclusion(given.index - first, count, leafHash, path, root);
  if (!held.ok) return refuse(held.reason, { index: given.index });
  return { ok: true, origin: expected.origin, index: given.index, leafHash };
}
