import { readFileSync } from 'node:fs';
import { Command, CommanderError } from 'commander';
import { type Bilingual, type Language, languageOfEnvironment, parseLanguage } from '../words/index.ts';
import { Cli, type GlobalOptions } from './cli.ts';
import { addCommands } from './commands.ts';
import { describeCommand, option } from './describe.ts';
import { exitCodes, exitCodeWords, UsageError } from './exit-codes.ts';
import { reportError } from './report-error.ts';
import { processTerminal, type Terminal } from './terminal.ts';

/** Version of the package, read once it is asked for. */
function packageVersion(): string {
  const file = new URL('../../../package.json', import.meta.url);
  return (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version;
}

/** The language must be known before the help is built, so --lang is looked for by hand first. */
function languageOf(argv: readonly string[], terminal: Terminal): Language {
  for (const [i, word] of argv.entries()) {
    if (word === '--') break;
    const value = word === '--lang' ? argv[i + 1] : word.startsWith('--lang=') ? word.slice(7) : undefined;
    if (value !== undefined) return parseLanguage(value) ?? languageOfEnvironment(terminal.env);
  }
  return parseLanguage(terminal.env['SEKISHO_LANG'] ?? '') ?? languageOfEnvironment(terminal.env);
}

function wantsJson(argv: readonly string[]): boolean {
  const end = argv.indexOf('--');
  return argv.slice(0, end < 0 ? undefined : end).includes('--json');
}

function addGlobalOptions(program: Command, cli: Cli): void {
  program
    .addOption(
      option(cli, '--json', {
        ja: '結果を標準出力へJSONで、ほかは出さない',
        en: 'answer as JSON on stdout, nothing else there',
      }),
    )
    .addOption(
      option(cli, '--lang <ja|en>', {
        ja: '言語（既定は LANG から）',
        en: 'language (by default from LANG)',
      }).choices(['ja', 'en']),
    )
    .addOption(
      option(cli, '--data <folder>', {
        ja: 'データフォルダ（既定 ./data）',
        en: 'data folder (default ./data)',
      }),
    )
    .addOption(
      option(cli, '--url <address>', {
        ja: '窓口プロセスのアドレス（既定は動作中のもの）',
        en: 'address of the office (default: the running house)',
      }),
    )
    .addOption(option(cli, '--as <name>', { ja: 'サインインする職員', en: 'member of staff who signs in' }))
    .addOption(option(cli, '--purpose <purpose>', { ja: '新しい事案の目的', en: 'purpose of a new case' }))
    .addOption(option(cli, '--case <id>', { ja: '開いている事案のID', en: 'id of a case that is open' }))
    .addOption(option(cli, '--note <text>', { ja: '新しい事案の理由', en: 'why the new case is opened' }));
}

/** The whole command tree. Pure: reads and writes nothing before a command is run. */
export function buildProgram(cli: Cli): Command {
  const program = new Command('sekisho');
  describeCommand(program, cli, {
    summary: {
      ja: '関所 ― 個人番号の台帳。封じた項目はすべて一つの門を、記録を残して通る。',
      en: 'Sekisho: an individual-number platform. Every sealed field passes one gate, after a line in a journal.',
    },
    examples: [
      { run: 'sekisho up', does: { ja: '一式を起動する', en: 'start the whole house' } },
      {
        run: 'sekisho register find --as clerk --purpose number-verification --note 窓口 --number -',
        does: {
          ja: '個人番号で住民を探す（番号は画面に出ない）',
          en: 'find a resident by number, typed unseen',
        },
      },
      {
        run: 'sekisho journal verify data/journal/131016',
        does: { ja: '記録簿を検証する', en: 'verify a journal' },
      },
    ],
    note: {
      ja: `終了コード: ${exitCodeList('ja')}`,
      en: `Exit codes: ${exitCodeList('en')}`,
    },
  });
  program.version(packageVersion(), '-V, --version', cli.t({ ja: '版を表示する', en: 'print the version' }));
  program.helpOption('-h, --help', cli.t({ ja: '使い方を表示する', en: 'print this help' }));
  program.helpCommand(false);
  program.configureHelp({ showGlobalOptions: true });
  addGlobalOptions(program, cli);
  addCommands(program, cli);
  for (const command of program.commands) quieten(command, cli);
  return quieten(program, cli);
}

function exitCodeList(language: Language): string {
  return Object.entries(exitCodes)
    .map(([name, code]) => `${code} ${exitCodeWords[name as keyof typeof exitCodes][language]}`)
    .join(language === 'ja' ? '、' : ', ');
}

/** Commander neither exits nor writes its own errors; settings are not inherited by commands added before them. */
function quieten(command: Command, cli: Cli): Command {
  command.exitOverride();
  command.configureOutput({
    writeOut: (text) => cli.terminal.stdout.write(text),
    writeErr: () => {},
    getOutHelpWidth: () => cli.terminal.stdout.columns ?? 100,
  });
  for (const child of command.commands) quieten(child, cli);
  if (command.commands.length > 0 && command.parent !== null) {
    // A noun alone (`sekisho gate`) is a question, not an act; a wrong verb is named.
    command.allowExcessArguments(true).action((_options: unknown, noun: Command) => {
      const verb = noun.args[0];
      if (verb !== undefined) throw new UsageError(quoting(complaints['commander.unknownCommand']!, verb));
      throw new UsageError({ ja: `${noun.name()} の後に動詞が必要です`, en: `${noun.name()} needs a verb` });
    });
  }
  return command;
}

/** Commander's own complaints, by its codes; `‹›` stands for what it quotes. */
const complaints: Readonly<Record<string, Bilingual>> = {
  'commander.help': { ja: '動詞が必要です', en: 'a command is needed' },
  'commander.unknownCommand': { ja: '知らないコマンドです: ‹›', en: 'unknown command ‹›' },
  'commander.unknownOption': { ja: '知らないオプションです: ‹›', en: 'unknown option ‹›' },
  'commander.missingArgument': { ja: '引数が足りません: ‹›', en: 'argument missing: ‹›' },
  'commander.optionMissingArgument': { ja: '値がありません: ‹›', en: 'value missing: ‹›' },
  'commander.missingMandatoryOptionValue': { ja: 'オプションが必要です: ‹›', en: 'option needed: ‹›' },
  'commander.excessArguments': { ja: '引数が多すぎます', en: 'too many arguments' },
};

/** A complaint as a usage error. Help and version that were asked for are no error. */
function fromCommander(error: unknown): unknown {
  if (!(error instanceof CommanderError)) return error;
  if (error.exitCode === 0) return undefined;
  const words = complaints[error.code];
  const text = error.message.replace(/^error: /, '');
  if (words === undefined) return new UsageError({ ja: text, en: text });
  const quoted = /'([^']*)'/.exec(text)?.[1] ?? '';
  return new UsageError(quoting(words, quoted));
}

