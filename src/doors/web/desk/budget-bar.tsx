import { useLanguage } from '../ui/language.tsx';
import { timeInWords } from '../ui/moment.ts';
import type { Budget, BudgetLeft } from './desk-client.ts';
import { useBudget } from './session.tsx';
import { useDeskWords } from './words.ts';

const scopes = ['session', 'terminal', 'purpose', 'office'] as const;

/** The scope with the least left: it is what stops one next. */
export function tightest(left: BudgetLeft): (typeof scopes)[number] {
  return scopes.reduce((least, scope) => (left[scope] < left[least] ? scope : least));
}

/** What is left, always in view while one works in a case. */
export function BudgetBar({ caseId }: { caseId: string }) {
  const t = useDeskWords().budget;
  const { language } = useLanguage();
  const { data } = useBudget(caseId);
  return (
    <section
      aria-label={t.label}
      className="sticky top-0 z-5 -mx-4 mb-6 border-b border-solid-gray-420 bg-white px-4 py-2 print:hidden"
    >
      {data === undefined ? (
        <p className="text-std-16N-170">{t.loading}</p>
      ) : (
        <div className="flex flex-wrap items-baseline gap-x-6 gap-y-1">
          <Left name={t.open} budget={data} what="open" />
          <Left name={t.search} budget={data} what="search" />
          <span className="text-dns-14N-130 text-solid-gray-700">
            {t.window(data.windowMinutes)}
            {data.freesAt !== null && ` · ${t.frees(timeInWords(data.freesAt, language))}`}
          </span>
        </div>
      )}
    </section>
  );
}

function Left({ name, budget, what }: { name: string; budget: Budget; what: 'open' | 'search' }) {
  const t = useDeskWords().budget;
  const left = budget[what];
  const limits = budget.limits[what];
  const scope = tightest(left);
  const low = left[scope] <= limits[scope] / 10;
  const all = scopes.map((each) => `${t.scopes[each]} ${t.left(left[each], limits[each])}`).join(' / ');
  return (
    <span className="flex flex-wrap items-baseline gap-x-2" title={all}>
      <span className="text-std-16B-170">{name}</span>
      <span className={`text-std-16N-170 tabular-nums ${low ? 'text-error-2' : ''}`}>
        {t.scopes[scope]} {t.left(left[scope], limits[scope])}
        {low && ` (${t.low})`}
      </span>
      <meter
        aria-label={name}
        min={0}
        max={limits[scope]}
        value={Math.max(0, left[scope])}
        className="h-2 w-20 self-center"
      />
    </span>
  );
}
