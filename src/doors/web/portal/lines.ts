import { useCallback, useEffect, useRef, useState } from 'react';
import type { Policy } from '../../../core/journal/verify/index.ts';
import { OfficeError, type OwnClient } from './portal-client.ts';
import { givenLines, type HistoryEntry, LineChecker, type LineVerdict } from './verify/index.ts';

/** Lines read at a time. */
export const pageSize = 50;

export interface CheckedEntry {
  entry: HistoryEntry;
  verdict: LineVerdict;
}

export interface HiddenCount {
  count: number;
  opensAt: number;
}

export interface Lines {
  checked: readonly CheckedEntry[];
  hidden: readonly HiddenCount[];
  /** Where to go on in each journal; empty: there is nothing further back. */
  older: ReadonlyMap<string, number>;
}

type Answer = Awaited<ReturnType<OwnClient['ownHistory']>>;

/** Where each journal of an answer goes on. */
export const olderOf = ({ older }: Answer): Map<string, number> =>
  new Map(older.map(({ municipality, before }) => [municipality, before]));

const placeOf = ({ municipality, index }: HistoryEntry) => `${municipality}/${index}`;

/** Adds what was read further back; a line that came twice is one line. */
export function joined(before: Lines, after: Lines): Lines {
  const known = new Set(before.checked.map(({ entry }) => placeOf(entry)));
  const hidden = new Map(before.hidden.map(({ opensAt, count }) => [opensAt, count]));
  for (const { opensAt, count } of after.hidden) hidden.set(opensAt, (hidden.get(opensAt) ?? 0) + count);
  return {
    checked: [...before.checked, ...after.checked.filter(({ entry }) => !known.has(placeOf(entry)))],
    hidden: [...hidden].map(([opensAt, count]) => ({ opensAt, count })).sort((a, b) => a.opensAt - b.opensAt),
    older: after.older,
  };
}

/** One's own lines, read page by page and checked here. They live in this component's state. */
export function useLines(
  client: OwnClient,
  keys: ReadonlyMap<string, Policy> | undefined,
  reader: string | undefined,
) {
  const [lines, setLines] = useState<Lines | null>(null);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const checker = useRef<LineChecker | null>(null);
  const going = useRef(false);
  const read = useCallback(
    async (from: Lines | null) => {
      if (going.current || keys === undefined || reader === undefined) return;
      going.current = true;
      setBusy(true);
      setError(null);
      try {
        checker.current ??= new LineChecker(keys);
        const pages = from === null ? [{}] : [...from.older].map(placeToAsk);
        let all: Lines | null = from === null ? null : { ...from, older: new Map() };
        for (const page of pages) {
          const answer = await client.ownHistory({ body: { limit: pageSize, ...page } });
          const entries = givenLines(answer);
          const start = performance.now();
          const verdicts = await checker.current.check(entries, reader);
          // How long a page of lines takes, for whoever measures: a count and a time, nothing else.
          performance.measure('lines-checked', { start, detail: entries.length });
          const next: Lines = {
            checked: entries.map((entry, i) => ({ entry, verdict: verdicts[i]! })),
            hidden: answer.hidden,
            older: new Map([...(all?.older ?? []), ...olderOf(answer)]),
          };
          all = all === null ? next : joined(all, next);
        }
        setLines(all);
      } catch (failed) {
        // A session that is over empties the page by itself.
        if (!(failed instanceof OfficeError && failed.kind === 'session-invalid')) setError(failed);
      } finally {
        going.current = false;
        setBusy(false);
      }
    },
    [client, keys, reader],
  );
  useEffect(() => void read(null), [read]);
  return { lines, busy, error, again: () => read(null), more: () => read(lines) };
}

const placeToAsk = ([municipality, before]: [string, number]) => ({ municipality, before });
