import type { Command } from 'commander';
import { SekishoError } from '../../../ground/errors.ts';
import type { KeystoreCheck, Tried } from '../../../processes/index.ts';
import { type Bilingual, wordError } from '../../words/index.ts';
import type { Cli } from '../cli.ts';
import { type AddCommand, describeCommand, option, repeatedOption } from '../describe.ts';
import { exitCodes } from '../exit-codes.ts';
import { dataFolder } from '../house.ts';
import { pairs } from '../lay-out.ts';
import { wholeNumber } from '../whole-number.ts';

/** What opens the keystore now, as typed. */
interface UnlockInput {
  passphraseFile?: string;
  shareFile?: string[];
}

const custody = (cli: Cli, o: UnlockInput) => ({
  folder: dataFolder(cli),
  passphraseFile: o.passphraseFile,
  shareFiles: o.shareFile,
});

interface SplitInput extends UnlockInput {
  shares: string;
  threshold: string;
  to: string;
  sharesOnly?: boolean;
}

async function split(cli: Cli, o: SplitInput): Promise<void> {
  const [shares, threshold] = [wholeNumber(o.shares, '--shares'), wholeNumber(o.threshold, '--threshold')];
  const { splitKeystore } = await import('../../../processes/index.ts');
  const made = await splitKeystore({
    ...custody(cli, o),
    ...{ shares, threshold, to: o.to, sharesOnly: o.sharesOnly === true },
  });
  await cli.answer({
    json: () => made,
    lines: () => [
      cli.t({
        ja: `${shares}片に分けました。${threshold}片そろうと開きます。読み返して開くことを確かめました。`,
        en: `Split into ${shares} shares, of which ${threshold} open it. They were read back and opened it.`,
      }),
      ...made.files.map((file) => `  ${file}`),
      made.passphrase
        ? cli.t({ ja: '合言葉でもまだ開きます。', en: 'The passphrase opens it too.' })
        : cli.t({ ja: '合言葉ではもう開きません。', en: 'The passphrase opens it no longer.' }),
      cli.t({
        ja: '一片ずつ別の人に渡し、ここからは消してください。以前の分散片は、古い鍵の保管庫の写しとともに破棄してください。',
        en: 'Give each to another person and remove it here. Destroy shares of before together with old copies of the keystore.',
      }),
    ],
  });
}

async function passphrase(cli: Cli, o: UnlockInput & { newFile: string }): Promise<void> {
  const { renewPassphrase } = await import('../../../processes/index.ts');
  await renewPassphrase({ ...custody(cli, o), newFile: o.newFile });
  await cli.answer({
    json: () => ({ changed: true, passphraseFile: o.newFile }),
    lines: () => [
      cli.t({
        ja: '合言葉を変え、新しいもので開くことを確かめました。古い合言葉は、古い鍵の保管庫の写しを今も開きます。写しを作り直してください。',
        en: 'The passphrase is changed, and the new one opens the keystore. The old one still opens old copies of it: make new copies.',
      }),
    ],
  });
}

const wayWords: Record<Tried['way'], Bilingual> = {
  passphrase: { ja: '合言葉', en: 'passphrase' },
  shares: { ja: '分散片', en: 'shares' },
  token: { ja: 'トークン', en: 'token' },
};
const resultWords: Record<Tried['result'], Bilingual> = {
  opens: { ja: '開きます', en: 'opens it' },
  refused: { ja: '開きません', en: 'does not open it' },
  untried: { ja: '試していません（ファイルが示されていません）', en: 'not tried: no file was named' },
  none: { ja: 'ありません', en: 'there is none' },
};

function checkLines(cli: Cli, check: KeystoreCheck): string[] {
  const { language } = cli;
  const yesNo = (yes: boolean) => cli.t(yes ? { ja: 'はい', en: 'yes' } : { ja: 'いいえ', en: 'no' });
  const sharing = check.shares && `${check.shares.threshold} / ${check.shares.count}`;
  const result = ({ result: outcome, error }: Tried) => {
    if (error === undefined) return resultWords[outcome][language];
    const { title, details } = wordError(new SekishoError(error.kind, error.facts), language);
    const facts = details.map(({ label, value }) => `${label}: ${value}`).join(', ');
    return `${resultWords[outcome][language]} – ${title}${facts === '' ? '' : ` (${facts})`}`;
  };
  return pairs([
    [cli.t({ ja: '鍵の保管庫', en: 'keystore' }), check.file],
    [cli.t({ ja: '実演用', en: 'of a demonstration' }), yesNo(check.demo)],
    ...(sharing === null ? [] : [[cli.t({ ja: '必要な分散片', en: 'shares needed' }), sharing] as const]),
    ...check.tried.map((each) => [wayWords[each.way][language], result(each)] as const),
    [
      cli.t({ ja: 'この一式の鍵か', en: 'the keys of this house' }),
      check.ownHouse === null ? '-' : yesNo(check.ownHouse),
    ],
  ]);
}

