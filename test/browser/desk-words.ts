import { deskEn } from '../../src/doors/web/words/desk-en.ts';
import { deskEventsEn } from '../../src/doors/web/words/desk-events-en.ts';
import { deskEventsJa } from '../../src/doors/web/words/desk-events-ja.ts';
import { deskJa } from '../../src/doors/web/words/desk-ja.ts';
import { deskOfficeEn } from '../../src/doors/web/words/desk-office-en.ts';
import { deskOfficeJa } from '../../src/doors/web/words/desk-office-ja.ts';
import { uiEn } from '../../src/doors/web/words/ui-en.ts';
import { uiJa } from '../../src/doors/web/words/ui-ja.ts';
import { groupWords } from '../../src/doors/words/index.ts';
import type { Language } from './portal-words.ts';

export type Group = keyof typeof groupWords;

/** The words of the desk, as the reader of a language sees them. */
export const deskWordsOf = (language: Language) => ({
  ...(language === 'ja'
    ? { desk: deskJa, events: deskEventsJa, office: deskOfficeJa, ui: uiJa }
    : { desk: deskEn, events: deskEventsEn, office: deskOfficeEn, ui: uiEn }),
  group: (group: Group) => groupWords[group][language],
});
