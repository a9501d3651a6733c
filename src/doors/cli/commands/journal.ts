import { mkdir, readdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { Command, Option } from 'commander';
import { newestLogFolder } from '../../../core/journal/index.ts';
import { SekishoError } from '../../../ground/errors.ts';
import type { Cli } from '../cli.ts';
import { type AddCommand, describeCommand, option } from '../describe.ts';
import { dataFolder } from '../house.ts';
import {
  copyingSource,
  logNumberOf,
  logSource,
  municipalityOf,
  readTrust,
  trustFile,
} from '../journal-source.ts';
import { addHeadAndProve } from './journal-head.ts';
import { keptLineText, verifyKeptLine } from './journal-line.ts';
import { checkReceipt, readReceipt, verifiedAnswer, verifyWithProgress } from './journal-verify.ts';

/** The log asked for, or the only one of the data folder. */
async function whichLog(cli: Cli, where: string | undefined): Promise<string> {
  if (where !== undefined) return where;
  const folder = join(dataFolder(cli), 'journal');
  const codes = (await readdir(folder).catch(() => [])).filter((name) => /^\d{6}$/.test(name));
  if (codes.length !== 1)
    throw new SekishoError('not-found', { what: 'journal', folder, count: codes.length });
  return newestLogFolder(join(folder, codes[0]!));
}

async function verify(
  cli: Cli,
  typed: string | undefined,
  o: { trust?: string; receipt?: string },
): Promise<void> {
  const kept = typed === undefined || o.receipt !== undefined ? undefined : await keptLineText(typed);
  if (kept !== undefined) return verifyKeptLine(cli, kept, o.trust);
  const where = await whichLog(cli, typed);
  const source = logSource(cli, where);
  const policy = await readTrust(cli, o.trust, municipalityOf(where), logNumberOf(where));
  if (o.receipt !== undefined) {
    const finding = await checkReceipt(cli, await readReceipt(o.receipt), source, policy);
    return cli.answer({
      json: () => finding,
      lines: () => [
        finding.finding === 'present'
          ? cli.t({ ja: '受領証の行は記録簿にあります。', en: 'The line of the receipt stands in the log.' })
          : cli.t({
              ja: '署名済みの先頭がまだその行に届いていません。後でもう一度確かめてください。',
              en: 'The signed head does not reach that line yet. Check again later.',
            }),
      ],
    });
  }
  await cli.answer(verifiedAnswer(cli, await verifyWithProgress(cli, source, policy)));
}

async function exportLog(cli: Cli, to: string, o: { from?: string; trust?: string }): Promise<void> {
  const where = await whichLog(cli, o.from);
  const policy = await readTrust(cli, o.trust, municipalityOf(where), logNumberOf(where));
  const folder = resolve(to);
  await mkdir(folder, { recursive: true });
  if ((await readdir(folder)).length > 0) throw new SekishoError('already-exists', { folder });
  const source = copyingSource(logSource(cli, where), folder);
  const log = await verifyWithProgress(cli, source, policy);
  const files = await source.finish();
  await cli.answer(verifiedAnswer(cli, log, { folder, files }));
}

function addExport(journal: Command, cli: Cli, trust: () => Option): void {
  describeCommand(journal.command('export').argument('<folder>'), cli, {
    summary: {
      ja: '検証しながら記録簿の写しを作る（個人の情報は含まない）',
      en: 'copy the log, verifying it on the way (holds nothing personal)',
    },
    examples: [
      {
        run: 'sekisho journal export copy/131016 --from https://example.jp/journal/131016 --trust keys.json',
        does: { ja: '第三者として写しを取る', en: 'take a copy as a third party' },
      },
    ],
  })
    .addOption(option(cli, '--from <log>', { ja: '元のフォルダかURL', en: 'folder or URL to copy from' }))
    .addOption(trust())
    .action((to: string, o: { from?: string; trust?: string }) => exportLog(cli, to, o));
  describeCommand(journal.command('trust'), cli, {
    summary: {
      ja: '外の検証者に渡す公開鍵を示す',
      en: 'print the public keys that somebody outside needs to verify',
    },
    examples: [
      {
        run: 'sekisho journal trust --json > keys.json',
        does: { ja: '鍵のファイルを作る', en: 'make the file of keys' },
      },
    ],
  }).action(async () => {
    const trust = await trustFile(cli);
    await cli.answer({ json: () => trust, lines: () => JSON.stringify(trust, null, 2).split('\n') });
  });
}

export const addJournal: AddCommand = (program, cli) => {
  const journal = describeCommand(program.command('journal'), cli, {
    summary: { ja: '記録簿の検証と証明', en: 'verify the journal and prove its lines' },
    examples: [],
  });
  const trust = () =>
    option(cli, '--trust <file>', {
      ja: '信頼する公開鍵のファイル（既定はこのデータフォルダの鍵）',
      en: 'file of the public keys to trust (default: those of the house in the data folder)',
    });
  describeCommand(journal.command('verify').argument('[log]'), cli, {
    summary: {
      ja: '記録簿全体（フォルダかURL）、または住民の画面で保存した一行の証明を検証する（単独で動く）',
      en: 'verify a whole log, in a folder or at a URL, or one line kept from the portal in a file (works alone)',
    },
    examples: [
      {
        run: 'sekisho journal verify',
        does: { ja: 'このデータフォルダの記録簿を検証する', en: 'verify the log of this data folder' },
      },
      {
        run: 'sekisho journal verify https://example.jp/journal/131016 --trust keys.json',
        does: { ja: '外から、自分の持つ鍵で検証する', en: 'verify from outside, with keys of your own' },
      },
      {
        run: 'sekisho journal verify sekisho-131016-4711.tlog-proof --trust keys.json',
        does: {
          ja: '保存した一行の証明を、通信なしで検証する',
          en: 'verify the kept proof of one line, offline',
        },
      },
      {
        run: 'sekisho journal verify --receipt receipt.json',
        does: {
          ja: '受領証の行が記録簿に残っているか確かめる',
          en: 'check that the line of a receipt is still there',
        },
      },
    ],
    note: {
      ja: '一か所でも合わなければ終了コードは 8 で、場所を示します。',
      en: 'Exit code 8 when anything does not hold; the place is named.',
    },
  })
    .addOption(trust())
    .addOption(
      option(cli, '--receipt <file>', {
        ja: '受領証を記録簿と照らし合わせる',
        en: 'hold a receipt against the log',
      }),
    )
    .action((where: string | undefined, o: { trust?: string; receipt?: string }) => verify(cli, where, o));
  addExport(journal, cli, trust);
  addHeadAndProve(journal, cli);
};
