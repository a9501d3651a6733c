import type { Command } from 'commander';
import type { BudgetLeft, Hit, SearchBy } from '../../api/client.gen.ts';
import type { Cli } from '../cli.ts';
import { describeCommand, option } from '../describe.ts';
import { UsageError } from '../exit-codes.ts';
import { table } from '../lay-out.ts';
import { caseOf, foundNothing, signedIn, unseen } from '../office.ts';
import { wholeNumber } from '../whole-number.ts';

interface FindOptions {
  number?: string;
  residentCode?: string;
  reading?: string;
  birthDate?: string;
  address?: string;
  addressNumber?: string;
  limit?: string;
}

/** The one way of searching that was asked for. @throws UsageError for none or several */
export async function searchOf(cli: Cli, o: FindOptions): Promise<SearchBy> {
  const ways = [o.number, o.residentCode, o.reading, o.address, o.addressNumber].filter(
    (way) => way !== undefined,
  );
  if (ways.length !== 1 || (o.reading === undefined) !== (o.birthDate === undefined)) {
    throw new UsageError({
      ja: '検索方法を一つだけ示してください: --number、--resident-code、--reading と --birth-date、--address、--address-number',
      en: 'give exactly one: --number, --resident-code, --reading with --birth-date, --address, --address-number',
    });
  }
  if (o.number !== undefined) {
    return { number: await unseen(cli, o.number, { ja: '個人番号', en: 'Individual number' }) };
  }
  if (o.residentCode !== undefined) {
    return {
      residentCode: await unseen(cli, o.residentCode, { ja: '住民票コード', en: 'Resident record code' }),
    };
  }
  if (o.reading !== undefined) {
    const reading = await unseen(cli, o.reading, { ja: '氏名の振り仮名', en: 'Name reading' });
    return { reading, birthDate: await unseen(cli, o.birthDate!, { ja: '生年月日', en: 'Birth date' }) };
  }
  if (o.address !== undefined)
    return { address: await unseen(cli, o.address, { ja: '住所', en: 'Address' }) };
  return { addressNumber: await unseen(cli, o.addressNumber!, { ja: '宛名番号', en: 'Address number' }) };
}

/** What is left of the budgets, in one line. */
export function budgetLine(cli: Cli, budget: BudgetLeft | undefined): string[] {
  if (budget === undefined) return [];
  const { session, terminal, purpose, office } = budget;
  return [
    cli.t({
      ja: `閲覧枠の残り: セッション ${session}、端末 ${terminal}、目的 ${purpose}、部署 ${office}`,
      en: `budget left: session ${session}, terminal ${terminal}, purpose ${purpose}, office ${office}`,
    }),
  ];
}

function hitLines(hits: readonly Hit[]): string[] {
  const shown = [...new Set(hits.flatMap(({ masked }) => Object.keys(masked)))];
  return table(
    ['id', 'status', ...shown],
    hits.map(({ person, status, masked }) => [person, status, ...shown.map((name) => masked[name] ?? '')]),
  );
}

async function find(cli: Cli, o: FindOptions): Promise<void> {
  const by = await searchOf(cli, o);
  const limit = o.limit === undefined ? {} : { limit: wholeNumber(o.limit, '--limit') };
  await signedIn(cli, async (office) => {
    const caseId = await caseOf(cli, office);
    const found = await office.searchResidents({ body: { caseId, by, ...limit } }, cli.signal);
    if (found.hits.length === 0) foundNothing(cli);
    await cli.answer({
      json: () => ({ caseId, ...found }),
      lines: () => [
        ...(found.hits.length === 0
          ? [cli.t({ ja: '該当する住民はいません。', en: 'Nobody found.' })]
          : hitLines(found.hits)),
        ...budgetLine(cli, found.budget),
      ],
    });
  });
}

/** `sekisho register find` */
export function addFind(register: Command, cli: Cli): void {
  describeCommand(register.command('find'), cli, {
    summary: { ja: '住民を探す。結果は伏せて示す', en: 'find residents; hits come back masked' },
    examples: [
      {
        run: 'sekisho register find --as clerk --purpose number-verification --note 窓口12番 --number -',
        does: { ja: '個人番号を画面に出さずに入力して探す', en: 'type the number unseen and search' },
      },
      {
        run: 'sekisho register find --as clerk --case CASE --reading "カンダ ハナコ" --birth-date 1950-01-02',
        does: { ja: '振り仮名と生年月日で探す', en: 'search by name reading and birth date' },
      },
    ],
    note: {
      ja: 'コマンドに直接書いた番号や氏名はシェルの履歴に残ります。値を - にすると入力待ちか標準入力から読みます。該当なしの終了コードは 5 です。',
      en: 'What you type as an argument stays in the shell history: with - as the value it is asked for unseen or read from stdin. Exit code 5 when nobody is found.',
    },
  })
    .addOption(
      option(cli, '--number <number>', {
        ja: '個人番号（- で入力待ち）',
        en: 'individual number (- asks unseen)',
      }),
    )
    .addOption(
      option(cli, '--resident-code <code>', {
        ja: '住民票コード（- で入力待ち）',
        en: 'resident record code (- asks unseen)',
      }),
    )
    .addOption(option(cli, '--reading <reading>', { ja: '氏名の振り仮名', en: 'name reading' }))
    .addOption(
      option(cli, '--birth-date <date>', {
        ja: '生年月日（1950-01-02 や 昭和25年1月2日）',
        en: 'birth date (1950-01-02, also era dates)',
      }),
    )
    .addOption(option(cli, '--address <address>', { ja: '住所', en: 'address' }))
    .addOption(option(cli, '--address-number <number>', { ja: '宛名番号', en: 'address number' }))
    .addOption(option(cli, '--limit <n>', { ja: '件数の上限', en: 'most hits to show' }))
    .action((o: FindOptions) => find(cli, o));
}
