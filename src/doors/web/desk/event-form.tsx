import { type SyntheticEvent, useEffect, useRef, useState } from 'react';
import { mayUndergo, residentStatuses } from '../../../records/register/index.ts';
import type { LifeEvent } from '../../api/client.gen.ts';
import { groupWords } from '../../words/index.ts';
import { Button } from '../ui/button.tsx';
import { RadioGroup } from '../ui/choices.tsx';
import { DateField } from '../ui/date-field.tsx';
import { Actions } from '../ui/dialog.tsx';
import { toFirstFault } from '../ui/first-fault.ts';
import { useLanguage } from '../ui/language.tsx';
import { SelectField } from '../ui/select-field.tsx';
import { noDate, readTypedDate, todayTyped } from '../ui/typed-date.ts';
import { useUiWords } from '../ui/words.ts';
import { CauseFields, holdsUp, noCause } from './cause-fields.tsx';
import { EventFactFields } from './event-fact-fields.tsx';
import {
  type Correctable,
  correctable,
  type Draft,
  type Facts,
  isNewcomerEvent,
  missingFacts,
} from './event-facts.ts';
import type { EventPerson } from './event-person.ts';
import { EventPreview } from './event-preview.tsx';
import { useDeskWords, useEventWords } from './words.ts';

type HouseholdKind = 'split' | 'merge' | 'change';

/** Enters one life event: facts, then a preview, then the record and its line. */
export function EventForm({
  caseId,
  events,
  person,
  onBack,
  onSpent,
}: {
  caseId: string;
  events: readonly LifeEvent['event'][];
  person: EventPerson | null;
  onBack: () => void;
  onSpent: () => void;
}) {
  const t = useEventWords();
  const words = useDeskWords();
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => heading.current?.focus(), []);
  const possible = (event: LifeEvent['event']) =>
    person === null || mayUndergo(event, statusOf(person.status));
  const [event, setEvent] = useState<LifeEvent['event'] | ''>(
    events.length === 1 && possible(events[0]!) ? events[0]! : '',
  );
  const [draft, setDraft] = useState<Draft | null>(null);
  return (
    <section aria-labelledby="event-heading">
      <h2 id="event-heading" ref={heading} tabIndex={-1} className="text-std-22B-150 mb-1">
        {t.title}
      </h2>
      <p className="text-std-16N-170 mb-4 text-solid-gray-700">{t.lead}</p>
      {draft !== null ? (
        <EventPreview
          caseId={caseId}
          draft={draft}
          person={person}
          onEdit={() => setDraft(null)}
          onNext={onBack}
          onSpent={onSpent}
        />
      ) : null}
      {/* The form stays while the preview is shown: what was typed is there again when something is to be edited. */}
      <div hidden={draft !== null} className="max-w-2xl space-y-5">
        {events.length > 1 && (
          <RadioGroup
            label={t.choose}
            required
            value={event === '' ? null : event}
            onChange={(value) => setEvent(events.find((each) => each === value) ?? '')}
            options={events.map((value) => ({
              value,
              text: t.names[value],
              disabled: !possible(value),
              ...(possible(value) ? {} : { hint: t.notNow }),
            }))}
          />
        )}
        {event === '' ? (
          events.length === 1 && <p className="text-std-16N-170">{t.notNow}</p>
        ) : (
          <EventDraft key={event} event={event} onDraft={setDraft} />
        )}
        <Button look="text" onClick={onBack}>
          {words.case.back}
        </Button>
      </div>
    </section>
  );
}

function statusOf(status: string): Parameters<typeof mayUndergo>[1] {
  return (residentStatuses as readonly string[]).includes(status)
    ? (status as Parameters<typeof mayUndergo>[1])
    : 'none';
}

function EventDraft({ event, onDraft }: { event: LifeEvent['event']; onDraft: (draft: Draft) => void }) {
  const t = useEventWords();
  const ui = useUiWords();
  const [date, setDate] = useState(() =>
    isNewcomerEvent(event) ? { ...noDate, era: todayTyped(Date.now()).era } : todayTyped(Date.now()),
  );
  const [facts, setFacts] = useState<Facts>({});
  const [withHousehold, setWithHousehold] = useState(false);
  const [corrects, setCorrects] = useState<Correctable>('name');
  const [cause, setCause] = useState(noCause);
  const [tried, setTried] = useState(false);
  const read = readTypedDate(date);
  const draft: Draft = {
    event,
    facts,
    eventDate: 'date' in read ? read.date : '',
    withHousehold,
    corrects,
    cause,
  };
  const causeHolds = event !== 'number-change' || holdsUp(cause);
  const submit = (submitted: SyntheticEvent<HTMLFormElement>) => {
    submitted.preventDefault();
    toFirstFault(submitted.currentTarget);
    setTried(true);
    if ('date' in read && missingFacts(draft).length === 0 && causeHolds) onDraft(draft);
  };
  return (
    <form className="space-y-5" onSubmit={submit} noValidate autoComplete="off">
      <DateField
        label={t.date[event]}
        required
        value={date}
        onChange={setDate}
        error={tried && 'reason' in read ? ui.date.faults[read.reason] : undefined}
      />
      {event === 'household-change' && <HouseholdKinds />}
      {event === 'correction' && <CorrectionGroup corrects={corrects} onChange={setCorrects} />}
      <EventFactFields
        draft={draft}
        tried={tried}
        onFact={(fact, value) => setFacts((now) => ({ ...now, [fact]: value }))}
        onHousehold={event === 'move-within' ? setWithHousehold : null}
      />
      {event === 'number-change' && (
        <CauseFields cause={cause} onChange={setCause} wrong={tried && !causeHolds} />
      )}
      <Actions>
        <Button type="submit">{t.preview}</Button>
      </Actions>
    </form>
  );
}

/** Split, merge or a change within: the same entry, and what has to be known for each. */
function HouseholdKinds() {
  const t = useEventWords();
  const [kind, setKind] = useState<HouseholdKind>('split');
  return (
    <RadioGroup
      label={t.householdKind.label}
      required
      value={kind}
      onChange={(value) => setKind(value === 'merge' || value === 'change' ? value : 'split')}
      options={(['split', 'merge', 'change'] as const).map((value) => ({
        value,
        text: t.householdKind[value],
        ...(value === 'change' ? {} : { hint: value === 'split' ? t.splitHint : t.mergeHint }),
      }))}
    />
  );
}

function CorrectionGroup({
  corrects,
  onChange,
}: {
  corrects: Correctable;
  onChange: (corrects: Correctable) => void;
}) {
  const t = useEventWords();
  const { language } = useLanguage();
  return (
    <SelectField
      label={t.correct}
      hint={t.correctHint}
      required
      value={corrects}
      onChange={(event) => onChange(event.target.value as Correctable)}
      options={(Object.keys(correctable) as Correctable[]).map((value) => ({
        value,
        text: groupWords[value][language],
      }))}
    />
  );
}
