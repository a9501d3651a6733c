import { sha256 } from '../../ground/digest.ts';
import type { MunicipalityCode, PersonId } from '../../ground/ids.ts';
import { uuidBytes } from '../../ground/ids.ts';
import { type SealedTable, stateColumns } from './sealed-table.ts';

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
  const parts: Buffer[] = [head];
  put(parts, table.name);
  put(parts, municipality);
  put(parts, uuidBytes(person));
  for (const column of stateColumns(table)) put(parts, row[column] ?? null);
  // In one piece: a hash object fed sixty times costs several times the hashing.
  return sha256(Buffer.concat(parts));
}

const head = Buffer.from('sekisho-state/v1\0', 'utf8');
const absent = Buffer.from([0xff, 0xff, 0xff, 0xff]);

function put(parts: Buffer[], value: StoredValue): void {
  if (value === null) {
    // A missing value is no empty value: its length is one that no value can have.
    parts.push(absent);
    return;
  }
  const bytes = Buffer.isBuffer(value) ? value : Buffer.from(String(value), 'utf8');
  const length = Buffer.allocUnsafe(4);
  length.writeUInt32BE(bytes.length);
  parts.push(length, bytes);
}
