import { useQuery, useQueryClient } from '@tanstack/react-query';
import { type SyntheticEvent, useState } from 'react';
import { useAct } from '../ui/act.ts';
import { Button } from '../ui/button.tsx';
import { RadioGroup } from '../ui/choices.tsx';
import { DateField } from '../ui/date-field.tsx';
import { useLanguage } from '../ui/language.tsx';
import { Notice } from '../ui/notice.tsx';
import { Page } from '../ui/page.tsx';
import { ProblemNotice } from '../ui/problem.tsx';
import { dateInWords, isoInTokyo, todayTyped } from '../ui/typed-date.ts';
import { useUiWords } from '../ui/words.ts';
import { type LockChoice, lockChoices, lockUntil } from './lock-until.ts';
import { usePortal } from './session.tsx';
import { usePortalWords } from './words.ts';

/** Locks look-ups that no law demands, until a day; and unlocks them. */
export function Lock() {
  const words = usePortalWords();
  const t = words.lock;
  const ui = useUiWords();
  const { language } = useLanguage();
  const client = usePortal();
  const queries = useQueryClient();
  const act = useAct();
  const [said, setSaid] = useState<'done' | 'lifted' | null>(null);
  const { data, error, isPending } = useQuery({ queryKey: ['me'], queryFn: () => client.me(), staleTime: 0 });
  const changed = (what: 'done' | 'lifted') => () => {
    setSaid(what);
    void queries.invalidateQueries({ queryKey: ['me'] });
  };
  const lock = data?.lock ?? null;
  return (
    <Page title={t.title} site={words.site} lead={t.lead}>
      <div className="max-w-3xl space-y-6">
        <p className="text-std-16N-170">{t.text}</p>
        <p className="text-std-16N-170">{t.note}</p>
        <ProblemNotice error={error ?? act.error} />
        {isPending && <p role="status">{ui.loading}</p>}
        {said !== null && <Notice kind="success" title={t[said]} live />}
        {data !== undefined && (
          <>
            <p className="text-std-20B-150">
              {lock === null ? t.off : t.on(dateInWords(isoInTokyo(lock.until), language))}
            </p>
            {lock !== null && (
              <Button
                look="outline"
                busy={act.busy}
                onClick={() => act.run(() => client.unlockLookUps(), changed('lifted'))}
              >
                {t.lift}
              </Button>
            )}
            <Choose
              busy={act.busy}
              submit={lock === null ? t.submit : t.change}
              onChosen={(until) => act.run(() => client.lockLookUps({ body: { until } }), changed('done'))}
            />
          </>
        )}
      </div>
    </Page>
  );
}

function Choose({
  busy,
  submit,
  onChosen,
}: {
  busy: boolean;
  submit: string;
  onChosen: (until: number) => void;
}) {
  const t = usePortalWords().lock;
  const [choice, setChoice] = useState<LockChoice>('month');
  const [typed, setTyped] = useState(() => todayTyped(Date.now()));
  const [wrong, setWrong] = useState(false);
  const send = (event: SyntheticEvent) => {
    event.preventDefault();
    const until = lockUntil(choice, typed, Date.now());
    setWrong(until === undefined);
    if (until !== undefined) onChosen(until);
  };
  return (
    <form onSubmit={send} noValidate className="space-y-4">
      <RadioGroup
        label={t.until}
        required
        value={choice}
        onChange={(value) => setChoice(value as LockChoice)}
        options={lockChoices.map((value) => ({ value, text: t.choices[value] }))}
      />
      {choice === 'date' && (
        <DateField
          label={t.date}
          hint={t.dateHint}
          required
          value={typed}
          onChange={setTyped}
          error={wrong ? t.dateFault : undefined}
        />
      )}
      <Button type="submit" busy={busy}>
        {submit}
      </Button>
    </form>
  );
}
