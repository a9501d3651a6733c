import { SekishoError } from '../../ground/errors.ts';
import type { MunicipalityCode, PersonId } from '../../ground/ids.ts';
import { Masked } from '../../ground/masked.ts';
import { type KeyStore, keyedIndex, type Place, type Ready } from '../seal/index.ts';

/** Field group → field → value, in the open. Lives only within one request. */
export type Fields = Record<string, Record<string, string>>;

/** How an index is computed: a function of keyedIndex and what it takes after the store, folded. */
export interface IndexCall {
  index: string;
  args: string[];
}

/**
 * What a room above declares to be sealed. The table has, beside the columns named here, `municipality_code text`,
 * `person_id uuid`, `key_version int`, `log_number smallint`, `line_index bigint` and `content_digest bytea`; its key is
 * (municipality_code, person_id). The history has the same columns and the key (municipality_code, person_id, log_number,
 * line_index): it takes each state that was replaced. Only the gate's role may write to either.
 */
export interface SealedTable {
  name: string;
  /** With its schema, e.g. `register.resident`. */
  table: string;
  history: string;
  /** Group → its bytea column and its fields. */
  groups: Record<string, { column: string; fields: readonly string[] }>;
  indexes: Record<
    string,
    {
      column: string;
      /** Unique over the nation, kept in `national.number_index` or `national.resident_code_index` too. */
      national?: 'number' | 'resident_code';
      of: (fields: Fields, municipality: MunicipalityCode) => IndexCall | null;
    }
  >;
  /** Columns in the open, whose text in PostgreSQL is the text that was written; `status` is one of them. */
  clear: readonly string[];
  /**
   * What leads from one `status` to another. `column` is the open column that names the event of a write; each event says
   * the statuses it starts from (`none`: no record here) and the one it leads to (`same`: it leaves the status alone).
   */
  events: {
    column: string;
    rules: Readonly<Record<string, { from: readonly string[]; to: string }>>;
  };
  /** Values of `status` in which a person's keys may be erased; left out: any. */
  erasable?: readonly string[];
  /**
   * How a household is found: the index that its members share, the groups opened inside the gate to compare and to show, and what a
   * member is shown of another.
   */
  household?: {
    index: string;
    groups: readonly string[];
    member: (fields: Fields) => Record<string, string>;
  };
  /** What a hit shows. */
  masked: (fields: Fields) => Record<string, string>;
  /**
   * What was asked for, as the fields that `of` reads, so that a search folds as a row does. Without it a search must
   * come folded. Undefined for a search that the table does not know.
   */
  asked?: (by: Readonly<Record<string, string | undefined>>) => Fields | undefined;
}

const identifier = /^[a-z_][a-z0-9_]*$/;

/**
 * Where a group is sealed: part of its ciphertext's authentication. The table stands with the municipality, so that a
 * row moved to another one's register is a row refused there.
 */
export function placeOf(
  table: SealedTable,
  municipality: MunicipalityCode,
  column: string,
  person: PersonId,
  keyVersion: number,
): Place {
  return { table: tableOf(table, municipality), column, person, keyVersion };
}

/** Makes what depends on a table and a municipality alone, once each: an import asks for it with every row. */
export function oncePerTown<Value>(
  make: (table: SealedTable, municipality: MunicipalityCode) => Value,
): (table: SealedTable, municipality: MunicipalityCode) => Value {
  const made = new WeakMap<SealedTable, Map<MunicipalityCode, Value>>();
  return (table, municipality) => {
    const known = made.get(table)?.get(municipality);
    if (known !== undefined) return known;
    const value = make(table, municipality);
    made.set(table, (made.get(table) ?? new Map<MunicipalityCode, Value>()).set(municipality, value));
    return value;
  };
}

/** One and the same string each time: a new one would be hashed anew wherever it is looked up. */
const tableOf = oncePerTown((table, municipality) => `${table.table}/${municipality}`);

/** Every name that goes into SQL text. @throws config-invalid for anything but a plain identifier */
export function checkTable(table: SealedTable): void {
  const names = [
    ...table.table.split('.'),
    ...table.history.split('.'),
    ...Object.values(table.groups).map((group) => group.column),
    ...Object.values(table.indexes).map((index) => index.column),
    ...table.clear,
  ];
  const wrong = names.find((name) => !identifier.test(name));
  if (wrong !== undefined)
    throw new SekishoError('config-invalid', { table: table.name, reason: 'identifier' });
  if (!table.clear.includes('status') || !table.clear.includes(table.events.column)) {
    throw new SekishoError('config-invalid', { table: table.name, reason: 'status-missing' });
  }
}

/** Columns of a row in the order of the state digest, after municipality and person. */
export function stateColumns(table: SealedTable): string[] {
  return [
    'key_version',
    'content_digest',
    ...Object.values(table.groups).map((group) => group.column),
    ...Object.values(table.indexes).map((index) => index.column),
    ...table.clear,
  ];
}

/** Computes the keyed index of a call, or null where there is none. @throws config-invalid for an unknown function */
export function computeIndex(store: KeyStore, call: IndexCall | null): Ready<Buffer> | null {
  if (call === null) return null;
  const { index, args } = call;
  // The two national ones take a masked value, so that a number is never an ordinary string on its way.
  if (index === 'number') return keyedIndex.number(store, new Masked('individual-number', args[0] ?? ''));
  if (index === 'residentRecordCode') {
    return keyedIndex.residentRecordCode(store, new Masked('resident-record-code', args[0] ?? ''));
  }
  if (index === 'readingBirth' || index === 'reading' || index === 'address' || index === 'addressNumber') {
    const compute = keyedIndex[index] as (store: KeyStore, ...args: string[]) => Ready<Buffer>;
    return compute(store, ...args);
  }
  throw new SekishoError('config-invalid', { reason: 'index-unknown' });
}

/** Groups and fields that the table declares, and nothing else. @throws bad-input naming the first stranger */
export function checkFields(table: SealedTable, fields: Fields): void {
  for (const [group, values] of Object.entries(fields)) {
    const declared = Object.hasOwn(table.groups, group) ? table.groups[group] : undefined;
    if (!declared) throw new SekishoError('bad-input', { at: 'fields', what: 'group' });
    for (const field of Object.keys(values)) {
      if (!declared.fields.includes(field)) throw new SekishoError('bad-input', { at: `fields.${group}` });
    }
  }
}

/** A group as it is sealed: JSON of its non-empty fields in declared order, so equal values give equal text. */
export function groupText(table: SealedTable, group: string, values: Record<string, string>): string {
  const ordered: Record<string, string> = {};
  for (const field of table.groups[group]!.fields) {
    const value = values[field];
    if (value !== undefined && value !== '') ordered[field] = value;
  }
  return JSON.stringify(ordered);
}

export const decodeGroup = (plain: Buffer): Record<string, string> =>
  JSON.parse(plain.toString('utf8')) as Record<string, string>;

/** True when a group holds anything at all; an empty one is stored as NULL. */
export const isEmptyGroup = (values: Record<string, string> | undefined): boolean =>
  values === undefined || Object.values(values).every((value) => value === '');
