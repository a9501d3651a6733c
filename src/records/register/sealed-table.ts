import { IndividualNumber, ResidentRecordCode } from '../../core/numbers/index.ts';
import { addressKey } from './address-folding.ts';
import { residentEvents, ruleOf } from './event.ts';
import { foldReading, toKatakana } from './folding.ts';
import type { Fields, IndexCall, SealedTable } from './gate-port.ts';
import { residentGroups } from './resident.ts';

const value = (fields: Fields, group: string, field: string): string => fields[group]?.[field] ?? '';

/** An index over values of which one is missing would put all who lack it under one entry: then there is none. */
function call(index: string, ...args: string[]): IndexCall | null {
  return args.some((each) => each === '') ? null : { index, args };
}

/**
 * What is sealed of a resident, in which column, how it is found again, and what a hit shows. The gate reads this and
 * knows no more of residents. The functions get the groups at hand and give null where theirs is not among them.
 */
export const residentTable: SealedTable = {
  name: 'resident',
  table: 'register.resident',
  history: 'register.resident_history',
  groups: {
    name: { column: 'name_sealed', fields: residentGroups.name },
    birth: { column: 'birth_sealed', fields: residentGroups.birth },
    address: { column: 'address_sealed', fields: residentGroups.address },
    number: { column: 'number_sealed', fields: residentGroups.number },
    resident_code: { column: 'resident_code_sealed', fields: residentGroups.resident_code },
    household: { column: 'household_sealed', fields: residentGroups.household },
  },
  indexes: {
    number: {
      column: 'number_index',
      national: 'number',
      of: (fields) => call('number', value(fields, 'number', 'number')),
    },
    resident_code: {
      column: 'resident_code_index',
      national: 'resident_code',
      of: (fields) => call('residentRecordCode', value(fields, 'resident_code', 'code')),
    },
    reading_birth: {
      column: 'reading_birth_index',
      of: (fields, municipality) =>
        call(
          'readingBirth',
          municipality,
          foldReading(value(fields, 'name', 'reading')),
          value(fields, 'birth', 'date'),
        ),
    },
    reading: {
      column: 'reading_index',
      of: (fields, municipality) =>
        call('reading', municipality, foldReading(value(fields, 'name', 'reading'))),
    },
    address: {
      column: 'address_index',
      of: (fields, municipality) =>
        call('address', municipality, addressKey(value(fields, 'address', 'address'))),
    },
    address_number: {
      column: 'address_number_index',
      of: (fields, municipality) =>
        call('addressNumber', municipality, value(fields, 'household', 'address_number')),
    },
    // Same key as the address number's, so the value says what it is: no address number holds a colon.
    household: {
      column: 'household_index',
      of: (fields, municipality) => {
        const number = value(fields, 'household', 'household_number');
        return call('addressNumber', municipality, number && `household:${number}`);
      },
    },
  },
  clear: ['status', 'event', 'event_date'],
  events: {
    column: 'event',
    rules: Object.fromEntries(residentEvents.map((event) => [event, ruleOf(event)])),
  },
  // Only a record that is closed may be disposed of (住民基本台帳法施行令 art. 34).
  erasable: ['moved-out', 'deceased', 'removed'],
  household: {
    index: 'household',
    groups: ['name', 'household'],
    member: (fields) => ({
      name: value(fields, 'name', 'name'),
      relation: value(fields, 'household', 'relation'),
    }),
  },
  masked: maskedResident,
  asked: askedFields,
};

/** A search, as it is spoken, as the fields of a row: so both fold alike. @throws bad-input for a number that is none */
function askedFields(by: Readonly<Record<string, string | undefined>>): Fields | undefined {
  if (by['number'] !== undefined)
    return { number: { number: IndividualNumber.parse(by['number']).reveal() } };
  if (by['residentCode'] !== undefined) {
    return { resident_code: { code: ResidentRecordCode.parse(by['residentCode']).reveal() } };
  }
  if (by['address'] !== undefined) return { address: { address: by['address'] } };
  if (by['addressNumber'] !== undefined) return { household: { address_number: by['addressNumber'] } };
  if (by['reading'] === undefined) return undefined;
  const name = { reading: by['reading'] };
  return by['birthDate'] === undefined ? { name } : { name, birth: { date: by['birthDate'] } };
}

/** What a hit shows: enough to pick out the right one of a few, too little to be worth carrying off. */
export function maskedResident(fields: Fields): Record<string, string> {
  const first = [...toKatakana(value(fields, 'name', 'reading') || value(fields, 'name', 'name')).trim()][0];
  const year = /^(\d{3})\d/.exec(value(fields, 'birth', 'date'));
  return {
    // Always three dots: the length of a name narrows it down.
    reading: first ? `${first}・・・` : '・・・',
    birth_decade: year ? `${year[1]}0s` : '',
  };
}
