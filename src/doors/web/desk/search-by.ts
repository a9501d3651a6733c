import type { SearchBy } from '../../api/client.gen.ts';
import { isTyped, readTypedDate, type TypedDate } from '../ui/typed-date.ts';
import { readTypedNumber } from './typed-number.ts';

/** The ways to look somebody up, by the statute table's names. */
export const ways = ['number', 'resident_code', 'reading', 'address', 'address_number'] as const;
export type Way = (typeof ways)[number];

export const isWay = (text: string): text is Way => (ways as readonly string[]).includes(text);

/** What is typed in the search form. */
export interface TypedSearch {
  number: string;
  residentCode: string;
  reading: string;
  birthDate: TypedDate;
  address: string;
  addressNumber: string;
}

/** The search as the office takes it; undefined while something is missing or wrong. */
export function searchOf(way: Way, typed: TypedSearch, today: string): SearchBy | undefined {
  const text = (value: string) => (value.trim() === '' ? undefined : value.trim());
  switch (way) {
    case 'number':
      return readTypedNumber('number', typed.number).state === 'good' ? { number: typed.number } : undefined;
    case 'resident_code':
      return readTypedNumber('residentCode', typed.residentCode).state === 'good'
        ? { residentCode: typed.residentCode }
        : undefined;
    case 'reading': {
      const reading = text(typed.reading);
      if (reading === undefined) return undefined;
      if (!isTyped(typed.birthDate)) return { reading };
      const read = readTypedDate(typed.birthDate, today);
      return 'date' in read ? { reading, birthDate: read.date } : undefined;
    }
    case 'address': {
      const address = text(typed.address);
      return address === undefined ? undefined : { address };
    }
    case 'address_number': {
      const addressNumber = text(typed.addressNumber);
      return addressNumber === undefined ? undefined : { addressNumber };
    }
  }
}
