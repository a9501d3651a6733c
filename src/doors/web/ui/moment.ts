import type { Language } from './language.tsx';

const locales = { ja: 'ja-JP', en: 'en-GB' } as const;

/** A moment (ms since 1970) to the minute, in Japan's time. */
export function momentInWords(at: number, language: Language): string {
  return new Intl.DateTimeFormat(locales[language], {
    timeZone: 'Asia/Tokyo',
    year: 'numeric',
    month: language === 'ja' ? 'numeric' : 'short',
    day: 'numeric',
    hour: '2-digit',
    minute: '2-digit',
  }).format(at);
}

/** The time of day to the minute, in Japan's time. */
export function timeInWords(at: number, language: Language): string {
  return new Intl.DateTimeFormat(locales[language], {
    timeZone: 'Asia/Tokyo',
    hour: '2-digit',
    minute: '2-digit',
  }).format(at);
}

export const countInWords = (n: number, language: Language): string => n.toLocaleString(locales[language]);
