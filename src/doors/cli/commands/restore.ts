import { systemClock } from '../../../ground/clock.ts';
import { isSekishoError } from '../../../ground/errors.ts';
import { createLog } from '../../../ground/log.ts';
import { systemRandomness } from '../../../ground/randomness.ts';
import type { Restored, RestoredJournal, RestoreStep } from '../../../processes/index.ts';
import { type Bilingual, lineKindWords } from '../../words/index.ts';
import type { Cli } from '../cli.ts';
import { type AddCommand, describeCommand, option, repeatedOption } from '../describe.ts';
import { UsageError } from '../exit-codes.ts';
import { findingWords, lineOf } from '../findings.ts';
import { dataFolder } from '../house.ts';
import { pairs, table } from '../lay-out.ts';
import { japanTime, parseMoment } from '../moment.ts';

interface RestoreInput {
  to?: string;
  newLog?: boolean;
  passphraseFile?: string;
  shareFile?: string[];
  witness?: string;
}

const stepWords: Record<RestoreStep, Bilingual> = {
  old: {
    ja: '今の記録簿の最後の行を写しへ送る',
    en: 'bringing the last lines of the journal into its mirror',
  },
  copy: { ja: 'バックアップを並べて復元', en: 'laying out the backup beside the house' },
  replay: { ja: '指定の時刻まで再生', en: 'replaying up to the moment' },
  journal: {
    ja: '記録簿を写しからつなぎ、立会人と照合',
    en: 'resuming the journal from its mirror, asking the witness',
  },
  swap: { ja: '入れ替え', en: 'putting it in its place' },
};

async function restore(cli: Cli, o: RestoreInput): Promise<void> {
  if (o.to === undefined)
    throw new UsageError({ ja: '--to で時刻を示してください', en: 'say when: --to TIME' });
  const to = parseMoment(o.to, '--to');
  const { restoreHouse } = await import('../../../processes/index.ts');
  const restored = await restoreHouse({
    folder: dataFolder(cli),
    to,
    clock: systemClock,
    randomness: systemRandomness(),
    log: createLog({ process: 'restore', level: 'warn' }),
    ...(o.newLog === true ? { newLog: true } : {}),
    ...(o.passphraseFile === undefined ? {} : { passphraseFile: o.passphraseFile }),
    ...(o.shareFile === undefined ? {} : { shareFiles: o.shareFile }),
    ...(o.witness === undefined ? {} : { witnessUrl: o.witness }),
    onStep: (step) => cli.remark(stepWords[step]),
  }).catch((error: unknown) => {
    if (isSekishoError(error, 'conflict') && error.facts['reason'] === 'running')
      cli.remark({
        ja: '先に一式を止めてください（sekisho up の画面で Ctrl-C）。何も変えていません。',
        en: 'Stop the house first (Ctrl-C where sekisho up runs). Nothing was changed.',
      });
    throw error;
  });
  await cli.answer({ json: () => asJson(restored), lines: () => report(cli, restored, to) });
}

function asJson({ recovered, old, journals }: Restored): unknown {
  return {
    ...recovered,
    oldJournals: old === undefined ? null : { settled: old.settled, unsettled: old.unsettled },
    journals: journals.map(({ between, ...journal }) => ({
      ...journal,
      between: {
        ...between,
        staffEnrolled: [...between.staffEnrolled.keys()],
      },
    })),
  };
}

/** Enough to see what has to be done again; the whole list is in --json. */
const recordsShown = 40;

function report(cli: Cli, { recovered, old, journals }: Restored, to: number): string[] {
  const lines = [
    cli.t({ ja: `${japanTime(to)} の状態に戻しました。`, en: `Taken back to ${japanTime(to)}.` }),
    ...pairs([
      [cli.t({ ja: 'バックアップ', en: 'from backup' }), recovered.base],
      [
        cli.t({ ja: '最後に残った更新', en: 'last change kept' }),
        recovered.lastTransactionAt === null ? '-' : japanTime(recovered.lastTransactionAt),
      ],
      [cli.t({ ja: '前のデータベース', en: 'the database before' }), recovered.aside ?? '-'],
    ]),
  ];
  if (recovered.reached === 'archive-end')
    lines.push(
      cli.t({
        ja: '注意: 前のデータベースがなく、保存されたWALの終わりまでしか戻せませんでした。',
        en: 'Note: the database was lost, and the archive ends before that moment; this is all there was.',
      }),
    );
  for (const { municipality, kind } of old?.unsettled ?? [])
    lines.push(
      cli.t({
        ja: `注意: ${municipality} の前の記録簿は開けませんでした（${kind}）。写しだけから再開しました。`,
        en: `Note: the journal of ${municipality} did not open on the old database (${kind}); it was resumed from the mirror alone.`,
      }),
    );
  for (const journal of journals) lines.push('', ...reportJournal(cli, journal));
  return lines;
}

