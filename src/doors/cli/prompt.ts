import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { StringDecoder } from 'node:string_decoder';
import { Masked } from '../../ground/masked.ts';
import { Interrupted } from './exit-codes.ts';
import type { Terminal } from './terminal.ts';

const MAX_SECRET_CHARACTERS = 1_024;

/**
 * Reads one line. On a terminal the question goes to stderr and nothing that is typed is shown; from a pipe the next
 * line of stdin is taken. Used for PINs and for numbers, which must not land in a shell history.
 */
export async function askSecret(terminal: Terminal, question: string, lines: StdinLines): Promise<Masked> {
  if (!terminal.stdin.isTTY || terminal.stdin.setRawMode === undefined) {
    return new Masked('typed', (await lines.next()) ?? '');
  }
  terminal.stderr.write(question);
  terminal.stdin.setRawMode(true);
  try {
    return new Masked('typed', await readHidden(terminal.stdin));
  } finally {
    terminal.stdin.setRawMode(false);
    terminal.stdin.pause();
    terminal.stderr.write('\n');
  }
}

/** Characters up to Enter, in raw mode: backspace takes one back, Ctrl-C and Ctrl-D end it. */
function readHidden(stdin: Readable): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const decoder = new StringDecoder('utf8');
  const typed: string[] = [];
  const onData = (chunk: Buffer | string) => {
    for (const character of typeof chunk === 'string' ? chunk : decoder.write(chunk)) {
      if (character === '\r' || character === '\n') return done(() => resolve(typed.join('')));
      if (character === '\u0003' || character === '\u0004') return done(() => reject(new Interrupted()));
      if (character === '\u007f' || character === '\b') typed.pop();
      else if (typed.length < MAX_SECRET_CHARACTERS) typed.push(character);
    }
  };
  const onEnd = () => done(() => resolve(typed.join('')));
  const done = (settle: () => void) => {
    stdin.off('data', onData);
    stdin.off('end', onEnd);
    settle();
  };
  stdin.on('data', onData);
  stdin.on('end', onEnd);
  stdin.resume();
  return promise;
}

/** Lines of stdin, read only when somebody asks, so that a command that needs none never waits for one. */
export class StdinLines {
  readonly #terminal: Terminal;
  #iterator: AsyncIterator<string> | undefined;

  constructor(terminal: Terminal) {
    this.#terminal = terminal;
  }

  /** The next line without its end, undefined when there is none. */
  async next(): Promise<string | undefined> {
    this.#iterator ??= createInterface({ input: this.#terminal.stdin, crlfDelay: Number.POSITIVE_INFINITY })[
      Symbol.asyncIterator
    ]();
    const { value, done } = await this.#iterator.next();
    return done ? undefined : value;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<string> {
    for (let line = await this.next(); line !== undefined; line = await this.next()) yield line;
  }
}
