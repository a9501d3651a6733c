import type { Command } from 'commander';
import type { Cli } from '../cli.ts';
import { type AddCommand, describeCommand } from '../describe.ts';
import { exitCodes } from '../exit-codes.ts';
import { findingWords, lineOf } from '../findings.ts';
import { table } from '../lay-out.ts';
import { signedIn } from '../office.ts';
import { addEvent } from './register-event.ts';
import { addFind } from './register-find.ts';
import { addImport } from './register-import.ts';
import { addShow } from './register-show.ts';

async function verify(cli: Cli): Promise<void> {
  await signedIn(cli, async (office) => {
    const found = await office.verifyRecords(cli.signal);
    const { lines, rows, findings } = found.verified;
    if (findings > 0) cli.exitCode = exitCodes.broken;
    await cli.answer({
      json: () => found,
      lines: () => [
        cli.t({
          ja: `記録 ${rows} 件を ${lines} 行と照合し、${findings} 件が合いません。`,
          en: `${rows} records held against ${lines} lines; ${findings} differ.`,
        }),
        ...table(
          ['id', cli.t({ ja: '何が', en: 'what' }), cli.t({ ja: '行', en: 'line' })],
          found.findings.map((each) => [each.person ?? '-', cli.t(findingWords[each.finding]), lineOf(each)]),
        ),
      ],
    });
  });
}

function addVerify(register: Command, cli: Cli): void {
  describeCommand(register.command('verify'), cli, {
    summary: {
      ja: '台帳を記録簿と照合し、門を通らない変更を見つける',
      en: 'find records that were changed past the gate',
    },
    examples: [
      {
        run: 'sekisho register verify --as officer',
        does: { ja: '全住民を照合する', en: 'hold every resident against the journal' },
      },
    ],
    note: {
      ja: '一件でも合わなければ終了コードは 8 です。',
      en: 'Exit code 8 when any record differs.',
    },
  }).action(() => verify(cli));
}

export const addRegister: AddCommand = (program, cli) => {
  const register = describeCommand(program.command('register'), cli, {
    summary: {
      ja: '住民の台帳: 取込み・検索・表示・異動・照合',
      en: 'the register: import, find, show, life events, verify',
    },
    examples: [],
  });
  addImport(register, cli);
  addFind(register, cli);
  addShow(register, cli);
  addEvent(register, cli);
  addVerify(register, cli);
};
