import type { Command } from 'commander';
import { parseLocalGovernmentCode } from '../../../core/numbers/index.ts';
import { isSekishoError, SekishoError } from '../../../ground/errors.ts';
import type { Cli } from '../cli.ts';
import { describeCommand, option } from '../describe.ts';
import { dataFolder, readStaffKey } from '../house.ts';
import { table } from '../lay-out.ts';
import { japanTime } from '../moment.ts';
import { signedIn } from '../office.ts';
import { keepPin, makeStaffKey } from '../staff-key-file.ts';
import { addInvitations } from './gate-staff-invite.ts';

const roles = ['clerk', 'supervisor', 'registrar', 'officer', 'administrator'] as const;
type Role = (typeof roles)[number];

interface EnrolOptions {
  role: Role;
  office: string;
  requester?: string;
  terminal: string;
}

/** How the gate writes ids of staff, terminals and offices; here because one becomes a file's name. */
const idForm = /^[a-z0-9][a-z0-9.@-]{0,63}$/;

function checkId(value: string, named: string): void {
  if (!idForm.test(value)) throw new SekishoError('bad-input', { option: named, reason: 'format' });
}

/** Makes the key file, lets `enrol` tell the gate, and takes the file away again where that is refused. */
async function withNewKey(
  cli: Cli,
  o: { staff: string; terminal: string },
  enrol: (publicKey: string) => Promise<Enrolled>,
): Promise<void> {
  const { file, publicKey, remove } = await makeStaffKey(cli, o.staff, o.terminal);
  const { enrolment, expiresAt } = await enrol(publicKey).catch(async (error: unknown) => {
    await remove();
    throw error;
  });
  await cli.answer({
    json: () => ({
      ...{ staff: o.staff, keyFile: file },
      ...(enrolment === null ? {} : { enrolment, expiresAt, publicKey }),
    }),
    lines: () =>
      enrolment === null || expiresAt === null
        ? [cli.t({ ja: `登録しました。鍵: ${file}`, en: `Enrolled. Key file: ${file}` })]
        : [
            cli.t({
              ja: `申請しました。${japanTime(expiresAt)} までに、別の承認者の確認が要ります。鍵: ${file}`,
              en: `Asked for. Another approver must confirm it by ${japanTime(expiresAt)}. Key file: ${file}`,
            }),
            cli.t({ ja: `公開鍵: ${publicKey}`, en: `public key: ${publicKey}` }),
            `  sekisho gate staff confirm ${enrolment} --as …`,
          ],
  });
}

/** What came of it: nulls where he may sign in, else the enrolment that a second person must confirm. */
interface Enrolled {
  enrolment: string | null;
  expiresAt: number | null;
}

async function waiting(cli: Cli): Promise<void> {
  const { enrolments } = await signedIn(cli, (office) => office.enrolments(cli.signal));
  await cli.answer({
    json: () => ({ enrolments }),
    lines: () =>
      enrolments.length === 0
        ? [cli.t({ ja: '確認を待つ登録はありません。', en: 'Nothing waits.' })]
        : table(
            [
              ...['id', cli.t({ ja: '職員', en: 'staff' }), cli.t({ ja: '役割', en: 'role' })],
              ...[cli.t({ ja: '申請者', en: 'asked by' }), cli.t({ ja: '期限', en: 'until' })],
              cli.t({ ja: '公開鍵', en: 'public key' }),
            ],
            enrolments.map((each) => [
              ...[each.enrolment, each.staff, each.role, each.askedBy],
              ...[japanTime(each.expiresAt), each.publicKey],
            ]),
          ),
  });
}

async function confirm(cli: Cli, enrolment: string): Promise<void> {
  const done = await signedIn(cli, (office) => office.confirmEnrolment({ enrolment }, cli.signal));
  await cli.answer({
    json: () => done,
    lines: () => [
      cli.t({
        ja: `確認しました。${done.staff} はサインインできます。`,
        en: `Confirmed: ${done.staff} may sign in.`,
      }),
    ],
  });
}

async function enrol(cli: Cli, name: string, o: EnrolOptions): Promise<void> {
  checkId(name, '<name>');
  await signedIn(cli, async (office) => {
    const pin = await cli.newPin({ ja: '新しい職員のPIN', en: "New member's PIN" });
    const { role, office: desk, requester, terminal } = o;
    await withNewKey(cli, { staff: name, terminal }, (publicKey) => {
      const more = requester === undefined ? {} : { requester };
      const body = { staff: name, role, office: desk, publicKey, pin, ...more };
      return office.enrolStaff({ body }, cli.signal);
    });
  });
}

interface FirstOptions {
  municipality: string;
  staff: string;
  office: string;
  terminal: string;
  gate: string;
}

