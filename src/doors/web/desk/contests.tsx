import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { groupWords } from '../../words/index.ts';
import { useAct } from '../ui/act.ts';
import { Button } from '../ui/button.tsx';
import { useLanguage } from '../ui/language.tsx';
import { useAnnounce } from '../ui/live-region.tsx';
import { momentInWords } from '../ui/moment.ts';
import { Page } from '../ui/page.tsx';
import { ProblemNotice } from '../ui/problem.tsx';
import { TextArea } from '../ui/text-field.tsx';
import { useOpened } from '../ui/use-opened.ts';
import { useUiWords } from '../ui/words.ts';
import type { Contest } from './desk-client.ts';
import { useDesk, useSession } from './session.tsx';
import { useDeskWords, useOfficeWords } from './words.ts';

/** A text may be long: time to read it and to answer. */
const openMs = 5 * 60_000;

/** What residents say was not right: taken up, looked into, answered. */
export function Contests() {
  const words = useDeskWords();
  const t = useOfficeWords().contests;
  const ui = useUiWords();
  const client = useDesk();
  const { data, error, isPending } = useQuery({ queryKey: ['contests'], queryFn: () => client.contests() });
  const contests = data?.contests ?? [];
  return (
    <Page title={t.title} site={words.site} lead={t.lead}>
      {isPending && <p role="status">{ui.loading}</p>}
      <ProblemNotice error={error} />
      {data !== undefined && contests.length === 0 && <p className="text-std-16N-170">{t.none}</p>}
      <ul className="space-y-6">
        {contests.map((contest) => (
          <ContestCard key={contest.contest} contest={contest} />
        ))}
      </ul>
    </Page>
  );
}

function ContestCard({ contest }: { contest: Contest }) {
  const t = useOfficeWords().contests;
  const { language } = useLanguage();
  const { staff } = useSession();
  const { about, state } = contest;
  /** Read on demand, for each reading is a line; it lives in this card alone. */
  const { opened, put } = useOpened<{ text: string }>(openMs, () => {});
  const text = opened.get('text')?.text ?? null;
  const isMine = state === 'taken' && contest.takenBy === staff;
  const aboutWords =
    'line' in about
      ? t.aboutLine(about.line.index)
      : t.aboutGroup(
          Object.hasOwn(groupWords, about.group)
            ? groupWords[about.group as keyof typeof groupWords][language]
            : about.group,
        );
  return (
    <li className="rounded-12 border border-solid-gray-420 p-4">
      <h2 className="text-std-18B-160 mb-2">
        {aboutWords} <span className="ml-2 rounded-6 bg-solid-gray-50 px-2 py-0.5">{t.states[state]}</span>
      </h2>
      <dl className="text-std-16N-170 grid grid-cols-[auto_1fr] gap-x-4">
        <dt className="text-solid-gray-700">{t.person}</dt>
        <dd className="font-mono break-all">{contest.person}</dd>
        <dt className="text-solid-gray-700">{t.openedAt}</dt>
        <dd>{momentInWords(contest.openedAt, language)}</dd>
        {contest.takenBy !== undefined && (
          <>
            <dt className="text-solid-gray-700">{t.takenBy}</dt>
            <dd>{contest.takenBy}</dd>
          </>
        )}
        <dt className="text-solid-gray-700">{t.text}</dt>
        <dd lang="ja" className="whitespace-pre-wrap">
          {(isMine ? text : null) ?? t.textClosed}
        </dd>
      </dl>
      {state === 'open' && <Take contest={contest.contest} />}
      {isMine && text === null && (
        <Read contest={contest.contest} onRead={(read) => put({ text: { text: read } })} />
      )}
      {isMine && <Answer contest={contest.contest} />}
    </li>
  );
}

function Read({ contest, onRead }: { contest: string; onRead: (text: string) => void }) {
  const t = useOfficeWords().contests;
  const client = useDesk();
  const act = useAct();
  return (
    <div className="mt-4 space-y-3">
      <Button
        look="outline"
        busy={act.busy}
        onClick={() =>
          act.run(
            () => client.readContest({ contest }),
            (answer) => onRead(answer.text),
          )
        }
      >
        {t.read}
      </Button>
      <ProblemNotice error={act.error} />
    </div>
  );
}

function Take({ contest }: { contest: string }) {
  const t = useOfficeWords().contests;
  const client = useDesk();
  const queries = useQueryClient();
  const act = useAct();
  return (
    <div className="mt-4 space-y-3">
      <Button
        busy={act.busy}
        onClick={() =>
          act.run(
            () => client.takeContest({ contest }),
            () => void queries.invalidateQueries({ queryKey: ['contests'] }),
          )
        }
      >
        {t.take}
      </Button>
      <ProblemNotice error={act.error} />
    </div>
  );
}

function Answer({ contest }: { contest: string }) {
  const t = useOfficeWords().contests;
  const client = useDesk();
  const queries = useQueryClient();
  const announce = useAnnounce();
  const act = useAct();
  const [answer, setAnswer] = useState('');
  const [tried, setTried] = useState(false);
  const send = (state: 'accepted' | 'rejected') => {
    setTried(true);
    if (answer.trim() === '') return;
    act.run(
      () => client.answerContest({ contest, body: { state, answer: answer.trim() } }),
      () => {
        announce(t.answered);
        void queries.invalidateQueries({ queryKey: ['contests'] });
      },
    );
  };
  return (
    <div className="mt-4 max-w-2xl space-y-4">
      <TextArea
        label={t.answer}
        hint={t.answerHint}
        required
        maxLength={500}
        value={answer}
        onChange={(event) => setAnswer(event.target.value)}
        error={tried && answer.trim() === '' ? t.answerError : undefined}
      />
      <div className="flex flex-wrap gap-3">
        <Button busy={act.busy} onClick={() => send('accepted')}>
          {t.accept}
        </Button>
        <Button look="outline" busy={act.busy} onClick={() => send('rejected')}>
          {t.reject}
        </Button>
      </div>
      <ProblemNotice error={act.error} />
    </div>
  );
}
