import eventTable from './event.json' with { type: 'json' };
import type { ResidentStatus } from './resident.ts';

/** The life events (異動) by which a resident record is written, changed or closed. */
export const residentEvents = [
  'move-in',
  'move-out',
  'move-within',
  'birth',
  'death',
  'name-change',
  'correction',
  'removal',
  'household-change',
  'number-change',
] as const;
export type ResidentEvent = (typeof residentEvents)[number];

export interface EventRule {
  event: ResidentEvent;
  /** Purpose under which the desk opens its case: a row of the statute table. */
  purpose: string;
  articles: readonly string[];
  /** Status the record must have; `none`: there is no record here yet. */
  from: readonly (ResidentStatus | 'none')[];
  /** Status afterwards; `same`: untouched. */
  to: ResidentStatus | 'same';
  words: readonly string[];
}

const rules = new Map(eventTable.events.map((rule) => [rule.event, rule as EventRule]));
const byWord = new Map(
  [...rules.values()].flatMap(({ event, words }) =>
    words.map((word): [string, ResidentEvent] => [word, event]),
  ),
);

/** The rule of an event: transition, purpose and articles. */
export function ruleOf(event: ResidentEvent): EventRule {
  return rules.get(event)!;
}

/** The event that a word of an 異動事由 column means; widths and blanks do not matter. Undefined for an unknown word. */
export function eventOfWord(word: string): ResidentEvent | undefined {
  const folded = word.normalize('NFKC').replace(/\s+/gu, '');
  return byWord.get(folded) ?? (rules.has(folded) ? (folded as ResidentEvent) : undefined);
}

/** True when a record of this status may undergo the event. */
export function mayUndergo(event: ResidentEvent, status: ResidentStatus | 'none'): boolean {
  return ruleOf(event).from.includes(status);
}

/** The status after the event; a file's row shows only the last event, so there is nothing to compare it with. */
export function statusAfter(event: ResidentEvent, status: ResidentStatus = 'resident'): ResidentStatus {
  const { to } = ruleOf(event);
  return to === 'same' ? status : to;
}
