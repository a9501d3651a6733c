import { describe, expect, it } from 'vitest';
import { AgeTally, bandOf, OLDEST, targetShare } from './age-pyramid.ts';
import pyramid from './data/age-pyramid.json' with { type: 'json' };
import { Dice } from './dice.ts';
import { drawHousehold, type Member } from './household.ts';

function households(n: number, largest = 99, foreign = false): Member[][] {
  const dice = new Dice('households');
  const tally = new AgeTally();
  return Array.from({ length: n }, () => drawHousehold(dice, tally, largest, foreign));
}

describe('age pyramid', () => {
  it('covers every age once, from 0 to 110', () => {
    expect(pyramid.bands[0]!.from_years).toBe(0);
    for (const [i, band] of pyramid.bands.entries()) {
      expect(bandOf(band.from_years)).toBe(i);
      expect(bandOf(band.to_years)).toBe(i);
      if (i > 0) expect(band.from_years).toBe(pyramid.bands[i - 1]!.to_years + 1);
    }
    expect(OLDEST).toBe(110);
    expect(bandOf(130)).toBe(pyramid.bands.length - 1);
  });

  it('has shares that make a whole', () => {
    const shares = pyramid.bands.map((_, band) => targetShare(band, 'male') + targetShare(band, 'female'));
    expect(shares.reduce((a, b) => a + b, 0)).toBeCloseTo(1, 10);
  });

  it('wants what a town has too little of', () => {
    const tally = new AgeTally();
    for (let i = 0; i < 100; i++) tally.add(30, 'male');
    expect(tally.wanted(30, 'male')).toBeLessThan(0);
    expect(tally.wanted(30, 'female')).toBeGreaterThan(0);
    expect(tally.wanted(70, 'male')).toBeGreaterThan(0);
  });
});

describe('households', () => {
  const drawn = households(6000);
  const residents = drawn.flat();

  it('fill the pyramid to a tenth of a percent in every band and sex', () => {
    for (const [band] of pyramid.bands.entries()) {
      for (const sex of ['male', 'female'] as const) {
        const share =
          residents.filter((m) => bandOf(m.age) === band && m.sex === sex).length / residents.length;
        expect(Math.abs(share - targetShare(band, sex))).toBeLessThan(0.001);
      }
    }
  });

  it('have the sizes of Japanese households', () => {
    const size = residents.length / drawn.length;
    expect(size).toBeGreaterThan(1.8);
    expect(size).toBeLessThan(2.3);
    const alone = drawn.filter((h) => h.length === 1).length / drawn.length;
    expect(alone).toBeGreaterThan(0.35);
    expect(alone).toBeLessThan(0.48);
  });

  it('have one householder of age, and at most one spouse of the other sex', () => {
    for (const household of drawn) {
      const heads = household.filter((m) => m.relation === '世帯主');
      expect(heads).toHaveLength(1);
      expect(heads[0]!.age).toBeGreaterThanOrEqual(18);
      const spouses = household.filter((m) => m.relation === '妻' || m.relation === '夫');
      expect(spouses.length).toBeLessThanOrEqual(1);
      for (const spouse of spouses) {
        expect(spouse.sex).toBe(spouse.relation === '妻' ? 'female' : 'male');
        expect(spouse.sex).not.toBe(heads[0]!.sex);
      }
    }
  });

  it('have sexes that fit the relations', () => {
    const female = /^(妻|母|姉|妹|子の妻|[妻夫]の母)$/;
    const male = /^(夫|父|兄|弟|[妻夫]の父)$/;
    for (const { relation, sex } of residents) {
      if (female.test(relation)) expect(sex).toBe('female');
      if (male.test(relation)) expect(sex).toBe('male');
    }
  });

  it('have parents 16 to 70 years older than their children, mothers at most 50', () => {
    let links = 0;
    for (const household of drawn) {
      for (const child of household) {
        for (const at of child.parents) {
          const parent = household[at]!;
          links++;
          expect(parent.age - child.age).toBeGreaterThanOrEqual(16);
          expect(parent.age - child.age).toBeLessThanOrEqual(parent.sex === 'female' ? 50 : 70);
        }
      }
    }
    expect(links).toBeGreaterThan(1000);
  });

  it('have no child alone and nobody beyond the oldest', () => {
    for (const household of drawn) expect(household.some((m) => m.age >= 18)).toBe(true);
    expect(Math.max(...residents.map((m) => m.age))).toBeLessThanOrEqual(OLDEST);
    expect(Math.max(...residents.map((m) => m.age))).toBeGreaterThanOrEqual(100);
  });

  it('know every relation the register’s importer can read', () => {
    const relation = /^[\p{Script=Han}\p{Script=Hiragana}]+$/u;
    const relations = new Set(residents.map((m) => m.relation));
    for (const word of relations) expect(word).toMatch(relation);
    for (const word of ['世帯主', '妻', '夫', '子', '父', '母', '同居人', '妻の母', '子の妻', '子の子']) {
      expect(relations).toContain(word);
    }
  });

  it('fit where only few residents are left', () => {
    for (const largest of [1, 2, 3]) {
      for (const household of households(300, largest)) expect(household.length).toBeLessThanOrEqual(largest);
    }
  });

  it('of foreign residents are mostly single and young', () => {
    const tally = new AgeTally();
    const dice = new Dice('foreign');
    const foreign = Array.from({ length: 500 }, () => drawHousehold(dice, tally, 99, true));
    expect(foreign.filter((h) => h.length === 1).length).toBeGreaterThan(250);
    for (const household of foreign) expect(household[0]!.age).toBeLessThanOrEqual(75);
  });
});
