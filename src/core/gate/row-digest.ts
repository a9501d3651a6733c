import { sha256 } from '../../ground/digest.ts';
import type { MunicipalityCode, PersonId } from '../../ground/ids.ts';
import { uuidBytes } from '../../ground/ids.ts';
import { oncePerTown, type SealedTable, stateColumns } from './sealed-table.ts';

/** A stored value as it counts for the digest: bytes as they are, numbers in decimal, text in UTF-8. */
export type StoredValue = Buffer | string | number | null;
/** Column → value of a row, at least all of `stateColumns`. */
export type StoredRow = Readonly<Record<string, StoredValue>>;

/**
 * Digest of the state of a row: SHA-256 over all that is stored, each value with its length before it, in declared
 * order, without any key. So anyone with read access to the register can hold a row against its journal line, and
 * whoever edits ciphertext, index or open column past the gate is found.
 */
export function stateDigest(
  table: SealedTable,
  municipality: MunicipalityCode,
  person: PersonId,
  row: StoredRow,
): Buffer {
  const { head, columns } = layoutOf(table, municipality);
  // A row is a thousand bytes: written into one buffer, for sixty small ones cost several times the hashing.
  const values: (Buffer | string | null)[] = [];
  let bytes = head.length + 20;
  for (const column of columns) {
    const stored = row[column] ?? null;
    const value = typeof stored === 'number' ? String(stored) : stored;
    values.push(value);
    if (value !== null) bytes += typeof value === 'string' ? Buffer.byteLength(value, 'utf8') : value.length;
    bytes += 4;
  }
  const message = Buffer.allocUnsafe(bytes);
  let at = head.copy(message);
  at = put(message, at, uuidBytes(person));
  for (const value of values) at = put(message, at, value);
  return sha256(message.subarray(0, at));
}

const start = Buffer.from('sekisho-state/v1\0', 'utf8');
const absent = 0xffff_ffff;

interface Layout {
  /** What every state of this table and municipality begins with. */
  head: Buffer;
  columns: readonly string[];
}
const layoutOf = oncePerTown((table, municipality): Layout => {
  const names = [table.name, municipality].map((name) => {
    const bytes = Buffer.from(name, 'utf8');
    const whole = Buffer.allocUnsafe(4 + bytes.length);
    put(whole, 0, bytes);
    return whole;
  });
  return { head: Buffer.concat([start, ...names]), columns: stateColumns(table) };
});

/** Length and value at `at`; gives where the next one goes. */
function put(message: Buffer, at: number, value: Buffer | string | null): number {
  // A missing value is no empty value: its length is one that no value can have.
  if (value === null) return message.writeUInt32BE(absent, at);
  const bytes =
    typeof value === 'string' ? message.write(value, at + 4, 'utf8') : value.copy(message, at + 4);
  message.writeUInt32BE(bytes, at);
  return at + 4 + bytes;
}
