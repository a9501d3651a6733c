import { useEffect, useRef, useState } from 'react';
import { statusAfter } from '../../../records/register/index.ts';
import { groupWords } from '../../words/index.ts';
import { useAct } from '../ui/act.ts';
import { Button } from '../ui/button.tsx';
import { Actions } from '../ui/dialog.tsx';
import { useLanguage } from '../ui/language.tsx';
import { Notice } from '../ui/notice.tsx';
import { type Column, Table } from '../ui/table.tsx';
import { dateInWords } from '../ui/typed-date.ts';
import { type After, afterOf, bodyOf, type Draft, groupsChanged } from './event-facts.ts';
import type { EventPerson } from './event-person.ts';
import { Refusal } from './refusal.tsx';
import { useDesk } from './session.tsx';
import { useDeskWords, useEventWords, wordOf } from './words.ts';

type Group = keyof typeof groupWords;

/** Before and after, and then the record. What stands before is shown only where it is open, which is a line of its own. */
export function EventPreview({
  caseId,
  draft,
  person,
  onEdit,
  onNext,
  onSpent,
}: {
  caseId: string;
  draft: Draft;
  person: EventPerson | null;
  onEdit: () => void;
  onNext: () => void;
  onSpent: () => void;
}) {
  const t = useEventWords();
  const { language } = useLanguage();
  const client = useDesk();
  const act = useAct();
  const heading = useRef<HTMLHeadingElement>(null);
  const [requestId] = useState(() => crypto.randomUUID());
  const [done, setDone] = useState<{ line: number | null } | null>(null);
  useEffect(() => heading.current?.focus(), []);
  if (done !== null) return <Recorded event={draft.event} line={done.line} onNext={onNext} />;
  const record = () =>
    act.run(
      () =>
        client
          .lifeEvent({ body: bodyOf(draft, { requestId, caseId, person: person?.id ?? null }) })
          .finally(onSpent),
      ({ line }) => setDone({ line }),
    );
  return (
    <div className="max-w-4xl">
      <h3 ref={heading} tabIndex={-1} className="text-std-20B-150 mb-2">
        {t.previewTitle}: {t.names[draft.event]}
      </h3>
      <p className="text-std-16N-170 mb-3">
        {t.date[draft.event]}: {dateInWords(draft.eventDate, language)}
      </p>
      <Changes draft={draft} person={person} />
      {draft.facts.reason !== undefined && (
        <p className="text-std-16N-170 mt-3">
          {t.fields.reason}: {draft.facts.reason}
        </p>
      )}
      <p className="text-std-16N-170 mt-4 rounded-8 bg-key-50 p-3">{t.willWrite}</p>
      <div className="mt-4">
        <Refusal error={act.error} caseId={caseId} />
      </div>
      <Actions>
        <Button busy={act.busy} onClick={record}>
          {t.confirm}
        </Button>
        <Button look="outline" onClick={onEdit}>
          {t.edit}
        </Button>
      </Actions>
    </div>
  );
}

/** What came of it takes the focus, and is read out. */
function Recorded({
  event,
  line,
  onNext,
}: {
  event: Draft['event'];
  line: number | null;
  onNext: () => void;
}) {
  const t = useEventWords();
  const next = useRef<HTMLButtonElement>(null);
  useEffect(() => next.current?.focus(), []);
  return (
    <div className="max-w-2xl">
      <Notice kind="success" title={t.done(t.names[event])} live>
        <p>{line === null ? t.unchanged : t.line(line)}</p>
      </Notice>
      <Actions>
        <Button ref={next} onClick={onNext}>
          {t.next}
        </Button>
      </Actions>
    </div>
  );
}

function Changes({ draft, person }: { draft: Draft; person: EventPerson | null }) {
  const t = useEventWords();
  const words = useDeskWords();
  const { language } = useLanguage();
  const { fields, sexes, empty } = words.open;
  const shown = (field: string, value: string) => {
    if (value === '') return empty;
    if (field === 'date') return dateInWords(value, language);
    return field === 'sex' ? wordOf(sexes, value) : value;
  };
  const before = ({ group, field }: After) => {
    const open = person?.opened.get(group);
    return open === undefined ? t.notOpened : shown(field, open.fields[field] ?? '');
  };
  const rows = afterOf(draft);
  const columns: Column<After>[] = [
    { key: 'field', title: t.field, heads: true, cell: ({ field }) => wordOf(fields, field) },
    ...(person === null ? [] : [{ key: 'before', title: t.before, cell: before }]),
    {
      key: 'after',
      title: t.after,
      cell: ({ field, value }) => <strong lang="ja">{shown(field, value)}</strong>,
    },
  ];
  const closed = groupsChanged(draft).filter(
    (group): group is Group =>
      person !== null &&
      Object.hasOwn(groupWords, group) &&
      person.mayOpen.includes(group) &&
      !person.opened.has(group),
  );
  if (draft.event === 'number-change') return <p className="text-std-16N-170">{t.drawn}</p>;
  if (rows.length === 0) return <StatusChange draft={draft} person={person} />;
  return (
    <>
      <Table
        caption={t.previewTitle}
        captionHidden
        columns={columns}
        rows={rows}
        rowKey={({ group, field }) => `${group}.${field}`}
        empty=""
      />
      {person !== null &&
        closed.map((group) => (
          <p key={group} className="mt-3">
            <Button look="outline" size="sm" onClick={() => person.onOpen(group)}>
              {t.openBefore}: {groupWords[group][language]}
            </Button>
            <span className="text-std-16N-170 ml-3 text-solid-gray-700">{t.openBeforeHint}</span>
          </p>
        ))}
    </>
  );
}

/** An event without facts changes only the state. */
function StatusChange({ draft, person }: { draft: Draft; person: EventPerson | null }) {
  const t = useEventWords();
  const { statuses } = useDeskWords().find;
  const next = statusAfter(draft.event);
  return (
    <p className="text-std-16N-170">
      {t.statusAfter}: {wordOf(statuses, person?.status ?? '')} → <strong>{wordOf(statuses, next)}</strong>
    </p>
  );
}
