import type { Command } from 'commander';
import { Cli } from './cli.ts';
import { commandExamples } from './describe.ts';
import { exitCodes, exitCodeWords } from './exit-codes.ts';
import { buildProgram } from './program.ts';
import type { Terminal } from './terminal.ts';

const nowhere = { stdin: {}, stdout: {}, stderr: {}, env: {}, elapsedMs: () => 0 } as unknown as Terminal;

/** The command tree, with nothing to read from or print to. */
export function programIn(language: 'ja' | 'en'): Command {
  return buildProgram(
    new Cli({ terminal: nowhere, language, json: false, signal: new AbortController().signal }),
  );
}

/** Every command that runs, with its full name, in the order of the help. */
export function leaves(command: Command, name = command.name()): { name: string; command: Command }[] {
  if (command.commands.length === 0) return [{ name, command }];
  return command.commands.flatMap((child) => leaves(child, `${name} ${child.name()}`));
}

const cell = (text: string) => text.replaceAll('|', '\\|');

/** docs/cli.md, made from the command tree. `node src/doors/cli/write-manual.ts` writes it. */
export function manualText(): string {
  const [en, ja] = [programIn('en'), programIn('ja')];
  const japanese = new Map(leaves(ja).map(({ name, command }) => [name, command]));
  const lines = [
    '# `sekisho` on the command line',
    '',
    'Made from the command tree by `node src/doors/cli/write-manual.ts`; a test fails when it has drifted. Every command explains itself',
    'with examples, in Japanese or English: `sekisho <command> --help`.',
    '',
    '## Exit codes',
    '',
    '| Code | Meaning | 意味 |',
    '|---|---|---|',
    ...Object.entries(exitCodes).map(([name, code]) => {
      const words = exitCodeWords[name as keyof typeof exitCodes];
      return `| ${code} | ${words.en} | ${words.ja} |`;
    }),
    '',
    '## Options every command knows',
    '',
    ...optionTable(en, ja),
    '',
    'The environment may say the same: `SEKISHO_DATA`, `SEKISHO_URL`, `SEKISHO_AS`, `SEKISHO_LANG`, and the PIN as `SEKISHO_PIN`. What is typed as an',
    'argument stays in the shell history: where a number, a reading or an address is asked for, `-` asks for it unseen or reads stdin.',
    '',
    '## Commands',
  ];
  for (const { name, command } of leaves(en)) {
    const twin = japanese.get(name)!;
    const usage = command.registeredArguments.map((a) => (a.required ? `<${a.name()}>` : `[${a.name()}]`));
    lines.push('', `### ${name}${usage.length > 0 ? ` ${usage.join(' ')}` : ''}`.replace(/[<>]/g, '\\$&'));
    lines.push('', `${command.description()}. ${twin.description()}。`, '');
    if (command.options.length > 0) lines.push(...optionTable(command, twin), '');
    lines.push('```sh');
    for (const { run, does } of commandExamples(command)) lines.push(`# ${does.en}`, run);
    lines.push('```');
  }
  return `${lines.join('\n')}\n`;
}

function optionTable(en: Command, ja: Command): string[] {
  return [
    '| Option | | |',
    '|---|---|---|',
    ...en.options.map(
      (option, i) =>
        `| \`${cell(option.flags)}\` | ${cell(option.description)} | ${cell(ja.options[i]!.description)} |`,
    ),
  ];
}
