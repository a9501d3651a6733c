import type { Reason } from '../../../../core/journal/verify/index.ts';

/** What a line says, read from its own payload and never from what the server says beside it. */
export interface LineContent {
  /** ms since 1970 */
  at: number;
  kind: string;
  person?: string;
  body: Readonly<Record<string, unknown>>;
}

/** Why a mark is red. Closed, so that each has its plain words. */
export type Fault =
  /** The content is not the one the line stands for: it was altered, or another line was put in its place. */
  | 'content-altered'
  /** The line is one about somebody else. */
  | 'of-another'
  /** The line does not stand in the log at the place it claims. */
  | 'not-in-log'
  /** The head of the log is not signed by the log's own key, or is another log's. */
  | 'head-forged'
  /** The head lacks the signatures of the witnesses outside. */
  | 'witness-missing'
  /** The line was given without a proof: the office brings each to a witness before it shows it. */
  | 'proof-missing'
  /** We hold no public keys for this journal. */
  | 'keys-missing';

/** A witness of the head, and when it signed (ms since 1970). */
export interface WitnessedBy {
  name: string;
  at?: number;
}

/** The head a line was proven under. */
export interface ProvenHead {
  size: number;
  /** hex */
  root: string;
  witnesses: readonly WitnessedBy[];
}

/**
 * green: content, place and head hold under the keys. red: something does not hold. grey: this browser lacks Ed25519 and can tell nothing.
 */
export type LineVerdict =
  | { mark: 'green'; content?: LineContent; head: ProvenHead }
  | { mark: 'red'; content?: LineContent; fault: Fault; reason?: Reason }
  | { mark: 'grey'; content?: LineContent };

export type Mark = LineVerdict['mark'];
