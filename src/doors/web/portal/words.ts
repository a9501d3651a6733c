import { wordsHook } from '../ui/language.tsx';
import { portalEn } from '../words/portal-en.ts';
import { type PortalWords, portalJa } from '../words/portal-ja.ts';
import { purposesEn } from '../words/purposes-en.ts';
import { type PurposeWords, purposesJa } from '../words/purposes-ja.ts';

export type { PortalWords };
export const usePortalWords = wordsHook<PortalWords>({ ja: portalJa, en: portalEn });
export const usePurposeWords = wordsHook<PurposeWords>({ ja: purposesJa, en: purposesEn });

/** The word for a code where there is one; else the code itself. */
export function wordOf(words: Readonly<Record<string, string>>, code: string): string {
  return Object.hasOwn(words, code) ? words[code]! : code;
}
