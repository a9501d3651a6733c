import { describe, expect, it } from 'vitest';
import { findingWords, lineOf } from './findings.ts';

describe('a row that the journal does not vouch for', () => {
  it('names its line, and the log where that is an earlier one', () => {
    expect(lineOf({ line: 57 })).toBe('57');
    expect(lineOf({ line: 57, log: undefined })).toBe('57');
    expect(lineOf({ line: 57, log: 1 })).toBe('1/57');
  });
  it('has a word in each language for each finding', () => {
    for (const { ja, en } of Object.values(findingWords)) expect(ja).not.toBe(en);
    expect(new Set(Object.values(findingWords).map(({ en }) => en)).size).toBe(3);
  });
});
