import { once } from 'node:events';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { loadConfig } from '../../../ground/config.ts';
import { asSekishoError } from '../../../ground/errors.ts';
import { createLog } from '../../../ground/log.ts';
import type { BackupEvent, House, HouseStep, SignInLink } from '../../../processes/index.ts';
import type { Bilingual } from '../../words/index.ts';
import type { Cli } from '../cli.ts';
import { type AddCommand, describeCommand, option } from '../describe.ts';
import { Interrupted } from '../exit-codes.ts';
import { dataFolder } from '../house.ts';
import { pairs } from '../lay-out.ts';

import { wholeNumber } from '../whole-number.ts';
import { importFile } from './register-import.ts';

interface UpOptions {
  port?: string;
  residents?: string;
  municipality?: string;
  empty?: boolean;
  budgets?: string;
  config?: string;
}

const stepWords: Record<HouseStep, Bilingual> = {
  keys: { ja: '鍵・証明書・合言葉を作成', en: 'making keys, certificates and passphrase' },
  database: { ja: 'データベースを起動', en: 'starting the database' },
  witness: { ja: '立会人を起動', en: 'starting the witness' },
  gate: { ja: '関所（ゲート）を起動', en: 'starting the gate' },
  office: { ja: '窓口プロセスを起動', en: 'starting the office' },
  portal: { ja: '住民ポータルを起動', en: 'starting the portal' },
  staff: { ja: '職員と端末を登録', en: 'enrolling staff and terminals' },
};

/** Imports the sample town as a municipality would its own file: through the command, the API and the gate. */
async function importSampleTown(cli: Cli, house: House, residents: number): Promise<void> {
  const { population, sampleTown, writeResidentFile } = await import('../../../sample/index.ts');
  const folder = join(house.layout.root, 'sample');
  const municipality = house.settings.municipalities[0]!.code;
  const done = join(folder, 'imported');
  if (existsSync(done)) return;
  mkdirSync(folder, { recursive: true });
  const file = join(folder, `${municipality}.csv`);
  const progress = cli.progress({
    title: cli.t({ ja: '見本の町', en: 'sample town' }),
    unit: cli.t({ ja: '人', en: 'residents' }),
    total: residents,
  });
  try {
    await writeResidentFile({
      population: population({ seed: sampleTown.seed, municipality, residents }),
      encoding: 'cp932',
      destination: file,
      onProgress: (count) => progress.update(count),
    });
  } finally {
    progress.stop();
  }
  const { as, note } = cli.options;
  Object.assign(cli.options, { as: 'registrar', note: 'sample town' });
  try {
    await importFile(cli, file, {});
  } finally {
    cli.options = {
      ...cli.options,
      ...(as === undefined ? {} : { as }),
      ...(note === undefined ? {} : { note }),
    };
  }
  writeFileSync(done, '');
}

/** Addresses of the sites, and a way in for each role: in the demonstration alone. */
function waysIn(cli: Cli, house: House, links: readonly SignInLink[]): string[] {
  const { sites } = house;
  if (sites === undefined)
    return [
      '',
      cli.t({
        ja: '画面は作られていません（npm run pages のあとで、もう一度）。',
        en: 'The screens have not been built (npm run pages, then start again).',
      }),
    ];
  return [
    '',
    cli.t({ ja: '画面:', en: 'Screens:' }),
    ...pairs([
      [cli.t({ ja: '窓口', en: 'desk' }), sites.desk],
      [cli.t({ ja: '住民ポータル', en: 'portal' }), sites.portal],
    ]),
    '',
    cli.t({
      ja: 'サインインのリンク（一度だけ、24時間以内。別の人で入るには別のブラウザか別のプロファイルで）:',
      en: 'Sign-in links (once each, within 24 hours; for two people at a time use two browsers or profiles):',
    }),
    ...pairs(links.map(({ name, url }): [string, string] => [name, url])),
  ];
}

function welcome(cli: Cli, house: House, links: readonly SignInLink[]): string[] {
  const people = house.staff.map(({ name, role }): [string, string] => [`--as ${name}`, role]);
  return [
    '',
    cli.t({ ja: '関所は動いています。', en: 'Sekisho is running.' }),
    ...pairs([
      [cli.t({ ja: '窓口API', en: 'office API' }), `${house.officeUrl}/openapi.json`],
      [
        cli.t({ ja: '記録簿', en: 'journal' }),
        `${house.officeUrl}/journal/${house.settings.municipalities[0]!.code}/checkpoint`,
      ],
      [cli.t({ ja: 'データ', en: 'data' }), house.layout.root],
    ]),
    ...waysIn(cli, house, links),
    '',
    cli.t({
      ja: 'サインインできる人（架空。鍵とPINは data/staff の本人専用ファイル）:',
      en: 'Who may sign in (invented; keys and PINs lie in owner-only files in data/staff):',
    }),
    ...pairs(people),
    '',
    cli.t({ ja: '別の端末で試す:', en: 'Try in another terminal:' }),
    '  npx sekisho sample show',
    ...house.settings.municipalities.map(
      ({ code }) =>
        `  npx sekisho journal verify ${join(house.layout.journal, code)} --data ${house.layout.root}`,
    ),
    '',
    cli.t({ ja: 'Ctrl-C で全て停止します。', en: 'Ctrl-C stops everything.' }),
  ];
}

