import { describe, expect, it } from 'vitest';
import { lineKinds } from '../../../core/journal/index.ts';
import { portalEn } from '../words/portal-en.ts';
import { portalJa } from '../words/portal-ja.ts';
import { isChanged, isOwn, isRefused, isSeen, lineInWords } from './line-words.ts';
import type { LineContent } from './verify/index.ts';

const line = (kind: string, body: Record<string, unknown> = {}): LineContent => ({
  ...{ at: 1_774_998_000_000, kind },
  body: { office: 'resident-desk', role: 'clerk', actor: 'demo-clerk', basis: 'jukiho-12', ...body },
});

describe('a line in plain words', () => {
  it.each([
    [
      line('field.opened', { fields: ['name', 'address'], outcome: 'opened' }),
      '住民窓口の窓口職員が、あなたの氏名・住所を見ました',
      'A clerk of the residents’ counter looked at your name, address',
    ],
    [
      line('field.refused', { fields: ['number'], outcome: 'refused', reason: 'no-authority' }),
      '住民窓口の窓口職員が、あなたの個人番号を見ようとして断られました',
      'A clerk of the residents’ counter was refused your individual number',
    ],
    [
      line('field.opened', { role: 'resident', office: 'portal', fields: ['birth'] }),
      'あなたが、あなたの生年月日・性別を見ました',
      'You looked at your birth and sex',
    ],
    [
      line('search.made', { hits: 2 }),
      '住民窓口の窓口職員の検索に、あなたが含まれました',
      'A search by a clerk of the residents’ counter found you among others',
    ],
  ])('%#', (content, ja, en) => {
    expect(lineInWords(content, portalJa, 'ja').sentence).toBe(ja);
    expect(lineInWords(content, portalEn, 'en').sentence).toBe(en);
  });

  it('a refusal says why, in the words of the closed list', () => {
    const refused = line('field.refused', { outcome: 'refused', reason: 'budget-spent' });
    expect(lineInWords(refused, portalJa, 'ja').refusal).not.toBe('');
    expect(lineInWords(line('field.opened'), portalJa, 'ja').refusal).toBe('');
    expect(lineInWords(line('field.refused', { reason: '<script>' }), portalJa, 'ja').refusal).toBe('');
  });

  it('one’s own lines name no staff: it was oneself', () => {
    expect(lineInWords(line('field.opened', { role: 'resident' }), portalJa, 'ja').staff).toBe('');
    expect(lineInWords(line('field.opened'), portalJa, 'ja').staff).toBe('demo-clerk');
  });

  it.each(Object.keys(lineKinds))('%s has a sentence in both languages', (kind) => {
    for (const [words, language] of [
      [portalJa, 'ja'],
      [portalEn, 'en'],
    ] as const) {
      const { sentence } = lineInWords(line(kind), words, language);
      expect(sentence).not.toContain('undefined');
      expect(sentence).not.toContain(kind);
    }
  });

  it('what is none of ours is shown as it is, and never breaks the page', () => {
    const strange = line('constructor', { office: ['x'], role: 1, fields: 'name', basis: {} });
    expect(lineInWords(strange, portalJa, 'ja')).toMatchObject({ fields: '', basis: '', office: '' });
  });
});

describe('kinds of lines', () => {
  it.each([
    [line('field.opened'), 'seen'],
    [line('search.made'), 'seen'],
    [line('history.read'), 'seen'],
    [line('field.opened', { role: 'resident' }), 'own'],
    [line('lock.set', { role: 'resident' }), 'own'],
    [line('field.refused'), 'refused'],
    [line('write.refused'), 'refused'],
    [line('record.changed'), 'changed'],
    [line('number.changed'), 'changed'],
    [line('number.changedX'), ''],
  ])('%#', (content, kind) => {
    const tests = { seen: isSeen, own: isOwn, refused: isRefused, changed: isChanged };
    const found = Object.entries(tests).filter(([, test]) => test(content));
    expect(found.map(([name]) => name)).toEqual(kind === '' ? [] : [kind]);
  });
});
