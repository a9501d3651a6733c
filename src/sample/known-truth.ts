import type { SampleResident } from './resident.ts';

/** What is true of a whole town: the figures that an import, a search or a count must come to. */
export interface TownTruth {
  readonly residents: number;
  readonly households: number;
  readonly female: number;
  readonly foreign: number;
  readonly formerNames: number;
  readonly aliases: number;
  /** Names written with a variant character, and with a variation selector. */
  readonly variants: number;
  readonly selectors: number;
  readonly oldestAge: number;
  /** ISO. */
  readonly earliestBirthDate: string;
  readonly events: Readonly<Record<string, number>>;
}

/** Walks a population once and counts. */
export function knownTruth(residents: Iterable<SampleResident>): TownTruth {
  const truth = {
    residents: 0,
    households: 0,
    female: 0,
    foreign: 0,
    formerNames: 0,
    aliases: 0,
    variants: 0,
    selectors: 0,
    oldestAge: 0,
    earliestBirthDate: '9999-12-31',
    events: {} as Record<string, number>,
  };
  for (const resident of residents) {
    const { sex, nationality, shape, age, birthDate } = resident.truth;
    truth.residents++;
    if (resident.relation === '世帯主') truth.households++;
    if (sex === 'female') truth.female++;
    if (nationality !== 'JP') truth.foreign++;
    if (resident.formerName !== '') truth.formerNames++;
    if (resident.alias !== '') truth.aliases++;
    if (shape === 'variant') truth.variants++;
    if (shape === 'selector') truth.selectors++;
    truth.oldestAge = Math.max(truth.oldestAge, age);
    if (birthDate < truth.earliestBirthDate) truth.earliestBirthDate = birthDate;
    if (resident.event !== '') truth.events[resident.event] = (truth.events[resident.event] ?? 0) + 1;
  }
  return truth;
}
