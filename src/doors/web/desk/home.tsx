import { Link, useNavigate } from '@tanstack/react-router';
import { useLanguage } from '../ui/language.tsx';
import { momentInWords } from '../ui/moment.ts';
import { Page, Section } from '../ui/page.tsx';
import { ProblemNotice } from '../ui/problem.tsx';
import { type Column, Table } from '../ui/table.tsx';
import { useUiWords } from '../ui/words.ts';
import type { Case } from './desk-client.ts';
import { NewCase } from './new-case.tsx';
import { useCases, usePurposes, useSession } from './session.tsx';
import { useDeskWords } from './words.ts';

/** Cases first: one's own, those of the office, and a new one. */
export function Home() {
  const words = useDeskWords();
  const t = words.home;
  const ui = useUiWords();
  const { role } = useSession();
  const purposes = usePurposes();
  const navigate = useNavigate();
  const mayOpen = purposes.filter(({ roles }) => roles.includes(role));
  const cases = useCases(mayOpen.length > 0);
  const open = (cases.data ?? []).filter(({ closed }) => !closed);
  return (
    <Page title={t.title} site={words.site} lead={t.lead}>
      {purposes.length > 0 && mayOpen.length === 0 ? (
        <p className="text-std-16N-170">{t.cannotSee}</p>
      ) : (
        <>
          <Section title={t.mine}>
            {cases.isPending ? <p role="status">{ui.loading}</p> : null}
            <ProblemNotice error={cases.error} />
            {cases.data && (
              <CaseTable caption={t.mine} rows={open.filter(({ mine }) => mine)} empty={t.none} />
            )}
          </Section>
          <Section title={t.create}>
            <NewCase
              purposes={mayOpen}
              onOpened={(caseId) => void navigate({ to: '/cases/$caseId', params: { caseId } })}
            />
          </Section>
          {cases.data && (
            <Section title={t.office}>
              <CaseTable
                caption={t.office}
                rows={open.filter(({ mine }) => !mine)}
                empty={t.noneInOffice}
                others
              />
            </Section>
          )}
        </>
      )}
    </Page>
  );
}

function CaseTable({
  caption,
  rows,
  empty,
  others = false,
}: {
  caption: string;
  rows: readonly Case[];
  empty: string;
  others?: boolean;
}) {
  const t = useDeskWords().home;
  const { language } = useLanguage();
  const titles = new Map(usePurposes().map(({ purpose, title }) => [purpose, title[language]]));
  const titleOf = (each: Case) => titles.get(each.purpose) ?? each.purpose;
  const columns: Column<Case>[] = [
    { key: 'purpose', title: t.columns.purpose, heads: true, cell: titleOf },
    others
      ? { key: 'staff', title: t.columns.staff, cell: ({ staff }) => staff }
      : { key: 'note', title: t.columns.note, cell: ({ note }) => note ?? '' },
    { key: 'openedAt', title: t.columns.openedAt, cell: ({ openedAt }) => momentInWords(openedAt, language) },
    {
      key: 'go',
      title: t.columns.go,
      cell: (each) => (
        <Link
          to="/cases/$caseId"
          params={{ caseId: each.caseId }}
          aria-label={t.goOf(titleOf(each), momentInWords(each.openedAt, language))}
          className="inline-flex min-h-6 items-center whitespace-nowrap"
        >
          {t.go}
        </Link>
      ),
    },
  ];
  return (
    <Table
      caption={caption}
      captionHidden
      columns={columns}
      rows={rows}
      rowKey={({ caseId }) => caseId}
      empty={empty}
    />
  );
}
