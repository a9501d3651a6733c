import { useQuery } from '@tanstack/react-query';
import { useEffect, useRef, useState } from 'react';
import type { Hit } from '../../api/client.gen.ts';
import { groupWords } from '../../words/index.ts';
import { useAct } from '../ui/act.ts';
import { Button } from '../ui/button.tsx';
import { Countdown } from '../ui/countdown.tsx';
import { useLanguage } from '../ui/language.tsx';
import { useAnnounce } from '../ui/live-region.tsx';
import { momentInWords } from '../ui/moment.ts';
import { SelectField } from '../ui/select-field.tsx';
import { dateInWords } from '../ui/typed-date.ts';
import { useOpened } from '../ui/use-opened.ts';
import { cluesOf } from './clues.ts';
import type { Purpose } from './desk-client.ts';
import { eventsOf, isNewcomerEvent } from './event-facts.ts';
import { EventForm } from './event-form.tsx';
import { History } from './history.tsx';
import { type GroupFields, type OpenedGroup, type OpenedGroups, openMs } from './opened-groups.ts';
import { PortalInvitation, portalPurpose } from './portal-invitation.tsx';
import { Refusal } from './refusal.tsx';
import { useDesk } from './session.tsx';
import { useDeskWords, useEventWords, wordOf } from './words.ts';

type Group = keyof typeof groupWords;
const allGroups = Object.keys(groupWords) as Group[];

/** One resident: what the purpose may open, group by group, and what may be entered about him. */
export function Resident({
  caseId,
  purpose,
  hit,
  onSpent,
  onBack,
}: {
  caseId: string;
  purpose: Purpose;
  hit: Hit;
  onSpent: () => void;
  onBack: () => void;
}) {
  const words = useDeskWords();
  const t = words.open;
  const heading = useRef<HTMLHeadingElement>(null);
  const announce = useAnnounce();
  const client = useDesk();
  const act = useAct();
  const [grant, setGrant] = useState('');
  const { opened, put, close } = useOpened<GroupFields>(openMs, () => announce(t.autoClosed));
  useEffect(() => heading.current?.focus(), []);
  const { language } = useLanguage();
  const open = (group: Group) =>
    act.run(
      () =>
        client
          .openFields({
            person: hit.person,
            body: { caseId, groups: [group], ...(grant === '' ? {} : { grant }) },
          })
          .finally(onSpent),
      ({ fields, receipt }) => {
        const line = receipt.index;
        put(Object.fromEntries(Object.entries(fields).map(([name, own]) => [name, { fields: own, line }])));
        announce(t.opened(groupWords[group][language], receipt.index));
      },
    );
  return (
    <>
      <p className="mb-4 print:hidden">
        <Button look="text" onClick={onBack}>
          {words.case.back}
        </Button>
      </p>
      <h2 ref={heading} tabIndex={-1} className="text-std-22B-150 mb-1 print:hidden">
        {t.title}
      </h2>
      <p className="text-std-16N-170 mb-4 max-w-3xl text-solid-gray-700 print:hidden">
        {wordOf(words.find.statuses, hit.status)} · {cluesOf(hit, words).join(' · ')}
      </p>
      {purpose.opens.length > 0 && (
        <div className="print:hidden">
          <p className="text-std-16N-170 mb-4 max-w-3xl">{t.lead}</p>
          {purpose.bulkGrant && <GrantChoice purpose={purpose.purpose} value={grant} onChange={setGrant} />}
          <div className="my-4">
            <Refusal error={act.error} caseId={caseId} />
          </div>
          <GroupList purpose={purpose} opened={opened} busy={act.busy} onOpen={open} onClose={close} />
        </div>
      )}
      {purpose.purpose === portalPurpose && <PortalInvitation caseId={caseId} person={hit.person} />}
      {purpose.history && <History caseId={caseId} person={hit.person} onSpent={onSpent} />}
      <Events caseId={caseId} purpose={purpose} hit={hit} opened={opened} onOpen={open} onSpent={onSpent} />
    </>
  );
}

