import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { Button } from '../ui/button.tsx';
import { useLanguage } from '../ui/language.tsx';
import { momentInWords } from '../ui/moment.ts';
import { Notice } from '../ui/notice.tsx';
import { Page, Section } from '../ui/page.tsx';
import { ProblemNotice } from '../ui/problem.tsx';
import { SelectField } from '../ui/select-field.tsx';
import { dateInWords, isoInTokyo } from '../ui/typed-date.ts';
import type { About } from './about.ts';
import { ContestDialog } from './contest-dialog.tsx';
import { useKeys } from './keys.ts';
import { isChanged, isOwn, isRefused, isSeen } from './line-words.ts';
import { type CheckedEntry, type HiddenCount, useLines } from './lines.ts';
import { LookedLine } from './looked-line.tsx';
import { usePortal } from './session.tsx';
import { aMoment, type LineContent } from './verify/index.ts';
import { usePortalWords } from './words.ts';

const told =
  (test: (content: LineContent) => boolean) =>
  ({ verdict }: CheckedEntry): boolean =>
    verdict.content !== undefined && test(verdict.content);

/** What may be shown of the lines. What is kept back was a search or another's look: it counts as seen. */
const filters = {
  all: () => true,
  seen: (checked: CheckedEntry) => checked.entry.keptBack !== undefined || told(isSeen)(checked),
  refused: told(isRefused),
  changed: told(isChanged),
  own: told(isOwn),
  bad: ({ verdict }: CheckedEntry) => verdict.mark === 'red',
} as const satisfies Record<string, (checked: CheckedEntry) => boolean>;
type Filter = keyof typeof filters;

/** Who looked: every line about oneself, each checked here. */
export function Looked() {
  const words = usePortalWords();
  const t = words.looked;
  const client = usePortal();
  const keys = useKeys();
  const me = useQuery({ queryKey: ['me'], queryFn: () => client.me() });
  const { lines, busy, error, again, more } = useLines(client, keys.data, me.data?.person);
  const [filter, setFilter] = useState<Filter>('all');
  const [contested, setContested] = useState<About | null>(null);
  const shown = (lines?.checked ?? []).filter(filters[filter]);
  return (
    <Page title={t.title} site={words.site} lead={t.lead}>
      <ProblemNotice error={keys.error ?? me.error ?? error} />
      {lines === null && busy && (
        <p role="status" className="text-std-16N-170">
          {t.loading}
        </p>
      )}
      {lines !== null && (
        <>
          <Summary checked={lines.checked} />
          <div className="my-4 flex flex-wrap items-end gap-4">
            <div className="w-full sm:w-72">
              <SelectField
                label={t.filter}
                value={filter}
                onChange={(event) => setFilter(event.target.value as Filter)}
                options={(Object.keys(filters) as Filter[]).map((value) => ({
                  value,
                  text: t.filters[value],
                }))}
              />
            </div>
            <Button look="outline" busy={busy} onClick={() => void again()}>
              {t.again}
            </Button>
          </div>
          {shown.length === 0 ? (
            <p className="text-std-16N-170">{filter === 'all' ? t.none : t.noneOfFilter}</p>
          ) : (
            <ol aria-label={t.list} className="space-y-4">
              {shown.map((checked) => {
                const { municipality, index } = checked.entry;
                return (
                  <LookedLine
                    key={`${municipality}/${index}`}
                    checked={checked}
                    onContest={() => setContested({ line: { municipality, index } })}
                  />
                );
              })}
            </ol>
          )}
          <Hidden hidden={lines.hidden} />
          {lines.older.size > 0 && (
            <p className="mt-6">
              <Button look="outline" busy={busy} onClick={() => void more()}>
                {t.older}
              </Button>
            </p>
          )}
        </>
      )}
      <ContestDialog about={contested} onClose={() => setContested(null)} />
    </Page>
  );
}

/** How the check went, in one sentence; what does not hold comes first and is read out. */
function Summary({ checked }: { checked: readonly CheckedEntry[] }) {
  const t = usePortalWords().looked;
  const good = checked.filter(({ verdict }) => verdict.mark === 'green').length;
  const bad = checked.filter(({ verdict }) => verdict.mark === 'red').length;
  if (bad > 0)
    return (
      <Notice kind="error" title={t.bad(bad)} live>
        <p>{t.badText}</p>
        <p>{t.checked(good, checked.length)}</p>
      </Notice>
    );
  if (checked.length === 0) return null;
  return good === checked.length ? (
    <Notice kind="success" title={t.allGood(good)} live />
  ) : (
    <Notice kind="info" title={t.checked(good, checked.length)} live />
  );
}

/** Lines that a law keeps back for now: never their content, always their count and their day. */
function Hidden({ hidden }: { hidden: readonly HiddenCount[] }) {
  const t = usePortalWords().looked;
  const { language } = useLanguage();
  if (hidden.length === 0) return null;
  return (
    <Section title={t.hiddenTitle}>
      <p className="text-std-16N-170 mb-2 max-w-3xl">{t.hiddenText}</p>
      <ul className="text-std-16N-170 list-disc pl-6">
        {hidden
          .map(({ count, opensAt: said }) => ({ count, opensAt: aMoment(said) }))
          .map(({ count, opensAt }) => (
            <li key={opensAt}>
              <time dateTime={new Date(opensAt).toISOString()} title={momentInWords(opensAt, language)}>
                {t.hidden(count, dateInWords(isoInTokyo(opensAt), language))}
              </time>
            </li>
          ))}
      </ul>
    </Section>
  );
}
