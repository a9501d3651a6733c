/**
 * A resident as the register keeps him: the entries of a resident record (住民基本台帳法 art. 7) that this platform holds,
 * gathered in groups. A group is what one opening opens: who needs the address has no need of the number.
 */
export const residentGroups = {
  /** Items 1 and (reading) of art. 7; former name art. 30-13 of the Order, alias art. 30-16 of the Order. */
  name: ['name', 'reading', 'former_name', 'alias'],
  /** Items 2 and 3. `date` is ISO; where month or day is unknown it is 00 and `date_stated` holds the words as they came. */
  birth: ['date', 'date_stated', 'sex'],
  /** Item 7. */
  address: ['postcode', 'address'],
  /** Item 8-2: the individual number. */
  number: ['number'],
  /** Item 13: the resident record code. */
  resident_code: ['code'],
  /** Item 4, and the municipality's own numbers for household and addressee (宛名番号). */
  household: ['household_number', 'relation', 'address_number'],
} as const;
export type ResidentGroup = keyof typeof residentGroups;
export type ResidentFields = Record<ResidentGroup, Record<string, string>>;

export const sexes = ['male', 'female', 'unknown'] as const;
export type Sex = (typeof sexes)[number];

/** `resident`: on the register here; `moved-out` and `deceased`: the record is closed (消除) but kept. */
export const residentStatuses = ['resident', 'moved-out', 'deceased', 'removed'] as const;
export type ResidentStatus = (typeof residentStatuses)[number];

/** One resident in plain, as read from a file or a notice and not yet sealed. Never logged, never stored. */
export interface PlainResident {
  addressNumber: string;
  householdNumber: string;
  relation: string;
  name: string;
  reading: string;
  formerName: string;
  alias: string;
  birthDate: string;
  birthDateStated: string;
  sex: Sex;
  postcode: string;
  address: string;
  residentCode: string;
  status: ResidentStatus;
  event: string;
  eventDate: string;
}

/** The sealed groups of a resident, without the number, which only the gate draws. */
export function fieldsOf(resident: PlainResident): Record<string, Record<string, string>> {
  return {
    name: {
      name: resident.name,
      reading: resident.reading,
      former_name: resident.formerName,
      alias: resident.alias,
    },
    birth: { date: resident.birthDate, date_stated: resident.birthDateStated, sex: resident.sex },
    address: { postcode: resident.postcode, address: resident.address },
    resident_code: { code: resident.residentCode },
    household: {
      household_number: resident.householdNumber,
      relation: resident.relation,
      address_number: resident.addressNumber,
    },
  };
}

/** The columns of a resident that are not sealed: they say nothing without the sealed ones. */
export function clearOf(resident: PlainResident): Record<string, string | null> {
  return {
    status: resident.status,
    event: resident.event === '' ? null : resident.event,
    // The day of a birth is the day of birth: it stands sealed already.
    event_date: resident.eventDate === '' || resident.event === 'birth' ? null : resident.eventDate,
  };
}
