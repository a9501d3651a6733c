import { systemClock } from '../../../ground/clock.ts';
import { createLog } from '../../../ground/log.ts';
import type { Cli } from '../cli.ts';
import { type AddCommand, describeCommand, option } from '../describe.ts';
import { dataFolder } from '../house.ts';
import { pairs, table } from '../lay-out.ts';
import { japanTime } from '../moment.ts';
import { wholeNumber } from '../whole-number.ts';

const dayMs = 86_400_000;

async function backup(cli: Cli, o: { keep?: string; list?: boolean }): Promise<void> {
  if (o.list === true) return list(cli);
  const { backupHouse } = await import('../../../processes/index.ts');
  const progress = cli.progress({
    title: cli.t({ ja: 'バックアップ', en: 'backup' }),
    unit: cli.t({ ja: 'ファイル', en: 'files' }),
    total: 1,
  });
  const made = await backupHouse({
    folder: dataFolder(cli),
    clock: systemClock,
    log: createLog({ process: 'backup', level: 'warn' }),
    ...(o.keep === undefined ? {} : { keepMs: wholeNumber(o.keep, '--keep') * dayMs }),
    onProgress: (done, total) => progress.update(done, total),
  }).finally(() => progress.stop());
  await cli.answer({
    json: () => made,
    lines: () => [
      cli.t({ ja: 'バックアップを作り、読み返して確かめました。', en: 'Made a backup and read it back.' }),
      ...pairs([
        [cli.t({ ja: '場所', en: 'folder' }), made.folder],
        [cli.t({ ja: '戻せる最も早い時刻', en: 'can be taken back to' }), japanTime(made.consistentAt)],
        [cli.t({ ja: '大きさ', en: 'size' }), `${Math.ceil(made.bytes / 1e6)} MB`],
        [
          cli.t({ ja: '期限が過ぎて消したもの', en: 'removed, past their life' }),
          String(made.pruned.bases.length),
        ],
      ]),
      made.noted
        ? cli.t({ ja: '記録簿に書きました。', en: 'It is in the journal.' })
        : cli.t({
            ja: '記録簿には、次に sekisho up を動かしたときに書きます。',
            en: 'It goes into the journal when the house runs again.',
          }),
      cli.t({
        ja: '鍵の保管庫（data/keystore と合言葉）は含まれません。別に保管してください。',
        en: 'The keystore (data/keystore and its passphrase) is not in it. Keep that elsewhere.',
      }),
    ],
  });
}

async function list(cli: Cli): Promise<void> {
  const { listBackups } = await import('../../../processes/index.ts');
  const { bases, restores, wal } = await listBackups(dataFolder(cli));
  await cli.answer({
    json: () => ({
      bases: bases.map(({ name, manifest }) => ({ base: name, consistentAt: manifest.stopped_at })),
      restores,
      wal,
    }),
    lines: () => [
      ...table(
        [
          cli.t({ ja: 'バックアップ', en: 'backup' }),
          cli.t({ ja: '戻せる最も早い時刻', en: 'can be taken back to, or later' }),
        ],
        bases.map(({ name, manifest }) => [name, japanTime(manifest.stopped_at)]),
      ),
      cli.t({
        ja: `保存されたWAL: ${Math.ceil(wal.sizeBytes / 1e6)} MB（最後のバックアップから ${Math.ceil(wal.sinceBytes / 1e6)} MB）`,
        en: `archived WAL: ${Math.ceil(wal.sizeBytes / 1e6)} MB, ${Math.ceil(wal.sinceBytes / 1e6)} MB of it since the newest backup`,
      }),
      ...restores.map(({ at, to }) =>
        cli.t({
          ja: `${japanTime(at)} に ${japanTime(to)} の状態へ戻しました`,
          en: `at ${japanTime(at)} taken back to ${japanTime(to)}`,
        }),
      ),
    ],
  });
}

/** `sekisho backup` */
export const addBackup: AddCommand = (program, cli) => {
  describeCommand(program.command('backup'), cli, {
    summary: {
      ja: 'データベースの写しを取る（動作中でも停止中でも）',
      en: 'copy the database, while the house runs or not',
    },
    examples: [
      {
        run: 'sekisho backup',
        does: { ja: '写しを取り、読み返して確かめる', en: 'make a copy and read it back' },
      },
      {
        run: 'sekisho backup --list',
        does: { ja: 'どこまで戻せるかを見る', en: 'see how far one can go back' },
      },
    ],
    note: {
      ja: '写しには消去された人の鍵も（封じたまま）残るので、既定では7日で消します（docs/backup.md）。',
      en: 'A copy still holds the wrapped keys of people erased later, so by default it lives seven days (docs/backup.md).',
    },
  })
    .addOption(
      option(cli, '--keep <days>', { ja: '保存日数（既定 7）', en: 'days a backup lives (default 7)' }),
    )
    .addOption(option(cli, '--list', { ja: 'バックアップの一覧', en: 'list the backups' }))
    .action((o: { keep?: string; list?: boolean }) => backup(cli, o));
};
