import type { Cli } from '../cli.ts';
import { type AddCommand, describeCommand, option } from '../describe.ts';
import { UsageError } from '../exit-codes.ts';
import { caseOf, signedIn } from '../office.ts';

async function erase(cli: Cli, person: string, o: { reason: string; yes?: boolean }): Promise<void> {
  if (o.yes !== true) {
    throw new UsageError({
      ja: '消去は取り消せません。行うなら --yes を付けてください',
      en: 'erasure cannot be undone; say --yes to do it',
    });
  }
  await signedIn(cli, async (office) => {
    const caseId = await caseOf(cli, office, 'record-erasure');
    const answer = await office.erasePerson({ person, body: { caseId, reason: o.reason } }, cli.signal);
    await cli.answer({
      json: () => ({ person, ...answer }),
      lines: () => [
        cli.t({
          ja: '鍵を消去しました。項目は二度と開けません。',
          en: 'Keys erased. The fields can never be opened again.',
        }),
      ],
    });
  });
}

export const addPerson: AddCommand = (program, cli) => {
  const person = describeCommand(program.command('person'), cli, {
    summary: { ja: '個人の鍵', en: "a person's keys" },
    examples: [],
  });
  describeCommand(person.command('erase').argument('<person>'), cli, {
    summary: {
      ja: '一人の鍵を消去する（取り消せない）',
      en: 'erase the keys of one person; cannot be undone',
    },
    examples: [
      {
        run: 'sekisho person erase ID --as supervisor --purpose record-erasure --note 廃棄 --reason 保存期間満了 --yes',
        does: { ja: '保存期間の過ぎた記録を読めなくする', en: 'make a record past its retention unreadable' },
      },
    ],
  })
    .addOption(option(cli, '--reason <text>', { ja: '理由', en: 'why' }).makeOptionMandatory())
    .addOption(option(cli, '--yes', { ja: '取り消せないことを承知した', en: 'yes, for good' }))
    .action((id: string, o: { reason: string; yes?: boolean }) => erase(cli, id, o));
};
