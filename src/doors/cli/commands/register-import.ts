import { openAsBlob } from 'node:fs';
import { stat, writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Command } from 'commander';
import { type ErrorKind, errorKinds, SekishoError } from '../../../ground/errors.ts';
import type { ImportState, OfficeClient, RefusedRow } from '../../api/client.gen.ts';
import { wordsOf } from '../../words/index.ts';
import type { Cli } from '../cli.ts';
import { describeCommand, option } from '../describe.ts';
import { exitCodes } from '../exit-codes.ts';
import { pairs } from '../lay-out.ts';
import { caseOf, signedIn } from '../office.ts';

interface ImportOptions {
  encoding?: 'utf-8' | 'cp932';
  acceptGood?: boolean;
  refused?: string;
}

const POLL_MS = 400;
const PAGE = 1_000;

/** Follows an import to its end with a bar for each of its two passes. */
async function follow(cli: Cli, office: OfficeClient, started: ImportState): Promise<ImportState> {
  const titles = {
    checking: cli.t({ ja: '検査', en: 'checking' }),
    writing: cli.t({ ja: '取込み', en: 'importing' }),
  };
  let state = started;
  let shown: ImportState['phase'] | undefined;
  let progress: ReturnType<Cli['progress']> | undefined;
  try {
    for (
      ;
      state.state === 'running';
      state = await office.importState({ importId: state.importId }, cli.signal)
    ) {
      if (state.phase !== shown) {
        progress?.stop();
        shown = state.phase;
        progress = cli.progress({ title: titles[shown], unit: cli.t({ ja: '行', en: 'rows' }), total: 0 });
      }
      // While checking, the number of rows is not known yet: it is guessed from the share of bytes.
      const guess = state.bytes > 0 ? Math.round((state.rows * state.bytesTotal) / state.bytes) : state.rows;
      progress?.update(state.rows, state.rowsTotal ?? guess);
      await sleep(POLL_MS, undefined, { signal: cli.signal });
    }
    if (shown === 'writing') progress?.update(state.rowsRead, state.rowsRead);
    return state;
  } finally {
    progress?.stop();
  }
}

async function refusedRows(
  cli: Cli,
  office: OfficeClient,
  importId: string,
  most: number,
): Promise<RefusedRow[]> {
  const rows: RefusedRow[] = [];
  while (rows.length < most) {
    const limit = Math.min(PAGE, most - rows.length);
    const page = await office.refusedRows({ importId, from: rows.length, limit }, cli.signal);
    rows.push(...page.rows);
    if (page.rows.length < limit) break;
  }
  return rows;
}

