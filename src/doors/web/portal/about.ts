import { groupWords } from '../../words/index.ts';
import type { Language } from '../ui/language.tsx';

/** What is contested: a line, or what a group of the record says. */
export type About = { line: { municipality: string; index: number } } | { group: string };

/** A group of the record in words; its code where there is none. */
export const groupName = (group: string, language: Language): string =>
  Object.hasOwn(groupWords, group) ? groupWords[group as keyof typeof groupWords][language] : group;
