/** Who countersigned a head, and when: read from the note itself, as anybody can (C2SP signed-note, tlog-cosignature). */
export interface Cosignature {
  name: string;
  /** ms since 1970 */
  at: number;
}

/** 4 bytes of key id, 8 of time in seconds, 64 of signature; a log's own signature has no time. */
const cosignatureBytes = 4 + 8 + 64;

/** The cosignatures of a checkpoint. Told, not checked: checking is what "verify now" is for. */
export function cosignaturesOf(checkpoint: string): Cosignature[] {
  const found: Cosignature[] = [];
  for (const line of checkpoint.split('\n')) {
    const match = /^— (\S+) ([A-Za-z0-9+/]+={0,2})$/.exec(line);
    if (match === null) continue;
    const bytes = Uint8Array.from(atob(match[2]!), (char) => char.charCodeAt(0));
    if (bytes.length !== cosignatureBytes) continue;
    const seconds = new DataView(bytes.buffer).getBigUint64(4);
    found.push({ name: match[1]!, at: Number(seconds) * 1_000 });
  }
  return found;
}
