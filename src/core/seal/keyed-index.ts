import { SekishoError } from '../../ground/errors.ts';
import type { MunicipalityCode, PersonId } from '../../ground/ids.ts';
import { uuidBytes } from '../../ground/ids.ts';
import type { Masked } from '../../ground/masked.ts';
import { type KeyStore, type Ready, whenReady } from './key-store.ts';

/**
 * Whole indexes, 16 bytes: the number must stay unique nation-wide (Individual Number Ordinance: one number, one
 * person, never reused), so two people must never share an index; 128 bits put a clash among 10^11 numbers at 10^-17.
 */
export const wholeIndexBytes = 16;
/**
 * Reading and birth date, 4 bytes. The pair names nearly one person by itself, so its equality betrays no more than
 * the row does; 32 bits give a search in the largest municipality (3.8 million) 0.001 false hits.
 */
export const readingBirthIndexBytes = 4;
/**
 * Reading alone, 3 bytes. Namesakes share it whatever the length; cut to 24 bits a list of indexes cannot confirm a
 * guessed name with certainty (0.2 strangers share an index in the largest municipality) and a search opens few rows
 * in vain.
 */
export const readingIndexBytes = 3;
/** Address, 3 bytes, for the same reason. Who lives together shares it: that much a search by address must betray. */
export const addressIndexBytes = 3;

/**
 * HMAC-SHA256 of the parts, each with its length before it so that two lists of parts never give the same bytes.
 * The key's name carries column and municipality: equal values in two columns or two towns give unrelated indexes.
 */
function indexOf(store: KeyStore, name: string, parts: readonly string[], bytes: number): Ready<Buffer> {
  const message = parts.map((part) => `${Buffer.byteLength(part, 'utf8')}:${part}`).join('');
  return whenReady(store.mac(name, message), (mac) => (bytes === 32 ? mac : mac.subarray(0, bytes)));
}

function digitsOf(value: Masked, count: number): string {
  const text = value.reveal();
  if (!/^\d+$/.test(text) || text.length !== count) {
    throw new SekishoError('bad-input', { what: value.kind, reason: 'not-normalised' });
  }
  return text;
}

function local(column: string, municipality: MunicipalityCode): string {
  if (!/^\d{6}$/.test(municipality)) throw new SekishoError('bad-input', { what: 'municipality-code' });
  return `${column}/${municipality}`;
}

function folded(value: string, what: string): string {
  // An empty value would give all who lack it one index.
  if (value === '') throw new SekishoError('bad-input', { what, reason: 'empty' });
  return value;
}

/**
 * Indexes by which sealed columns are found. All arguments come folded (widths, kana, variants) from the caller: here
 * one byte more is another person. The file store answers at once, a token with promises.
 * Keys are never beside the data: with the key, all 10^11 numbers can be tried in hours.
 */
export const keyedIndex = {
  /** One national key: unique over the nation, and a mover is found. 16 bytes. */
  number(store: KeyStore, number: Masked): Ready<Buffer> {
    return indexOf(store, 'number/national', [digitsOf(number, 12)], wholeIndexBytes);
  },
  /** One national key. 16 bytes. */
  residentRecordCode(store: KeyStore, code: Masked): Ready<Buffer> {
    return indexOf(store, 'resident-record-code/national', [digitsOf(code, 11)], wholeIndexBytes);
  },
  /** @param birthDate YYYY-MM-DD; 4 bytes */
  readingBirth(
    store: KeyStore,
    municipality: MunicipalityCode,
    readingFolded: string,
    birthDate: string,
  ): Ready<Buffer> {
    const parts = [folded(readingFolded, 'reading'), folded(birthDate, 'birth-date')];
    return indexOf(store, local('reading-birth', municipality), parts, readingBirthIndexBytes);
  },
  /** 3 bytes */
  reading(store: KeyStore, municipality: MunicipalityCode, readingFolded: string): Ready<Buffer> {
    return indexOf(
      store,
      local('reading', municipality),
      [folded(readingFolded, 'reading')],
      readingIndexBytes,
    );
  },
  /** 3 bytes */
  address(store: KeyStore, municipality: MunicipalityCode, addressFolded: string): Ready<Buffer> {
    return indexOf(
      store,
      local('address', municipality),
      [folded(addressFolded, 'address')],
      addressIndexBytes,
    );
  },
  /** The town's own 宛名番号, unique in it. 16 bytes. */
  addressNumber(store: KeyStore, municipality: MunicipalityCode, addressNumber: string): Ready<Buffer> {
    const parts = [folded(addressNumber, 'address-number')];
    return indexOf(store, local('address-number', municipality), parts, wholeIndexBytes);
  },
  /** Finds a person's own lines in one town's journal without naming him there. 16 bytes. */
  journalPerson(store: KeyStore, municipality: MunicipalityCode, person: PersonId): Ready<Buffer> {
    return whenReady(store.mac(local('journal-person', municipality), uuidBytes(person)), (mac) =>
      mac.subarray(0, wholeIndexBytes),
    );
  },
} as const;