function quoting(words: Bilingual, quoted: string): Bilingual {
  return { ja: words.ja.replace('‹›', () => quoted), en: words.en.replace('‹›', () => quoted) };
}

/** What follows `sekisho` and names a command, for "see … --help". */
function commandWords(program: Command, argv: readonly string[]): string {
  let command = program;
  const words = ['sekisho'];
  for (const word of argv) {
    const next = command.commands.find((child) => child.name() === word);
    if (next === undefined) continue;
    words.push(word);
    command = next;
  }
  return words.join(' ');
}

/** Aborts on Ctrl-C and TERM; a second Ctrl-C while work is being put away ends at once. */
function abortOnSignals(controller: AbortController): () => void {
  const onSignal = () => {
    if (controller.signal.aborted) process.exit(exitCodes.interrupted);
    controller.abort();
  };
  // HUP: the terminal was closed.
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
  for (const signal of signals) process.on(signal, onSignal);
  return () => {
    for (const signal of signals) process.off(signal, onSignal);
  };
}

/**
 * Runs one command line (without `node` and the script) and gives its exit code. Never throws and never exits,
 * except at a second Ctrl-C.
 */
export async function main(
  argv: readonly string[],
  o: { terminal?: Terminal; signal?: AbortSignal } = {},
): Promise<number> {
  const terminal = o.terminal ?? processTerminal();
  const language = languageOf(argv, terminal);
  const json = wantsJson(argv);
  const controller = new AbortController();
  const unbind = o.signal === undefined ? abortOnSignals(controller) : () => {};
  const cli = new Cli({ terminal, language, json, signal: o.signal ?? controller.signal });
  // A reader that has seen enough (`| head`) is no fault of ours.
  const onPipe = (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE' || error.code === 'EIO') controller.abort();
  };
  terminal.stdout.on('error', onPipe);
  // Nobody reads any more: that must not end the work of putting things away.
  terminal.stderr.on('error', onPipe);
  const program = buildProgram(cli);
  program.hook('preAction', (_program, action) => {
    cli.options = action.optsWithGlobals<GlobalOptions>();
  });
  try {
    if (argv.length === 0) program.help({ error: false });
    await program.parseAsync([...argv], { from: 'user' });
    return cli.exitCode;
  } catch (caught) {
    const error = fromCommander(caught);
    if (error === undefined) return exitCodes.ok;
    const report = reportError(error, {
      language,
      json,
      interrupted: cli.signal.aborted,
      command: commandWords(program, argv),
    });
    for (const line of report.lines) terminal.stderr.write(`${line}\n`);
    return report.exitCode;
  } finally {
    unbind();
    terminal.stdout.off('error', onPipe);
    terminal.stderr.off('error', onPipe);
  }
}
