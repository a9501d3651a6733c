import type { Dice } from './dice.ts';
import type { Member } from './household.ts';
import type { PersonName } from './person-name.ts';
import { dayOf, isoOf } from './written-date.ts';

/** The last change of a resident's record: 異動事由 and its ISO date, both '' where the file tells none. */
export interface DrawnEvent {
  readonly word: string;
  readonly date: string;
}

interface EventFacts {
  readonly member: Member;
  readonly name: PersonName;
  readonly birthDate: string;
  /** 0..1, one draw for the household: when it came here. */
  readonly arrival: number;
  readonly asOf: string;
}

/** Registered former names exist since this day (Cabinet Order No. 152 of 2019). */
const FORMER_NAMES_FROM = '2019-11-05';
const none: DrawnEvent = { word: '', date: '' };

/** Draws a plausible last event, never before the birth nor after the sample's day. */
export function drawEvent(dice: Dice, facts: EventFacts): DrawnEvent {
  const { member, name, birthDate, arrival, asOf } = facts;
  const today = dayOf(asOf);
  const born = dayOf(birthDate);
  if (name.formerName !== '')
    return between(dice, '旧氏記載', Math.max(born, dayOf(FORMER_NAMES_FROM)), today);
  const foreign = name.nationality !== 'JP';
  const came = today - Math.floor(arrival * 365 * (foreign ? 8 : 30));
  if (born >= came) return { word: '出生', date: birthDate };
  if (foreign) return { word: '転入', date: isoOf(came) };
  const kind = arrival * 7919 - Math.floor(arrival * 7919);
  if (kind < 0.4) return { word: '転入', date: isoOf(came) };
  if (kind < 0.6) return { word: '転居', date: isoOf(came) };
  if (member.relation === '妻' && dice.chance(0.15))
    return between(dice, '婚姻', Math.max(came, born + 18 * 366), today);
  return dice.chance(0.05) ? between(dice, '職権修正', came, today) : none;
}

function between(dice: Dice, word: string, from: number, to: number): DrawnEvent {
  return from > to ? none : { word, date: isoOf(dice.between(from, to)) };
}
