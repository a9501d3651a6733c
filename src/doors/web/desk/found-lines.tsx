import { groupWords, lineKindWords } from '../../words/index.ts';
import { Button } from '../ui/button.tsx';
import { type Language, useLanguage } from '../ui/language.tsx';
import { momentInWords } from '../ui/moment.ts';
import { wordProblem } from '../ui/problem.tsx';
import { type Column, Table } from '../ui/table.tsx';
import { OfficeError, type SeenLine } from './desk-client.ts';
import { usePurposes } from './session.tsx';
import { useOfficeWords } from './words.ts';

const textOf = (value: unknown): string => (typeof value === 'string' ? value : '');
const listOf = (value: unknown): string[] =>
  Array.isArray(value) ? value.filter((each): each is string => typeof each === 'string') : [];

const kindWords = (kind: string, language: Language): string =>
  Object.hasOwn(lineKindWords, kind) ? lineKindWords[kind as keyof typeof lineKindWords][language] : kind;

const groupsInWords = (groups: readonly string[], language: Language): string =>
  groups
    .map((group) =>
      Object.hasOwn(groupWords, group) ? groupWords[group as keyof typeof groupWords][language] : group,
    )
    .join(language === 'ja' ? '、' : ', ');

/** Lines as the officer reads them: who, from where, for what, and whether it was refused. */
export function FoundLines({
  lines,
  onPerson,
}: {
  lines: readonly SeenLine[];
  onPerson: (person: string) => void;
}) {
  const t = useOfficeWords().journal;
  const { language } = useLanguage();
  const titles = new Map(usePurposes().map(({ purpose, title }) => [purpose, title[language]]));
  const columns: Column<SeenLine>[] = [
    { key: 'index', title: t.columns.index, heads: true, numeric: true, cell: ({ index }) => index },
    {
      key: 'at',
      title: t.columns.at,
      cell: ({ at }) => <span className="whitespace-nowrap">{momentInWords(at, language)}</span>,
    },
    {
      key: 'kind',
      title: t.columns.kind,
      cell: ({ kind, body }) => (
        <>
          {kindWords(kind, language)}
          {body['outcome'] === 'refused' && <Refused reason={textOf(body['reason'])} />}
        </>
      ),
    },
    { key: 'who', title: t.columns.who, cell: ({ body }) => textOf(body['actor']) },
    {
      key: 'where',
      title: t.columns.where,
      cell: ({ body }) => [textOf(body['office']), textOf(body['terminal'])].filter(Boolean).join(' / '),
    },
    {
      key: 'purpose',
      title: t.columns.purpose,
      cell: ({ body }) => titles.get(textOf(body['purpose'])) ?? textOf(body['purpose']),
    },
    {
      key: 'what',
      title: t.columns.what,
      cell: ({ body }) => groupsInWords(listOf(body['fields']), language),
    },
    {
      key: 'person',
      title: t.columns.person,
      cell: ({ person }) =>
        person === undefined ? null : (
          <Button
            look="text"
            size="sm"
            className="whitespace-nowrap"
            aria-label={`${t.onePerson}: ${person}`}
            onClick={() => onPerson(person)}
          >
            …{person.slice(-6)}
          </Button>
        ),
    },
  ];
  return (
    <Table
      caption={t.result}
      columns={columns}
      rows={lines}
      rowKey={({ index }) => String(index)}
      empty={t.none}
    />
  );
}

function Refused({ reason }: { reason: string }) {
  const t = useOfficeWords().journal;
  const { language } = useLanguage();
  const words =
    reason === '' ? t.refused : t.refusedBecause(wordProblem(new OfficeError(0, reason, {}), language).title);
  return <span className="block font-700 text-error-2">✕ {words}</span>;
}
