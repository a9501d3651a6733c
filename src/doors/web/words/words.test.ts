import { describe, expect, it } from 'vitest';
import { deskEn } from './desk-en.ts';
import { deskEventsEn } from './desk-events-en.ts';
import { deskEventsJa } from './desk-events-ja.ts';
import { deskJa } from './desk-ja.ts';
import { deskOfficeEn } from './desk-office-en.ts';
import { deskOfficeJa } from './desk-office-ja.ts';
import { portalEn } from './portal-en.ts';
import { portalJa } from './portal-ja.ts';
import { purposesEn } from './purposes-en.ts';
import { purposesJa } from './purposes-ja.ts';
import { uiEn } from './ui-en.ts';
import { uiJa } from './ui-ja.ts';

/** Every text with its path; a text that takes something is given plain values. */
function texts(words: unknown, path = ''): [string, string][] {
  if (typeof words === 'string') return [[path, words]];
  if (typeof words === 'function') return [[path, (words as (...given: unknown[]) => string)(1, 2, 3)]];
  return Object.entries(words as Record<string, unknown>).flatMap(([name, value]) =>
    texts(value, path === '' ? name : `${path}.${name}`),
  );
}

const japanese = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}]/u;
/** Shown in Japanese to readers of English too: names of eras beside their reading, words that must be typed, the language itself. */
const japaneseInEnglish = /^(?:languages\.ja|date\.eras\..*|splitHint|relationHint|find\.addressHint)$/;
/** The same in both languages, or made of what is given alone. */
const without =
  /^(?:languages\.en|.*encodings\.(?:utf-8|cp932)|.*notYet|.*\.by|frame\.signedInAs|grants\.leftOf|joined|saysOther|looked\.purposeOf)$/;

describe.each([
  ['ui', uiJa, uiEn],
  ['desk', deskJa, deskEn],
  ['desk, events', deskEventsJa, deskEventsEn],
  ['desk, office', deskOfficeJa, deskOfficeEn],
  ['portal', portalJa, portalEn],
  ['purposes', purposesJa, purposesEn],
])('%s', (_, ja, en) => {
  it('says the same things in both languages', () => {
    expect(
      texts(en)
        .map(([path]) => path)
        .sort(),
    ).toEqual(
      texts(ja)
        .map(([path]) => path)
        .sort(),
    );
  });

  it('says nothing empty', () => {
    for (const [path, text] of [...texts(ja), ...texts(en)]) expect(text.trim(), path).not.toBe('');
  });

  it('is Japanese in Japanese, and English in English', () => {
    for (const [path, text] of texts(ja))
      if (!without.test(path)) expect(japanese.test(text), path).toBe(true);
    for (const [path, text] of texts(en))
      if (!japaneseInEnglish.test(path)) expect(japanese.test(text), `${path}: ${text}`).toBe(false);
  });

  it('takes what it is given into the text, in both languages', () => {
    const takes = (words: unknown, path: string): unknown =>
      path.split('.').reduce<unknown>((at, name) => (at as Record<string, unknown>)[name], words);
    for (const [path] of texts(ja)) {
      const [a, b] = [takes(ja, path), takes(en, path)];
      if (typeof a !== 'function' || typeof b !== 'function') continue;
      for (const say of [a, b] as ((...given: unknown[]) => string)[])
        expect(say('X', 'X', 'X'), path).toMatch(/X/);
    }
  });
});
