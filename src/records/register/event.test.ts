import { describe, expect, it } from 'vitest';
import eventTable from './event.json' with { type: 'json' };
import { eventOfWord, mayUndergo, residentEvents, ruleOf, statusAfter } from './event.ts';
import { residentStatuses } from './resident.ts';

describe('events', () => {
  it('the list and its table name the same events', () => {
    expect(eventTable.events.map(({ event }) => event)).toEqual([...residentEvents]);
  });

  it('every event cites articles, has a purpose and at least one word, and no word has two events', () => {
    const words = eventTable.events.flatMap((rule) => rule.words);
    expect(new Set(words).size).toBe(words.length);
    for (const event of residentEvents) {
      const rule = ruleOf(event);
      expect(rule.articles.every((article) => /法|令/.test(article) && /条/.test(article))).toBe(true);
      expect(rule.purpose).toMatch(/^[a-z-]+$/);
      for (const word of rule.words) expect(eventOfWord(` ${word}　`)).toBe(event);
    }
  });

  it('an unknown word is no event', () => {
    for (const word of ['', '引越', '転', 'constructor', '__proto__'])
      expect(eventOfWord(word)).toBeUndefined();
  });

  it('transitions: exactly these', () => {
    const allowed = residentEvents.flatMap((event) =>
      (['none', ...residentStatuses] as const)
        .filter((status) => mayUndergo(event, status))
        .map(
          (status) => `${status} –${event}→ ${statusAfter(event, status === 'none' ? 'resident' : status)}`,
        ),
    );
    expect(allowed).toEqual([
      'none –move-in→ resident',
      'moved-out –move-in→ resident',
      'resident –move-out→ moved-out',
      'resident –move-within→ resident',
      'none –birth→ resident',
      'resident –death→ deceased',
      'moved-out –death→ deceased',
      'resident –name-change→ resident',
      'resident –correction→ resident',
      'moved-out –correction→ moved-out',
      'deceased –correction→ deceased',
      'resident –removal→ removed',
      'resident –household-change→ resident',
      'resident –number-change→ resident',
    ]);
  });

  it('nobody comes back from the dead', () => {
    for (const event of residentEvents) {
      if (mayUndergo(event, 'deceased')) expect(statusAfter(event, 'deceased')).toBe('deceased');
    }
  });
});
