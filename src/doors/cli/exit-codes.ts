import { asSekishoError, type ErrorClass, isSekishoError } from '../../ground/errors.ts';
import type { Bilingual } from '../words/index.ts';

/** What a script can rely on. One table; docs/cli.md is checked against it. */
export const exitCodes = {
  ok: 0,
  internal: 1,
  usage: 2,
  input: 3,
  refused: 4,
  missing: 5,
  conflict: 6,
  unavailable: 7,
  broken: 8,
  interrupted: 130,
} as const satisfies Record<ErrorClass | 'ok' | 'usage' | 'interrupted', number>;

export type ExitName = keyof typeof exitCodes;

export const exitCodeWords = {
  ok: { ja: '終わりました', en: 'done' },
  internal: { ja: 'プログラムの不具合', en: 'a fault in the program' },
  usage: { ja: '使い方の誤り', en: 'the command line is wrong' },
  input: { ja: '入力を受け付けられない', en: 'the input was refused' },
  refused: { ja: '関所が拒否した', en: 'the gate refused' },
  missing: { ja: '見つからない', en: 'not found' },
  conflict: { ja: '既にある、または先に変更された', en: 'it is there already, or changed in the meantime' },
  unavailable: { ja: '今は使えない（待てば直ることがある）', en: 'not available now (may pass)' },
  broken: { ja: '検証に失敗した、または壊れている', en: 'verification failed, or something is broken' },
  interrupted: { ja: '中断した', en: 'interrupted' },
} as const satisfies Record<ExitName, Bilingual>;

/** Thrown when the command line itself is wrong; carries both wordings, for it is worded where it is thrown. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
  readonly words: Bilingual;
  constructor(words: Bilingual) {
    super(words.en);
    this.words = words;
  }
}

/** Thrown when Ctrl-C or a TERM signal ended the work. */
export class Interrupted extends Error {
  override readonly name = 'Interrupted';
}

/** True for what a fetch, a stream or a timer throws when its signal was aborted. */
function isAbort(error: unknown): boolean {
  return error instanceof Error && error.name === 'AbortError';
}

/** The exit code for anything thrown. Once interrupted, whatever follows from it is the interruption. */
export function exitNameOf(error: unknown, interrupted: boolean): Exclude<ExitName, 'ok'> {
  if (error instanceof Interrupted) return 'interrupted';
  if (
    interrupted &&
    (isAbort(error) || isSekishoError(error, 'unreachable') || isSekishoError(error, 'timeout'))
  ) {
    return 'interrupted';
  }
  if (error instanceof UsageError) return 'usage';
  return asSekishoError(error).class;
}
