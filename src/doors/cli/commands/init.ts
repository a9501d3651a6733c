import type { Cli } from '../cli.ts';
import { type AddCommand, describeCommand, option } from '../describe.ts';
import { UsageError } from '../exit-codes.ts';
import { dataFolder } from '../house.ts';
import { pairs } from '../lay-out.ts';

interface InitOptions {
  municipality?: string;
  origin?: string;
  production?: boolean;
  passphraseFile?: string;
}

async function init(cli: Cli, o: InitOptions): Promise<void> {
  const { initHouse } = await import('../../../processes/index.ts');
  if (o.municipality === undefined) {
    throw new UsageError({
      ja: '--municipality で団体コードを示してください',
      en: 'say which: --municipality CODE',
    });
  }
  const settings = await initHouse({
    folder: dataFolder(cli),
    municipalities: o.municipality.split(','),
    originPrefix: o.origin ?? 'demo.sekisho.invalid',
    mode: o.production === true ? 'production' : 'demo',
    database: 'embedded',
    ...(o.passphraseFile === undefined ? {} : { passphraseFile: o.passphraseFile }),
  });
  await cli.answer({
    json: () => settings,
    lines: () => [
      cli.t({ ja: '鍵と証明書を作りました。', en: 'Made the keys and certificates.' }),
      ...pairs([
        [cli.t({ ja: '場所', en: 'folder' }), dataFolder(cli)],
        [cli.t({ ja: 'モード', en: 'mode' }), settings.mode],
        ...settings.municipalities.map(({ code, origin }): [string, string] => [code, origin]),
      ]),
    ],
  });
}

/** `sekisho init` */
export const addInit: AddCommand = (program, cli) => {
  describeCommand(program.command('init'), cli, {
    summary: {
      ja: '鍵・証明書・役割の合言葉だけを作る（起動はしない）',
      en: 'make keys, certificates and role passwords, and start nothing',
    },
    examples: [
      {
        run: 'sekisho init --municipality 202029 --origin log.example.jp --production --passphrase-file /run/secrets/passphrase',
        does: { ja: '本番の鍵を作る', en: 'the keys of a production house' },
      },
    ],
    note: {
      ja: 'origin（記録簿の名前）は後から変えられません。',
      en: 'The origin (the name of the log) can never be changed afterwards.',
    },
  })
    .addOption(
      option(cli, '--municipality <codes>', {
        ja: '団体コード（コンマ区切り）',
        en: 'local government codes, comma-separated',
      }),
    )
    .addOption(
      option(cli, '--origin <name>', {
        ja: '記録簿の名前の先頭',
        en: 'first part of the logs’ names, a domain of yours',
      }),
    )
    .addOption(option(cli, '--production', { ja: '本番用', en: 'for production' }))
    .addOption(
      option(cli, '--passphrase-file <file>', {
        ja: '合言葉のファイル（本番では必須）',
        en: 'file with the passphrase (required in production)',
      }),
    )
    .action((o: InitOptions) => init(cli, o));
};
