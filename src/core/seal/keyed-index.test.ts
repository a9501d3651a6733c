import { describe, expect, it } from 'vitest';
import { manualClock } from '../../ground/clock.ts';
import { isSekishoError } from '../../ground/errors.ts';
import { type MunicipalityCode, type PersonId, uuidv7 } from '../../ground/ids.ts';
import { Masked } from '../../ground/masked.ts';
import { seededRandomness } from '../../ground/randomness.ts';
import { FileKeyStore } from './file-key-store.ts';
import type { KeyStore } from './key-store.ts';
import { keyedIndex } from './keyed-index.ts';

const randomness = seededRandomness('keyed index');
const store = new FileKeyStore(Buffer.from(randomness.bytes(32)), randomness.bytes(16), randomness);
const chiyoda = '131016' as MunicipalityCode;
const osaka = '271004' as MunicipalityCode;
const number = (text: string) => new Masked('individual-number', text);
const hex = (bytes: unknown) => (bytes as Buffer).toString('hex');

describe('a keyed index', () => {
  it('is there at once with the file store, and later with a store of promises, the same', async () => {
    const slow: KeyStore = { ...store, shards: 1, mac: async (n, d) => store.mac(n, d) } as KeyStore;
    const atOnce = keyedIndex.reading(store, chiyoda, 'ヤマダ タロウ');
    expect(Buffer.isBuffer(atOnce)).toBe(true);
    expect(await keyedIndex.reading(slow, chiyoda, 'ヤマダ タロウ')).toEqual(atOnce);
  });

  it('has the agreed length', () => {
    const person = uuidv7(manualClock(), randomness) as PersonId;
    const lengths = [
      keyedIndex.number(store, number('123456789018')),
      keyedIndex.residentRecordCode(store, new Masked('resident-record-code', '12345678901')),
      keyedIndex.addressNumber(store, chiyoda, '42'),
      keyedIndex.journalPerson(store, chiyoda, person),
      keyedIndex.readingBirth(store, chiyoda, 'ア', '2000-01-01'),
      keyedIndex.reading(store, chiyoda, 'ア'),
      keyedIndex.address(store, chiyoda, 'ア'),
    ].map((index) => (index as Buffer).length);
    expect(lengths).toEqual([16, 16, 16, 16, 4, 3, 3]);
  });

  it('of the number is one over the nation, so that a mover is found; it is another in another store', () => {
    const other = new FileKeyStore(Buffer.from(randomness.bytes(32)), randomness.bytes(16), randomness);
    const index = hex(keyedIndex.number(store, number('123456789018')));
    expect(hex(keyedIndex.number(store, number('123456789018')))).toBe(index);
    expect(hex(keyedIndex.number(other, number('123456789018')))).not.toBe(index);
    expect(hex(keyedIndex.number(store, number('123456789026')))).not.toBe(index);
  });

  it('is made of normal forms only', () => {
    const cases: (() => unknown)[] = [
      () => keyedIndex.number(store, number('1234-5678-9018')),
      () => keyedIndex.number(store, number('１２３４５６７８９０１８')),
      () => keyedIndex.number(store, number('12345678901')),
      () => keyedIndex.residentRecordCode(store, number('123456789018')),
      () => keyedIndex.reading(store, chiyoda, ''),
      () => keyedIndex.address(store, chiyoda, ''),
      () => keyedIndex.readingBirth(store, chiyoda, 'ア', ''),
      () => keyedIndex.reading(store, '13101' as MunicipalityCode, 'ア'),
      () => keyedIndex.reading(store, '../131' as MunicipalityCode, 'ア'),
    ];
    for (const [i, work] of cases.entries()) {
      let kind = 'taken';
      try {
        work();
      } catch (error) {
        kind = isSekishoError(error) ? error.kind : 'other';
      }
      expect(kind, String(i)).toBe('bad-input');
    }
  });

  it('does not take two lists of parts for one', () => {
    const joined = (reading: string, birth: string) =>
      hex(keyedIndex.readingBirth(store, chiyoda, reading, birth));
    expect(joined('ア1', '2000-01-01')).not.toBe(joined('ア', '12000-01-01'));
    expect(joined('ア10:', 'x')).not.toBe(joined('ア', '10:x'));
  });
});

