import type { Dice } from './dice.ts';
import {
  drawAlias,
  drawFamilyName,
  drawForeignGivenName,
  drawNationality,
  type Nationality,
} from './foreign-name.ts';
import type { Member } from './household.ts';
import { drawGivenName, type NameParts, surnames } from './name-lists.ts';
import { shapeName, type WrittenName } from './name-shape.ts';
import type { KnownTruth } from './resident.ts';

/** The names of one resident: as written, as read, and what they are in base characters. */
export interface PersonName {
  readonly written: string;
  readonly kana: string;
  readonly formerName: string;
  readonly alias: string;
  readonly surname: string;
  readonly givenName: string;
  readonly surnameKana: string;
  readonly givenNameKana: string;
  readonly nationality: string;
  readonly shape: KnownTruth['shape'];
}

export interface Household {
  readonly members: readonly PersonName[];
}

/** Wives with a registered former surname (旧氏), and spouses from abroad in a Japanese household: assumptions. */
const FORMER_NAME_SHARE = 0.02;
const FOREIGN_SPOUSE_SHARE = 0.006;

interface Family {
  readonly base: NameParts;
  readonly written: WrittenName;
}

function drawFamily(dice: Dice): Family {
  const base = surnames.draw(dice);
  return { base, written: shapeName(dice, base.kanji) };
}

/** Names a household: one surname, written in one shape, for all who bear it; no given name twice. */
export function drawNames(
  dice: Dice,
  members: readonly Member[],
  births: readonly string[],
  foreign: boolean,
): Household {
  if (foreign) return { members: foreignNames(dice, members) };
  const family = drawFamily(dice);
  const inLaws = drawFamily(dice);
  const taken = new Set<string>();
  return {
    members: members.map((member, i) => {
      const spouse = /^[妻夫]$/.test(member.relation);
      if (spouse && members.length === 2 && dice.chance(FOREIGN_SPOUSE_SHARE * 2)) {
        const from = drawNationality(dice);
        return foreignName(dice, member, from, drawFamilyName(dice, from));
      }
      const own = member.sameSurname ? family : inLaws;
      const name = japaneseName(dice, member, own, Number(births[i]!.slice(0, 4)), taken);
      const former = member.relation === '妻' && member.age < 75 && dice.chance(FORMER_NAME_SHARE);
      return former ? { ...name, formerName: inLaws.written.text } : name;
    }),
  };
}

function japaneseName(
  dice: Dice,
  member: Member,
  family: Family,
  birthYear: number,
  taken: Set<string>,
): PersonName {
  let given = drawGivenName(dice, member.sex, birthYear);
  for (let again = 0; taken.has(given.kanji) && again < 20; again++) {
    given = drawGivenName(dice, member.sex, birthYear);
  }
  taken.add(given.kanji);
  const written = shapeName(dice, given.kanji);
  const shapes = [family.written.shape, written.shape];
  return {
    written: `${family.written.text}　${written.text}`,
    kana: `${family.base.katakana}　${given.katakana}`,
    formerName: '',
    alias: '',
    surname: family.base.kanji,
    givenName: given.kanji,
    surnameKana: family.base.katakana,
    givenNameKana: given.katakana,
    nationality: 'JP',
    shape: shapes.includes('selector') ? 'selector' : shapes.includes('variant') ? 'variant' : 'base',
  };
}

function foreignNames(dice: Dice, members: readonly Member[]): PersonName[] {
  const from = drawNationality(dice);
  const family = drawFamilyName(dice, from);
  return members.map((member) =>
    foreignName(dice, member, from, member.sameSurname ? family : drawFamilyName(dice, from)),
  );
}

function foreignName(
  dice: Dice,
  member: Member,
  from: Nationality,
  family: { roman: string; kana: string },
): PersonName {
  const given = drawForeignGivenName(dice, from, member.sex);
  const order = <T>(a: T, b: T): [T, T] => (from.order === 'family-first' ? [a, b] : [b, a]);
  return {
    written: order(family.roman, given.roman).join(' '),
    kana: order(family.kana, given.kana).join('　'),
    formerName: '',
    alias: drawAlias(dice, from, given.kana),
    surname: family.roman,
    givenName: given.roman,
    surnameKana: family.kana,
    givenNameKana: given.kana,
    nationality: from.nationality,
    shape: 'base',
  };
}
