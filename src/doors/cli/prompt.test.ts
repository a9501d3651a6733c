import { PassThrough } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { Cli } from './cli.ts';
import { Interrupted } from './exit-codes.ts';
import { askSecret, StdinLines } from './prompt.ts';
import { recordedTerminal } from './recorded-terminal.fixture.ts';

const ask = (typed: string, tty: boolean) => {
  const terminal = recordedTerminal({ typed, tty });
  return { terminal, answer: askSecret(terminal, 'PIN: ', new StdinLines(terminal)) };
};

describe('asking for a secret', () => {
  it('shows the question and nothing of what is typed', async () => {
    const { terminal, answer } = ask('4711\r', true);
    expect((await answer).reveal()).toBe('4711');
    expect(terminal.err()).toBe('PIN: \n');
    expect(terminal.out()).toBe('');
  });

  it('takes back a character on backspace', async () => {
    expect((await ask('49\u007f711\n', true).answer).reveal()).toBe('4711');
  });

  it('ends on Ctrl-C', async () => {
    await expect(ask('47\u0003', true).answer).rejects.toBeInstanceOf(Interrupted);
  });

  it('reads a line of a pipe without a question', async () => {
    const { terminal, answer } = ask('4711\nrest\n', false);
    expect((await answer).reveal()).toBe('4711');
    expect(terminal.err()).toBe('');
  });

  it('is empty at the end of input', async () => {
    expect((await ask('', false).answer).reveal()).toBe('');
  });

  it('prints masked', async () => {
    expect(String(await ask('4711\n', true).answer)).not.toContain('4711');
  });
});

describe('lines of stdin', () => {
  it('come one by one, whatever ends them', async () => {
    const lines = new StdinLines(recordedTerminal({ typed: 'a\r\nb\nc' }));
    expect(await lines.next()).toBe('a');
    const rest: string[] = [];
    for await (const line of lines) rest.push(line);
    expect(rest).toEqual(['b', 'c']);
  });
});

describe('asking for a new PIN', () => {
  const cliOn = (typed: string, tty: boolean) => {
    const terminal = recordedTerminal({ typed, tty });
    const { signal } = new AbortController();
    return { terminal, cli: new Cli({ terminal, language: 'en', json: false, signal }) };
  };
  const question = { ja: '新しいPIN', en: 'New PIN' };

  it('is done twice on a terminal, and shows neither', async () => {
    const keys = new PassThrough();
    const { terminal, cli } = cliOn('', true);
    Object.assign(terminal, { stdin: Object.assign(keys, { isTTY: true, setRawMode: () => undefined }) });
    const answer = cli.newPin(question);
    keys.write('471147\r');
    await new Promise((resolve) => setImmediate(resolve));
    keys.write('471147\r');
    expect(await answer).toBe('471147');
    expect(terminal.err()).toBe('New PIN: \nOnce more: \n');
  });

  it('that differ is refused, and neither is quoted', async () => {
    const keys = new PassThrough();
    const { terminal, cli } = cliOn('', true);
    Object.assign(terminal, { stdin: Object.assign(keys, { isTTY: true, setRawMode: () => undefined }) });
    const answer = cli.newPin(question).catch((error: unknown) => error);
    keys.write('471147\r');
    await new Promise((resolve) => setImmediate(resolve));
    keys.write('471148\r');
    expect(await answer).toMatchObject({ kind: 'bad-input', facts: { what: 'pin', reason: 'not-the-same' } });
    expect(String(await answer)).not.toContain('4711');
  });

  it('takes one line of a pipe', async () => {
    expect(await cliOn('471147\nrest\n', false).cli.newPin(question)).toBe('471147');
  });
});
