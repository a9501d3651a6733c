import { type Command, Option } from 'commander';
import type { Bilingual } from '../words/index.ts';
import type { Cli } from './cli.ts';

/** A command line that teaches, and what it does. */
export interface Example {
  readonly run: string;
  readonly does: Bilingual;
}

export interface Description {
  readonly summary: Bilingual;
  readonly examples: readonly Example[];
  readonly note?: Bilingual;
}

/** A command and everything below it, added to the program. */
export type AddCommand = (program: Command, cli: Cli) => void;

const examplesOf = new WeakMap<Command, readonly Example[]>();

/** The examples of a command; a test asks that each command that runs has one. */
export function commandExamples(command: Command): readonly Example[] {
  return examplesOf.get(command) ?? [];
}

/** Gives a command its summary, and its examples below the help text. */
export function describeCommand(command: Command, cli: Cli, description: Description): Command {
  examplesOf.set(command, description.examples);
  command.description(cli.t(description.summary));
  const lines: string[] = [];
  if (description.note !== undefined) lines.push('', cli.t(description.note));
  if (description.examples.length > 0) {
    lines.push('', cli.t({ ja: '例:', en: 'Examples:' }));
    for (const example of description.examples)
      lines.push(`  ${example.run}`, `      ${cli.t(example.does)}`);
  }
  return command.addHelpText('after', lines.join('\n'));
}

/** An option worded in both languages. */
export function option(cli: Cli, flags: string, words: Bilingual): Option {
  return new Option(flags, cli.t(words));
}

/** An option that may be given several times; its value is the list. */
export function repeatedOption(cli: Cli, flags: string, words: Bilingual): Option {
  return option(cli, flags, words).argParser((value: string, before?: string[]) => [
    ...(before ?? []),
    value,
  ]);
}
