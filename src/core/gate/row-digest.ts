import { createHash } from 'node:crypto';
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
  const hash = createHash('sha256');
  hash.update('sekisho-state/v1\0');
  put(hash, table.name);
  put(hash, municipality);
  put(hash, uuidBytes(person));
  for (const column of stateColumns(table)) put(hash, row[column] ?? null);
  return hash.digest();
}

const absent = Buffer.from([0xff, 0xff, 0xff, 0xff]);

function put(hash: ReturnType<typeof createHash>, value: StoredValue): void {
  if (value === null) {
    // A missing value is no empty value: its length is one that no value can have.
    hash.update(absent);
    return;
  }
  const bytes = Buffer.isBuffer(value) ? value : Buffer.from(String(value), 'utf8');
  const length = Buffer.allocUnsafe(4);
  length.writeUInt32BE(bytes.length);
  hash.update(length).update(bytes);
}
