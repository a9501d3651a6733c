import type { HistoryLine } from './history.ts';

/** TC39 "JSON.parse source text access": text that `JSON.stringify` takes over as it is. In Node since 22. */
const { rawJSON } = JSON as unknown as { rawJSON(text: string): object };

/** A text as JSON that is ASCII throughout: every other character as `\uXXXX` (RFC 8259 §7). */
export function asciiJson(text: string): string {
  return JSON.stringify(text).replace(
    /[\u007f-\uffff]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

/**
 * A history as the server hands it to `JSON.stringify`. A checkpoint's signature lines begin with an em dash (C2SP
 * signed-note): one such sign makes the whole answer of 130 kB a text of two bytes a character, which takes four times as
 * long to write out. Escaped, it is the same JSON.
 */
export function historyForWire(answer: { lines: readonly HistoryLine[] }): object {
  // The lines of one answer share their checkpoints.
  const written = new Map<string, object>();
  const lines = answer.lines.map((line) => {
    const { checkpoint } = line.proof;
    let raw = written.get(checkpoint);
    if (raw === undefined) {
      raw = rawJSON(asciiJson(checkpoint));
      written.set(checkpoint, raw);
    }
    return { ...line, proof: { ...line.proof, checkpoint: raw } };
  });
  return { lines };
}
