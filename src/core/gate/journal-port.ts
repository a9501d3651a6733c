import type pg from 'pg';
import type { PersonId } from '../../ground/ids.ts';

/** What the gate needs of a municipality's journal; core/journal's `Journal` has this shape. */
export interface GateJournal {
  append(unit: GateUnit): Promise<AppendedLine[]>;
  head(): { size: number; witnessedSize: number; overdueMs: number; checkpoint: string };
  assertFresh(): void;
  linesOf(person: PersonId, o?: { limit?: number; before?: number }): Promise<JournalLine[]>;
  prove(indexes: number[]): Promise<unknown[]>;
  read(from: number, to: number): AsyncIterable<JournalLine>;
}

export interface GateLine {
  kind: string;
  person?: PersonId;
  body: Readonly<Record<string, unknown>>;
}

export interface GateUnit {
  lines: GateLine[];
  within?: (tx: pg.PoolClient, indexes: number[]) => Promise<void>;
  tag?: unknown;
}

/** Signed promise of a line's place: all binary values base64 (core/journal's Receipt). */
export interface Receipt {
  statement: string;
  signature: string;
  index: number;
  leafHash: string;
  path: readonly string[];
}

export interface AppendedLine {
  index: number;
  leafHash: Buffer;
  receipt: Receipt;
}

export interface JournalLine {
  index: number;
  /** ms since 1970 */
  at: number;
  payload: Buffer;
  salt: Buffer;
  leafHash: Buffer;
}

/** Called by the journal within the transaction of a batch, with the units that are in it. */
export type OnBatch = (tx: pg.PoolClient, units: readonly GateUnit[]) => Promise<void>;