async function check(cli: Cli, o: UnlockInput): Promise<void> {
  const { checkKeystore } = await import('../../../processes/index.ts');
  const found = await checkKeystore(custody(cli, o));
  await cli.answer({ json: () => found, lines: () => checkLines(cli, found) });
  const results = found.tried.map(({ result }) => result);
  if (found.ownHouse === false) cli.exitCode = exitCodes.broken;
  else if (results.includes('refused')) cli.exitCode = exitCodes.refused;
  else if (!results.includes('opens')) cli.exitCode = exitCodes.unavailable;
}

function unlockOptions(command: Command, cli: Cli): Command {
  return command
    .addOption(
      option(cli, '--passphrase-file <file>', {
        ja: '今の合言葉のファイル（実演では省ける）',
        en: 'file with the present passphrase (a demonstration has its own)',
      }),
    )
    .addOption(
      repeatedOption(cli, '--share-file <file>', {
        ja: '今の分散片のファイル（必要な数だけ繰り返す）',
        en: 'file of a present share; once for each',
      }),
    );
}

function addSplit(keystore: Command, cli: Cli): void {
  const command = describeCommand(keystore.command('split'), cli, {
    summary: {
      ja: '鍵の根を分散片に分ける（以前の分散片は無効になる）',
      en: 'split the root key into shares; those of before open no more',
    },
    examples: [
      {
        run: 'sekisho keystore split --shares 5 --threshold 3 --to /media/shares --passphrase-file /run/secrets/passphrase',
        does: { ja: '五片に分け、三片で開くようにする', en: 'five shares, any three of which open it' },
      },
      {
        run: 'sekisho keystore split --shares 5 --threshold 3 --to /media/shares --shares-only --passphrase-file /run/secrets/passphrase',
        does: { ja: '以後は分散片だけで開く', en: 'and from then on nothing else does' },
      },
    ],
  });
  unlockOptions(command, cli)
    .addOption(option(cli, '--shares <n>', { ja: '片の数', en: 'how many shares' }).default('5'))
    .addOption(option(cli, '--threshold <n>', { ja: '開くのに要る数', en: 'how many open it' }).default('3'))
    .addOption(
      option(cli, '--to <folder>', {
        ja: '分散片を置くフォルダ（一片一ファイル、本人専用）',
        en: 'folder for the shares, one owner-only file each',
      }).makeOptionMandatory(),
    )
    .addOption(
      option(cli, '--shares-only', {
        ja: '合言葉では開かないようにする',
        en: 'let the passphrase open it no longer',
      }),
    )
    .action((o: SplitInput) => split(cli, o));
}

/** `sekisho keystore split|passphrase|check` */
export const addKeystore: AddCommand = (program, cli) => {
  const keystore = describeCommand(program.command('keystore'), cli, {
    summary: { ja: '鍵の保管: 分散片、合言葉、確認', en: 'custody of the keys: shares, passphrase, check' },
    examples: [],
  });
  addSplit(keystore, cli);
  unlockOptions(
    describeCommand(keystore.command('passphrase'), cli, {
      summary: {
        ja: '合言葉を変える（鍵そのものは変わらない）',
        en: 'change the passphrase; the keys stay as they are',
      },
      examples: [
        {
          run: 'sekisho keystore passphrase --passphrase-file /run/secrets/passphrase --new-file /run/secrets/passphrase-2',
          does: { ja: '新しいファイルの合言葉にする', en: 'take the passphrase of the new file' },
        },
      ],
    }),
    cli,
  )
    .addOption(
      option(cli, '--new-file <file>', {
        ja: '新しい合言葉のファイル（本人専用、12文字以上）',
        en: 'file with the new passphrase (owner-only, 12 characters or more)',
      }).makeOptionMandatory(),
    )
    .action((o: UnlockInput & { newFile: string }) => passphrase(cli, o));
  unlockOptions(
    describeCommand(keystore.command('check'), cli, {
      summary: {
        ja: '何で開くかを試す（何も変えず、秘密は表示しない）',
        en: 'try what opens the keystore; changes nothing, shows nothing secret',
      },
      examples: [
        {
          run: 'sekisho keystore check --share-file /media/a/share-1 --share-file /media/b/share-2 --share-file /media/c/share-4',
          does: { ja: '三人の分散片で開くか', en: 'whether the shares of three open it' },
        },
      ],
    }),
    cli,
  ).action((o: UnlockInput) => check(cli, o));
};
