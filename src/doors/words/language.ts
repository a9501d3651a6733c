/** The two languages of the house. Japanese is the source: the law and its terms are Japanese. */
export const languages = ['ja', 'en'] as const;
export type Language = (typeof languages)[number];

/** One text in both languages. */
export interface Bilingual {
  readonly ja: string;
  readonly en: string;
}

const isLanguage = (text: string): text is Language => (languages as readonly string[]).includes(text);

/**
 * Picks a language from an Accept-Language header (RFC 9110 §12.5.4): the highest quality wins, the earlier one on
 * a tie; a quality of 0 rules a language out. A header that cannot be read counts as absent, never as an error.
 */
export function languageOfHeader(header: string | undefined, fallback: Language = 'ja'): Language {
  let best: Language | undefined;
  let bestQuality = 0;
  // A hostile header may be long; nobody speaks more than 32 languages to a town hall.
  for (const part of (header ?? '').split(',', 32)) {
    const [range = '', ...parameters] = part.trim().toLowerCase().split(';');
    const primary = range.split('-', 1)[0]!.trim();
    const language = primary === '*' ? fallback : primary;
    const weight = parameters.map((p) => /^\s*q=([01](?:\.\d{0,3})?)\s*$/.exec(p)?.[1]).find((q) => q);
    const quality = weight === undefined ? 1 : Number(weight);
    if (isLanguage(language) && quality > bestQuality) {
      best = language;
      bestQuality = quality;
    }
  }
  return best ?? fallback;
}

/**
 * Picks a language from the environment as POSIX orders it: LC_ALL, then LC_MESSAGES, then LANG.
 * `ja_JP.UTF-8` is Japanese; anything else, also `C` and nothing at all, is English: a terminal that has not said
 * it can show Japanese often cannot.
 */
export function languageOfEnvironment(env: Readonly<Record<string, string | undefined>>): Language {
  const locale = [env['LC_ALL'], env['LC_MESSAGES'], env['LANG']].find((value) => value) ?? '';
  return /^ja(?![a-z])/i.test(locale) ? 'ja' : 'en';
}

/** `ja` or `en` as typed after --lang; undefined for anything else. */
export function parseLanguage(text: string): Language | undefined {
  const lower = text.trim().toLowerCase();
  return isLanguage(lower) ? lower : undefined;
}
