import { createLog } from '../../../ground/log.ts';
import type { Cli } from '../cli.ts';
import { type AddCommand, describeCommand, option } from '../describe.ts';
import { UsageError } from '../exit-codes.ts';
import { dataFolder } from '../house.ts';
import { pairs } from '../lay-out.ts';

interface PrepareInput {
  embedded?: boolean;
  check?: boolean;
}

async function prepare(cli: Cli, o: PrepareInput): Promise<void> {
  const databaseUrl = cli.terminal.env['DATABASE_URL'];
  if (o.embedded !== true && databaseUrl === undefined)
    throw new UsageError({
      ja: '環境変数 DATABASE_URL でサーバーを示すか、--embedded を付けてください',
      en: 'name the server in DATABASE_URL, or say --embedded',
    });
  const { checkHouseDatabase, prepareHouseDatabase } = await import('../../../processes/index.ts');
  const work = o.check === true ? checkHouseDatabase : prepareHouseDatabase;
  const done = await work({
    folder: dataFolder(cli),
    log: createLog({ process: 'database', level: 'warn' }),
    ...(o.embedded === true ? {} : { databaseUrl: databaseUrl! }),
  });
  await cli.answer({
    json: () => ({ ...done, checked: o.check === true }),
    lines: () => [
      o.check === true
        ? cli.t({
            ja: '役割と表は、このプログラムに合っています。',
            en: 'Roles and tables are as this program wants them.',
          })
        : done.applied.length === 0
          ? cli.t({ ja: '表は最新でした。', en: 'The tables were up to date.' })
          : cli.t({ ja: '適用しました:', en: 'Applied:' }),
      ...done.applied.map((name) => `  ${name}`),
      ...pairs([
        [cli.t({ ja: 'データベース', en: 'database' }), done.database],
        [cli.t({ ja: '役割', en: 'roles' }), done.roles.join(' ')],
      ]),
    ],
  });
}

/** `sekisho database prepare` */
export const addDatabase: AddCommand = (program, cli) => {
  const database = describeCommand(program.command('database'), cli, {
    summary: { ja: 'データベースの役割と表', en: 'roles and tables of the database' },
    examples: [],
  });
  describeCommand(database.command('prepare'), cli, {
    summary: {
      ja: '役割と表を作り、版を上げる（更新のたびに、停止中に）',
      en: 'make roles and tables and bring them up to date; after each update, while the house is stopped',
    },
    examples: [
      {
        run: 'DATABASE_URL=postgres://postgres:secret@127.0.0.1/town sekisho database prepare --data /srv/town',
        does: { ja: '手元の PostgreSQL に', en: 'on a PostgreSQL of your own' },
      },
      {
        run: 'sekisho database prepare --embedded',
        does: { ja: 'データフォルダの内蔵サーバーに', en: 'on the embedded server of the data folder' },
      },
      {
        run: 'sekisho database prepare --embedded --check',
        does: { ja: '何も変えず、合っているかだけ見る', en: 'change nothing, only look whether they fit' },
      },
    ],
    note: {
      ja: 'DATABASE_URL の利用者は役割を作れること。合言葉は data/secrets/roles.json のものになります。役割はサーバー全体で一組なので、一つのサーバーに置けるのは一式だけです。',
      en: 'The user of DATABASE_URL must be allowed to create roles. They get the passwords of data/secrets/roles.json, and are one set for a whole server: one house a server.',
    },
  })
    .addOption(
      option(cli, '--embedded', {
        ja: 'DATABASE_URL ではなく内蔵サーバー',
        en: 'the embedded server, not that of DATABASE_URL',
      }),
    )
    .addOption(option(cli, '--check', { ja: '確かめるだけ', en: 'only check' }))
    .action((o: PrepareInput) => prepare(cli, o));
};
