import type { Command } from 'commander';
import {
  BasicPensionNumber,
  CorporateNumber,
  corporateNumberCheckDigit,
  drawIndividualNumber,
  drawResidentRecordCode,
  IndividualNumber,
  InsurerNumber,
  parseLocalGovernmentCode,
  ResidentRecordCode,
} from '../../../core/numbers/index.ts';
import { isSekishoError, SekishoError } from '../../../ground/errors.ts';
import type { Masked } from '../../../ground/masked.ts';
import { type Randomness, systemRandomness } from '../../../ground/randomness.ts';
import { type Bilingual, factValueWords } from '../../words/index.ts';
import type { Cli } from '../cli.ts';
import { type AddCommand, describeCommand, option } from '../describe.ts';
import { exitCodes, UsageError } from '../exit-codes.ts';

const parsers = {
  'individual-number': IndividualNumber.parse,
  'resident-record-code': ResidentRecordCode.parse,
  'corporate-number': CorporateNumber.parse,
  'basic-pension-number': BasicPensionNumber.parse,
  'insurer-number': InsurerNumber.parse,
  'local-government-code': parseLocalGovernmentCode,
} as const satisfies Record<string, (text: string) => unknown>;

type Kind = keyof typeof parsers;
const kinds = Object.keys(parsers) as Kind[];

/** Which kind has so many digits. Eight may be an insurer, six a local government: the commoner one is taken. */
const kindByLength: Readonly<Record<number, Kind>> = {
  12: 'individual-number',
  11: 'resident-record-code',
  13: 'corporate-number',
  10: 'basic-pension-number',
  8: 'insurer-number',
  6: 'local-government-code',
};

interface Checked {
  /** Where it stood among the values given, from 1. The value itself is not shown again. */
  place: number;
  kind: Kind;
  valid: boolean;
  reason: string | null;
}

/** Checks one text. Full-width digits, blanks and hyphens are as good as plain digits. */
export function checkNumber(text: string, place: number, kind?: Kind): Checked {
  const digits = text.normalize('NFKC').replace(/\D/g, '').length;
  const assumed = kind ?? kindByLength[digits] ?? 'individual-number';
  try {
    parsers[assumed](text);
    return { place, kind: assumed, valid: true, reason: null };
  } catch (error) {
    if (!isSekishoError(error, 'bad-input')) throw error;
    return { place, kind: assumed, valid: false, reason: String(error.facts['reason'] ?? 'format') };
  }
}

const kindWords = (kind: Kind): Bilingual => factValueWords[kind]!;

async function* valuesOf(cli: Cli, typed: readonly string[]): AsyncGenerator<string> {
  if (typed.length > 0 && !(typed.length === 1 && typed[0] === '-')) return yield* typed;
  if (cli.terminal.stdin.isTTY) {
    const one = await cli.secret({ ja: '番号', en: 'Number' });
    if (one.reveal().trim() !== '') yield one.reveal();
    return;
  }
  for await (const line of cli.stdin) if (line.trim() !== '') yield line;
}

async function check(cli: Cli, typed: readonly string[], kind: Kind | undefined): Promise<void> {
  let place = 0;
  let bad = 0;
  const all: Checked[] = [];
  for await (const text of valuesOf(cli, typed)) {
    cli.throwIfInterrupted();
    const checked = checkNumber(text, ++place, kind);
    if (!checked.valid) bad++;
    const verdict = checked.valid
      ? cli.t({ ja: '正しい', en: 'valid' })
      : `${cli.t({ ja: '誤り', en: 'not valid' })}: ${cli.t(factValueWords[checked.reason!] ?? { ja: checked.reason!, en: checked.reason! })}`;
    if (cli.json) all.push(checked);
    else
      await cli.record({
        json: () => checked,
        lines: () => [`${place}  ${cli.t(kindWords(checked.kind))}  ${verdict}`],
      });
  }
  if (place === 0) throw new UsageError({ ja: '番号がありません', en: 'no number given' });
  if (cli.json)
    await cli.answer({ json: () => ({ checked: place, notValid: bad, numbers: all }), lines: () => [] });
  if (bad > 0) cli.exitCode = exitCodes.input;
}

