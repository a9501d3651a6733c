import { useState } from 'react';
import { Checkbox, RadioGroup } from '../ui/choices.tsx';
import { DateField } from '../ui/date-field.tsx';
import { TextField } from '../ui/text-field.tsx';
import { noDate, readTypedDate } from '../ui/typed-date.ts';
import { useUiWords } from '../ui/words.ts';
import { type Draft, type Fact, factsAsked, isOptional } from './event-facts.ts';
import { NumberField } from './number-field.tsx';
import { useDeskWords, useEventWords } from './words.ts';

/** The facts an event requires, each in the form it is known by. */
export function EventFactFields({
  draft,
  tried,
  onFact,
  onHousehold,
}: {
  draft: Draft;
  tried: boolean;
  onFact: (fact: Fact, value: string) => void;
  /** Whether the household may change along; null where that is no question. */
  onHousehold: ((with_: boolean) => void) | null;
}) {
  const t = useEventWords();
  return (
    <>
      {factsAsked(draft).map((fact) => (
        <FactField key={fact} fact={fact} value={draft.facts[fact] ?? ''} tried={tried} onFact={onFact} />
      ))}
      {onHousehold !== null && (
        <Checkbox checked={draft.withHousehold} onChange={onHousehold}>
          {t.changeHousehold}
        </Checkbox>
      )}
    </>
  );
}

function FactField({
  fact,
  value,
  tried,
  onFact,
}: {
  fact: Fact;
  value: string;
  tried: boolean;
  onFact: (fact: Fact, value: string) => void;
}) {
  const t = useEventWords();
  const sexes = useDeskWords().open.sexes;
  const set = (next: string) => onFact(fact, next);
  const required = !isOptional(fact);
  const error = tried && required && value.trim() === '' ? t.required : undefined;
  if (fact === 'birthDate') return <BirthDate onDate={set} tried={tried} />;
  if (fact === 'residentCode')
    return <NumberField kind="residentCode" value={value} onChange={set} tried={tried} />;
  if (fact === 'sex')
    return (
      <RadioGroup
        label={t.fields.sex}
        required
        value={value === '' ? null : value}
        onChange={set}
        error={error}
        options={(['male', 'female', 'unknown'] as const).map((sex) => ({ value: sex, text: sexes[sex] }))}
      />
    );
  const hint = fact === 'relation' ? t.relationHint : fact === 'reason' ? t.reasonHint : undefined;
  return (
    <TextField
      label={t.fields[fact]}
      {...(hint === undefined ? {} : { hint })}
      required={required}
      value={value}
      onChange={(event) => set(event.target.value)}
      error={error}
      maxLength={fact === 'reason' ? 200 : 300}
      lang="ja"
    />
  );
}

function BirthDate({ onDate, tried }: { onDate: (date: string) => void; tried: boolean }) {
  const t = useEventWords();
  const ui = useUiWords();
  const [typed, setTyped] = useState(noDate);
  const read = readTypedDate(typed);
  return (
    <DateField
      label={t.fields.birthDate}
      required
      value={typed}
      onChange={(next) => {
        setTyped(next);
        const now = readTypedDate(next);
        onDate('date' in now ? now.date : '');
      }}
      error={tried && 'reason' in read ? ui.date.faults[read.reason] : undefined}
    />
  );
}
