import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { MunicipalityCode } from '../../ground/ids.ts';
import { asciiJson, historyForWire } from './ascii-json.ts';
import type { HistoryLine } from './history.ts';

const line = (index: number, checkpoint: string): HistoryLine => ({
  municipality: '202029' as MunicipalityCode,
  index,
  at: 1_774_998_000_000,
  kind: 'field.opened',
  body: { actor: 'clerk-1', fields: ['name'] },
  payload: 'cGF5bG9hZA==',
  salt: 'c2FsdA==',
  leafHash: 'bGVhZg==',
  proof: { index, size: 3, leafHash: 'bGVhZg==', path: ['cGF0aA=='], checkpoint },
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
    const answer = { lines: [line(1, note), line(2, note), line(0, `${note}— another c2ln\n`)] };
    const text = JSON.stringify(historyForWire(answer));
    expect(JSON.parse(text)).toEqual(answer);
    expect(text).toMatch(/^[ -~]*$/);
  });
  it('keeps what a body says in Japanese', () => {
    const spoken = { ...line(1, note), body: { note: '窓口' } };
    expect(JSON.parse(JSON.stringify(historyForWire({ lines: [spoken] })))).toEqual({ lines: [spoken] });
  });
  it('leaves the answer itself alone', () => {
    const answer = { lines: [line(1, note)] };
    const before = structuredClone(answer);
    historyForWire(answer);
    expect(answer).toEqual(before);
  });
  it('of nobody is empty', () => expect(historyForWire({ lines: [] })).toEqual({ lines: [] }));
});
