import { useEffect, useRef } from 'react';
import type { Hit } from '../../api/client.gen.ts';
import { Button } from '../ui/button.tsx';
import { type Column, Table } from '../ui/table.tsx';
import { cluesOf } from './clues.ts';
import { useDeskWords, wordOf } from './words.ts';

export interface Found {
  hits: readonly Hit[];
  line: number;
  limit: number;
}

/** What was found, masked, and the line the search left. The focus comes here with the answer. */
export function Hits({ found, onChoose }: { found: Found; onChoose: (hit: Hit, place: number) => void }) {
  const words = useDeskWords();
  const t = words.find;
  const heading = useRef<HTMLHeadingElement>(null);
  // biome-ignore lint/correctness/useExhaustiveDependencies: each new answer takes the focus
  useEffect(() => heading.current?.focus(), [found]);
  const rows = found.hits.map((hit, i) => ({ hit, place: i + 1 }));
  const columns: Column<(typeof rows)[number]>[] = [
    {
      key: 'masked',
      title: t.columns.masked,
      heads: true,
      cell: ({ hit }) => {
        const clues = cluesOf(hit, words);
        if (clues.length === 0) return t.nothingShown;
        return clues.map((clue) => (
          <span key={clue} className="mr-4 inline-block">
            {clue}
          </span>
        ));
      },
    },
    { key: 'status', title: t.columns.status, cell: ({ hit }) => wordOf(t.statuses, hit.status) },
    {
      key: 'go',
      title: t.columns.go,
      cell: ({ hit, place }) =>
        hit.status === 'elsewhere' ? null : (
          <Button
            look="outline"
            size="sm"
            aria-label={t.chooseOf(place)}
            className="whitespace-nowrap"
            onClick={() => onChoose(hit, place)}
          >
            {t.choose}
          </Button>
        ),
    },
  ];
  const count = found.hits.length;
  return (
    <div className="mt-8">
      <h2 ref={heading} tabIndex={-1} className="text-std-22B-150 mb-1">
        {count === 0 ? t.none : t.found(count)}
      </h2>
      <p className="text-std-16N-170 mb-3 text-solid-gray-700">
        {t.made(found.line)} {count >= found.limit && t.more(found.limit)} {count === 0 && t.noneNext}
      </p>
      {count > 0 && (
        <Table
          caption={t.hits}
          columns={columns}
          rows={rows}
          rowKey={({ hit }) => hit.person}
          empty={t.none}
        />
      )}
    </div>
  );
}
