import { concat, equal, fromBase64, fromUtf8, utf8 } from './bytes.ts';
import { type Asking, ed25519, sha256 } from './primitives.ts';
import { refuse, type Verdict } from './verdict.ts';

/** A verifier key: name, 4-byte key id, signature type, public key (C2SP signed-note "Verifier keys"). */
export interface Verifier {
  name: string;
  id: Uint8Array;
  type: number;
  publicKey: Uint8Array;
}

export interface NoteSignature {
  name: string;
  id: Uint8Array;
  /** What follows the key id; its shape belongs to the signature type. */
  signature: Uint8Array;
}

export interface ParsedNote {
  /** The signed text, with its final newline. */
  text: string;
  signatures: NoteSignature[];
}

export const ED25519 = 0x01;
export const COSIGNATURE_ED25519 = 0x04;
// signed-note asks for a limit and for at least 16; a checkpoint here has a log and a few witnesses.
const MAX_SIGNATURES = 64;
const MAX_NOTE_BYTES = 1_000_000;
// U+002B and Unicode spaces are not allowed in key names; control characters not in notes at all.
const KEY_NAME = /^[^\s+\u0000-\u001f]+$/u;

/** Parses `<name>+<id hex>+<base64(type ‖ key)>` and checks that the id belongs to the key. */
export function* parseVerifier(vkey: string): Asking<Verifier | undefined> {
  const match = /^([^+]+)\+([0-9a-f]{8})\+([A-Za-z0-9+/=]+)$/.exec(vkey);
  if (match === null || !KEY_NAME.test(match[1]!)) return undefined;
  const material = fromBase64(match[3]!);
  if (material === undefined || material.length < 2) return undefined;
  const hash = yield* sha256(concat(utf8(`${match[1]}\n`), material));
  const id = hash.subarray(0, 4);
  const named = Uint8Array.from([0, 2, 4, 6], (at) => Number.parseInt(match[2]!.slice(at, at + 2), 16));
  if (!equal(id, named)) return undefined;
  return { name: match[1]!, id, type: material[0]!, publicKey: material.subarray(1) };
}

/** Takes a signed note apart (C2SP signed-note "Format"); undefined where it is not one. */
export function parseNote(note: string): ParsedNote | undefined {
  if (note.length > MAX_NOTE_BYTES || /[\u0000-\u0009\u000b-\u001f]/.test(note)) return undefined;
  if (fromUtf8(utf8(note)) !== note) return undefined;
  const split = note.lastIndexOf('\n\n');
  if (split < 0 || !note.endsWith('\n')) return undefined;
  const lines = note.slice(split + 2, -1).split('\n');
  if (lines.length > MAX_SIGNATURES) return undefined;
  const signatures: NoteSignature[] = [];
  for (const line of lines) {
    const match = /^— (\S+) (\S+)$/u.exec(line);
    const raw = match === null ? undefined : fromBase64(match[2]!);
    if (match === null || !KEY_NAME.test(match[1]!) || raw === undefined || raw.length < 5) return undefined;
    signatures.push({ name: match[1]!, id: raw.subarray(0, 4), signature: raw.subarray(4) });
  }
  return { text: note.slice(0, split + 1), signatures };
}

/** Checks one signature over a note's text by a key; a cosignature also tells its time. */
export function* signatureHolds(
  verifier: Verifier,
  text: string,
  signature: Uint8Array,
): Asking<{ holds: boolean; timestamp?: number }> {
  if (verifier.type === ED25519) {
    return { holds: yield* ed25519(verifier.publicKey, utf8(text), signature) };
  }
  if (verifier.type !== COSIGNATURE_ED25519 || signature.length !== 72) return { holds: false };
  // tlog-cosignature: u64 timestamp ‖ Ed25519 over "cosignature/v1\ntime <t>\n" ‖ note text.
  const view = new DataView(signature.buffer, signature.byteOffset, 8);
  const seconds = view.getBigUint64(0);
  if (seconds === 0n || seconds > 2n ** 53n) return { holds: false };
  const message = utf8(`cosignature/v1\ntime ${seconds}\n${text}`);
  const holds = yield* ed25519(verifier.publicKey, message, signature.subarray(8));
  return { holds, timestamp: Number(seconds) };
}

export interface SignedBy {
  name: string;
  type: number;
  /** Seconds since 1970, cosignatures only. */
  timestamp?: number;
}

/**
 * Opens a note with known keys (signed-note "Signatures"): unknown keys are passed over, one bad signature of a
 * known key refuses the whole note, and at least one good one is needed.
 */
export function* openNote(
  note: string,
  verifiers: readonly Verifier[],
): Asking<Verdict<{ text: string; signedBy: SignedBy[] }>> {
  const parsed = parseNote(note);
  if (parsed === undefined) return refuse('note-malformed');
  const signedBy: SignedBy[] = [];
  for (const { name, id, signature } of parsed.signatures) {
    const verifier = verifiers.find((known) => known.name === name && equal(known.id, id));
    if (verifier === undefined) continue;
    const { holds, timestamp } = yield* signatureHolds(verifier, parsed.text, signature);
    if (!holds) return refuse('signature-wrong');
    if (signedBy.some((earlier) => earlier.name === name && earlier.type === verifier.type)) continue;
    signedBy.push({ name, type: verifier.type, ...(timestamp === undefined ? {} : { timestamp }) });
  }
  return signedBy.length === 0 ? refuse('signature-missing') : { ok: true, text: parsed.text, signedBy };
}
