import iconv from 'iconv-lite';
import { describe, expect, it } from 'vitest';
import foreignTable from './data/foreign-names.json' with { type: 'json' };
import variantTable from './data/variant-characters.json' with { type: 'json' };
import { Dice } from './dice.ts';
import { drawAlias, drawFamilyName, drawForeignGivenName, drawNationality } from './foreign-name.ts';
import type { Member } from './household.ts';
import { drawGivenName, surnames } from './name-lists.ts';
import { shapeName, withoutSelectors } from './name-shape.ts';
import { drawNames } from './person-name.ts';

const inCp932 = (text: string) => iconv.decode(iconv.encode(text, 'cp932'), 'cp932') === text;

describe('surnames', () => {
  it('follow the assumed frequencies: 佐藤 first with about 2.5 %, the hundredth a tenth of it', () => {
    const dice = new Dice('surnames');
    const count = new Map<string, number>();
    const n = 200_000;
    for (let i = 0; i < n; i++) {
      const { kanji } = surnames.draw(dice);
      count.set(kanji, (count.get(kanji) ?? 0) + 1);
    }
    const ranked = [...count].sort((a, b) => b[1] - a[1]);
    expect(ranked[0]![0]).toBe('佐藤');
    expect(ranked[0]![1] / n).toBeCloseTo(0.025, 2);
    expect(ranked[0]![1] / ranked[99]![1]).toBeGreaterThan(8);
    expect(ranked[0]![1] / ranked[99]![1]).toBeLessThan(14);
    expect(ranked.slice(0, 3).map(([name]) => name)).toEqual(['佐藤', '鈴木', '高橋']);
    // The list of the package: 500 rows, one of them twice.
    expect(count.size).toBe(499);
  });
});

describe('given names', () => {
  it('of older women often end in 子, of young ones rarely', () => {
    const dice = new Dice('given');
    const share = (year: number) => {
      const names = Array.from({ length: 2000 }, () => drawGivenName(dice, 'female', year).kanji);
      return names.filter((name) => name.endsWith('子')).length / names.length;
    };
    expect(share(1940)).toBeGreaterThan(0.3);
    expect(share(2015)).toBeLessThan(0.2);
  });

  it('have readings in katakana and shapes that CP932 knows', () => {
    const dice = new Dice('readings');
    for (let i = 0; i < 3000; i++) {
      const name = drawGivenName(dice, dice.chance(0.5) ? 'male' : 'female', 1930 + (i % 90));
      expect(name.katakana).toMatch(/^[ァ-ヴー]+$/);
      expect(inCp932(name.kanji)).toBe(true);
    }
  });
});

describe('shapes of characters', () => {
  it('are all in CP932, but for selectors', () => {
    for (const { base, shapes } of variantTable.variants) {
      for (const sign of [base, ...shapes]) expect(inCp932(sign)).toBe(true);
      expect(shapes).not.toContain(base);
    }
    for (const { base, selectors } of variantTable.sequences) {
      expect(inCp932(base)).toBe(true);
      for (const selector of selectors) {
        const code = Number.parseInt(selector, 16);
        expect(code).toBeGreaterThanOrEqual(0xe0100);
        expect(code).toBeLessThanOrEqual(0xe01ef);
        expect(inCp932(base + String.fromCodePoint(code))).toBe(false);
      }
    }
  });

  it('occur in about the shares of the table, and say so', () => {
    const dice = new Dice('shapes');
    const names = Array.from({ length: 5000 }, () => shapeName(dice, '斎藤'));
    const variant = names.filter(({ text }) => /[齋齊斉]/.test(text)).length;
    expect(variant / 5000).toBeCloseTo(0.3, 1);
    for (const { text, shape } of names) {
      expect(shape).toBe(/\udb40/.test(text) ? 'selector' : /[齋齊斉]/.test(text) ? 'variant' : 'base');
    }
    expect(names.some(({ shape }) => shape === 'selector')).toBe(true);
    expect(shapeName(dice, '山田')).toEqual({ text: '山田', shape: 'base' });
  });

  it('lose only the selector where there is none in the encoding', () => {
    expect(withoutSelectors('佐藤\u{e0102}　朗\u{e0105}髙')).toBe('佐藤　朗髙');
    expect(withoutSelectors('髙﨑邉')).toBe('髙﨑邉');
  });
});

