import { type SyntheticEvent, useState } from 'react';
import { lineKindWords } from '../../words/index.ts';
import { useAct } from '../ui/act.ts';
import { Button } from '../ui/button.tsx';
import { useLanguage } from '../ui/language.tsx';
import { Section } from '../ui/page.tsx';
import { Pagination } from '../ui/pagination.tsx';
import { ProblemNotice } from '../ui/problem.tsx';
import { SelectField } from '../ui/select-field.tsx';
import { TextField } from '../ui/text-field.tsx';
import type { LineFilter, SeenLine } from './desk-client.ts';
import { FoundLines } from './found-lines.tsx';
import { startOfDay } from './hours-of-day.ts';
import { useDesk, usePurposes } from './session.tsx';
import { useOfficeWords } from './words.ts';

const pageSize = 50;
const dayMs = 24 * 3_600_000;

interface Typed {
  staff: string;
  office: string;
  terminal: string;
  person: string;
  purpose: string;
  kind: string;
  outcome: string;
  from: string;
  to: string;
}
const nothing: Typed = {
  staff: '',
  office: '',
  terminal: '',
  person: '',
  purpose: '',
  kind: '',
  outcome: '',
  from: '',
  to: '',
};

const dayOf = (iso: string): number | undefined => {
  const at = Date.parse(`${iso}T00:00:00+09:00`);
  return Number.isNaN(at) ? undefined : startOfDay(at);
};

/** What is typed, as the office takes it: empty fields ask for nothing. `to` is a whole day too. */
export function filterOf(typed: Typed): Omit<LineFilter, 'limit'> {
  const filter: Omit<LineFilter, 'limit'> = {};
  for (const name of ['staff', 'office', 'terminal', 'person', 'purpose'] as const)
    if (typed[name].trim() !== '') filter[name] = typed[name].trim();
  if (typed.kind !== '') filter.kinds = [typed.kind];
  if (typed.outcome === 'done' || typed.outcome === 'refused') filter.outcome = typed.outcome;
  const from = dayOf(typed.from);
  const to = dayOf(typed.to);
  if (from !== undefined) filter.from = from;
  if (to !== undefined) filter.to = to + dayMs;
  return filter;
}

/** Looks through the journal. Each look is itself a line, so nothing is asked before somebody presses the button. */
export function LineSearch() {
  const t = useOfficeWords().journal;
  const client = useDesk();
  const act = useAct();
  const [typed, setTyped] = useState(nothing);
  const [asked, setAsked] = useState<Omit<LineFilter, 'limit'>>({});
  /** `before` of each page so far. */
  const [starts, setStarts] = useState<readonly (number | undefined)[]>([]);
  const [page, setPage] = useState<{ lines: readonly SeenLine[]; next: number | null } | null>(null);
  const load = (filter: Omit<LineFilter, 'limit'>, trail: readonly (number | undefined)[]) => {
    const before = trail.at(-1);
    act.run(
      () =>
        client.searchLines({
          body: { ...filter, limit: pageSize, ...(before === undefined ? {} : { before }) },
        }),
      (answer) => {
        setAsked(filter);
        setStarts(trail);
        setPage(answer);
      },
    );
  };
  const submit = (event: SyntheticEvent) => {
    event.preventDefault();
    load(filterOf(typed), [undefined]);
  };
  const next = page?.next ?? null;
  return (
    <Section title={t.search}>
      <form onSubmit={submit} noValidate>
        <Filters typed={typed} set={(part) => setTyped((now) => ({ ...now, ...part }))} />
        <div className="mt-5">
          <Button type="submit" busy={act.busy}>
            {t.submit}
          </Button>
        </div>
      </form>
      <div className="mt-4">
        <ProblemNotice error={act.error} />
      </div>
      {page !== null && (
        <div className="mt-6">
          <FoundLines
            lines={page.lines}
            onPerson={(person) => {
              setTyped({ ...nothing, person });
              load({ person }, [undefined]);
            }}
          />
          <Pagination
            page={starts.length}
            onPrevious={starts.length > 1 ? () => load(asked, starts.slice(0, -1)) : undefined}
            onNext={next === null ? undefined : () => load(asked, [...starts, next])}
          />
        </div>
      )}
    </Section>
  );
}

function Filters({ typed, set }: { typed: Typed; set: (part: Partial<Typed>) => void }) {
  const t = useOfficeWords().journal.filters;
  const { language } = useLanguage();
  const purposes = usePurposes();
  const any = { value: '', text: t.any };
  return (
    <div className="grid gap-4 sm:grid-cols-2 lg:grid-cols-3">
      {(['staff', 'office', 'terminal'] as const).map((name) => (
        <TextField
          key={name}
          bare
          label={t[name]}
          value={typed[name]}
          onChange={(event) => set({ [name]: event.target.value })}
        />
      ))}
      {(['from', 'to'] as const).map((name) => (
        <TextField
          key={name}
          bare
          type="date"
          label={t[name]}
          value={typed[name]}
          onChange={(event) => set({ [name]: event.target.value })}
        />
      ))}
      <SelectField
        bare
        label={t.outcome}
        value={typed.outcome}
        onChange={(event) => set({ outcome: event.target.value })}
        options={[any, { value: 'done', text: t.done }, { value: 'refused', text: t.refused }]}
      />
      <SelectField
        bare
        label={t.purpose}
        value={typed.purpose}
        onChange={(event) => set({ purpose: event.target.value })}
        options={[any, ...purposes.map(({ purpose, title }) => ({ value: purpose, text: title[language] }))]}
      />
      <SelectField
        bare
        label={t.kind}
        value={typed.kind}
        onChange={(event) => set({ kind: event.target.value })}
        options={[
          any,
          ...Object.entries(lineKindWords).map(([value, words]) => ({ value, text: words[language] })),
        ]}
      />
      <TextField
        bare
        label={t.person}
        hint={t.personHint}
        value={typed.person}
        onChange={(event) => set({ person: event.target.value })}
        className="font-mono"
      />
    </div>
  );
}
