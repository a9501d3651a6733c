import { createSecretKey, type KeyObject } from 'node:crypto';
import type { MunicipalityCode } from '../../ground/ids.ts';
import type { Randomness } from '../../ground/randomness.ts';
import { allReady, type KeyStore, type PersonKey, type Ready, sealField, whenReady } from '../seal/index.ts';
import type { StoredRow } from './row-digest.ts';
import {
  computeIndex,
  encodeGroup,
  type Fields,
  isEmptyGroup,
  placeOf,
  type SealedTable,
} from './sealed-table.ts';

/** Turns plain fields into the columns of a row: ciphertext, keyed indexes, content digest. */
export class RowSealer {
  readonly #table: SealedTable;
  readonly #store: KeyStore;
  readonly #randomness: Randomness;

  constructor(table: SealedTable, store: KeyStore, randomness: Randomness) {
    this.#table = table;
    this.#store = store;
    this.#randomness = randomness;
  }

  /**
   * HMAC over all that a file or a desk can state: the fields without the number, which the gate draws, and the open
   * columns. Equal means that writing would change nothing.
   */
  contentDigest(
    municipality: MunicipalityCode,
    fields: Fields,
    clear: Readonly<Record<string, string | null>>,
  ): Ready<Buffer> {
    const parts: string[] = [];
    for (const group of Object.keys(this.#table.groups)) {
      const values = fields[group];
      if (group === 'number' || values === undefined || isEmptyGroup(values)) continue;
      parts.push(group, encodeGroup(this.#table, group, values).toString('utf8'));
    }
    parts.push('clear');
    for (const column of this.#table.clear) parts.push(column, JSON.stringify(clear[column] ?? null));
    return this.#store.mac(`content-digest/${municipality}`, JSON.stringify(parts));
  }

  /** HMAC over what a write asks for, so that its request id cannot stand for anything else. */
  requestDigest(municipality: MunicipalityCode, asked: string): Ready<Buffer> {
    return this.#store.mac(`request-digest/${municipality}`, asked);
  }

  /** One index of the table from plain fields, or null where there is none. */
  index(name: string, fields: Fields, municipality: MunicipalityCode): Ready<Buffer> | null {
    const index = this.#table.indexes[name];
    return index ? computeIndex(this.#store, index.of(fields, municipality)) : null;
  }

  /** All columns of the state, sealed under the person's key. */
  seal(
    municipality: MunicipalityCode,
    key: PersonKey,
    fields: Fields,
    clear: Readonly<Record<string, string | null>>,
  ): Ready<Record<string, Buffer | string | number | null>> {
    const names = Object.keys(this.#table.indexes);
    const indexes = names.map((name) => this.index(name, fields, municipality) ?? nothing);
    const ready = allReady<Buffer>([this.contentDigest(municipality, fields, clear), ...indexes]);
    return whenReady(ready, ([digest, ...computed]) => {
      const values: Record<string, Buffer | string | number | null> = {
        key_version: key.version,
        content_digest: digest!,
      };
      const object = createSecretKey(key.key);
      for (const [group, { column }] of Object.entries(this.#table.groups)) {
        values[column] = this.#sealGroup(municipality, key, object, group, fields[group]);
      }
      for (const [i, name] of names.entries()) {
        const value = computed[i]!;
        values[this.#table.indexes[name]!.column] = value === nothing ? null : value;
      }
      for (const column of this.#table.clear) values[column] = clear[column] ?? null;
      return values;
    });
  }

  #sealGroup(
    municipality: MunicipalityCode,
    key: PersonKey,
    object: KeyObject,
    group: string,
    values: Record<string, string> | undefined,
  ): Buffer | null {
    if (values === undefined || isEmptyGroup(values)) return null;
    const { column } = this.#table.groups[group]!;
    const place = placeOf(this.#table, municipality, column, key.person, key.version);
    return sealField(object, place, padded(encodeGroup(this.#table, group, values)), this.#randomness);
  }

  /** The open columns of a stored row. */
  clearOf(row: StoredRow): Record<string, string | null> {
    const clear: Record<string, string | null> = {};
    for (const column of this.#table.clear) clear[column] = (row[column] as string | null) ?? null;
    return clear;
  }
}

const nothing = Buffer.alloc(0);

const paddedBytes = 32;

/**
 * Blanks behind the JSON, which its readers skip, up to a multiple of 32 bytes: a ciphertext is as long as what it
 * seals, and `male` is two letters shorter than `female`.
 */
function padded(plain: Buffer): Buffer {
  const whole = Buffer.alloc(Math.ceil(plain.length / paddedBytes) * paddedBytes, ' ');
  plain.copy(whole);
  return whole;
}
