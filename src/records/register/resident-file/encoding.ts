import { TextDecoder } from 'node:util';
/** The two encodings of resident files. CP932 is what WHATWG calls `shift_jis`: with NEC and IBM signs such as 髙 and 﨑. */
export const encodings = ['utf-8', 'cp932'] as const;
export type Encoding = (typeof encodings)[number];

/**
 * Judges by content. A byte order mark decides; else the header line, which is Japanese: read as the wrong one of the two it
 * holds bytes without a character. Later lines count only where the header is ASCII or broken, so that one bad byte in a
 * name does not turn the whole file into the other encoding.
 *
 * @param head the first bytes of the file; a sequence cut off at the end is no fault
 */
export function detectEncoding(head: Uint8Array): Encoding {
  if (head[0] === 0xef && head[1] === 0xbb && head[2] === 0xbf) return 'utf-8';
  const lineEnd = head.indexOf(0x0a);
  const line = lineEnd < 0 ? head : head.subarray(0, lineEnd);
  for (const part of [line, head]) {
    const [asUtf8, asCp932] = [unreadable('utf-8', part), unreadable('cp932', part)];
    if (asUtf8 !== asCp932) return asUtf8 < asCp932 ? 'utf-8' : 'cp932';
  }
  return 'utf-8';
}

function unreadable(encoding: Encoding, bytes: Uint8Array): number {
  return decoderFor(encoding).decode(bytes, { stream: true }).split('\uFFFD').length;
}

/** Decoder for one file, to be called with `{ stream: true }`. Unknown bytes become U+FFFD; the byte order mark is dropped. */
export function decoderFor(encoding: Encoding): TextDecoder {
  return new TextDecoder(encoding === 'utf-8' ? 'utf-8' : 'shift_jis');
}
