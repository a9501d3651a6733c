import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type ErrorKind, errorKinds, SekishoError } from '../../ground/errors.ts';
import { errorsEn, errorsJa, factValueWords, factWords, languages, wordError, wordFacts } from './index.ts';

const kinds = Object.keys(errorKinds) as ErrorKind[];
const parts = ['title', 'happened', 'kept', 'next'] as const;
const japanese = /[\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Han}]/u;

describe('words of errors', () => {
  it('has every kind in both languages and no kind that is not in the list', () => {
    expect(Object.keys(errorsJa).sort()).toEqual([...kinds].sort());
    expect(Object.keys(errorsEn).sort()).toEqual([...kinds].sort());
  });

  it.each(kinds)('%s: each text is there, ends as a sentence, and is in its own language', (kind) => {
    for (const part of parts) {
      expect(errorsJa[kind][part]).toMatch(japanese);
      expect(errorsEn[kind][part]).not.toMatch(japanese);
      expect(errorsEn[kind][part].length).toBeGreaterThan(5);
      if (part === 'title') continue;
      expect(errorsJa[kind][part]).toMatch(/。$/);
      expect(errorsEn[kind][part]).toMatch(/\.$/);
    }
  });

  it('says something different for each kind', () => {
    for (const table of [errorsJa, errorsEn]) {
      expect(new Set(kinds.map((kind) => table[kind].title)).size).toBe(kinds.length);
      expect(new Set(kinds.map((kind) => table[kind].happened)).size).toBe(kinds.length);
    }
  });

  it('tells every refusal that nothing was opened, in both languages', () => {
    const refused = kinds.filter((kind) => errorKinds[kind] === 'refused' && !kind.startsWith('keystore'));
    expect(refused.length).toBeGreaterThan(5);
    for (const kind of refused) {
      expect(errorsEn[kind].kept).toMatch(/not opened|nothing was opened/i);
      expect(errorsJa[kind].kept).toMatch(/開かれて(いません|おらず)/);
    }
  });
});

describe('an error in words', () => {
  it('names its facts in the language asked for', () => {
    const error = new SekishoError('bad-input', { what: 'individual-number', reason: 'check-digit' });
    expect(wordError(error, 'en').details).toEqual([
      { label: 'what', value: 'individual number' },
      { label: 'reason', value: 'the check digit does not fit' },
    ]);
    expect(wordError(error, 'ja').details[0]).toEqual({ label: '対象', value: '個人番号' });
  });

  it('shows an unknown fact under its own key and leaves nulls out', () => {
    expect(wordFacts({ zebra: 7, nothing: null }, 'ja')).toEqual([{ label: 'zebra', value: '7' }]);
  });

  it('does not take words from the prototype', () => {
    expect(wordFacts({ constructor: 'toString' }, 'en')).toEqual([
      { label: 'constructor', value: 'toString' },
    ]);
  });

  it('never shows the message of a foreign error', () => {
    const words = wordError(new TypeError('Yamada Hanako 123456789018'), 'en');
    expect(words.kind).toBe('internal');
    expect(JSON.stringify(words)).not.toMatch(/Yamada|1234/);
  });

  it('words anything that can be thrown', () => {
    fc.assert(
      fc.property(fc.anything(), fc.constantFrom(...languages), (thrown, language) => {
        expect(wordError(thrown, language).title.length).toBeGreaterThan(0);
      }),
    );
  });

  it('names every fact in both languages', () => {
    for (const words of [...Object.values(factWords), ...Object.values(factValueWords)]) {
      expect(words.ja).toMatch(japanese);
      expect(words.en).not.toMatch(japanese);
    }
  });
});
