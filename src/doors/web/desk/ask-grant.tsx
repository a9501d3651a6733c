import { useQueryClient } from '@tanstack/react-query';
import { type SyntheticEvent, useState } from 'react';
import { groupWords } from '../../words/index.ts';
import { useAct } from '../ui/act.ts';
import { Button } from '../ui/button.tsx';
import { Checkbox } from '../ui/choices.tsx';
import { toFirstFault } from '../ui/first-fault.ts';
import { useLanguage } from '../ui/language.tsx';
import { momentInWords } from '../ui/moment.ts';
import { Notice } from '../ui/notice.tsx';
import { ProblemNotice } from '../ui/problem.tsx';
import { SelectField } from '../ui/select-field.tsx';
import { TextArea, TextField } from '../ui/text-field.tsx';
import { CaseNeeded } from './case-needed.tsx';
import { useCases, useDesk, usePurposes } from './session.tsx';
import { wholeNumberOf } from './whole-number.ts';
import { useOfficeWords } from './words.ts';

interface Typed {
  count: string;
  hours: string;
  reason: string;
}
const nothing: Typed = { count: '', hours: '8', reason: '' };

/** What is typed as the office takes it; undefined while something is missing or wrong. */
function readTyped({ count, hours, reason }: Typed): { n: number; h: number; why: string } | undefined {
  const n = wholeNumberOf(count, 1_000_000);
  const h = wholeNumberOf(hours, 168);
  const why = reason.trim();
  return n === undefined || h === undefined || why === '' ? undefined : { n, h, why };
}

/** Asks for a grant within a case whose purpose knows them. */
export function AskGrant() {
  const t = useOfficeWords().grants;
  const { language } = useLanguage();
  const client = useDesk();
  const queries = useQueryClient();
  const act = useAct();
  const purposes = new Map(usePurposes().map((purpose) => [purpose.purpose, purpose]));
  const cases = useCases();
  const [caseId, setCaseId] = useState('');
  const [groups, setGroups] = useState<readonly string[]>([]);
  const [typed, setTyped] = useState(nothing);
  const [tried, setTried] = useState(false);
  const [done, setDone] = useState(false);
  const usable = (cases.data ?? []).filter(
    (each) => each.mine && !each.closed && purposes.get(each.purpose)?.bulkGrant,
  );
  if (cases.data !== undefined && usable.length === 0) return <CaseNeeded text={t.noCase} />;
  const chosen = usable.find((each) => each.caseId === caseId) ?? usable[0];
  const opens = (chosen && purposes.get(chosen.purpose)?.opens) ?? [];
  const picked = groups.filter((group) => opens.includes(group));
  const submit = (event: SyntheticEvent<HTMLFormElement>) => {
    event.preventDefault();
    toFirstFault(event.currentTarget);
    setTried(true);
    setDone(false);
    const read = readTyped(typed);
    if (chosen === undefined || picked.length === 0 || read === undefined) return;
    const { n: count, h, why: reason } = read;
    const endsAt = Date.now() + h * 3_600_000;
    act.run(
      () => client.askGrant({ body: { caseId: chosen.caseId, groups: picked, count, endsAt, reason } }),
      () => {
        setTried(false);
        setTyped(nothing);
        setDone(true);
        void queries.invalidateQueries({ queryKey: ['grants'] });
      },
    );
  };
  return (
    <form className="max-w-2xl space-y-5" onSubmit={submit} noValidate>
      <SelectField
        label={t.case}
        required
        value={chosen?.caseId ?? ''}
        onChange={(event) => setCaseId(event.target.value)}
        options={usable.map((each) => ({
          value: each.caseId,
          text: `${momentInWords(each.openedAt, language)} ${purposes.get(each.purpose)?.title[language] ?? each.purpose}`,
        }))}
      />
      <GroupChoice opens={opens} picked={picked} onPick={setGroups} wrong={tried && picked.length === 0} />
      <TypedFields typed={typed} set={(part) => setTyped((now) => ({ ...now, ...part }))} tried={tried} />
      <Button type="submit" busy={act.busy}>
        {t.submit}
      </Button>
      {done && <Notice kind="success" title={t.asked} live />}
      <ProblemNotice error={act.error} />
    </form>
  );
}

function TypedFields({
  typed,
  set,
  tried,
}: {
  typed: Typed;
  set: (part: Partial<Typed>) => void;
  tried: boolean;
}) {
  const t = useOfficeWords().grants;
  return (
    <>
      <TextField
        label={t.count}
        required
        inputMode="numeric"
        value={typed.count}
        onChange={(event) => set({ count: event.target.value })}
        error={tried && wholeNumberOf(typed.count, 1_000_000) === undefined ? t.countError : undefined}
        className="max-w-40"
      />
      <TextField
        label={t.hours}
        hint={t.hoursHint}
        required
        inputMode="numeric"
        value={typed.hours}
        onChange={(event) => set({ hours: event.target.value })}
        error={tried && wholeNumberOf(typed.hours, 168) === undefined ? t.hoursError : undefined}
        className="max-w-40"
      />
      <TextArea
        label={t.reason}
        hint={t.reasonHint}
        required
        rows={2}
        maxLength={200}
        value={typed.reason}
        onChange={(event) => set({ reason: event.target.value })}
        error={tried && typed.reason.trim() === '' ? t.reasonError : undefined}
      />
    </>
  );
}

function GroupChoice({
  opens,
  picked,
  onPick,
  wrong,
}: {
  opens: readonly string[];
  picked: readonly string[];
  onPick: (groups: readonly string[]) => void;
  wrong: boolean;
}) {
  const t = useOfficeWords().grants;
  const { language } = useLanguage();
  return (
    <fieldset>
      <legend className="text-std-17B-170">{t.groups}</legend>
      {(Object.keys(groupWords) as (keyof typeof groupWords)[])
        .filter((group) => opens.includes(group))
        .map((group) => (
          <Checkbox
            key={group}
            checked={picked.includes(group)}
            onChange={(set) => onPick(set ? [...picked, group] : picked.filter((each) => each !== group))}
          >
            {groupWords[group][language]}
          </Checkbox>
        ))}
      <p aria-live="polite" className="text-std-16N-170 text-error-2 empty:hidden">
        {wrong ? `＊${t.groupsError}` : ''}
      </p>
    </fieldset>
  );
}
