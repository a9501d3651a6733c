import type { SignedHead } from './checkpoint.ts';
import { type NoteSigner, signNote } from './note.ts';

/**
 * Where the tip of a log is lost for good, its operator starts a new one and says so, signed: the old origin, the
 * last size and root anybody remembers, the new origin. A witness and every holder of a receipt can hold him to it.
 */
export function successionText(
  old: { origin: string; head: SignedHead | undefined },
  origin: string,
): string {
  const size = old.head?.size ?? 0;
  const root = old.head?.root.toString('base64') ?? '-';
  return `sekisho-succession/v1\n${old.origin}\n${size}\n${root}\n${origin}\n`;
}

export function signSuccession(
  old: { origin: string; head: SignedHead | undefined },
  origin: string,
  signer: NoteSigner,
): Promise<string> {
  return signNote(successionText(old, origin), signer);
}

/** `o` for the first log, `o/2`, `o/3` … for its successors. */
export function originOf(base: string, log: number): string {
  return log === 1 ? base : `${base}/${log}`;
}

/** The signer of a log of this municipality: one key, named as the log is (tlog-checkpoint "Signatures"). */
export function signerOf(signer: NoteSigner, base: string, log: number): NoteSigner {
  if (log === 1 || signer.name !== base) return signer;
  return { name: originOf(base, log), publicKey: signer.publicKey, sign: (data) => signer.sign(data) };
}
