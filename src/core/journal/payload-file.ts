import type { IndexedRow, LineRow } from './store.ts';
import { indexPath } from './tiles.ts';

/**
 * The mirror's copy of the sealed payloads: one file per 65,536 lines, written from the front, one sync per
 * integration. Not part of what is served. A record:
 *   u32 length of the rest | u8 erased | u64 index | u64 at (ms) | u8 token length | token | sealed
 */
export const LINES_PER_FILE = 65_536;
const FIXED = 1 + 8 + 8 + 1;

export function payloadPath(index: number): string {
  return `payload/${indexPath(Math.floor(index / LINES_PER_FILE))}`;
}

/** A safe integer in two halves: a BigInt each would cost more than the record. */
function writeUInt64(target: Buffer, value: number, offset: number): number {
  target.writeUInt32BE(Math.floor(value / 2 ** 32), offset);
  return target.writeUInt32BE(value % 2 ** 32, offset + 4);
}

export function encodeRecord(index: number, row: LineRow): Buffer {
  const token = row.token?.length ?? 0;
  const sealed = row.sealed?.length ?? 0;
  const record = Buffer.allocUnsafe(4 + FIXED + token + sealed);
  let offset = record.writeUInt32BE(FIXED + token + sealed, 0);
  offset = record.writeUInt8(row.sealed === null ? 1 : 0, offset);
  offset = writeUInt64(record, index, offset);
  offset = writeUInt64(record, row.at, offset);
  offset = record.writeUInt8(token, offset);
  if (row.token !== null) offset += row.token.copy(record, offset);
  row.sealed?.copy(record, offset);
  return record;
}

export interface PayloadRecord extends Omit<IndexedRow, 'commitment'> {
  /** Where the record begins and ends in its file. */
  from: number;
  to: number;
}

/** The records of a file; stops at the first that is cut short or out of order. */
export function* decodeRecords(bytes: Buffer): Generator<PayloadRecord> {
  let from = 0;
  let expected: number | undefined;
  while (from + 4 + FIXED <= bytes.length) {
    const to = from + 4 + bytes.readUInt32BE(from);
    if (to > bytes.length || to < from + 4 + FIXED) return;
    const erased = bytes[from + 4] === 1;
    const index = Number(bytes.readBigUInt64BE(from + 5));
    if (expected !== undefined && index !== expected) return;
    const at = Number(bytes.readBigUInt64BE(from + 13));
    const sealedFrom = from + 4 + FIXED + bytes[from + 21]!;
    if (sealedFrom > to) return;
    const token = bytes.subarray(from + 4 + FIXED, sealedFrom);
    yield {
      index,
      at,
      token: token.length === 0 ? null : token,
      sealed: erased ? null : bytes.subarray(sealedFrom, to),
      from,
      to,
    };
    expected = index + 1;
    from = to;
  }
}

/** The bytes that erase a record in place: the flag set, the sealed part zeroes. */
export function erasedRecord(bytes: Buffer, record: PayloadRecord): Buffer {
  const copy = Buffer.from(bytes.subarray(record.from, record.to));
  copy[4] = 1;
  copy.fill(0, 4 + FIXED + (record.token?.length ?? 0));
  return copy;
}
