import type { Command } from 'commander';
import { describe, expect, it } from 'vitest';
import { Cli } from './cli.ts';
import { commandExamples } from './describe.ts';
import { buildProgram, main } from './program.ts';
import { recordedTerminal } from './recorded-terminal.fixture.ts';

async function run(argv: string[], o: Parameters<typeof recordedTerminal>[0] = {}) {
  const terminal = recordedTerminal(o);
  const code = await main(argv, { terminal, signal: new AbortController().signal });
  return { code, out: terminal.out(), err: terminal.err() };
}

function tree(language: 'ja' | 'en'): Command[] {
  const terminal = recordedTerminal();
  const cli = new Cli({ terminal, language, json: false, signal: new AbortController().signal });
  const all: Command[] = [];
  const walk = (command: Command) => {
    all.push(command);
    command.commands.forEach(walk);
  };
  walk(buildProgram(cli));
  return all;
}

describe('the command line', () => {
  it('without words prints the help', async () => {
    const { code, out } = await run([]);
    expect(code).toBe(0);
    expect(out).toContain('Usage: sekisho');
  });

  it('prints the version', async () => {
    expect((await run(['--version'])).out).toMatch(/^\d+\.\d+\.\d+\n$/);
  });

  it.each([
    [['nonsense'], 'unknown command'],
    [['number'], 'number needs a verb'],
    [['number', 'chekc'], 'unknown command chekc'],
    [['number', 'check', '--nonsense'], 'unknown option --nonsense'],
    [['number', 'new', '--count'], 'value missing'],
    [['number', 'new', '--count', '0'], '--count is 1 to'],
    [['number', 'new', '--count', '1e9'], '--count is 1 to'],
    [['number', 'check', '--kind', 'cat', '1'], 'invalid'],
    [['journal', 'export'], 'argument missing'],
    [['--lang', 'fr', 'number'], 'ja, en'],
  ])('%j is a usage error, exit code 2, with nothing on stdout', async (argv, words) => {
    const { code, out, err } = await run(argv);
    expect(code).toBe(2);
    expect(out).toBe('');
    expect(err).toContain(words);
    expect(err).toContain('--help');
  });

  it('words usage errors in Japanese', async () => {
    expect((await run(['--lang', 'ja', 'number', 'chekc'])).err).toContain('知らないコマンドです: chekc');
    expect((await run(['number'], { env: { LANG: 'ja_JP.UTF-8' } })).err).toContain('動詞');
  });

  it('takes global options anywhere', async () => {
    for (const argv of [
      ['--json', 'number', 'check', '1'],
      ['number', 'check', '1', '--json'],
    ]) {
      expect(JSON.parse((await run(argv)).out)).toMatchObject({ checked: 1, notValid: 1 });
    }
  });

  it('after -- nothing is an option', async () => {
    expect((await run(['number', 'check', '--', '--json'])).out).toContain('not valid');
  });
});

describe('help', () => {
  it('every command that runs has a summary in both languages and an example', () => {
    const [ja, en] = [tree('ja'), tree('en')];
    expect(ja.length).toBe(en.length);
    for (const [i, command] of en.entries()) {
      expect(command.description()).not.toBe('');
      expect(ja[i]!.description()).not.toBe(command.description());
      if (command.commands.length === 0) expect(commandExamples(command).length).toBeGreaterThan(0);
    }
  });

  it('every example is a command line that is understood', () => {
    const commands = tree('en');
    const paths = new Set(
      commands.map((command) => {
        const words: string[] = [];
        for (let at: Command | null = command; at !== null; at = at.parent) words.unshift(at.name());
        return words.join(' ');
      }),
    );
    for (const command of commands) {
      for (const { run: line } of command.parent === null ? [] : commandExamples(command)) {
        const words = line.replace(/^.*?sekisho/, 'sekisho').split(' ');
        expect([3, 2].some((n) => paths.has(words.slice(0, n).join(' ')))).toBe(true);
        for (const option of line.match(/--[a-z0-9-]+/g) ?? []) {
          const known = [...command.options, ...commands[0]!.options].map((o) => o.long);
          expect(known, line).toContain(option);
        }
      }
    }
  });
});