async function first(cli: Cli, o: FirstOptions): Promise<void> {
  for (const name of ['staff', 'office', 'terminal'] as const) checkId(o[name], `--${name}`);
  const municipality = parseLocalGovernmentCode(o.municipality);
  const { enrolFirstAdministrator, pinMinimumCharacters } = await import('../../../processes/index.ts');
  const pin = await cli.newPin({ ja: '新しいPIN', en: 'New PIN' });
  // Known before anything is enrolled: the terminal goes first, and would stay.
  if ([...pin].length < pinMinimumCharacters)
    throw new SekishoError('bad-input', { what: 'pin', reason: 'pin-length', minimum: pinMinimumCharacters });
  const { staff, office, terminal, gate: gateUrl } = o;
  await withNewKey(cli, o, async (publicKey) => {
    await enrolFirstAdministrator({
      ...{ folder: dataFolder(cli), gateUrl, municipality, staff, office, terminal, publicKey, pin },
    });
    return { enrolment: null, expiresAt: null };
  });
}

async function changePin(cli: Cli): Promise<void> {
  const ended = await signedIn(cli, async (office, { name, key, pin: oldPin }) => {
    const newPin = await cli.newPin({ ja: '新しいPIN', en: 'New PIN' });
    const { sessionsEnded } = await office.changePin({ body: { oldPin, newPin } }, cli.signal);
    await keepPin(cli, name, key, newPin);
    return sessionsEnded;
  });
  await cli.answer({
    json: () => ({ changed: true, sessionsEnded: ended }),
    lines: () => [
      cli.t({
        ja: `PINを変えました。終わったほかのサインイン: ${ended}`,
        en: `The PIN is changed. Other sessions ended: ${ended}`,
      }),
    ],
  });
}

function addFirst(staff: Command, cli: Cli): void {
  const wanted = (flags: string, ja: string, en: string) =>
    option(cli, flags, { ja, en }).makeOptionMandatory();
  describeCommand(staff.command('first'), cli, {
    summary: {
      ja: '団体の最初の管理者を登録する（職員がまだ一人もいないときだけ）',
      en: 'enrol the first administrator of a municipality that has nobody yet',
    },
    examples: [
      {
        run: 'sekisho gate staff first --municipality 202029 --staff tanaka --office security --terminal security-1 --gate https://127.0.0.1:8702',
        does: {
          ja: '管理者と端末を登録し、鍵のファイルを作る（PINは二度、見えずに入力）',
          en: 'enrol him and his terminal, make his key file; the PIN is asked for twice, unseen',
        },
      },
    ],
    note: {
      ja: 'データフォルダの cli-admin の証明書で関所に直接つなぎます。',
      en: 'Speaks to the gate itself, with the cli-admin certificate of the data folder.',
    },
  })
    .addOption(wanted('--municipality <code>', '団体コード', 'local government code'))
    .addOption(wanted('--staff <id>', '管理者のID', "the administrator's id"))
    .addOption(wanted('--office <office>', '部署', 'office'))
    .addOption(wanted('--terminal <id>', '使う端末', 'terminal to sign in at'))
    .addOption(wanted('--gate <address>', '関所のアドレス（https）', 'address of the gate (https)'))
    .action((o: FirstOptions) => first(cli, o));
  describeCommand(staff.command('pin'), cli, {
    summary: { ja: '自分のPINを変える', en: 'change one’s own PIN' },
    examples: [
      {
        run: 'sekisho gate staff pin --as sato',
        does: {
          ja: '今のPINと新しいPIN（二度）を見えずに入力する',
          en: 'asks unseen for the present PIN and, twice, for the new one',
        },
      },
    ],
    note: {
      ja: '六文字以上。ほかの端末でのサインインは終わります。',
      en: 'Six characters or more. Sessions of yours elsewhere end.',
    },
  }).action(() => changePin(cli));
}

