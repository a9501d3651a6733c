import { KeyObject } from 'node:crypto';
import { SekishoError } from '../../ground/errors.ts';
import { type PersonId, uuidBytes } from '../../ground/ids.ts';
import type { Randomness } from '../../ground/randomness.ts';
import { keyBytes, openBytes, sealBytes } from './aead.ts';

/**
 * Where a sealed field lies. It is bound into the seal as additional data, so that a ciphertext carried to
 * another row, column, person or key version does not open (Personal Information Protection Act, arts. 23 and 66: security).
 */
export interface Place {
  /** Table with its schema, e.g. `register.resident`. */
  readonly table: string;
  readonly column: string;
  readonly person: PersonId;
  /** Version of the person's key, 1 upward. */
  readonly keyVersion: number;
}

const domain = Buffer.from('sekisho/field/v1\0', 'latin1');
const heads = new Map<string, Map<string, Buffer>>();

/** Domain, table and column, each with its length before it: built once per column. */
function headOf(table: string, column: string): Buffer {
  const known = heads.get(table)?.get(column);
  if (known !== undefined) return known;
  const parts = [domain];
  for (const name of [table, column]) {
    const bytes = Buffer.from(name, 'utf8');
    if (bytes.length === 0 || bytes.length > 255) {
      throw new SekishoError('bad-input', { what: 'place', reason: 'name-length' });
    }
    parts.push(Buffer.of(bytes.length), bytes);
  }
  const head = Buffer.concat(parts);
  // Tables and columns come from declarations, never from input; the bound only guards against a mistake.
  if (heads.size < 1_000) heads.set(table, (heads.get(table) ?? new Map<string, Buffer>()).set(column, head));
  return head;
}

/**
 * The unambiguous bytes of a place: domain | length, table | length, column | 16 bytes of the person | 4 bytes of
 * the key version, big-endian. All parts are of fixed length or carry it, so two places never share an encoding.
 * @throws bad-input when a name is empty or over 255 bytes, the person is no UUID, or the version is no uint32 ≥ 1
 */
export function placeBytes(place: Place): Buffer {
  const head = headOf(place.table, place.column);
  const person = uuidBytes(place.person);
  if (person.length !== 16) throw new SekishoError('bad-input', { what: 'place', reason: 'person' });
  const version = place.keyVersion;
  if (!Number.isInteger(version) || version < 1 || version > 0xffff_ffff) {
    throw new SekishoError('bad-input', { what: 'place', reason: 'key-version' });
  }
  const bytes = Buffer.allocUnsafe(head.length + 20);
  head.copy(bytes);
  person.copy(bytes, head.length);
  bytes.writeUInt32BE(version, head.length + 16);
  return bytes;
}

/**
 * Seals one field group under the person's 32-byte key: version byte | IV 12 | ciphertext | tag 16. Who seals several groups
 * of one person gives the key as a KeyObject, made once.
 * @throws bad-input when key or place has not its form
 */
export function sealField(
  key: Buffer | KeyObject,
  place: Place,
  plain: Buffer,
  randomness: Randomness,
): Buffer {
  const length = key instanceof KeyObject ? key.symmetricKeySize : key.length;
  if (length !== keyBytes) throw new SekishoError('bad-input', { what: 'key', reason: 'length' });
  return sealBytes(key, placeBytes(place), plain, randomness);
}

/**
 * Opens one field group.
 * @throws seal-broken when it was sealed elsewhere, under another key, or changed since
 */
export function openField(key: Buffer, place: Place, sealed: Buffer): Buffer {
  if (key.length !== keyBytes) throw new SekishoError('bad-input', { what: 'key', reason: 'length' });
  const { table, column, keyVersion } = place;
  return openBytes(key, placeBytes(place), sealed, { table, column, keyVersion });
}
