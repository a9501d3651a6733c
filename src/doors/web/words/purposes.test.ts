import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { purposesEn } from './purposes-en.ts';
import { purposesJa } from './purposes-ja.ts';

const folder = join(import.meta.dirname, '../../../core/gate/statutes');
const rows = readdirSync(folder)
  .filter((name) => name.endsWith('.json'))
  .map((name) => JSON.parse(readFileSync(join(folder, name), 'utf8')) as { id: string; article: string });

describe('a resident reads every purpose in plain words', () => {
  it('each row of the statute table has them, and no other', () => {
    const ids = rows.map(({ id }) => id).sort();
    expect(Object.keys(purposesJa).sort()).toEqual(ids);
    expect(Object.keys(purposesEn).sort()).toEqual(ids);
  });

  it.each(rows)('$id names the article of its row', ({ id, article }) => {
    const ja = purposesJa[id as keyof typeof purposesJa];
    expect(ja.article.endsWith(` ${article}`)).toBe(true);
    // Every number of the article stands in the English one too, in its order.
    const digits = (text: string) => text.match(/\d+/g);
    const en = purposesEn[id as keyof typeof purposesEn].article;
    expect(digits(en)!.slice(0, 1)).toEqual(digits(article)!.slice(0, 1));
    expect(ja.plain.endsWith('ため')).toBe(true);
  });
});
