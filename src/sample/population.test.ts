import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { drawResidentRecordCode, ResidentRecordCode } from '../core/numbers/index.ts';
import { Dice } from './dice.ts';
import { drawEvent } from './event.ts';
import { knownTruth } from './known-truth.ts';
import { type PopulationOptions, population, SAMPLE_DAY, sampleTown } from './population.ts';
import { residentCells } from './resident.ts';
import { SeenCodes } from './seen-codes.ts';

const options: PopulationOptions = { ...sampleTown, residents: 8000 };
const town = [...population(options)];
const rows = (o: PopulationOptions) => [...population(o)].map((r) => residentCells(r).join(','));

describe('seed', () => {
  it('gives the same town each time it is walked, and from the same options', () => {
    const small = { ...options, residents: 500 };
    const walked = population(small);
    expect([...walked].map((r) => residentCells(r))).toEqual([...walked].map((r) => residentCells(r)));
    expect(rows(small)).toEqual(rows({ ...small }));
  });

  it.each([
    ['seed', { seed: 'another' }],
    ['municipality', { municipality: '221309' }],
    ['size', { residents: 501 }],
    ['day', { asOf: '2025-10-01' }],
  ])('of another %s gives another town', (_, change) => {
    const small = { ...options, residents: 500 };
    expect(rows({ ...small, ...change })).not.toEqual(rows(small));
  });
});

describe('size', () => {
  it.each([0, 1, 2, 3, 17, 1000])('is exactly %i residents', (residents) => {
    expect([...population({ ...options, residents })]).toHaveLength(residents);
  });

  it.each([-1, 1.5, Number.NaN, Number.POSITIVE_INFINITY])('%s is refused', (residents) => {
    expect(() => population({ ...options, residents })).toThrowError(
      expect.objectContaining({ kind: 'bad-input' }),
    );
  });

  it('is streamed: the first households of ten million come at once', () => {
    const first = population({ ...options, residents: 10_000_000 })[Symbol.iterator]();
    for (let i = 0; i < 50; i++) expect(first.next().done).toBe(false);
    first.return?.();
  });
});

describe('numbers', () => {
  it('are unique: address numbers, resident record codes', () => {
    expect(new Set(town.map((r) => r.addressNumber)).size).toBe(town.length);
    expect(new Set(town.map((r) => r.residentRecordCode.reveal())).size).toBe(town.length);
  });

  it('are flagged: synthetic, address numbers from 99, household numbers from 98', () => {
    for (const r of town) {
      expect(r.synthetic).toBe(true);
      expect(r.addressNumber).toMatch(/^99\d{8}$/);
      expect(r.householdNumber).toMatch(/^98\d{8}$/);
      expect(r.municipality).toBe('202029');
    }
  });

  it('have right check digits and print as their kind', () => {
    for (const { residentRecordCode } of town) {
      expect(ResidentRecordCode.tryParse(residentRecordCode.reveal())).toBeDefined();
    }
    expect(inspect(town[0])).not.toContain(town[0]!.residentRecordCode.reveal());
  });

  it('stay unique where chance repeats itself: a code noted before is never new', () => {
    const seen = new SeenCodes(10);
    const dice = new Dice('codes');
    const codes = Array.from({ length: 5000 }, () => drawResidentRecordCode(dice));
    const fresh = codes.filter((code) => seen.add(code));
    // 65,536 bits for 5,000 codes: hardly any new one is taken for an old one.
    expect(fresh.length).toBeGreaterThan(4950);
    for (const code of codes) expect(seen.add(code)).toBe(false);
  });
});

describe('households', () => {
  const households = Map.groupBy(town, (r) => r.householdNumber);

  it('come whole and one after the other, and share an address', () => {
    let last = '';
    const met = new Set<string>();
    for (const { householdNumber } of town) {
      if (householdNumber !== last) expect(met.has(householdNumber)).toBe(false);
      met.add(householdNumber);
      last = householdNumber;
    }
    for (const members of households.values()) {
      expect(new Set(members.map((r) => r.address + r.postcode)).size).toBe(1);
      expect(members.filter((r) => r.relation === '世帯主')).toHaveLength(1);
    }
  });

  it('mostly share a surname', () => {
    const several = [...households.values()].filter((members) => members.length > 1);
    const same = several.filter((members) => new Set(members.map((r) => r.truth.surname)).size === 1);
    expect(same.length / several.length).toBeGreaterThan(0.9);
    expect(same.length).toBeLessThan(several.length);
  });

  it('name the parents who live there', () => {
    const byNumber = new Map(town.map((r) => [r.addressNumber, r]));
    const linked = town.filter((r) => r.truth.parents.length > 0);
    expect(linked.length).toBeGreaterThan(1000);
    for (const { truth, householdNumber } of linked) {
      for (const parent of truth.parents) {
        expect(byNumber.get(parent)!.householdNumber).toBe(householdNumber);
        expect(byNumber.get(parent)!.truth.birthDate < truth.birthDate).toBe(true);
      }
    }
  });
});

