import type { ReactNode } from 'react';
import { type Language, useLanguage } from './language.tsx';
import { useUiWords } from './words.ts';

/** First in the order of focus: past the header, to the content. */
export function SkipLink() {
  const t = useUiWords();
  return (
    // biome-ignore lint/a11y/useValidAnchor: it does lead there
    <a
      href="#content"
      className="hidden-visually focus:fixed focus:top-2 focus:left-2 focus:z-20 focus:h-auto focus:w-auto focus:bg-white focus:p-3 focus:[clip-path:none]"
      onClick={(event) => {
        // The address stays as it is; only the focus moves.
        event.preventDefault();
        document.getElementById('content')?.focus();
      }}
    >
      {t.skip}
    </a>
  );
}

/** Two buttons rather than a list: each is named in its own language. */
export function LanguageSwitch() {
  const t = useUiWords();
  const { language, choose } = useLanguage();
  return (
    <fieldset className="flex items-center gap-1">
      <legend className="hidden-visually">{t.language}</legend>
      {(['ja', 'en'] satisfies Language[]).map((each) => (
        <button
          key={each}
          type="button"
          lang={each}
          aria-pressed={each === language}
          onClick={() => choose(each)}
          className="text-oln-14N-100 min-h-11 cursor-pointer rounded-6 px-2.5 text-key-1000 underline aria-pressed:bg-key-100 aria-pressed:font-700 aria-pressed:no-underline"
        >
          {t.languages[each]}
        </button>
      ))}
    </fieldset>
  );
}

/** Name of the site, what belongs beside it, and the language. */
export function Header({ site, children, nav }: { site: ReactNode; children?: ReactNode; nav?: ReactNode }) {
  return (
    <header className="border-b border-solid-gray-420 bg-white">
      <div className="mx-auto flex max-w-6xl flex-wrap items-center gap-x-4 gap-y-1 px-4 py-2">
        <div className="text-std-18B-160 mr-auto">{site}</div>
        {children}
        <LanguageSwitch />
      </div>
      {nav}
    </header>
  );
}
