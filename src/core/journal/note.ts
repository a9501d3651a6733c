import { createPublicKey, hash, type KeyObject, verify } from 'node:crypto';
import { SekishoError } from '../../ground/errors.ts';

/** C2SP signed-note "Signature types". The list is open: ML-DSA-44 cosignatures are 0x06. */
export const signatureTypes = { ed25519: 0x01, cosignatureEd25519: 0x04, cosignatureMlDsa44: 0x06 } as const;

/** Who signs notes: the log's key or a witness's. `sign` gives a bare signature over the bytes (Ed25519: 64 bytes). */
export interface NoteSigner {
  /** Key name; for a log it should be its origin (tlog-checkpoint "Signatures"). */
  name: string;
  /** 32 raw bytes for Ed25519. */
  publicKey: Buffer;
  sign(data: Buffer): Buffer | Promise<Buffer>;
}

const KEY_NAME = /^[^\s+\u0000-\u001f]+$/u;

/** First four bytes of SHA-256(name ‖ 0x0A ‖ type ‖ public key). */
export function keyId(name: string, type: number, publicKey: Buffer): Buffer {
  if (!KEY_NAME.test(name)) throw new SekishoError('bad-input', { what: 'key-name' });
  return hash(
    'sha256',
    Buffer.concat([Buffer.from(`${name}\n`), Buffer.of(type), publicKey]),
    'buffer',
  ).subarray(0, 4);
}

/** `<name>+<id hex>+<base64(type ‖ key)>` (signed-note "Verifier keys"). */
export function verifierKey(name: string, type: number, publicKey: Buffer): string {
  const material = Buffer.concat([Buffer.of(type), publicKey]).toString('base64');
  return `${name}+${keyId(name, type, publicKey).toString('hex')}+${material}`;
}

/** The vkey of a log's signer. */
export function logVerifierKey(signer: { name: string; publicKey: Buffer }): string {
  return verifierKey(signer.name, signatureTypes.ed25519, signer.publicKey);
}

/** The vkey of a witness (tlog-cosignature "Format"). */
export function witnessVerifierKey(witness: { name: string; publicKey: Buffer }): string {
  return verifierKey(witness.name, signatureTypes.cosignatureEd25519, witness.publicKey);
}

/** `— <name> base64(key id ‖ signature)` with its newline. */
export function signatureLine(name: string, id: Buffer, signature: Buffer): string {
  return `— ${name} ${Buffer.concat([id, signature]).toString('base64')}\n`;
}

/** Signs a text, which must end in a newline and hold no control characters, with an Ed25519 key of type 0x01. */
export async function signNote(text: string, signer: NoteSigner): Promise<string> {
  if (!text.endsWith('\n') || /[\u0000-\u0009\u000b-\u001f]/.test(text))
    throw new SekishoError('bad-input', { what: 'note-text' });
  const signature = await signer.sign(Buffer.from(text));
  const id = keyId(signer.name, signatureTypes.ed25519, signer.publicKey);
  return `${text}\n${signatureLine(signer.name, id, signature)}`;
}

/** What a v1 cosignature signs (tlog-cosignature "Ed25519 signed message"). `seconds` since 1970. */
export function cosignedMessage(text: string, seconds: number): Buffer {
  return Buffer.from(`cosignature/v1\ntime ${seconds}\n${text}`);
}

/** The signed text of a note and its signature lines; `bad-input` where it is no note. */
export function splitNote(note: string): { text: string; lines: string[] } {
  const split = note.lastIndexOf('\n\n');
  if (split < 0 || !note.endsWith('\n')) throw new SekishoError('bad-input', { what: 'note' });
  const lines = note.slice(split + 2, -1).split('\n');
  return { text: note.slice(0, split + 1), lines: lines.map((line) => `${line}\n`) };
}

const spkiPrefix = Buffer.from('302a300506032b6570032100', 'hex'); // RFC 8410: SubjectPublicKeyInfo of Ed25519

/** A raw 32-byte Ed25519 key as node:crypto wants it. */
export function ed25519Key(publicKey: Buffer): KeyObject {
  return createPublicKey({ key: Buffer.concat([spkiPrefix, publicKey]), format: 'der', type: 'spki' });
}

/** The bytes after the key id in the line of this name and key; undefined where the line is another's. */
export function signatureOf(
  line: string,
  key: { name: string; type: number; publicKey: Buffer },
): Buffer | undefined {
  const match = /^— (\S+) (\S+)\n$/u.exec(line);
  if (match?.[1] !== key.name) return undefined;
  const raw = Buffer.from(match[2]!, 'base64');
  const id = keyId(key.name, key.type, key.publicKey);
  return raw.length > 4 && raw.subarray(0, 4).equals(id) ? raw.subarray(4) : undefined;
}

/** Seconds of a witness's cosignature in this line over this text; undefined where it is none or does not hold. */
export function cosignatureTime(
  line: string,
  text: string,
  witness: { name: string; publicKey: Buffer },
): number | undefined {
  const signature = signatureOf(line, { ...witness, type: signatureTypes.cosignatureEd25519 });
  if (signature?.length !== 72) return undefined;
  const seconds = Number(signature.readBigUInt64BE(0));
  const holds = verify(
    null,
    cosignedMessage(text, seconds),
    ed25519Key(witness.publicKey),
    signature.subarray(8),
  );
  return holds && seconds > 0 ? seconds : undefined;
}

/** True when the note carries the log's own good signature. */
export function signedBy(note: string, log: { name: string; publicKey: Buffer }): boolean {
  const { text, lines } = splitNote(note);
  return lines.some((line) => {
    const signature = signatureOf(line, { ...log, type: signatureTypes.ed25519 });
    if (signature === undefined) return false;
    return verify(null, Buffer.from(text), ed25519Key(log.publicKey), signature);
  });
}
