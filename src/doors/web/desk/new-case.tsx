import { useQueryClient } from '@tanstack/react-query';
import { type SyntheticEvent, useState } from 'react';
import { groupWords, lineKindWords } from '../../words/index.ts';
import { useAct } from '../ui/act.ts';
import { Button } from '../ui/button.tsx';
import { toFirstFault } from '../ui/first-fault.ts';
import { useLanguage } from '../ui/language.tsx';
import { ProblemNotice } from '../ui/problem.tsx';
import { SelectField } from '../ui/select-field.tsx';
import { TextArea } from '../ui/text-field.tsx';
import type { Purpose } from './desk-client.ts';
import { useDesk } from './session.tsx';
import { useDeskWords, wordOf } from './words.ts';

/** Opens a case: its purpose with the law behind it, and a note that is sealed. */
export function NewCase({
  purposes,
  onOpened,
}: {
  purposes: readonly Purpose[];
  onOpened: (caseId: string) => void;
}) {
  const t = useDeskWords().newCase;
  const { language } = useLanguage();
  const client = useDesk();
  const queries = useQueryClient();
  const act = useAct();
  const [purpose, setPurpose] = useState('');
  const [note, setNote] = useState('');
  const [tried, setTried] = useState(false);
  const chosen = purposes.find((each) => each.purpose === purpose);
  const submit = (event: SyntheticEvent<HTMLFormElement>) => {
    event.preventDefault();
    toFirstFault(event.currentTarget);
    setTried(true);
    if (chosen === undefined || note.trim() === '') return;
    act.run(
      () => client.openCase({ body: { purpose, note: note.trim() } }),
      ({ caseId }) => {
        void queries.invalidateQueries({ queryKey: ['cases'] });
        onOpened(caseId);
      },
    );
  };
  return (
    <form className="max-w-2xl space-y-5" onSubmit={submit} noValidate>
      <SelectField
        label={t.purpose}
        required
        value={purpose}
        onChange={(event) => setPurpose(event.target.value)}
        error={tried && chosen === undefined ? t.chooseError : undefined}
        options={[
          { value: '', text: t.choose },
          ...purposes.map((each) => ({ value: each.purpose, text: each.title[language] })),
        ]}
      />
      {chosen !== undefined && <PurposeFacts purpose={chosen} />}
      <TextArea
        label={t.note}
        hint={t.noteHint}
        required
        maxLength={500}
        rows={2}
        value={note}
        onChange={(event) => setNote(event.target.value)}
        error={tried && note.trim() === '' ? t.noteError : undefined}
      />
      <Button type="submit" busy={act.busy}>
        {t.submit}
      </Button>
      <ProblemNotice error={act.error} />
    </form>
  );
}

/** What the law allows for this purpose, before anybody relies on it. */
export function PurposeFacts({ purpose }: { purpose: Purpose }) {
  const t = useDeskWords().newCase;
  const { language } = useLanguage();
  const list = (words: string[]) => words.join(language === 'ja' ? '、' : ', ');
  const groups = purpose.opens.map((group) =>
    Object.hasOwn(groupWords, group) ? groupWords[group as keyof typeof groupWords][language] : group,
  );
  const kinds = purpose.writes.map((kind) =>
    Object.hasOwn(lineKindWords, kind) ? lineKindWords[kind as keyof typeof lineKindWords][language] : kind,
  );
  const ways = purpose.searchesBy.map((way) => wordOf(t.by, way));
  const rows: [string, string][] = [
    [t.basis, `${purpose.law[language]} ${purpose.article}`],
    [t.opens, groups.length === 0 ? t.opensNothing : list(groups)],
    [t.finds, ways.length === 0 ? t.findsNothing : list(ways)],
    ...(kinds.length === 0 ? [] : [[t.writes, list(kinds)] satisfies [string, string]]),
  ];
  return (
    <div aria-live="polite" className="rounded-8 bg-key-50 p-4">
      <dl className="grid gap-x-4 gap-y-1 sm:grid-cols-[10rem_1fr]">
        {rows.map(([term, text]) => (
          <div key={term} className="contents">
            <dt className="text-std-16B-170">{term}</dt>
            <dd className="text-std-16N-170">{text}</dd>
          </div>
        ))}
      </dl>
      {purpose.history && <p className="text-std-16N-170 mt-1">{t.history}</p>}
      {purpose.duty && <p className="text-std-16N-170 mt-1">{t.duty}</p>}
      {purpose.hiddenDays !== null && <p className="text-std-16N-170 mt-1">{t.hides(purpose.hiddenDays)}</p>}
    </div>
  );
}
