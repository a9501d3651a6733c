import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { CompactLine, HistoryTree } from '../journal/verify/index.ts';
import { asciiJson, historyForWire } from './ascii-json.ts';

const line = (index: number, body: object = { actor: 'clerk-1', fields: ['name'] }): CompactLine => ({
  tree: 0,
  index,
  leaf: 0,
  path: [1, 2],
  payload: JSON.stringify({ v: 1, at: 1_774_998_000_000, kind: 'field.opened', body }),
  salt: 'c2FsdA==',
});
const tree = (checkpoint: string): HistoryTree => ({
  ...{ municipality: '202029', size: 3, checkpoint, nodes: 'bm9kZXM=' },
});

describe('ASCII JSON of a text', () => {
  it('is read back as the text it was, whatever stands in it', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const json = asciiJson(text);
        expect(JSON.parse(json)).toBe(text);
        expect(json).toMatch(/^[ -~]*$/);
      }),
    );
  });
  it('keeps a sign outside the first plane as its two halves', () => {
    expect(asciiJson('𠮷')).toBe('"\\ud842\\udfb7"');
    expect(JSON.parse(asciiJson('𠮷'))).toBe('𠮷');
  });
  it('keeps half a sign that stands alone', () => expect(JSON.parse(asciiJson('\ud842'))).toBe('\ud842'));
});

describe('a history on the wire', () => {
  const note = 'origin\n3\nroot\n\n— origin c2ln\n— witness c2ln\n';
  it('is the same JSON, in ASCII', () => {
    const answer = { trees: [tree(note), tree(`${note}— another c2ln\n`)], lines: [line(1), line(2)] };
    const text = JSON.stringify(historyForWire(answer));
    expect(JSON.parse(text)).toEqual(answer);
    expect(text).toMatch(/^[ -~]*$/);
  });
  it('keeps what a payload says in Japanese, sign by sign', () => {
    const answer = { trees: [tree(note)], lines: [line(1, { note: '窓口𠮷' })] };
    const text = JSON.stringify(historyForWire(answer));
    expect(text).toMatch(/^[ -~]*$/);
    expect(JSON.parse(text)).toEqual(answer);
  });
  it('leaves the answer itself alone', () => {
    const answer = { trees: [tree(note)], lines: [line(1)] };
    const before = structuredClone(answer);
    historyForWire(answer);
    expect(answer).toEqual(before);
  });
  it('of nobody is empty', () =>
    expect(historyForWire({ trees: [], lines: [] })).toEqual({ trees: [], lines: [] }));
  it('carries on what it does not know', () => {
    const grown = { trees: [], lines: [], hidden: [{ count: 1, opensAt: 2 }] };
    expect(JSON.parse(JSON.stringify(historyForWire(grown)))).toEqual(grown);
  });
});
