import type { LineVerdict, Mark } from './verify/index.ts';
import { usePortalWords } from './words.ts';

const looks = {
  green: { box: 'border-success-2 text-success-2', path: 'M5 12.5l4.5 4.5L19 7.5' },
  red: { box: 'border-error-2 bg-error-2 text-white', path: 'M7 7l10 10M17 7L7 17' },
  grey: {
    box: 'border-solid-gray-700 text-solid-gray-700',
    path: 'M9 9.5a3 3 0 1 1 4.2 2.7c-.9.4-1.2 1-1.2 2M12 17.2v.1',
  },
} as const satisfies Record<Mark, { box: string; path: string }>;

/** The mark of a line: a sign and a word; the colour only helps. */
export function MarkSign({ mark }: { mark: Mark }) {
  const t = usePortalWords().marks;
  const { box, path } = looks[mark];
  return (
    <span
      data-mark={mark}
      className={`text-oln-16B-100 inline-flex items-center gap-1.5 rounded-full border-2 py-1 pr-3 pl-2 ${box}`}
    >
      <svg viewBox="0 0 24 24" aria-hidden="true" className="size-5" fill="none" stroke="currentColor">
        {mark === 'grey' && <circle cx="12" cy="12" r="10" strokeWidth="2" />}
        <path d={path} strokeWidth="2.5" strokeLinecap="round" strokeLinejoin="round" />
      </svg>
      {t[mark].word}
    </span>
  );
}

/** What a mark means, and what to do where it is not green. */
export function MarkMeaning({ verdict, keptBack }: { verdict: LineVerdict; keptBack: boolean }) {
  const t = usePortalWords().marks;
  return (
    <div className="space-y-2">
      <p>{keptBack && verdict.mark === 'green' ? t.placeOnly : t[verdict.mark].text}</p>
      {verdict.mark === 'red' && (
        <>
          <p className="font-700">{t.faults[verdict.fault]}</p>
          <p>
            {t.whatToDo}: {t.redToDo}
          </p>
        </>
      )}
    </div>
  );
}