/** Rows that the lost log did not vouch for are named here, and by every verification from now on. */
function reportCarried(cli: Cli, { states, findings }: NonNullable<RestoredJournal['carried']>): string[] {
  const named = findings.slice(0, recordsShown);
  return [
    cli.t({
      ja: `新しい記録簿に記録の状態 ${states} 件を引き継ぎました。前の記録簿と合わないもの: ${findings.length} 件`,
      en: `${states} states of records carried into the new log; not as the old log says: ${findings.length}`,
    }),
    ...table(
      ['id', cli.t({ ja: '何が', en: 'what' }), cli.t({ ja: '行', en: 'line' })],
      named.map((each) => [each.person ?? '-', cli.t(findingWords[each.finding]), lineOf(each)]),
    ),
  ];
}

function reportJournal(cli: Cli, journal: RestoredJournal): string[] {
  const { between, takenAway, succession, carried } = journal;
  const lines = pairs([
    [cli.t({ ja: '団体', en: 'municipality' }), journal.municipality],
    [cli.t({ ja: '記録簿', en: 'journal' }), `${journal.origin} (${journal.size})`],
    [cli.t({ ja: 'この間の行', en: 'lines in between' }), String(between.to - between.from)],
    [cli.t({ ja: '改めて消去した人', en: 'persons erased again' }), String(takenAway.erasedAgain)],
    [
      cli.t({ ja: '改めて停止した職員・端末', en: 'staff and terminals suspended again' }),
      String(takenAway.suspended),
    ],
    [cli.t({ ja: '使用済みのままの番号', en: 'numbers that stay taken' }), String(takenAway.numbersKept)],
  ]);
  if (succession !== null)
    lines.push(
      cli.t({
        ja: '記録簿の末尾が失われたため、後継の記録簿を始めました。署名した継承文:',
        en: 'The end of the log was lost; a new log was begun. The signed note of succession:',
      }),
      ...succession
        .trimEnd()
        .split('\n')
        .map((line) => `  ${line}`),
    );
  if (carried !== null) lines.push(...reportCarried(cli, carried));
  const kinds = Object.entries(between.kinds).map(([kind, count]) => [
    lineKindWords[kind as keyof typeof lineKindWords][cli.language],
    String(count),
  ]);
  lines.push(
    ...table([cli.t({ ja: 'この間のこと', en: 'what happened' }), cli.t({ ja: '行', en: 'lines' })], kinds),
  );
  const records = between.records
    .slice(0, recordsShown)
    .map(({ person, kinds: each }) => [
      person,
      each.map((kind) => lineKindWords[kind][cli.language]).join(', '),
    ]);
  lines.push(
    ...table(
      [
        cli.t({ ja: '見直す記録', en: 'records to look at again' }),
        cli.t({ ja: '失われた変更', en: 'changes undone' }),
      ],
      records,
    ),
  );
  const more = between.records.length - records.length;
  if (more > 0)
    lines.push(
      cli.t({ ja: `ほか ${more} 件（--json で全件）`, en: `and ${more} more (all of them with --json)` }),
    );
  return lines;
}

/** `sekisho restore` */
export const addRestore: AddCommand = (program, cli) => {
  describeCommand(program.command('restore'), cli, {
    summary: {
      ja: '止めた一式をある時刻の状態に戻す（記録簿は失われず、続きから始まる）',
      en: 'take a stopped house back to a moment; the journal loses nothing and goes on',
    },
    examples: [
      {
        run: 'sekisho restore --to 2026-04-01T09:30',
        does: { ja: '4月1日9時30分（日本時間）の状態に戻す', en: 'back to 9:30 of 1 April, Japan’s time' },
      },
      {
        run: 'sekisho restore --to 2026-04-01T00:30Z --json > in-between.json',
        does: { ja: 'その後の出来事を全件ファイルに', en: 'with the whole list of what happened since' },
      },
    ],
    note: {
      ja: '動作中は戻せません。立会人と合わなければ何も入れ替えず、元のままです（docs/backup.md）。',
      en: 'Refused while the house runs. Until the witness agrees nothing is swapped, and the house is as it was (docs/backup.md).',
    },
  })
    .addOption(option(cli, '--to <time>', { ja: '戻す時刻', en: 'the moment to go back to' }))
    .addOption(
      option(cli, '--new-log', {
        ja: '記録簿の末尾が失われているとき、署名した継承文とともに新しい記録簿を始める',
        en: 'where the end of a log is lost, begin a new one with a signed note of succession',
      }),
    )
    .addOption(
      option(cli, '--passphrase-file <file>', {
        ja: '合言葉のファイル（本番では、これか分散片が必須）',
        en: 'file with the passphrase (production: this or shares)',
      }),
    )
    .addOption(
      repeatedOption(cli, '--share-file <file>', {
        ja: '合言葉の代わりに分散片のファイル（必要な数だけ繰り返す）',
        en: 'instead of it the file of a share; once for each',
      }),
    )
    .addOption(
      option(cli, '--witness <address>', {
        ja: '外の立会人のアドレス',
        en: 'address of a witness elsewhere',
      }),
    )
    .action((o: RestoreInput) => restore(cli, o));
};
