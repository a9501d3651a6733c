import type { HistoryAnswer } from '../journal/verify/index.ts';

/** TC39 "JSON.parse source text access": text that `JSON.stringify` takes over as it is. In Node since 22. */
const { rawJSON } = JSON as unknown as { rawJSON(text: string): object };

/** A text as JSON that is ASCII throughout: every other character as `\uXXXX` (RFC 8259 §7). */
export function asciiJson(text: string): string {
  return JSON.stringify(text).replace(
    /[\u007f-\uffff]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

/** The text itself where its JSON is ASCII anyway. */
const asciiText = (text: string): string | object =>
  /[\u007f-\uffff]/.test(text) ? rawJSON(asciiJson(text)) : text;

/**
 * A history as the server hands it to `JSON.stringify`. A checkpoint's signature lines begin with an em dash (C2SP
 * signed-note), and a payload may hold Japanese: one such sign makes the whole answer a text of two bytes a character,
 * which takes four times as long to write out. Escaped, it is the same JSON.
 */
export function historyForWire(answer: HistoryAnswer): object {
  return {
    ...answer,
    trees: answer.trees.map((tree) => ({ ...tree, checkpoint: asciiText(tree.checkpoint) })),
    lines: answer.lines.map((line) => ({ ...line, payload: asciiText(line.payload) })),
  };
}
