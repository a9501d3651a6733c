import { createContext, type ReactNode, useContext, useEffect, useMemo, useState } from 'react';
import { type Language, languageOfHeader, parseLanguage } from '../../words/index.ts';

export type { Language };

interface Choice {
  language: Language;
  choose: (language: Language) => void;
}

const Context = createContext<Choice>({ language: 'ja', choose: () => {} });

/** The one thing the pages keep in the browser: `ja` or `en`. */
const key = 'language';

function firstLanguage(): Language {
  const kept = parseLanguage(localStorage.getItem(key) ?? '');
  return kept ?? languageOfHeader(navigator.languages.join(','));
}

/** Holds the language of the page, and says it in the document's `lang`. */
export function LanguageProvider({ children }: { children: ReactNode }) {
  const [language, setLanguage] = useState(firstLanguage);
  useEffect(() => {
    document.documentElement.lang = language;
  }, [language]);
  const choice = useMemo(
    () => ({
      language,
      choose: (next: Language) => {
        localStorage.setItem(key, next);
        setLanguage(next);
      },
    }),
    [language],
  );
  return <Context value={choice}>{children}</Context>;
}

export const useLanguage = (): Choice => useContext(Context);

/** A hook that gives the words of the reader's language, each under its name and with its type. */
export function wordsHook<Words>(words: Readonly<Record<Language, Words>>): () => Words {
  return () => words[useLanguage().language];
}
