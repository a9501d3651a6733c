import { useQuery } from '@tanstack/react-query';
import type { ImportState, RefusedRow } from '../../api/client.gen.ts';
import { useAct } from '../ui/act.ts';
import { Button } from '../ui/button.tsx';
import { Actions } from '../ui/dialog.tsx';
import { useLanguage } from '../ui/language.tsx';
import { countInWords } from '../ui/moment.ts';
import { Notice, type NoticeKind } from '../ui/notice.tsx';
import { Section } from '../ui/page.tsx';
import { ProblemNotice } from '../ui/problem.tsx';
import { ProgressBar } from '../ui/progress-bar.tsx';
import { Table } from '../ui/table.tsx';
import { OfficeError } from './desk-client.ts';
import { columnTitle, refusedCsv, saveFile } from './refused-file.ts';
import { useDesk } from './session.tsx';
import { useOfficeWords } from './words.ts';

const shownRows = 50;
const pageRows = 1_000;
const signs: Record<ImportState['state'], NoticeKind> = {
  running: 'info',
  finished: 'success',
  refused: 'error',
  failed: 'error',
};

/** How far an import is, and what came of it. */
export function ImportProgress({ state, onAgain }: { state: ImportState; onAgain: () => void }) {
  const t = useOfficeWords().imports;
  const { language } = useLanguage();
  const count = (n: number) => countInWords(n, language);
  const over = state.state !== 'running';
  const { rows, rowsTotal, bytes, bytesTotal } = state;
  const known = rowsTotal !== null && rowsTotal > 0;
  return (
    <div className="max-w-3xl space-y-6">
      {state.state === 'failed' && state.kind !== null ? (
        <ProblemNotice error={new OfficeError(0, state.kind, { facts: state.facts })} />
      ) : over ? (
        <Notice kind={signs[state.state]} title={t.states[state.state]} live />
      ) : (
        <ProgressBar
          label={t.phases[state.phase]}
          value={known ? rows : bytes}
          max={known ? rowsTotal : Math.max(1, bytesTotal)}
          text={known ? t.rows(count(rows), count(rowsTotal)) : t.rowsOnly(count(rows))}
        />
      )}
      <dl className="text-std-16N-170 grid max-w-md grid-cols-[1fr_auto] gap-x-6">
        {(['rowsRead', 'rowsCreated', 'rowsChanged', 'rowsUnchanged', 'rowsRefused'] as const).map((name) => (
          <div key={name} className="contents">
            <dt>{t.counts[name]}</dt>
            <dd className="text-right tabular-nums">{count(state[name])}</dd>
          </div>
        ))}
      </dl>
      {over && state.rowsRefused > 0 && <RefusedRows importId={state.importId} />}
      {over && (
        <Actions>
          <Button look="outline" onClick={onAgain}>
            {t.again}
          </Button>
        </Actions>
      )}
    </div>
  );
}

function RefusedRows({ importId }: { importId: string }) {
  const t = useOfficeWords().imports;
  const { language } = useLanguage();
  const client = useDesk();
  const act = useAct();
  const first = useQuery({
    queryKey: ['refused', importId],
    queryFn: () => client.refusedRows({ importId, limit: shownRows }),
  });
  const all = async (): Promise<RefusedRow[]> => {
    const rows: RefusedRow[] = [];
    for (;;) {
      const page = await client.refusedRows({ importId, from: rows.length, limit: pageRows });
      rows.push(...page.rows);
      if (page.rows.length === 0 || rows.length >= page.total) return rows;
    }
  };
  const save = () =>
    act.run(all, (rows) =>
      saveFile('refused.csv', refusedCsv(rows, t.refusedColumns, language), 'text/csv;charset=utf-8'),
    );
  return (
    <Section title={t.refusedTitle}>
      <p className="text-std-16N-170 mb-3">
        {t.refusedFirst(shownRows)} {t.noValues}
      </p>
      <p className="mb-4">
        <Button look="outline" busy={act.busy} onClick={save}>
          {t.download}
        </Button>
      </p>
      <ProblemNotice error={act.error ?? first.error} />
      <Table
        caption={t.refusedTitle}
        captionHidden
        rows={first.data?.rows ?? []}
        rowKey={({ line, column, reason }) => `${line}.${column ?? ''}.${reason}`}
        empty=""
        columns={[
          { key: 'line', title: t.refusedColumns.line, heads: true, numeric: true, cell: ({ line }) => line },
          { key: 'column', title: t.refusedColumns.column, cell: ({ column }) => columnTitle(column) },
          { key: 'reason', title: t.refusedColumns.reason, cell: ({ words }) => words[language] },
        ]}
      />
    </Section>
  );
}