function backupWords(event: BackupEvent): Bilingual {
  switch (event.type) {
    case 'made':
      return { ja: `バックアップを作りました: ${event.base}`, en: `made a backup: ${event.base}` };
    case 'failed': {
      const { kind } = asSekishoError(event.error);
      return {
        ja: `バックアップを作れませんでした（${kind}）。再試行します。`,
        en: `no backup could be made (${kind}); trying again.`,
      };
    }
    case 'archive-large': {
      const size = `${Math.ceil(event.sizeBytes / 1e6)} MB`;
      const hours = Math.floor(event.ageMs / 3_600_000);
      return {
        ja: `WALの保存が ${size} になりました。最後のバックアップから ${hours} 時間です。sekisho backup を実行してください。`,
        en: `the WAL archive has grown to ${size}, ${hours} hours after the last backup: run sekisho backup.`,
      };
    }
  }
}

async function up(cli: Cli, o: UpOptions): Promise<void> {
  const [{ startHouse }, { sampleTown }] = await Promise.all([
    import('../../../processes/index.ts'),
    import('../../../sample/index.ts'),
  ]);
  const residents =
    o.residents === undefined ? sampleTown.residents : wholeNumber(o.residents, '--residents');
  const config = loadConfig({
    env: { ...cli.terminal.env, SEKISHO_DATA: dataFolder(cli) },
    workingFolder: process.cwd(),
    ...(o.config === undefined ? {} : { file: o.config }),
  });
  const house = await startHouse({
    folder: config.dataFolder,
    municipalities: (o.municipality ?? config.municipality ?? sampleTown.municipality).split(','),
    port: o.port === undefined ? config.officePort : wholeNumber(o.port, '--port'),
    portIsWish: o.port === undefined && cli.terminal.env['SEKISHO_OFFICE_PORT'] === undefined,
    log: createLog({ process: 'up', level: 'warn' }),
    archive: config.archive,
    overdueMs: config.overdueMs,
    backup: {
      everyMs: config.backupEveryHours * 3_600_000,
      limitBytes: config.walLimitMb * 1_000_000,
      onEvent: (event) => cli.remark(backupWords(event)),
    },
    ...(config.databaseUrl === undefined ? {} : { databaseUrl: config.databaseUrl.reveal() }),
    ...(o.budgets === undefined ? {} : { budgetsFile: o.budgets }),
    onStep: (step) => {
      cli.remark(stepWords[step]);
      cli.throwIfInterrupted();
    },
    onEvent: (event) => {
      if (event.type === 'refused')
        cli.remark({
          ja: `${event.process} を起動できません（${asSekishoError(event.error).kind}）。再試行します。`,
          en: `${event.process} does not start (${asSekishoError(event.error).kind}); trying again.`,
        });
      else
        cli.remark(
          event.type === 'ended'
            ? {
                ja: `${event.process} が終了しました。再起動します。`,
                en: `${event.process} ended; starting it again.`,
              }
            : { ja: `${event.process} を再起動しました。`, en: `${event.process} is running again.` },
        );
    },
  });
  try {
    if (o.empty !== true) await importSampleTown(cli, house, residents);
    const links = await house.signInLinks();
    await cli.answer({
      json: () => ({
        officeUrl: house.officeUrl,
        sites: house.sites ?? null,
        signInLinks: links,
        data: house.layout.root,
        isNew: house.isNew,
        staff: house.staff,
      }),
      lines: () => welcome(cli, house, links),
    });
    if (!cli.signal.aborted) await once(cli.signal, 'abort');
  } catch (error) {
    if (!(error instanceof Interrupted) && !cli.signal.aborted) throw error;
  } finally {
    cli.remark({ ja: '停止しています…', en: 'stopping…' });
    await house.stop();
  }
}

/** `sekisho up` */
export const addUp: AddCommand = (program, cli) => {
  describeCommand(program.command('up'), cli, {
    summary: {
      ja: '一式（データベース、立会人、関所、窓口）をこの計算機の中だけで起動する',
      en: 'start everything (database, witness, gate, office) on loopback',
    },
    examples: [
      {
        run: 'sekisho up',
        does: {
          ja: '初回は鍵を作り見本の町を取り込む',
          en: 'the first time: makes keys, imports the sample town',
        },
      },
      {
        run: 'DATABASE_URL=postgres://me:secret@127.0.0.1/town sekisho up --empty',
        does: {
          ja: '手元の PostgreSQL を使い、住民は入れない',
          en: 'on a PostgreSQL of your own, without residents',
        },
      },
    ],
    note: {
      ja: '実演用です。本番では各プロセスを別々に、設定ファイルを与えて動かします（docs/operator.md）。',
      en: 'For demonstration. In production each process runs alone with its own configuration (docs/operator.md).',
    },
  })
    .addOption(
      option(cli, '--port <port>', {
        ja: '窓口APIのポート（既定 8610）',
        en: 'port of the office API (default 8610)',
      }),
    )
    .addOption(
      option(cli, '--residents <count>', {
        ja: '見本の町の人数（初回のみ）',
        en: 'residents of the sample town (first start only)',
      }),
    )
    .addOption(
      option(cli, '--municipality <codes>', {
        ja: '団体コード（初回のみ、コンマ区切り）',
        en: 'local government codes (first start only, comma-separated)',
      }),
    )
    .addOption(option(cli, '--empty', { ja: '住民を入れない', en: 'no residents' }))
    .addOption(option(cli, '--budgets <file>', { ja: '閲覧枠の設定ファイル', en: 'file with other budgets' }))
    .addOption(
      option(cli, '--config <file>', {
        ja: '設定ファイル（JSON）。環境変数が優先',
        en: 'settings (JSON); the environment wins',
      }),
    )
    .action((o: UpOptions) => up(cli, o));
};
