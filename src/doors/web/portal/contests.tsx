import { useQuery } from '@tanstack/react-query';
import { contestStateWords } from '../../words/index.ts';
import { useLanguage } from '../ui/language.tsx';
import { momentInWords } from '../ui/moment.ts';
import { Page } from '../ui/page.tsx';
import { ProblemNotice } from '../ui/problem.tsx';
import { useUiWords } from '../ui/words.ts';
import { groupName } from './about.ts';
import { usePortal } from './session.tsx';
import { usePortalWords } from './words.ts';

/** What one has objected to, how far the desk has got with it, and its answers. */
export function Contests() {
  const words = usePortalWords();
  const t = words.contests;
  const ui = useUiWords();
  const { language } = useLanguage();
  const client = usePortal();
  const { data, error, isPending } = useQuery({
    queryKey: ['contests'],
    queryFn: () => client.ownContests(),
    staleTime: 0,
  });
  return (
    <Page title={t.title} site={words.site} lead={t.lead}>
      <ProblemNotice error={error} />
      {isPending && <p role="status">{ui.loading}</p>}
      {data?.contests.length === 0 && <p className="text-std-16N-170">{t.none}</p>}
      {data !== undefined && data.contests.length > 0 && (
        <ul aria-label={t.list} className="space-y-4">
          {data.contests.map((each) => (
            <li key={each.contest} className="rounded-8 border border-solid-gray-420 p-4">
              <div className="flex flex-wrap items-baseline justify-between gap-x-4">
                <h2 className="text-std-18B-160">
                  {'line' in each.about
                    ? t.line(each.about.line.index)
                    : t.group(groupName(each.about.group, language))}
                </h2>
                <p className="text-std-16B-170">{contestStateWords[each.state][language]}</p>
              </div>
              <dl className="text-std-16N-170 mt-2 grid grid-cols-[7rem_1fr] gap-x-3 sm:grid-cols-[10rem_1fr]">
                <dt className="text-solid-gray-700">{t.openedAt}</dt>
                <dd>{momentInWords(each.openedAt, language)}</dd>
                {each.answeredAt !== undefined && (
                  <>
                    <dt className="text-solid-gray-700">{t.answeredAt}</dt>
                    <dd>{momentInWords(each.answeredAt, language)}</dd>
                  </>
                )}
                <dt className="text-solid-gray-700">{t.answer}</dt>
                <dd lang={each.answer === undefined ? undefined : 'ja'} className="whitespace-pre-wrap">
                  {each.answer ?? t.noAnswer}
                </dd>
              </dl>
            </li>
          ))}
        </ul>
      )}
    </Page>
  );
}
