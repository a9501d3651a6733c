import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { PersonId } from '../../ground/ids.ts';
import { seededRandomness, systemRandomness } from '../../ground/randomness.ts';
import { ivBytes, openBytes, sealBytes } from './aead.ts';
import { openField, placeBytes } from './envelope.ts';
import { cutBatch, packBatch, sealPacked, type Unsealed } from './seal-batch.ts';

const randomness = systemRandomness();
const bytes = (max: number, min = 0) =>
  fc.uint8Array({ minLength: min, maxLength: max }).map((array) => Buffer.from(array));
const part = fc.record({ place: bytes(300, 1), plain: bytes(500) });
const unsealed = fc.record({ key: bytes(32, 32), parts: fc.array(part, { maxLength: 8 }) });

const sealAll = (batch: readonly Unsealed[]) => cutBatch(batch, sealPacked(packBatch(batch, randomness)));

describe('a batch', () => {
  it('opens part by part under its own key and place', () => {
    fc.assert(
      fc.property(fc.array(unsealed, { maxLength: 20 }), (batch) => {
        const sealed = sealAll(batch);
        expect(sealed.length).toBe(batch.length);
        for (const [i, { key, parts }] of batch.entries()) {
          const opened = parts.map(({ place }, j) => openBytes(key, place, sealed[i]![j]!));
          expect(opened).toEqual(parts.map(({ plain }) => plain));
        }
      }),
    );
  });

  it('is what sealing one by one gives with the same randomness', () => {
    fc.assert(
      fc.property(fc.array(unsealed, { maxLength: 5 }), fc.string(), (batch, seed) => {
        const together = cutBatch(batch, sealPacked(packBatch(batch, seededRandomness(seed))));
        const one = seededRandomness(seed);
        const apart = batch.map(({ key, parts }) =>
          parts.map(({ place, plain }) => sealBytes(key, place, plain, one)),
        );
        expect(together).toEqual(apart);
      }),
    );
  });

  it('opens as the field it was sealed as, and as no other', () => {
    const person = '01890a5d-ac96-774b-bcce-b302099a8057' as PersonId;
    const place = { table: 'register.resident/131016', column: 'name_sealed', person, keyVersion: 3 };
    const key = randomness.bytes(32);
    const plain = Buffer.from('{"name":"見本"}');
    const [[sealed]] = sealAll([{ key, parts: [{ place: placeBytes(place), plain }] }]) as [[Buffer]];
    expect(openField(key, place, sealed)).toEqual(plain);
    for (const other of [{ column: 'address_sealed' }, { keyVersion: 4 }, { table: 'register.resident' }])
      expect(() => openField(key, { ...place, ...other }, sealed)).toThrow('seal-broken');
  });

  it('draws an IV for each part', () => {
    const parts = Array.from({ length: 200 }, () => ({ place: Buffer.of(1), plain: Buffer.of(2) }));
    const [sealed] = sealAll([{ key: randomness.bytes(32), parts }]);
    const ivs = new Set(sealed!.map((each) => each.subarray(1, 1 + ivBytes).toString('hex')));
    expect(ivs.size).toBe(200);
  });

  it('leaves neither key nor plaintext behind, and what came in as it was', () => {
    const key = Buffer.alloc(32, 0xaa);
    const plain = Buffer.alloc(64, 0xbb);
    const packed = packBatch([{ key, parts: [{ place: Buffer.from('place'), plain }] }], randomness);
    expect(packed.includes(key)).toBe(true);
    sealPacked(packed);
    expect(packed.every((byte) => byte === 0)).toBe(true);
    expect(key.every((byte) => byte === 0xaa) && plain.every((byte) => byte === 0xbb)).toBe(true);
  });

  it('may be empty, or hold persons without parts', () => {
    expect(sealAll([])).toEqual([]);
    const key = randomness.bytes(32);
    const some = { key, parts: [{ place: Buffer.of(1), plain: Buffer.alloc(0) }] };
    const sealed = sealAll([{ key, parts: [] }, some, { key, parts: [] }]);
    expect(sealed.map((each) => each.length)).toEqual([0, 1, 0]);
  });
});