describe('foreign names', () => {
  it('are Latin capitals with a reading in katakana, in CP932', () => {
    for (const nationality of foreignTable.nationalities) {
      expect(nationality.nationality).toMatch(/^[A-Z]{2}$/);
      for (const [roman, kana] of [...nationality.family, ...nationality.male, ...nationality.female]) {
        expect(roman).toMatch(/^[A-Z][A-Z' -]*$/);
        expect(kana).toMatch(/^[ァ-ヴー　]+$/);
        expect(inCp932(roman! + kana!)).toBe(true);
      }
    }
  });

  it('have an alias as often as the table says', () => {
    const korean = foreignTable.nationalities.find((n) => n.nationality === 'KR')!;
    const dice = new Dice('alias');
    const aliases = Array.from({ length: 2000 }, () => drawAlias(dice, korean, 'ミンジュン'));
    expect(aliases.filter((alias) => alias !== '').length / 2000).toBeCloseTo(korean.alias_percent / 100, 1);
    for (const alias of aliases) expect(alias).toMatch(/^$|^[\p{Script=Han}]+　ミンジュン$/u);
  });

  it('come from the lists of their nationality', () => {
    const dice = new Dice('nationality');
    for (let i = 0; i < 300; i++) {
      const from = drawNationality(dice);
      expect(from.family.map(([roman]) => roman)).toContain(drawFamilyName(dice, from).roman);
      expect(from.male.map(([roman]) => roman)).toContain(drawForeignGivenName(dice, from, 'male').roman);
    }
  });
});

describe('names of a household', () => {
  const member = (relation: string, sex: Member['sex'], sameSurname = true): Member => ({
    age: 40,
    sex,
    relation,
    sameSurname,
    parents: [],
  });
  const household = [
    member('世帯主', 'male'),
    member('妻', 'female'),
    member('子', 'male'),
    member('子', 'female'),
    member('同居人', 'male', false),
  ];
  const births = household.map(() => '1980-01-01');

  it('share the surname in one shape, but for those who do not bear it; no given name twice', () => {
    const dice = new Dice('family');
    let differing = 0;
    for (let i = 0; i < 300; i++) {
      const { members } = drawNames(dice, household, births, false);
      const written = members.map(({ written }) => written.split('　')[0]);
      expect(new Set(written.slice(0, 4)).size).toBe(1);
      if (written[4] !== written[0]) differing++;
      expect(new Set(members.slice(0, 4).map(({ givenName }) => givenName)).size).toBe(4);
    }
    expect(differing).toBeGreaterThan(250);
  });

  it('are Latin and of one nationality in a foreign household', () => {
    const { members } = drawNames(new Dice('abroad'), household, births, true);
    expect(new Set(members.map(({ nationality }) => nationality)).size).toBe(1);
    for (const { written, nationality } of members) {
      expect(nationality).not.toBe('JP');
      expect(written).toMatch(/^[A-Z' -]+$/);
    }
  });

  it('give a former surname to some wives and to nobody else', () => {
    const dice = new Dice('former');
    let former = 0;
    for (let i = 0; i < 2000; i++) {
      for (const [at, { formerName, surname }] of drawNames(
        dice,
        household,
        births,
        false,
      ).members.entries()) {
        if (formerName === '') continue;
        former++;
        expect(at).toBe(1);
        expect(surname).not.toBe('');
      }
    }
    expect(former).toBeGreaterThan(15);
    expect(former).toBeLessThan(80);
  });
});
