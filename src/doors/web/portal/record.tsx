import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { groupWords } from '../../words/index.ts';
import { useAct } from '../ui/act.ts';
import { Button } from '../ui/button.tsx';
import { Countdown } from '../ui/countdown.tsx';
import { useLanguage } from '../ui/language.tsx';
import { useAnnounce } from '../ui/live-region.tsx';
import { Page, Section } from '../ui/page.tsx';
import { ProblemNotice } from '../ui/problem.tsx';
import { dateInWords } from '../ui/typed-date.ts';
import { type Opened, useOpened } from '../ui/use-opened.ts';
import type { About } from './about.ts';
import { ContestDialog } from './contest-dialog.tsx';
import { Household } from './household.tsx';
import { openMs } from './opened.ts';
import { usePortal } from './session.tsx';
import { usePortalWords, wordOf } from './words.ts';

type Group = keyof typeof groupWords;
const groups = Object.keys(groupWords) as Group[];

/** Twelve digits, none of them told. */
const coveredNumber = '•••• •••• ••••';

interface OpenedGroup {
  fields: Readonly<Record<string, string>>;
  /** Index of the line that the opening left. */
  line: number;
}

/** One's own record: covered until asked for, group by group. */
export function Record() {
  const words = usePortalWords();
  const t = words.record;
  const { language } = useLanguage();
  const client = usePortal();
  const announce = useAnnounce();
  const act = useAct();
  const me = useQuery({ queryKey: ['me'], queryFn: () => client.me() });
  const { opened, put, close } = useOpened<OpenedGroup>(openMs, () => announce(t.autoCovered));
  const [contested, setContested] = useState<About | null>(null);
  const open = (group: Group) =>
    act.run(
      () => client.openOwn({ body: { groups: [group] } }),
      ({ fields, receipt }) => {
        put({ [group]: { fields: fields[group] ?? {}, line: receipt.index } });
        announce(t.opened(groupWords[group][language], receipt.index));
      },
    );
  const status = me.data?.status;
  return (
    <Page title={t.title} site={words.site} lead={t.lead}>
      <ProblemNotice error={me.error ?? act.error} />
      <Section title={t.own}>
        {typeof status === 'string' && <p className="text-std-16N-170 mb-2">{wordOf(t.statuses, status)}</p>}
        <p className="text-std-16N-170 mb-4 text-solid-gray-700">{t.lines}</p>
        <ul className="border-t border-solid-gray-420">
          {groups.map((group) => (
            <GroupRow
              key={group}
              group={group}
              opened={opened.get(group)}
              busy={act.busy}
              onOpen={() => open(group)}
              onCover={() => close(group)}
              onContest={() => setContested({ group })}
            />
          ))}
        </ul>
      </Section>
      <Household />
      <ContestDialog about={contested} onClose={() => setContested(null)} />
    </Page>
  );
}

function GroupRow({
  group,
  opened,
  busy,
  onOpen,
  onCover,
  onContest,
}: {
  group: Group;
  opened: Opened<OpenedGroup> | undefined;
  busy: boolean;
  onOpen: () => void;
  onCover: () => void;
  onContest: () => void;
}) {
  const t = usePortalWords().record;
  const { language } = useLanguage();
  const name = groupWords[group][language];
  return (
    <li className="border-b border-solid-gray-420 py-3">
      <div className="flex flex-wrap items-center justify-between gap-x-4 gap-y-1">
        <h3 className="text-std-17B-170">{name}</h3>
        <div className="flex flex-wrap items-center gap-3">
          {opened === undefined ? (
            <>
              {group === 'number' && (
                <span aria-hidden="true" className="font-mono text-solid-gray-700">
                  {coveredNumber}
                </span>
              )}
              <Button size="sm" look="outline" busy={busy} aria-label={t.open(name)} onClick={onOpen}>
                {t.openShort}
              </Button>
            </>
          ) : (
            <>
              <Countdown endsAt={opened.endsAt} />
              <Button size="sm" look="outline" aria-label={t.cover(name)} onClick={onCover}>
                {t.coverShort}
              </Button>
            </>
          )}
        </div>
      </div>
      {group === 'number' && opened === undefined && (
        <p className="text-std-16N-170 text-solid-gray-700">{t.numberHint}</p>
      )}
      {opened !== undefined && <Fields opened={opened} name={name} onContest={onContest} />}
    </li>
  );
}

/** Shown only where something is recorded: few people have one. */
const seldom = ['former_name', 'alias', 'date_stated'];

/** Values in plain. They are on the screen and in the state above, and nowhere else. */
function Fields({ opened, name, onContest }: { opened: OpenedGroup; name: string; onContest: () => void }) {
  const t = usePortalWords().record;
  const { language } = useLanguage();
  const shown = (field: string, value: string) => {
    if (value === '') return t.empty;
    if (field === 'date') return dateInWords(value, language);
    if (field === 'sex') return wordOf(t.sexes, value);
    return field === 'number' ? value.replace(/^(\d{4})(\d{4})(\d{4})$/, '$1 $2 $3') : value;
  };
  return (
    <div className="mt-2 rounded-8 bg-key-50 p-4">
      <dl className="grid gap-x-4 gap-y-1 sm:grid-cols-[12rem_1fr]">
        {Object.entries(opened.fields)
          .filter(([field, value]) => value !== '' || !seldom.includes(field))
          .map(([field, value]) => (
            <div key={field} className="contents">
              <dt className="text-std-16N-170 text-solid-gray-700">{wordOf(t.fields, field)}</dt>
              <dd lang="ja" className="text-std-18N-160 font-700">
                {shown(field, value)}
              </dd>
            </div>
          ))}
      </dl>
      <p className="text-std-16N-170 mt-2">{t.line(opened.line)}</p>
      <p className="mt-1">
        <Button look="text" size="sm" aria-label={t.contest(name)} onClick={onContest}>
          {t.contestShort}
        </Button>
      </p>
    </div>
  );
}
