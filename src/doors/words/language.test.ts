import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { languageOfEnvironment, languageOfHeader, parseLanguage } from './index.ts';

describe('language of an Accept-Language header (RFC 9110 §12.5.4)', () => {
  it.each([
    [undefined, 'ja'],
    ['', 'ja'],
    ['en', 'en'],
    ['en-US,en;q=0.9', 'en'],
    ['ja,en;q=0.5', 'ja'],
    ['en;q=0.5,ja;q=0.8', 'ja'],
    ['en;q=0, ja;q=0.1', 'ja'],
    ['fr, de;q=0.9', 'ja'],
    ['fr, en;q=0.1', 'en'],
    ['*', 'ja'],
    ['EN-gb', 'en'],
    ['en;q=2', 'en'],
    ['english', 'ja'],
  ])('%j gives %s', (header, expected) => {
    expect(languageOfHeader(header)).toBe(expected);
  });

  it('takes the fallback given', () => {
    expect(languageOfHeader('fr', 'en')).toBe('en');
    expect(languageOfHeader('*', 'en')).toBe('en');
  });

  it('reads any text without failing', () => {
    fc.assert(fc.property(fc.string(), (text) => ['ja', 'en'].includes(languageOfHeader(text))));
  });

  it('does not read past 32 ranges of an endless header', () => {
    expect(languageOfHeader(`${'fr,'.repeat(100_000)}en`)).toBe('ja');
  });
});

describe('language of the environment', () => {
  it.each([
    [{}, 'en'],
    [{ LANG: 'ja_JP.UTF-8' }, 'ja'],
    [{ LANG: 'ja' }, 'ja'],
    [{ LANG: 'C.UTF-8' }, 'en'],
    [{ LANG: 'ja_JP.UTF-8', LC_ALL: 'C' }, 'en'],
    [{ LANG: 'C', LC_MESSAGES: 'ja_JP' }, 'ja'],
    [{ LANG: 'javanese' }, 'en'],
    [{ LC_ALL: '', LANG: 'ja_JP' }, 'ja'],
  ])('%j gives %s', (env, expected) => {
    expect(languageOfEnvironment(env)).toBe(expected);
  });
});

describe('language typed after --lang', () => {
  it('takes ja and en in any case, nothing else', () => {
    expect(parseLanguage('JA')).toBe('ja');
    expect(parseLanguage(' en ')).toBe('en');
    expect(parseLanguage('fr')).toBeUndefined();
    expect(parseLanguage('__proto__')).toBeUndefined();
  });
});
