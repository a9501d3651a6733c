import type { ResidentColumn } from './columns.ts';
import type { CsvFault } from './csv.ts';

/** Why a row is refused: a closed list. Each reason has a word in both languages and a test of its own. */
export const refusalReasons = [
  // the record's own shape
  'quote',
  'unterminated-quote',
  'line-too-long',
  'nul',
  'column-count',
  // any cell
  'required',
  'too-long',
  'encoding',
  'control-character',
  'private-use-character',
  // by column
  'number-format',
  'reading-not-kana',
  'date-format',
  'date-era',
  'date-era-range',
  'date-impossible',
  'date-unknown-part',
  'date-too-early',
  'date-future',
  'sex-unknown',
  'relation-format',
  'postcode-format',
  'resident-code-format',
  'resident-code-check-digit',
  'event-unknown',
  'event-date-without-event',
  'event-before-birth',
  // against other rows and the register
  'duplicate-address-number',
  'duplicate-resident-code',
  'refused-by-gate',
] as const satisfies readonly (CsvFault | string)[];
export type RefusalReason = (typeof refusalReasons)[number];

/** One refusal: where and why, never what. `line` is the physical line of the file, from 1. */
export interface Refusal {
  line: number;
  column: ResidentColumn | null;
  reason: RefusalReason;
  /** The other line of a duplicate, where known. */
  otherLine?: number;
  /** The gate's error kind, for `refused-by-gate`. */
  kind?: string;
}
