import type { Command } from 'commander';
import type { Cli } from '../cli.ts';
import { describeCommand, option } from '../describe.ts';
import { pairs } from '../lay-out.ts';
import { japanTime } from '../moment.ts';
import { signedIn } from '../office.ts';

/** `sekisho gate staff invite|stop-passkeys`. @param staffIdOf the id of a member, by his name or his key file's */
export function addInvitations(staff: Command, cli: Cli, staffIdOf: (name: string) => string): void {
  describeCommand(staff.command('invite').argument('<name>'), cli, {
    summary: {
      ja: 'パスキーを作るコード、または端末のブラウザを登録する住所を作る',
      en: 'make a code for a passkey, or an address that makes a browser a terminal',
    },
    examples: [
      {
        run: 'sekisho gate staff invite sato --as administrator',
        does: { ja: '職員に渡すコード', en: 'a code to hand to a member' },
      },
      {
        run: 'sekisho gate staff invite t-02 --what terminal --as administrator',
        does: {
          ja: 'その端末のブラウザで開く住所',
          en: 'an address to open in the browser of that terminal',
        },
      },
    ],
    note: {
      ja: '一度だけ示します。一度だけ使えます。',
      en: 'Shown once, and works once.',
    },
  })
    .addOption(
      option(cli, '--what <what>', { ja: '対象', en: 'what it names' })
        .choices(['staff', 'terminal'])
        .default('staff'),
    )
    .action((name: string, o: { what: 'staff' | 'terminal' }) =>
      signedIn(cli, async (office) => {
        const made =
          o.what === 'staff'
            ? await office.inviteStaff({ name: staffIdOf(name) }, cli.signal)
            : await office.inviteTerminal({ name }, cli.signal);
        await cli.answer({
          json: () => made,
          lines: () =>
            pairs([
              ...(o.what === 'staff'
                ? ([[cli.t({ ja: 'コード', en: 'code' }), made.code]] as [string, string][])
                : []),
              [cli.t({ ja: '開く住所', en: 'address to open' }), made.url],
              [cli.t({ ja: '期限', en: 'until' }), japanTime(made.expiresAt)],
            ]),
        });
      }),
    );
  describeCommand(staff.command('stop-passkeys').argument('<name>'), cli, {
    summary: {
      ja: '職員のパスキーをすべて止める（端末を失くしたとき）',
      en: 'stop all passkeys of a member, after a device was lost',
    },
    examples: [
      {
        run: 'sekisho gate staff stop-passkeys sato --as administrator',
        does: { ja: 'サインインも終わる', en: 'his sessions end, too' },
      },
    ],
  }).action((name: string) =>
    signedIn(cli, async (office) => {
      const { stopped } = await office.stopStaffPasskeys({ name: staffIdOf(name) }, cli.signal);
      await cli.answer({
        json: () => ({ name, stopped }),
        lines: () => [cli.t({ ja: `止めたパスキー: ${stopped}`, en: `Passkeys stopped: ${stopped}` })],
      });
    }),
  );
}
