import { SekishoError } from '../../ground/errors.ts';
import {
  type Newcomer,
  type PlainResident,
  type ResidentColumn,
  type ResidentEvent,
  readRow,
  residentColumns,
} from '../../records/register/index.ts';

/** A row that nothing is wrong with: what a notice does not state stands in it, and none of it is taken over. */
const sound: Readonly<Record<ResidentColumn, string>> = {
  address_number: '1',
  household_number: '1',
  name: '氏名',
  reading: 'シメイ',
  former_name: '',
  alias: '',
  birth_date: '2000-01-01',
  sex: '不明',
  relation: '本人',
  postcode: '',
  address: '住所',
  resident_code: '00000000000',
  event: '',
  event_date: '',
};
const header = {
  width: residentColumns.length,
  position: Object.fromEntries(residentColumns.map((column, at) => [column, at])),
};

/** The words of a resident file for what the API calls the sexes; anything else goes on as it is, to be refused. */
const sexWords = new Map([
  ['male', '男'],
  ['female', '女'],
  ['unknown', '不明'],
]);

type Stated = Partial<Record<ResidentColumn, string>>;

/**
 * Holds what a desk states against the very rules of a resident file, and gives it in the canonical form: a birth date that was
 * stored as it was typed would never be found again.
 * @throws bad-input {what: event, column, reason}; never a value
 */
function checked(event: ResidentEvent, stated: Stated, today: string): PlainResident {
  const given = {
    ...stated,
    ...(stated.sex === undefined ? {} : { sex: sexWords.get(stated.sex) ?? stated.sex }),
  };
  const cells = residentColumns.map((column) => given[column] ?? sound[column]);
  const row = readRow({ line: 1, cells }, header, { today });
  if (row.ok) return row.resident;
  const refusal = row.refusals.find(({ column }) => column !== null && Object.hasOwn(stated, column));
  if (refusal !== undefined) {
    throw new SekishoError('bad-input', { what: event, column: refusal.column, reason: refusal.reason });
  }
  throw new SekishoError('internal', { what: 'stated-resident' });
}

/** Somebody new, as Basic Resident Registration Act art. 7 asks for him. */
export function statedNewcomer(event: ResidentEvent, stated: Newcomer, today: string): Newcomer {
  const {
    status: _status,
    event: _event,
    eventDate: _date,
    ...resident
  } = checked(
    event,
    {
      address_number: stated.addressNumber,
      household_number: stated.householdNumber,
      name: stated.name,
      reading: stated.reading,
      former_name: stated.formerName,
      alias: stated.alias,
      birth_date: stated.birthDate,
      sex: stated.sex,
      relation: stated.relation,
      postcode: stated.postcode,
      address: stated.address,
      resident_code: stated.residentCode,
    },
    today,
  );
  return { ...resident, birthDateStated: stated.birthDateStated || resident.birthDateStated };
}

/** Group and field of every column, and where its canonical form stands. */
const places: readonly [group: string, field: string, ResidentColumn, (row: PlainResident) => string][] = [
  ['name', 'name', 'name', (row) => row.name],
  ['name', 'reading', 'reading', (row) => row.reading],
  ['name', 'former_name', 'former_name', (row) => row.formerName],
  ['name', 'alias', 'alias', (row) => row.alias],
  ['birth', 'date', 'birth_date', (row) => row.birthDate],
  ['birth', 'sex', 'sex', (row) => row.sex],
  ['address', 'postcode', 'postcode', (row) => row.postcode],
  ['address', 'address', 'address', (row) => row.address],
  ['resident_code', 'code', 'resident_code', (row) => row.residentCode],
  ['household', 'household_number', 'household_number', (row) => row.householdNumber],
  ['household', 'relation', 'relation', (row) => row.relation],
  ['household', 'address_number', 'address_number', (row) => row.addressNumber],
];

type Fields = Record<string, Record<string, string>>;

/** Fields by group, as a change of a record states them. Groups and fields of no column go on to the gate, which knows them all. */
export function statedFields(event: ResidentEvent, fields: Fields, today: string): Fields {
  const given = places.filter(([group, field]) => fields[group]?.[field] !== undefined);
  const stated = Object.fromEntries(given.map(([group, field, column]) => [column, fields[group]![field]!]));
  const row = checked(event, stated, today);
  const canonical: Fields = structuredClone(fields);
  for (const [group, field, , of] of given) canonical[group]![field] = of(row);
  const { birth } = canonical;
  if (birth?.['date'] !== undefined) birth['date_stated'] ??= row.birthDateStated;
  return canonical;
}
