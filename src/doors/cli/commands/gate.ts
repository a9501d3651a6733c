import type { Command } from 'commander';
import { systemClock } from '../../../ground/clock.ts';
import type { Grant } from '../../api/client.gen.ts';
import type { Cli } from '../cli.ts';
import { type AddCommand, describeCommand, option } from '../describe.ts';
import { pairs, table } from '../lay-out.ts';
import { caseOf, signedIn, withOffice } from '../office.ts';
import { wholeNumber } from '../whole-number.ts';
import { addStaff } from './gate-staff.ts';

interface AskOptions {
  groups: string;
  count: string;
  hours: string;
  reason: string;
}

function answerGrant(cli: Cli, grant: Grant): Promise<void> {
  return cli.answer({
    json: () => grant,
    lines: () =>
      pairs([
        ['id', grant.grant],
        [cli.t({ ja: '状態', en: 'state' }), grant.state],
        [cli.t({ ja: '目的', en: 'purpose' }), grant.purpose],
        [cli.t({ ja: '項目群', en: 'groups' }), grant.groups.join(', ')],
        [cli.t({ ja: '残り', en: 'left' }), `${grant.left} / ${grant.count}`],
        [cli.t({ ja: '期限', en: 'ends' }), new Date(grant.endsAt).toISOString()],
        [cli.t({ ja: '申請者', en: 'asked by' }), grant.askedBy],
        [cli.t({ ja: '承認者', en: 'approved by' }), grant.approvedBy ?? '-'],
      ]),
  });
}

async function ask(cli: Cli, o: AskOptions): Promise<void> {
  const groups = o.groups.split(',').map((group) => group.trim());
  const [count, hours] = [wholeNumber(o.count, '--count'), wholeNumber(o.hours, '--hours')];
  const endsAt = systemClock.now() + hours * 3_600_000;
  await signedIn(cli, async (office) => {
    const caseId = await caseOf(cli, office);
    const body = { caseId, groups, count, endsAt, reason: o.reason };
    const { grant } = await office.askGrant({ body }, cli.signal);
    await answerGrant(cli, await office.grant({ grant }, cli.signal));
  });
}

function addGrant(gate: Command, cli: Cli): void {
  const grant = describeCommand(gate.command('grant'), cli, {
    summary: { ja: '一括閲覧の許可（二人が署名する）', en: 'bulk grants, which two people sign' },
    examples: [],
  });
  describeCommand(grant.command('ask'), cli, {
    summary: { ja: '許可を申請する', en: 'ask for a grant' },
    examples: [
      {
        run: 'sekisho gate grant ask --as clerk --purpose public-body-request --note 照会 --groups name,address --count 2000 --hours 8 --reason 当初課税',
        does: { ja: '8時間で2000人分を申請する', en: 'ask for 2,000 people within 8 hours' },
      },
    ],
  })
    .addOption(
      option(cli, '--groups <groups>', {
        ja: '項目群（コンマ区切り）',
        en: 'field groups, comma between',
      }).makeOptionMandatory(),
    )
    .addOption(option(cli, '--count <n>', { ja: '人数', en: 'how many openings' }).makeOptionMandatory())
    .addOption(
      option(cli, '--hours <n>', { ja: '何時間後まで', en: 'ends after so many hours' }).default('8'),
    )
    .addOption(option(cli, '--reason <text>', { ja: '理由', en: 'why' }).makeOptionMandatory())
    .action((o: AskOptions) => ask(cli, o));
  const verbs = [
    [
      'approve',
      'approveGrant',
      { ja: '承認する（申請者とは別の人）', en: 'approve a grant (not by who asked)' },
    ],
    ['revoke', 'revokeGrant', { ja: '取り消す', en: 'revoke a grant' }],
    ['status', 'grant', { ja: '状態を見る', en: 'state of a grant' }],
  ] as const;
  for (const [verb, operation, summary] of verbs) {
    describeCommand(grant.command(verb).argument('<grant>'), cli, {
      summary,
      examples: [{ run: `sekisho gate grant ${verb} ID --as supervisor`, does: summary }],
    }).action((grant: string) =>
      signedIn(cli, async (office) => answerGrant(cli, await office[operation]({ grant }, cli.signal))),
    );
  }
}

async function purposes(cli: Cli): Promise<void> {
  const found = await withOffice(cli, (office) => office.purposes(cli.signal));
  await cli.answer({
    json: () => found,
    lines: () =>
      table(
        [
          cli.t({ ja: '目的', en: 'purpose' }),
          cli.t({ ja: '役割', en: 'roles' }),
          cli.t({ ja: '開ける項目群', en: 'opens' }),
          cli.t({ ja: '条項', en: 'article' }),
          cli.t({ ja: '名称', en: 'title' }),
        ],
        found.purposes.map((row) => [
          row.purpose,
          row.roles.join(','),
          row.opens.join(','),
          `${row.law.ja} ${row.article}`,
          row.title[cli.language],
        ]),
      ),
  });
}

export const addGate: AddCommand = (program, cli) => {
  const gate = describeCommand(program.command('gate'), cli, {
    summary: { ja: '関所の管理: 一括閲覧の許可、職員、端末', en: 'the gate: bulk grants, staff, terminals' },
    examples: [],
  });
  describeCommand(gate.command('purposes'), cli, {
    summary: {
      ja: '事案を開ける目的と、それで開ける項目',
      en: 'purposes a case can be opened for, and what each may open',
    },
    examples: [
      { run: 'sekisho gate purposes', does: { ja: '今有効な目的を見る', en: 'the purposes in force today' } },
    ],
  }).action(() => purposes(cli));
  addGrant(gate, cli);
  addStaff(gate, cli);
};