describe('known truth', () => {
  const truth = knownTruth(town);

  it('counts the town', () => {
    expect(truth.residents).toBe(8000);
    expect(truth.households).toBe(new Set(town.map((r) => r.householdNumber)).size);
    expect(truth.female).toBe(town.filter((r) => r.sex === '女').length);
    expect(truth.oldestAge).toBe(Math.max(...town.map((r) => r.truth.age)));
    expect(truth.earliestBirthDate).toBe(town.map((r) => r.truth.birthDate).sort()[0]);
    const events = Object.values(truth.events).reduce((a, b) => a + b, 0);
    expect(events).toBe(town.filter((r) => r.event !== '').length);
    expect(knownTruth([])).toMatchObject({ residents: 0, oldestAge: 0, events: {} });
  });

  it('has about 3 % foreign residents, some former names, aliases and shapes of every sort', () => {
    expect(truth.foreign / truth.residents).toBeCloseTo(0.03, 2);
    expect(truth.formerNames).toBeGreaterThan(5);
    expect(truth.aliases).toBeGreaterThan(5);
    expect(truth.variants).toBeGreaterThan(80);
    expect(truth.selectors).toBeGreaterThan(5);
    expect(truth.oldestAge).toBeGreaterThanOrEqual(100);
    expect(truth.oldestAge).toBeLessThanOrEqual(110);
  });

  it('agrees with what is written', () => {
    for (const r of town) {
      const { truth } = r;
      expect(r.sex).toBe(truth.sex === 'male' ? '男' : '女');
      if (truth.nationality === 'JP') {
        expect(r.name).toMatch(/^[^\s　]+　[^\s　]+$/);
        expect(r.nameKana).toBe(`${truth.surnameKana}　${truth.givenNameKana}`);
        expect(r.birthDate).toMatch(/^(大正|昭和|平成|令和|[TSHR])/);
        expect(truth.shape === 'base').toBe(r.name === `${truth.surname}　${truth.givenName}`);
      } else {
        expect(r.name).toMatch(/^[A-Z' -]+$/);
        expect(r.birthDate).toMatch(/^\d{4}[-/]/);
      }
      expect(r.eventDate === '').toBe(truth.eventDate === '');
    }
  });
});

describe('events', () => {
  it('never lie before the birth nor after the sample’s day, and have a date exactly where they have a word', () => {
    for (const { truth, event, eventDate } of town) {
      expect(event === '').toBe(eventDate === '');
      expect(truth.birthDate <= SAMPLE_DAY).toBe(true);
      if (truth.eventDate === '') continue;
      expect(truth.eventDate >= truth.birthDate).toBe(true);
      expect(truth.eventDate <= SAMPLE_DAY).toBe(true);
    }
  });

  it('are of the words that registers use', () => {
    const words = new Set(town.map((r) => r.event));
    expect([...words].sort()).toEqual(['', '出生', '婚姻', '旧氏記載', '職権修正', '転入', '転居'].sort());
  });

  it('of a former name lie in the years in which they can be registered', () => {
    for (const r of town) if (r.formerName !== '') expect(r.truth.eventDate >= '2019-11-05').toBe(true);
  });

  it('are left out where no day is left for them', () => {
    const wife = town.find((r) => r.formerName !== '')!;
    const name = { formerName: '山田', nationality: 'JP' } as Parameters<typeof drawEvent>[1]['name'];
    const member = { relation: wife.relation } as Parameters<typeof drawEvent>[1]['member'];
    const facts = { member, name, birthDate: '1980-01-01', arrival: 0.5, asOf: '2019-01-01' };
    expect(drawEvent(new Dice('none'), facts)).toEqual({ word: '', date: '' });
  });
});
