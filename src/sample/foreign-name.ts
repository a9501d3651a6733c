import table from './data/foreign-names.json' with { type: 'json' };
import { type Dice, WeightedChoice } from './dice.ts';
import { surnames } from './name-lists.ts';

export interface Nationality {
  readonly nationality: string;
  readonly share_percent: number;
  readonly order: string;
  readonly alias_percent: number;
  readonly family: readonly (readonly string[])[];
  readonly male: readonly (readonly string[])[];
  readonly female: readonly (readonly string[])[];
}

const nationalities = new WeightedChoice<Nationality>(table.nationalities, (n) => n.share_percent);

export function drawNationality(dice: Dice): Nationality {
  return nationalities.draw(dice);
}

/** Family name in Latin letters and its reading, shared in a household. */
export function drawFamilyName(dice: Dice, from: Nationality): { roman: string; kana: string } {
  const [roman, kana] = dice.pick(from.family) as [string, string];
  return { roman, kana };
}

export function drawForeignGivenName(dice: Dice, from: Nationality, sex: 'male' | 'female') {
  const [roman, kana] = dice.pick(from[sex]) as [string, string];
  return { roman, kana };
}

/** An alias (通称) that a resident asked for: a Japanese surname, and his or her reading for a given name. */
export function drawAlias(dice: Dice, from: Nationality, given: string): string {
  return dice.chance(from.alias_percent / 100)
    ? `${surnames.draw(dice).kanji}　${given.replaceAll('　', '')}`
    : '';
}
