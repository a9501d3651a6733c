import { SekishoError } from '../../ground/errors.ts';
import { HASH_BYTES } from './merkle.ts';
import { type NoteSigner, signedBy, signNote, splitNote } from './note.ts';

/** The head of a tree: what a checkpoint says. */
export interface TreeHead {
  origin: string;
  size: number;
  root: Buffer;
}

/** A head with the signed checkpoint that says so. */
export interface SignedHead extends TreeHead {
  note: string;
}

/** The three lines of C2SP tlog-checkpoint "Note text"; no extension lines. */
export function checkpointText(head: TreeHead): string {
  return `${head.origin}\n${head.size}\n${head.root.toString('base64')}\n`;
}

export async function signCheckpoint(head: TreeHead, signer: NoteSigner): Promise<SignedHead> {
  return { ...head, note: await signNote(checkpointText(head), signer) };
}

/** Reads a checkpoint's text, whoever signed it. `bad-input` where it is none. */
export function parseCheckpoint(note: string): SignedHead {
  const [origin, sizeText, rootText] = splitNote(note).text.split('\n');
  const size = Number(sizeText);
  const root = Buffer.from(rootText ?? '', 'base64');
  if (!origin || !/^(0|[1-9]\d*)$/.test(sizeText ?? '') || !Number.isSafeInteger(size))
    throw new SekishoError('bad-input', { what: 'checkpoint' });
  if (root.length !== HASH_BYTES) throw new SekishoError('bad-input', { what: 'checkpoint' });
  return { origin, size, root, note };
}

/** Reads a checkpoint and asks for this origin and the log's own signature. `bad-input` otherwise. */
export function ownCheckpoint(note: string, origin: string, signer: NoteSigner): SignedHead {
  const head = parseCheckpoint(note);
  if (head.origin !== origin) throw new SekishoError('bad-input', { what: 'checkpoint', reason: 'origin' });
  if (!signedBy(note, signer))
    throw new SekishoError('bad-input', { what: 'checkpoint', reason: 'signature' });
  return head;
}
