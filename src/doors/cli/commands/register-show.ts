import type { Command } from 'commander';
import type { LineKind } from '../../../core/journal/index.ts';
import { expandHistory } from '../../../core/journal/verify/index.ts';
import { SekishoError } from '../../../ground/errors.ts';
import { lineKindWords } from '../../words/index.ts';
import type { Cli } from '../cli.ts';
import { describeCommand, option } from '../describe.ts';
import { UsageError } from '../exit-codes.ts';
import { pairs, table } from '../lay-out.ts';
import { caseOf, signedIn } from '../office.ts';
import { wholeNumber } from '../whole-number.ts';
import { budgetLine } from './register-find.ts';

interface ShowOptions {
  groups: string;
  grant?: string;
  toPipe?: boolean;
}

async function show(cli: Cli, person: string, o: ShowOptions): Promise<void> {
  const groups = o.groups
    .split(',')
    .map((group) => group.trim())
    .filter((group) => group !== '');
  if (groups.length === 0) throw new UsageError({ ja: '--groups が空です', en: '--groups is empty' });
  if (!cli.terminal.stdout.isTTY && !cli.json && o.toPipe !== true) {
    // Asked before anything is opened: a redirected answer would leave plaintext in a file that nobody journals.
    throw new UsageError({
      ja: '出力先が端末ではありません。開いた項目をファイルやパイプに渡すなら --to-pipe か --json を付けてください',
      en: 'stdout is no terminal: to hand opened fields to a file or pipe, say so with --to-pipe or --json',
    });
  }
  await signedIn(cli, async (office) => {
    const caseId = await caseOf(cli, office);
    const grant = o.grant === undefined ? {} : { grant: o.grant };
    const opened = await office.openFields({ person, body: { caseId, groups, ...grant } }, cli.signal);
    await cli.answer({
      json: () => ({ person, caseId, ...opened }),
      lines: () => [
        ...pairs(
          Object.entries(opened.fields).flatMap(([group, fields]) =>
            Object.entries(fields).map(([field, value]) => [`${group}.${field}`, value] as [string, string]),
          ),
        ),
        cli.t({ ja: `記録簿の行 ${opened.receipt.index}`, en: `journal line ${opened.receipt.index}` }),
        ...budgetLine(cli, opened.budget),
      ],
    });
  });
}

async function history(cli: Cli, person: string, o: { limit?: string; before?: string }): Promise<void> {
  await signedIn(cli, async (office) => {
    const { case: caseId } = cli.options;
    const body = {
      ...(caseId === undefined && cli.options.purpose === undefined
        ? {}
        : { caseId: await caseOf(cli, office) }),
      ...(o.limit === undefined ? {} : { limit: wholeNumber(o.limit, '--limit') }),
      ...(o.before === undefined ? {} : { before: wholeNumber(o.before, '--before', 0) }),
    };
    const expanded = expandHistory(await office.residentHistory({ person, body }, cli.signal));
    if (!expanded.ok) throw new SekishoError('proof-invalid', { reason: expanded.reason });
    const { lines } = expanded;
    await cli.answer({
      json: () => ({ person, lines }),
      lines: () =>
        table(
          [
            cli.t({ ja: '行', en: 'line' }),
            cli.t({ ja: '日時', en: 'when' }),
            cli.t({ ja: '種類', en: 'kind' }),
            cli.t({ ja: '誰が', en: 'who' }),
            cli.t({ ja: '項目', en: 'fields' }),
          ],
          lines.map(({ index, at, kind, body }) => [
            String(index),
            new Date(at).toISOString(),
            cli.t(lineKindWords[kind as LineKind] ?? { ja: kind, en: kind }),
            String(body['actor'] ?? ''),
            Array.isArray(body['fields']) ? body['fields'].join(', ') : '',
          ]),
        ),
    });
  });
}

/** `sekisho register show` and `history` */
export function addShow(register: Command, cli: Cli): void {
  describeCommand(register.command('show').argument('<person>'), cli, {
    summary: {
      ja: '一人の項目を開いて示す（記録される）',
      en: 'open fields of one resident and show them (journalled)',
    },
    examples: [
      {
        run: 'sekisho register show ID --as clerk --case CASE --groups name,address',
        does: { ja: '氏名と住所を開く', en: 'open name and address' },
      },
      {
        run: 'sekisho register show ID --as clerk --case CASE --groups name --json > answer.json',
        does: { ja: '受領証を含むJSONで受け取る', en: 'take the answer, receipt included, as JSON' },
      },
    ],
    note: {
      ja: '開いた項目は端末にだけ示し、ログやファイルには書きません。',
      en: 'Opened fields are shown on the terminal only; no log and no file of ours gets them.',
    },
  })
    .addOption(
      option(cli, '--groups <groups>', {
        ja: '項目群（コンマ区切り）',
        en: 'field groups, comma between',
      }).makeOptionMandatory(),
    )
    .addOption(option(cli, '--grant <id>', { ja: '一括閲覧の許可', en: 'bulk grant to use' }))
    .addOption(
      option(cli, '--to-pipe', { ja: '端末以外にも出力する', en: 'also print where stdout is no terminal' }),
    )
    .action((person: string, o: ShowOptions) => show(cli, person, o));
  describeCommand(register.command('history').argument('<person>'), cli, {
    summary: { ja: '誰がいつ何を開いたか', en: 'who opened what of this resident, and when' },
    examples: [
      {
        run: 'sekisho register history ID --as officer --purpose own-record-at-desk --note 開示請求 --json',
        does: { ja: '証明付きの履歴をJSONで得る', en: 'the history with its proofs, as JSON' },
      },
    ],
  })
    .addOption(option(cli, '--limit <n>', { ja: '件数', en: 'how many lines' }))
    .addOption(option(cli, '--before <line>', { ja: 'この行より前', en: 'only before this line' }))
    .action((person: string, o: { limit?: string; before?: string }) => history(cli, person, o));
}
