import { wordsHook } from '../ui/language.tsx';
import { deskEn } from '../words/desk-en.ts';
import { deskEventsEn } from '../words/desk-events-en.ts';
import { type DeskEventsWords, deskEventsJa } from '../words/desk-events-ja.ts';
import { type DeskWords, deskJa } from '../words/desk-ja.ts';
import { deskOfficeEn } from '../words/desk-office-en.ts';
import { type DeskOfficeWords, deskOfficeJa } from '../words/desk-office-ja.ts';

export const useDeskWords = wordsHook<DeskWords>({ ja: deskJa, en: deskEn });
export const useEventWords = wordsHook<DeskEventsWords>({ ja: deskEventsJa, en: deskEventsEn });
export const useOfficeWords = wordsHook<DeskOfficeWords>({ ja: deskOfficeJa, en: deskOfficeEn });

/** The word for a code where there is one; else the code itself. */
export function wordOf(words: Readonly<Record<string, string>>, code: string): string {
  return Object.hasOwn(words, code) ? words[code]! : code;
}