function addEnrolment(staff: Command, cli: Cli): void {
  describeCommand(staff.command('enrol').argument('<name>'), cli, {
    summary: { ja: '職員を登録し、鍵のファイルを作る', en: 'enrol a member of staff and make the key file' },
    examples: [
      {
        run: 'sekisho gate staff enrol sato --as administrator --role clerk --office desk --requester resident-desk --terminal t-02',
        does: {
          ja: '窓口の職員を登録する（PINは入力待ち）',
          en: 'enrol a clerk of the desk; the PIN is asked for unseen',
        },
      },
    ],
  })
    .addOption(option(cli, '--role <role>', { ja: '役割', en: 'role' }).choices(roles).makeOptionMandatory())
    .addOption(option(cli, '--office <office>', { ja: '部署', en: 'office' }).makeOptionMandatory())
    .addOption(
      option(cli, '--requester <class>', {
        ja: '請求者の区分（法令の表の列）',
        en: 'class of requester in the statute table',
      }),
    )
    .addOption(
      option(cli, '--terminal <terminal>', {
        ja: '使う端末',
        en: 'terminal to sign in at',
      }).makeOptionMandatory(),
    )
    .action((name: string, o: EnrolOptions) => enrol(cli, name, o));
  describeCommand(staff.command('terminal').argument('<name>'), cli, {
    summary: { ja: '端末を登録する', en: 'enrol a terminal' },
    examples: [
      {
        run: 'sekisho gate staff terminal t-02 --office desk --as administrator',
        does: { ja: '窓口の端末を登録する', en: 'enrol a terminal of the desk' },
      },
    ],
  })
    .addOption(option(cli, '--office <office>', { ja: '部署', en: 'office' }).makeOptionMandatory())
    .action((terminal: string, o: { office: string }) =>
      signedIn(cli, async (office) => {
        await office.enrolTerminal({ body: { terminal, office: o.office } }, cli.signal);
        await cli.answer({
          json: () => ({ terminal }),
          lines: () => [cli.t({ ja: '登録しました。', en: 'Enrolled.' })],
        });
      }),
    );
}

function addSecondSignature(staff: Command, cli: Cli): void {
  describeCommand(staff.command('waiting'), cli, {
    summary: {
      ja: '二人目の確認を待つ職員登録の一覧',
      en: 'list enrolments that wait for a second person',
    },
    examples: [
      {
        run: 'sekisho gate staff waiting --as officer',
        does: {
          ja: '誰が誰を、どの鍵で登録しようとしているか',
          en: 'who wants whom enrolled, with which key',
        },
      },
    ],
  }).action(() => waiting(cli));
  describeCommand(staff.command('confirm').argument('<enrolment>'), cli, {
    summary: {
      ja: '承認する役割の人の登録を確認する（申請者とは別の人）',
      en: 'confirm the enrolment of somebody who will approve (not by who asked)',
    },
    examples: [
      {
        run: 'sekisho gate staff confirm 0190a000-0000-7000-8000-000000000001 --as officer',
        does: { ja: 'この登録を確認する', en: 'confirm this one' },
      },
    ],
    note: {
      ja: '公開鍵を本人に確かめてから確認してください。',
      en: 'Compare the public key with the colleague himself first.',
    },
  }).action((enrolment: string) => confirm(cli, enrolment));
}

/** The id of a member of staff: his own, or that of the key file of this name where there is one. */
function staffIdOf(cli: Cli, name: string): string {
  try {
    return readStaffKey(cli, name).staff;
  } catch (error) {
    if (isSekishoError(error, 'not-found')) return name;
    throw error;
  }
}

/** `sekisho gate staff first|pin|enrol|waiting|confirm|terminal|invite|stop-passkeys|suspend|reinstate` */
export function addStaff(gate: Command, cli: Cli): void {
  const staff = describeCommand(gate.command('staff'), cli, {
    summary: {
      ja: '職員と端末: 登録・PIN・パスキー・停止・解除',
      en: 'staff and terminals: enrol, PIN, passkeys, suspend, reinstate',
    },
    examples: [],
  });
  addFirst(staff, cli);
  addEnrolment(staff, cli);
  addSecondSignature(staff, cli);
  addInvitations(staff, cli, (name) => staffIdOf(cli, name));
  const verbs = [
    ['suspend', { ja: '停止する（次の要求から効く）', en: 'suspend; takes effect on the next request' }],
    ['reinstate', { ja: '停止を解除する', en: 'end a suspension' }],
  ] as const;
  for (const [verb, summary] of verbs) {
    describeCommand(staff.command(verb).argument('<name>'), cli, {
      summary,
      examples: [
        { run: `sekisho gate staff ${verb} clerk --as officer --reason 調査中`, does: summary },
        {
          run: `sekisho gate staff ${verb} t-01 --what terminal --as officer --reason 調査中`,
          does: { ja: '端末を', en: 'a terminal' },
        },
      ],
    })
      .addOption(
        option(cli, '--what <what>', { ja: '対象', en: 'what it names' })
          .choices(['staff', 'terminal'])
          .default('staff'),
      )
      .addOption(option(cli, '--reason <text>', { ja: '理由', en: 'why' }).makeOptionMandatory())
      .action((name: string, o: { what: 'staff' | 'terminal'; reason: string }) =>
        signedIn(cli, async (office) => {
          await office[verb](
            {
              name: o.what === 'staff' ? staffIdOf(cli, name) : name,
              target: o.what,
              body: { reason: o.reason },
            },
            cli.signal,
          );
          await cli.answer({
            json: () => ({ name, what: o.what, done: verb }),
            lines: () => [cli.t({ ja: '済みました。', en: 'Done.' })],
          });
        }),
      );
  }
}
