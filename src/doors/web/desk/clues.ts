import type { Hit } from '../../api/client.gen.ts';
import type { DeskWords } from '../words/desk-ja.ts';
import { wordOf } from './words.ts';

/** What a masked hit shows, in words: `1970s` is 1970年代. */
export function cluesOf(hit: Pick<Hit, 'masked'>, words: Pick<DeskWords, 'find'>): string[] {
  return Object.entries(hit.masked).map(([name, value]) => {
    const years = name === 'birth_decade' ? /^(\d{4})s$/.exec(value)?.[1] : undefined;
    return years === undefined ? `${wordOf(words.find.masked, name)} ${value}` : words.find.born(years);
  });
}