/** The report as CSV with a byte order mark, for a spreadsheet. Line, column, reason; never a value. */
function reportCsv(rows: readonly RefusedRow[]): string {
  const cell = (text: string) => (/[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
  const lines = rows.map(({ line, column, reason, kind, words }) =>
    [String(line), column ?? '', reason, kind ?? '', words.ja, words.en].map(cell).join(','),
  );
  return `\uFEFF${['line,column,reason,kind,理由,reason_words', ...lines].join('\r\n')}\r\n`;
}

/** Sends a file, follows its import and tells how it went. */
export async function importFile(cli: Cli, file: string, o: ImportOptions): Promise<void> {
  const path = resolve(file);
  const found = await stat(path).catch(() => undefined);
  if (!found?.isFile()) throw new SekishoError('not-found', { file: path });
  await signedIn(cli, async (office) => {
    const caseId = await caseOf(cli, office, 'register-keeping');
    const body = await openAsBlob(path, { type: 'text/csv' });
    const started = await office.importResidents(
      {
        caseId,
        body,
        ...(o.encoding === undefined ? {} : { encoding: o.encoding }),
        ...(o.acceptGood === true ? { acceptGood: 'true' as const } : {}),
      },
      cli.signal,
    );
    const state = await follow(cli, office, started);
    const refused = state.rowsRefused > 0 ? await refusedRows(cli, office, state.importId, 10_000) : [];
    if (o.refused !== undefined) await writeFile(resolve(o.refused), reportCsv(refused));
    if (state.state === 'failed')
      throw new SekishoError(failureKind(state), { what: 'import', ...state.facts });
    if (state.rowsRefused > 0) cli.exitCode = exitCodes.input;
    await cli.answer({
      json: () => ({ ...state, refusedRows: refused.slice(0, PAGE) }),
      lines: () => importLines(cli, state, refused),
    });
  });
}

function failureKind(state: ImportState): SekishoError['kind'] {
  return (state.kind ?? 'internal') as SekishoError['kind'];
}

function gateWords(cli: Cli, kind: string): string {
  return Object.hasOwn(errorKinds, kind) ? wordsOf(kind as ErrorKind, cli.language).title : kind;
}

function importLines(cli: Cli, state: ImportState, refused: readonly RefusedRow[]): string[] {
  const seconds = ((state.finishedAt ?? state.startedAt) - state.startedAt) / 1000;
  const heading =
    state.state === 'refused'
      ? cli.t({ ja: '受け付けませんでした。何も取り込んでいません。', en: 'Refused. Nothing was imported.' })
      : state.rowsRefused > 0
        ? cli.t({
            ja: '取り込みました。受け付けなかった行があります。',
            en: 'Imported, but for the rows refused below.',
          })
        : cli.t({ ja: '取り込みました。', en: 'Imported.' });
  return [
    heading,
    ...pairs([
      [cli.t({ ja: '読んだ行', en: 'rows read' }), String(state.rowsRead)],
      [cli.t({ ja: '新規', en: 'created' }), String(state.rowsCreated)],
      [cli.t({ ja: '変更', en: 'changed' }), String(state.rowsChanged)],
      [cli.t({ ja: '変更なし', en: 'unchanged' }), String(state.rowsUnchanged)],
      [cli.t({ ja: '拒否', en: 'refused' }), String(state.rowsRefused)],
      [cli.t({ ja: '秒', en: 'seconds' }), seconds.toFixed(1)],
    ]),
    ...refused.slice(0, 20).map(({ line, column, words, kind }) => {
      const refusal = kind === null ? '' : ` (${gateWords(cli, kind)})`;
      return cli.t({
        ja: `  ${line} 行目 ${column ?? ''}: ${words.ja}${refusal}`,
        en: `  line ${line} ${column ?? ''}: ${words.en}${refusal}`,
      });
    }),
  ];
}

/** `sekisho register import` */
export function addImport(register: Command, cli: Cli): void {
  describeCommand(register.command('import').argument('<file>'), cli, {
    summary: {
      ja: '住民ファイル（CSV、UTF-8 か CP932）を取り込む',
      en: 'import a resident file (CSV in UTF-8 or CP932)',
    },
    examples: [
      {
        run: 'sekisho register import town.csv --as registrar --note 初期データ',
        does: { ja: '全行を検査してから取り込む', en: 'check every row, then import' },
      },
      {
        run: 'sekisho register import town.csv --as registrar --note 訂正分 --refused refused.csv',
        does: { ja: '受け付けなかった行をCSVに書く', en: 'write the refused rows to a CSV' },
      },
    ],
    note: {
      ja: '一行でも誤りがあれば何も取り込みません（--accept-good を除く）。同じファイルを再び取り込んでも何も変わりません。中断したら、もう一度実行してください。誤りがあれば終了コードは 3 です。',
      en: 'With one bad row nothing is imported (but see --accept-good). The same file again changes nothing; after a break just run it again. Exit code 3 when rows were refused.',
    },
  })
    .addOption(
      option(cli, '--encoding <encoding>', {
        ja: '文字コード（既定は内容から判断）',
        en: 'encoding (default: judged by content)',
      }).choices(['utf-8', 'cp932']),
    )
    .addOption(
      option(cli, '--accept-good', {
        ja: '誤りのない行だけ取り込む',
        en: 'import the good rows of a file with bad ones',
      }),
    )
    .addOption(
      option(cli, '--refused <file>', {
        ja: '受け付けなかった行の一覧を書くCSV',
        en: 'CSV to write the refused rows to',
      }),
    )
    .action((file: string, o: ImportOptions) => importFile(cli, file, o));
}