function Events({
  caseId,
  purpose,
  hit,
  opened,
  onOpen,
  onSpent,
}: {
  caseId: string;
  purpose: Purpose;
  hit: Hit;
  opened: OpenedGroups;
  onOpen: (group: Group) => void;
  onSpent: () => void;
}) {
  const t = useEventWords();
  const [entering, setEntering] = useState(false);
  const events = eventsOf(purpose.purpose).filter((event) => !isNewcomerEvent(event));
  if (events.length === 0) return null;
  return (
    <div className="mt-8 print:hidden">
      {entering ? (
        <EventForm
          caseId={caseId}
          events={events}
          person={{ id: hit.person, status: hit.status, opened, mayOpen: purpose.opens, onOpen }}
          onBack={() => setEntering(false)}
          onSpent={onSpent}
        />
      ) : (
        <Button onClick={() => setEntering(true)}>{t.title}</Button>
      )}
    </div>
  );
}

function GroupList({
  purpose,
  opened,
  busy,
  onOpen,
  onClose,
}: {
  purpose: Purpose;
  opened: OpenedGroups;
  busy: boolean;
  onOpen: (group: Group) => void;
  onClose: (group: string) => void;
}) {
  const t = useDeskWords().open;
  const { language } = useLanguage();
  return (
    <ul className="border-t border-solid-gray-420">
      {allGroups.map((group) => {
        const may = purpose.opens.includes(group);
        const now = opened.get(group);
        const name = groupWords[group][language];
        return (
          <li key={group} className="border-b border-solid-gray-420 py-3">
            <div className="flex flex-wrap items-center justify-between gap-x-4 gap-y-1">
              <h3 className="text-std-17B-170">{name}</h3>
              <div className="flex items-center gap-3">
                {!may && <span className="text-std-16N-170 text-solid-gray-700">{t.notInPurpose}</span>}
                {now !== undefined && <Countdown endsAt={now.endsAt} />}
                {/* One button for both: the focus stays where it is while the group opens and closes. */}
                {(may || now !== undefined) && (
                  <Button
                    size="sm"
                    look="outline"
                    busy={busy}
                    aria-label={now === undefined ? t.open(name) : t.close(name)}
                    onClick={() => (now === undefined ? onOpen(group) : onClose(group))}
                  >
                    {now === undefined ? t.openShort : t.closeShort}
                  </Button>
                )}
              </div>
            </div>
            {now !== undefined && <OpenedFields group={now} />}
          </li>
        );
      })}
    </ul>
  );
}

/** Values in plain. They are on the screen and in this state, and nowhere else. */
function OpenedFields({ group }: { group: OpenedGroup }) {
  const t = useDeskWords().open;
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
        {Object.entries(group.fields)
          .filter(
            ([field, value]) => value !== '' || !['former_name', 'alias', 'date_stated'].includes(field),
          )
          .map(([field, value]) => (
            <div key={field} className="contents">
              <dt className="text-std-16N-170 text-solid-gray-700">{wordOf(t.fields, field)}</dt>
              <dd lang="ja" className="text-std-18N-160 font-700">
                {shown(field, value)}
              </dd>
            </div>
          ))}
      </dl>
      <p className="text-dns-14N-130 mt-2 text-solid-gray-700">{t.line(group.line)}</p>
    </div>
  );
}

function GrantChoice({
  purpose,
  value,
  onChange,
}: {
  purpose: string;
  value: string;
  onChange: (grant: string) => void;
}) {
  const t = useDeskWords().open;
  const { language } = useLanguage();
  const client = useDesk();
  const { data } = useQuery({ queryKey: ['grants'], queryFn: () => client.grants() });
  const usable = (data?.grants ?? []).filter((each) => each.state === 'active' && each.purpose === purpose);
  if (usable.length === 0) return null;
  return (
    <div className="max-w-md">
      <SelectField
        label={t.grant}
        value={value}
        onChange={(event) => onChange(event.target.value)}
        options={[
          { value: '', text: t.noGrant },
          ...usable.map(({ grant, left, endsAt }) => ({
            value: grant,
            text: t.grantOf(left, momentInWords(endsAt, language)),
          })),
        ]}
      />
    </div>
  );
}
