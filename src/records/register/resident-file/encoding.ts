import { TextDecoder } from 'node:util';
/** The two encodings of resident files. CP932 is what WHATWG calls `shift_jis`: with NEC and IBM signs such as 髙 and 﨑. */
export const encodings = ['utf-8', 'cp932'] as const;
export type Encoding = (typeof encodings)[number];

/**
 * Judges by content: a byte order mark or sound UTF-8 with at least one sign beyond ASCII is UTF-8, everything else CP932. A header line
 * in Japanese decides it: lead bytes of CP932 are no valid start of a UTF-8 sequence.
 *
 * @param head the first bytes of the file; a sequence cut off at the end is no fault
 */
export function detectEncoding(head: Uint8Array): Encoding {
  if (head[0] === 0xef && head[1] === 0xbb && head[2] === 0xbf) return 'utf-8';
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(head, { stream: true });
    return 'utf-8';
  } catch {
    return 'cp932';
  }
}

/** Decoder for one file, to be called with `{ stream: true }`. Unknown bytes become U+FFFD; the byte order mark is dropped. */
export function decoderFor(encoding: Encoding): TextDecoder {
  return new TextDecoder(encoding === 'utf-8' ? 'utf-8' : 'shift_jis');
}
