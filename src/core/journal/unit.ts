import type pg from 'pg';
import type { PersonId } from '../../ground/ids.ts';
import type { Randomness } from '../../ground/randomness.ts';
import { leafHashOfCommitment, makeLeaf, SALT_BYTES } from './leaf.ts';
import { encodeLine, type NewLine } from './line.ts';
import type { Receipt } from './receipt.ts';
import type { LineRow } from './store.ts';

/** Lines that commit together, with whatever `within` writes in the same transaction. */
export interface AppendUnit {
  lines: NewLine[];
  /**
   * Runs in a savepoint of its own before the lines are written, with the indexes they will get. What it throws rolls
   * this unit back alone. Bodies are read after it, so it may still fill them in.
   */
  within?: (tx: pg.PoolClient, indexes: number[]) => Promise<void>;
  /** For `onBatch`. */
  tag?: unknown;
}

export interface Appended {
  index: number;
  leafHash: Buffer;
  receipt: Receipt;
}

/** Seals payloads under a key of the period that `at` (milliseconds since 1970) falls in. */
export interface PayloadSealer {
  seal(leaf: Buffer, at: number, plain: Buffer): Buffer;
  open(leaf: Buffer, at: number, sealed: Buffer): Buffer;
}

export interface PreparedLine extends LineRow {
  leafHash: Buffer;
}

export interface Preparing {
  sealer: PayloadSealer;
  personToken: (person: PersonId) => Buffer;
  randomness: Randomness;
}

/** Payload, commitment, leaf and sealed bytes of each line of a unit. `bad-input`, `too-large`: see encodeLine. */
export function prepare(lines: readonly NewLine[], at: number, ports: Preparing): PreparedLine[] {
  const prepared: PreparedLine[] = [];
  for (const line of lines) {
    const payload = encodeLine(line, at);
    const { salt, commitment, leafHash } = makeLeaf(payload, ports.randomness);
    const sealed = ports.sealer.seal(leafHash, at, Buffer.concat([salt, payload]));
    const token = line.person === undefined ? null : ports.personToken(line.person);
    prepared.push({ at, commitment, leafHash, token, sealed });
  }
  return prepared;
}

/** A line read back. Where its payload has been erased, `erased` is true and payload and salt are empty. */
export interface StoredLine {
  index: number;
  /** Milliseconds since 1970. */
  at: number;
  payload: Buffer;
  salt: Buffer;
  leafHash: Buffer;
  erased: boolean;
}

/** Opens a row; `seal-broken` from the sealer where the bytes are not what was sealed for this leaf. */
export function openRow(row: LineRow & { index: number }, sealer: PayloadSealer): StoredLine {
  const leafHash = leafHashOfCommitment(row.commitment);
  const none = Buffer.alloc(0);
  if (row.sealed === null)
    return { index: row.index, at: row.at, payload: none, salt: none, leafHash, erased: true };
  const plain = sealer.open(leafHash, row.at, row.sealed);
  return {
    index: row.index,
    at: row.at,
    payload: plain.subarray(SALT_BYTES),
    salt: plain.subarray(0, SALT_BYTES),
    leafHash,
    erased: false,
  };
}
