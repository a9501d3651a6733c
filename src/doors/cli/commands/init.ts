import type { Command } from 'commander';
import type { InitOptions } from '../../../processes/index.ts';
import type { Cli } from '../cli.ts';
import { type AddCommand, describeCommand, option, repeatedOption } from '../describe.ts';
import { UsageError } from '../exit-codes.ts';
import { dataFolder } from '../house.ts';
import { pairs } from '../lay-out.ts';

interface InitInput {
  municipality?: string;
  origin?: string;
  production?: boolean;
  passphraseFile?: string;
  pkcs11?: string;
  token?: string;
  pinFile?: string;
  store?: string;
  host?: string[];
  renewCertificates?: boolean;
}

/** The token that is to hold the keys; all four or none. */
function tokenOf({ pkcs11: module, token: label, pinFile, store }: InitInput): InitOptions['token'] {
  if (module !== undefined && label !== undefined && pinFile !== undefined && store !== undefined)
    return { module, label, pinFile, store };
  if (module === undefined && label === undefined && pinFile === undefined && store === undefined)
    return undefined;
  throw new UsageError({
    ja: '--pkcs11・--token・--pin-file・--store は四つとも要ります',
    en: '--pkcs11, --token, --pin-file and --store go together',
  });
}

async function renew(cli: Cli, o: InitInput): Promise<void> {
  const { renewCertificates } = await import('../../../processes/index.ts');
  const renewed = await renewCertificates(dataFolder(cli), o.host);
  await cli.answer({
    json: () => renewed,
    lines: () => [
      cli.t({
        ja: '証明書を作り直しました。古いものは次の起動から通じません。各プロセスの設定に入れて、全て起動し直してください。',
        en: 'New certificates. The old ones are of no use from the next start on: put these into the configurations and start all processes again.',
      }),
      ...renewed.files.map((file) => `  ${file}`),
      ...pairs([
        [cli.t({ ja: '名前', en: 'hosts' }), renewed.hosts.join(' ')],
        [cli.t({ ja: '期限', en: 'end on' }), new Date(renewed.endsAt).toISOString().slice(0, 10)],
      ]),
    ],
  });
}

async function init(cli: Cli, o: InitInput): Promise<void> {
  if (o.renewCertificates === true) return await renew(cli, o);
  const token = tokenOf(o);
  if (o.municipality === undefined) {
    throw new UsageError({
      ja: '--municipality で団体コードを示してください',
      en: 'say which: --municipality CODE',
    });
  }
  const { initHouse } = await import('../../../processes/index.ts');
  const settings = await initHouse({
    folder: dataFolder(cli),
    municipalities: o.municipality.split(','),
    originPrefix: o.origin ?? 'demo.sekisho.invalid',
    // A token is bought for a production house; a demonstration's keys lie in a file.
    mode: o.production === true || token !== undefined ? 'production' : 'demo',
    database: 'embedded',
    ...(o.passphraseFile === undefined ? {} : { passphraseFile: o.passphraseFile }),
    ...(token === undefined ? {} : { token }),
    ...(o.host === undefined ? {} : { hosts: o.host }),
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

/** Where the keys stand in a PKCS#11 token. */
function addTokenOptions(command: Command, cli: Cli): void {
  command
    .addOption(
      option(cli, '--pkcs11 <module>', {
        ja: '鍵をトークンに置く: そのライブラリ（本番用になる）',
        en: 'keep the keys in a token: its library (makes a production house)',
      }),
    )
    .addOption(option(cli, '--token <label>', { ja: 'トークンの名', en: 'label of the token' }))
    .addOption(
      option(cli, '--pin-file <file>', { ja: 'トークンのPINのファイル', en: 'file with the token’s PIN' }),
    )
    .addOption(
      option(cli, '--store <name>', {
        ja: 'トークンの中の鍵の名の先頭',
        en: 'begins the labels of the keys in the token',
      }),
    );
}

/** `sekisho init` */
export const addInit: AddCommand = (program, cli) => {
  const command = describeCommand(program.command('init'), cli, {
    summary: {
      ja: '鍵・証明書・役割の合言葉だけを作る、または証明書を作り直す（起動はしない）',
      en: 'make keys, certificates and role passwords, or new certificates, and start nothing',
    },
    examples: [
      {
        run: 'sekisho init --municipality 202029 --origin log.example.jp --production --passphrase-file /run/secrets/passphrase',
        does: { ja: '本番の鍵を作る', en: 'the keys of a production house' },
      },
      {
        run: 'sekisho init --municipality 202029 --origin log.example.jp --pkcs11 /usr/lib/softhsm/libsofthsm2.so --token town --pin-file /run/secrets/token-pin --store sekisho-202029',
        does: { ja: '本番の鍵をトークンの中に作る', en: 'the same, with the keys in a PKCS#11 token' },
      },
      {
        run: 'sekisho init --renew-certificates --host gate.town.example',
        does: {
          ja: '期限の前に、証明書だけを全て作り直す',
          en: 'before they run out: all certificates anew, and nothing else',
        },
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
        ja: '合言葉のファイル（本番では、これかトークンが必須）',
        en: 'file with the passphrase (production: this or a token)',
      }),
    )
    .addOption(
      repeatedOption(cli, '--host <name>', {
        ja: '証明書に入れる名前（繰り返し可。localhost と 127.0.0.1 のほか）',
        en: 'a name for the certificates besides localhost and 127.0.0.1; may be repeated',
      }),
    )
    .addOption(
      option(cli, '--renew-certificates', {
        ja: '既にある一式の証明書を全て作り直す',
        en: 'new certificates, all of them, for a house that exists',
      }),
    )
    .action((o: InitInput) => init(cli, o));
  addTokenOptions(command, cli);
};
