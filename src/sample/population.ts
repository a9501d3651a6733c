import { drawResidentRecordCode, type ResidentRecordCode } from '../core/numbers/index.ts';
import { SekishoError } from '../ground/errors.ts';
import { AddressBook, type DrawnAddress } from './address.ts';
import { AgeTally } from './age-pyramid.ts';
import { Dice } from './dice.ts';
import { drawEvent } from './event.ts';
import { drawHousehold, type Member } from './household.ts';
import { sampleMunicipality } from './municipality.ts';
import { drawNames, type Household } from './person-name.ts';
import type { SampleResident } from './resident.ts';
import { SeenCodes } from './seen-codes.ts';
import { drawBirthDate, drawDateStyle, writeDate } from './written-date.ts';

export interface PopulationOptions {
  /** The same options give the same town, byte for byte. */
  readonly seed: string;
  /** Local government code of a real municipality. */
  readonly municipality: string;
  readonly residents: number;
  /** ISO day on which ages are counted; nothing is dated later. Default 2026-04-01. */
  readonly asOf?: string;
}

/** The town of the first run: Matsumoto's postcodes and towns, 20,000 residents who do not exist. */
export const sampleTown: PopulationOptions = { seed: 'sekisho', municipality: '202029', residents: 20_000 };

export const SAMPLE_DAY = '2026-04-01';

/** Residents with a foreign nationality: an assumption, about the nation's share. */
const FOREIGN_SHARE = 0.03;

/**
 * A synthetic population, household by household: can be walked any number of times, each time the same, holding one household
 * and two bytes for each resident in memory.
 *
 * @throws bad-input or not-found for the municipality; bad-input for a count that is no whole number
 */
export function population(options: PopulationOptions): Iterable<SampleResident> {
  if (!Number.isSafeInteger(options.residents) || options.residents < 0) {
    throw new SekishoError('bad-input', { what: 'residents', reason: 'range' });
  }
  const municipality = sampleMunicipality(options.municipality);
  return {
    *[Symbol.iterator]() {
      const town = new Town(options, municipality);
      for (let left = options.residents; left > 0; ) {
        const household = town.household(left);
        left -= household.length;
        yield* household;
      }
    },
  };
}

class Town {
  readonly #dice: Dice;
  readonly #book: AddressBook;
  readonly #tally = new AgeTally();
  readonly #seen: SeenCodes;
  readonly #asOf: string;
  readonly #municipality: SampleResident['municipality'];
  #addressNumber = 0;
  #householdNumber = 0;
  #residents = 0;
  #foreigners = 0;

  constructor(options: PopulationOptions, municipality: ReturnType<typeof sampleMunicipality>) {
    this.#dice = new Dice(`${options.seed}\n${municipality.code}\n${options.residents}`);
    this.#book = new AddressBook(municipality, this.#dice);
    this.#seen = new SeenCodes(options.residents);
    this.#asOf = options.asOf ?? SAMPLE_DAY;
    this.#municipality = municipality.code;
  }

  household(largest: number): SampleResident[] {
    const dice = this.#dice;
    // Steered towards the share, so that small towns have it too.
    const foreign = dice.chance(this.#foreigners < FOREIGN_SHARE * (this.#residents + 10) ? 0.08 : 0.005);
    const members = drawHousehold(dice, this.#tally, largest, foreign);
    const births = members.map(({ age }) => drawBirthDate(dice, this.#asOf, age));
    const names = drawNames(dice, members, births, foreign);
    this.#residents += members.length;
    this.#foreigners += names.members.filter(({ nationality }) => nationality !== 'JP').length;
    const address = this.#book.draw(dice, members.length === 1);
    this.#householdNumber += dice.between(1, 3);
    const householdNumber = `98${String(this.#householdNumber).padStart(8, '0')}`;
    const addressNumbers = members.map(() => {
      this.#addressNumber += dice.between(1, 3);
      return `99${String(this.#addressNumber).padStart(8, '0')}`;
    });
    return this.#residentsOf({ members, births, names, address, householdNumber, addressNumbers });
  }

  #residentsOf(drawn: DrawnHousehold): SampleResident[] {
    const dice = this.#dice;
    const { members, births, names, address, householdNumber, addressNumbers } = drawn;
    const arrival = dice.unit();
    return members.map((member, i) => {
      const name = names.members[i]!;
      const birthDate = births[i]!;
      const style = drawDateStyle(dice, name.nationality === 'JP');
      const event = drawEvent(dice, { member, name, birthDate, arrival, asOf: this.#asOf });
      return {
        synthetic: true,
        municipality: this.#municipality,
        addressNumber: addressNumbers[i]!,
        householdNumber,
        name: name.written,
        nameKana: name.kana,
        formerName: name.formerName,
        alias: name.alias,
        birthDate: writeDate(birthDate, style),
        sex: member.sex === 'male' ? '男' : '女',
        relation: member.relation,
        ...address,
        residentRecordCode: this.#code(),
        event: event.word,
        eventDate: event.date === '' ? '' : writeDate(event.date, style),
        truth: {
          surname: name.surname,
          givenName: name.givenName,
          surnameKana: name.surnameKana,
          givenNameKana: name.givenNameKana,
          birthDate,
          eventDate: event.date,
          sex: member.sex,
          nationality: name.nationality,
          age: member.age,
          shape: name.shape,
          parents: member.parents.map((at) => addressNumbers[at]!),
        },
      };
    });
  }

  #code(): ResidentRecordCode {
    for (;;) {
      const code = drawResidentRecordCode(this.#dice);
      if (this.#seen.add(code)) return code;
    }
  }
}

interface DrawnHousehold {
  readonly members: readonly Member[];
  readonly births: readonly string[];
  readonly names: Household;
  readonly address: DrawnAddress;
  readonly householdNumber: string;
  readonly addressNumbers: readonly string[];
}
