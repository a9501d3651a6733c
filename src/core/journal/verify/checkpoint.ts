import { fromBase64, fromDecimal } from './bytes.ts';
import {
  COSIGNATURE_ED25519,
  ED25519,
  openNote,
  parseVerifier,
  type SignedBy,
  type Verifier,
} from './note.ts';
import type { Asking } from './primitives.ts';
import { refuse, type Verdict } from './verdict.ts';

/** Whom the verifier trusts: the log's key, the witnesses' keys (C2SP vkeys) and how many witnesses must agree. */
export interface Policy {
  origin: string;
  logKey: string;
  witnessKeys: readonly string[];
  /** Witnesses that must have cosigned; 0 trusts the log's key alone. */
  quorum: number;
}

export interface TreeHead {
  origin: string;
  size: number;
  root: Uint8Array;
}

export interface CheckedCheckpoint extends TreeHead {
  /** Witnesses of the policy that cosigned, with their time in seconds since 1970. */
  witnesses: SignedBy[];
}

/** The text of a checkpoint (C2SP tlog-checkpoint "Note text"); extension lines are passed over. */
export function parseTreeHead(text: string): TreeHead | undefined {
  if (!text.endsWith('\n')) return undefined;
  const [origin, size, root, ...extensions] = text.slice(0, -1).split('\n');
  if (!origin || size === undefined || root === undefined || extensions.includes('')) return undefined;
  const leaves = fromDecimal(size);
  const hash = fromBase64(root);
  return leaves === undefined || hash?.length !== 32 ? undefined : { origin, size: leaves, root: hash };
}

/** Checks a checkpoint against a policy: log signature, origin, quorum of cosignatures. */
export function* checkpoint(note: string, policy: Policy): Asking<Verdict<CheckedCheckpoint>> {
  const logKey = yield* parseVerifier(policy.logKey);
  if (logKey === undefined || logKey.type !== ED25519) return refuse('key-malformed');
  const keys: Verifier[] = [];
  for (const vkey of policy.witnessKeys) {
    const key = yield* parseVerifier(vkey);
    if (key === undefined || key.type !== COSIGNATURE_ED25519) return refuse('key-malformed');
    keys.push(key);
  }
  const opened = yield* openNote(note, [logKey, ...keys]);
  if (!opened.ok) return opened;
  const head = parseTreeHead(opened.text);
  if (head === undefined) return refuse('checkpoint-malformed');
  if (head.origin !== policy.origin) return refuse('origin-differs');
  if (!opened.signedBy.some(({ type }) => type === ED25519)) return refuse('signature-missing');
  // Two names for one key are one witness.
  const witnesses = opened.signedBy.filter(({ type }) => type === COSIGNATURE_ED25519);
  const distinct = new Set(
    witnesses.map(({ name }) => keys.find((key) => key.name === name)?.publicKey.join(',')),
  );
  if (distinct.size < policy.quorum) return refuse('quorum-missed');
  return { ok: true, ...head, witnesses };
}
