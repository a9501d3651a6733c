import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Command } from 'commander';
import { isSekishoError, SekishoError } from '../../../ground/errors.ts';
import type { Cli } from '../cli.ts';
import { describeCommand, option } from '../describe.ts';
import { dataFolder, readStaffKey } from '../house.ts';
import { signedIn } from '../office.ts';

const roles = ['clerk', 'supervisor', 'registrar', 'officer', 'administrator'] as const;
type Role = (typeof roles)[number];

interface EnrolOptions {
  role: Role;
  office: string;
  requester?: string;
  terminal: string;
}

/** The last 32 bytes of an Ed25519 SubjectPublicKeyInfo (RFC 8410 §4) are the raw key. */
const rawKey = (key: KeyObject) =>
  key.export({ format: 'der', type: 'spki' }).subarray(-32).toString('base64');

async function enrol(cli: Cli, name: string, o: EnrolOptions): Promise<void> {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519');
  const folder = join(dataFolder(cli), 'staff');
  const file = join(folder, `${name}.json`);
  await signedIn(cli, async (office) => {
    const pin = (await cli.secret({ ja: '新しい職員のPIN', en: "New member's PIN" })).reveal();
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const privateKeyPem = String(privateKey.export({ format: 'pem', type: 'pkcs8' }));
    const key = JSON.stringify({ staff: name, terminal: o.terminal, privateKeyPem }, null, 2);
    // The file first, and only if it is new: an enrolled key that nobody holds could never sign in.
    await writeFile(file, `${key}\n`, { mode: 0o600, flag: 'wx' }).catch((cause: NodeJS.ErrnoException) => {
      throw new SekishoError(cause.code === 'EEXIST' ? 'already-exists' : 'internal', { file }, { cause });
    });
    const { role, office: desk, requester } = o;
    await office
      .enrolStaff(
        {
          body: {
            staff: name,
            role,
            office: desk,
            publicKey: rawKey(publicKey),
            pin,
            ...(requester === undefined ? {} : { requester }),
          },
        },
        cli.signal,
      )
      .catch(async (error: unknown) => {
        await rm(file, { force: true });
        throw error;
      });
  });
  await cli.answer({
    json: () => ({ staff: name, keyFile: file }),
    lines: () => [cli.t({ ja: `登録しました。鍵: ${file}`, en: `Enrolled. Key file: ${file}` })],
  });
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

/** The id of a member of staff: his own, or that of the key file of this name where there is one. */
function staffIdOf(cli: Cli, name: string): string {
  try {
    return readStaffKey(cli, name).staff;
  } catch (error) {
    if (isSekishoError(error, 'not-found')) return name;
    throw error;
  }
}

/** `sekisho gate staff enrol|terminal|suspend|reinstate` */
export function addStaff(gate: Command, cli: Cli): void {
  const staff = describeCommand(gate.command('staff'), cli, {
    summary: { ja: '職員と端末: 登録・停止・解除', en: 'staff and terminals: enrol, suspend, reinstate' },
    examples: [],
  });
  addEnrolment(staff, cli);
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
