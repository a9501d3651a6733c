import { once } from 'node:events';
import { SekishoError } from '../../ground/errors.ts';
import type { Masked } from '../../ground/masked.ts';
import type { Bilingual, Language } from '../words/index.ts';
import { Interrupted } from './exit-codes.ts';
import { printable } from './lay-out.ts';
import { type Progress, type ProgressOptions, startProgress } from './progress.ts';
import { askSecret, StdinLines } from './prompt.ts';
import type { Terminal } from './terminal.ts';

/** Options every command knows. */
export interface GlobalOptions {
  json?: boolean;
  lang?: Language;
  data?: string;
  url?: string;
  as?: string;
  purpose?: string;
  case?: string;
  note?: string;
}

/** What a command is given: the terminal, the language, the global options and the signal of an interruption. */
export class Cli {
  readonly terminal: Terminal;
  readonly language: Language;
  readonly json: boolean;
  readonly signal: AbortSignal;
  readonly stdin: StdinLines;
  /** Global options as typed; filled in once the command line is read. */
  options: GlobalOptions = {};
  /** Set by a command that ran through but whose answer is a no, such as a number that is not valid. */
  exitCode = 0;

  constructor(o: { terminal: Terminal; language: Language; json: boolean; signal: AbortSignal }) {
    this.terminal = o.terminal;
    this.language = o.language;
    this.json = o.json;
    this.signal = o.signal;
    this.stdin = new StdinLines(o.terminal);
  }

  /** One of two wordings. */
  t(words: Bilingual): string {
    return words[this.language];
  }

  /** The answer of a command: one JSON document with --json, else lines for a person. Both are built only if needed. */
  async answer(o: { json: () => unknown; lines: () => readonly string[] }): Promise<void> {
    await this.#write(this.json ? [JSON.stringify(o.json())] : o.lines());
  }

  /** One record of a long answer: with --json one JSON document a line (NDJSON), so that memory does not grow. */
  async record(o: { json: () => unknown; lines: () => readonly string[] }): Promise<void> {
    await this.answer(o);
  }

  /** A remark on stderr; not with --json. */
  remark(words: Bilingual): void {
    if (!this.json) this.terminal.stderr.write(`${printable(this.t(words))}\n`);
  }

  progress(o: Pick<ProgressOptions, 'title' | 'unit' | 'total'>): Progress {
    return startProgress({ terminal: this.terminal, language: this.language, json: this.json, ...o });
  }

  /** Asks without echo; from a pipe the next line of stdin. */
  secret(question: Bilingual): Promise<Masked> {
    return askSecret(this.terminal, `${this.t(question)}: `, this.stdin);
  }

  /**
   * Asks for a new PIN without echo, on a terminal twice: what nobody saw, nobody can read back.
   * @throws bad-input when the two differ
   */
  async newPin(question: Bilingual): Promise<string> {
    const pin = (await this.secret(question)).reveal();
    if (!this.terminal.stdin.isTTY) return pin;
    const again = await this.secret({ ja: 'もう一度', en: 'Once more' });
    if (again.reveal() !== pin) throw new SekishoError('bad-input', { what: 'pin', reason: 'not-the-same' });
    return pin;
  }

  /** To be called in every long loop. */
  throwIfInterrupted(): void {
    if (this.signal.aborted) throw new Interrupted();
  }

  async #write(lines: readonly string[]): Promise<void> {
    for (const line of lines) {
      if (!this.terminal.stdout.write(`${line}\n`))
        await once(this.terminal.stdout, 'drain', { signal: this.signal });
    }
  }
}