const drawers: Partial<Record<Kind, (randomness: Randomness) => Masked>> = {
  'individual-number': drawIndividualNumber,
  'resident-record-code': drawResidentRecordCode,
  'corporate-number': (randomness) => {
    const body = String(randomness.bytes(6).readUIntBE(0, 6) % 10 ** 12).padStart(12, '0');
    return CorporateNumber.parse(`${corporateNumberCheckDigit(body)}${body}`);
  },
};

const MAX_COUNT = 1_000_000;

async function draw(cli: Cli, kind: Kind, count: number): Promise<void> {
  const drawer = drawers[kind];
  if (drawer === undefined) throw new SekishoError('unsupported', { what: kind });
  const randomness = systemRandomness();
  cli.remark({
    ja: '検査用数字が正しいだけの乱数です。誰にも付番されていません。',
    en: 'Random, with a right check digit. Assigned to nobody: the register alone assigns numbers.',
  });
  const numbers: string[] = [];
  for (let i = 0; i < count; i++) {
    if (i % 1_000 === 0) cli.throwIfInterrupted();
    const number = drawer(randomness).reveal();
    if (cli.json) numbers.push(number);
    else await cli.record({ json: () => number, lines: () => [number] });
  }
  if (cli.json) await cli.answer({ json: () => ({ kind, assigned: false, numbers }), lines: () => [] });
}

function parseCount(text: string): number {
  const count = /^\d{1,7}$/.test(text) ? Number(text) : 0;
  if (count < 1 || count > MAX_COUNT) {
    throw new UsageError({ ja: `--count は 1〜${MAX_COUNT} です`, en: `--count is 1 to ${MAX_COUNT}` });
  }
  return count;
}

export const addNumber: AddCommand = (program, cli) => {
  const number: Command = describeCommand(program.command('number'), cli, {
    summary: { ja: '番号の検査と作成（単独で動く）', en: 'check numbers and draw new ones (works alone)' },
    examples: [],
  });
  const kindOption = () =>
    option(cli, '--kind <kind>', { ja: '番号の種類', en: 'kind of number' }).choices(kinds);
  describeCommand(number.command('check').argument('[numbers...]'), cli, {
    summary: { ja: '検査用数字を確かめる', en: 'check the check digit' },
    examples: [
      {
        run: 'sekisho number check',
        does: { ja: '画面に出さずに一つ入力する', en: 'type one number, unseen' },
      },
      {
        run: 'sekisho number check --json < numbers.txt',
        does: { ja: '一行に一つの番号を検査する', en: 'check one number a line' },
      },
      {
        run: 'sekisho number check --kind local-government-code 131016',
        does: { ja: '団体コードを検査する', en: 'check a code of a local government' },
      },
    ],
    note: {
      ja: 'コマンドに直接書いた番号はシェルの履歴に残ります。個人番号は入力待ちか標準入力で渡してください。一つでも誤りがあれば終了コードは 3 です。',
      en: 'A number typed as an argument stays in the shell history: give individual numbers at the prompt or on stdin. Exit code 3 when any is not valid.',
    },
  })
    .addOption(kindOption())
    .action((typed: string[], o: { kind?: Kind }) => check(cli, typed, o.kind));
  describeCommand(number.command('new'), cli, {
    summary: { ja: '乱数で番号を作る（付番ではない）', en: 'draw numbers at random (assigned to nobody)' },
    examples: [
      {
        run: 'sekisho number new --kind individual-number --count 5',
        does: { ja: '試験用の個人番号を五つ作る', en: 'five individual numbers for tests' },
      },
    ],
  })
    .addOption(kindOption().default('individual-number'))
    .addOption(option(cli, '--count <n>', { ja: '個数', en: 'how many' }).default('1'))
    .action((o: { kind: Kind; count: string }) => draw(cli, o.kind, parseCount(o.count)));
};
