import { describe, expect, it } from 'vitest';
import { lineKinds } from '../../core/journal/index.ts';
import { residentGroups } from '../../records/register/index.ts';
import { groupWords, languages, lineKindWords, verdictWords } from './index.ts';

const japanese = /[\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Han}]/u;

describe('terms', () => {
  it('every kind of line and every field group is named, and nothing else', () => {
    expect(Object.keys(lineKindWords).sort()).toEqual(Object.keys(lineKinds).sort());
    expect(Object.keys(groupWords).sort()).toEqual(Object.keys(residentGroups).sort());
  });

  it.each(Object.entries({ lineKindWords, groupWords, verdictWords }))(
    '%s: each in its language, each once',
    (_name, words) => {
      for (const { ja, en } of Object.values(words)) {
        expect(ja).toMatch(japanese);
        expect(en).not.toMatch(japanese);
      }
      for (const language of languages) {
        const all = Object.values(words).map((word) => word[language]);
        expect(new Set(all).size).toBe(all.length);
      }
    },
  );
});