/** Share of equal pairs at one byte of the index: small enough to count chance, 1/256, with few thousand pairs. */
function equalFirstBytes(pairs: readonly (readonly [Buffer, Buffer])[]): number {
  return pairs.filter(([a, b]) => a[0] === b[0]).length / pairs.length;
}
const pairsCount = 20_000;
/** Chance is 1/256; six standard deviations of the count either way. */
const spread = 6 * Math.sqrt(((1 / 256) * (255 / 256)) / pairsCount);
const readings = Array.from({ length: pairsCount }, (_, i) => `ナカムラ ${i}`);

function pairs(a: (reading: string) => unknown, b: (reading: string) => unknown) {
  return readings.map((reading) => [a(reading) as Buffer, b(reading) as Buffer] as const);
}

describe('what equal indexes give away', () => {
  it('twins (one family name, one day, one address) agree no more often than strangers', () => {
    const byBirth = pairs(
      (reading) => keyedIndex.readingBirth(store, chiyoda, `${reading} アイ`, '2015-05-08'),
      (reading) => keyedIndex.readingBirth(store, chiyoda, `${reading} マイ`, '2015-05-08'),
    );
    const byName = pairs(
      (reading) => keyedIndex.reading(store, chiyoda, `${reading} アイ`),
      (reading) => keyedIndex.reading(store, chiyoda, `${reading} マイ`),
    );
    for (const share of [equalFirstBytes(byBirth), equalFirstBytes(byName)]) {
      expect(Math.abs(share - 1 / 256)).toBeLessThan(spread);
    }
    expect(byBirth.filter(([a, b]) => a.equals(b)).length).toBe(0);
  });

  it('namesakes of different days agree no more often than strangers under reading and birth date', () => {
    const share = equalFirstBytes(
      pairs(
        (reading) => keyedIndex.readingBirth(store, chiyoda, reading, '1950-01-01'),
        (reading) => keyedIndex.readingBirth(store, chiyoda, reading, '1950-01-02'),
      ),
    );
    expect(Math.abs(share - 1 / 256)).toBeLessThan(spread);
  });

  it('two municipalities do not join: the same name there and here agrees by chance only', () => {
    for (const index of [keyedIndex.reading, keyedIndex.address, keyedIndex.addressNumber]) {
      const share = equalFirstBytes(
        pairs(
          (reading) => index(store, chiyoda, reading),
          (reading) => index(store, osaka, reading),
        ),
      );
      expect(Math.abs(share - 1 / 256)).toBeLessThan(spread);
    }
  });

  it('two columns do not join: the same text as reading and as address agrees by chance only', () => {
    const share = equalFirstBytes(
      pairs(
        (reading) => keyedIndex.reading(store, chiyoda, reading),
        (reading) => keyedIndex.address(store, chiyoda, reading),
      ),
    );
    expect(Math.abs(share - 1 / 256)).toBeLessThan(spread);
  });

  it('a household shares its address index, and strangers do so at the rate that 24 bits make', () => {
    const home = (i: number) => hex(keyedIndex.address(store, chiyoda, `一丁目${i}番`));
    expect(home(1)).toBe(home(1));
    const homes = Array.from({ length: pairsCount }, (_, i) => home(i));
    const clashes = homes.length - new Set(homes).size;
    // Birthday bound: n² / 2^25 ≈ 12 pairs of strangers in 20,000 homes; six deviations either way.
    const expected = pairsCount ** 2 / 2 ** 25;
    expect(clashes).toBeGreaterThan(0);
    expect(Math.abs(clashes - expected)).toBeLessThan(6 * Math.sqrt(expected));
  });

  it('a token of a person’s journal lines joins no two municipalities', () => {
    const person = uuidv7(manualClock(), randomness) as PersonId;
    expect(hex(keyedIndex.journalPerson(store, chiyoda, person))).not.toBe(
      hex(keyedIndex.journalPerson(store, osaka, person)),
    );
  });
});
