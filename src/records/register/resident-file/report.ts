import { headerNames } from './columns.ts';
import reasonWords from './reason-words.json' with { type: 'json' };
import type { Refusal, RefusalReason } from './refusal.ts';

/** The words of a reason, in both languages. */
export function wordsOf(reason: RefusalReason): { ja: string; en: string } {
  return reasonWords[reason];
}

/**
 * The refusals of one file. All are counted; the first `limit` are kept, so that a file of a million bad rows cannot fill the
 * memory. Rows are told by line, column and reason; a value never enters.
 */
export class RefusalReport {
  readonly #limit: number;
  readonly #kept: Refusal[] = [];
  readonly #byReason = new Map<RefusalReason, number>();
  #count = 0;

  constructor(limit = 10_000) {
    this.#limit = limit;
  }

  add(refusal: Refusal): void {
    this.#count++;
    this.#byReason.set(refusal.reason, (this.#byReason.get(refusal.reason) ?? 0) + 1);
    if (this.#kept.length < this.#limit) this.#kept.push(refusal);
  }

  /** Every refusal, also those not kept. */
  get count(): number {
    return this.#count;
  }

  /** True when some refusals are only counted. */
  get truncated(): boolean {
    return this.#count > this.#kept.length;
  }

  /** The kept refusals in the order of their lines. */
  get refusals(): readonly Refusal[] {
    return this.#kept.toSorted((a, b) => a.line - b.line);
  }

  get byReason(): Readonly<Partial<Record<RefusalReason, number>>> {
    return Object.fromEntries(this.#byReason);
  }

  /** RFC 4180, UTF-8; a byte order mark lets spreadsheet programs see the encoding. */
  toCsv(): string {
    const rows = this.refusals.map((refusal) => {
      const { ja, en } = wordsOf(refusal.reason);
      const column = refusal.column === null ? '' : headerNames[refusal.column];
      return [refusal.line, column, refusal.reason, ja, en, refusal.otherLine ?? '', refusal.kind ?? ''].join(
        ',',
      );
    });
    return `\uFEFF${['行,項目,理由コード,理由,reason,重複行,関門', ...rows].join('\r\n')}\r\n`;
  }

  toJSON(): { count: number; truncated: boolean; by_reason: object; refusals: object[] } {
    return {
      count: this.#count,
      truncated: this.truncated,
      by_reason: this.byReason,
      refusals: this.refusals.map((refusal) => ({
        line: refusal.line,
        column: refusal.column,
        reason: refusal.reason,
        words: wordsOf(refusal.reason),
        ...(refusal.otherLine === undefined ? {} : { other_line: refusal.otherLine }),
        ...(refusal.kind === undefined ? {} : { gate_kind: refusal.kind }),
      })),
    };
  }
}
