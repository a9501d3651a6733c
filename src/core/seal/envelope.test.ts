import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { manualClock } from '../../ground/clock.ts';
import { isSekishoError } from '../../ground/errors.ts';
import { type PersonId, uuidv7 } from '../../ground/ids.ts';
import { seededRandomness } from '../../ground/randomness.ts';
import { openField, type Place, placeBytes, sealField } from './envelope.ts';

const randomness = seededRandomness('envelope');
const person = () => uuidv7(manualClock(), randomness) as PersonId;
const key = randomness.bytes(32);
const place: Place = { table: 'register.resident', column: 'name', person: person(), keyVersion: 1 };
const sealed = sealField(key, place, Buffer.from('{"name":"架空 花子"}'), randomness);

function kindAndFacts(work: () => unknown): { kind: string; facts: object } {
  try {
    work();
  } catch (error) {
    if (isSekishoError(error)) return { kind: error.kind, facts: error.facts };
    throw error;
  }
  return { kind: 'opened', facts: {} };
}

describe('a sealed field', () => {
  it('opens in its place', () => {
    expect(openField(key, place, sealed).toString()).toBe('{"name":"架空 花子"}');
  });

  it('moved to another row is refused', () => {
    expect(kindAndFacts(() => openField(key, { ...place, person: person() }, sealed)).kind).toBe(
      'seal-broken',
    );
  });

  it('moved to another column is refused, and the error says where it lay', () => {
    expect(kindAndFacts(() => openField(key, { ...place, column: 'address' }, sealed))).toEqual({
      kind: 'seal-broken',
      facts: { reason: 'tag', table: 'register.resident', column: 'address', keyVersion: 1 },
    });
  });

  it('moved to the history table is refused', () => {
    const moved = { ...place, table: 'register.resident_history' };
    expect(kindAndFacts(() => openField(key, moved, sealed)).kind).toBe('seal-broken');
  });

  it('said to be of another key version is refused', () => {
    expect(kindAndFacts(() => openField(key, { ...place, keyVersion: 2 }, sealed)).kind).toBe('seal-broken');
  });

  it("is refused under another person's key", () => {
    expect(kindAndFacts(() => openField(randomness.bytes(32), place, sealed)).kind).toBe('seal-broken');
  });

  it('is not sealed under a key of another length, nor in a place without form', () => {
    const seal = (k: Buffer, p: Place) =>
      kindAndFacts(() => sealField(k, p, Buffer.alloc(1), randomness)).kind;
    expect(seal(randomness.bytes(16), place)).toBe('bad-input');
    expect(kindAndFacts(() => openField(Buffer.alloc(0), place, sealed)).kind).toBe('bad-input');
    for (const bad of [
      { ...place, person: 'nobody' as PersonId },
      { ...place, table: '' },
      { ...place, column: 'x'.repeat(256) },
      { ...place, keyVersion: 0 },
      { ...place, keyVersion: 1.5 },
      { ...place, keyVersion: 2 ** 32 },
    ]) {
      expect(seal(key, bad)).toBe('bad-input');
    }
  });
});

describe('the encoding of a place', () => {
  const places = fc.record({
    table: fc.string({ minLength: 1, maxLength: 12, unit: fc.constantFrom('a', 'b', '.', '\0', '\u0001') }),
    column: fc.string({ minLength: 1, maxLength: 12, unit: fc.constantFrom('a', 'b', '.', '\0', '\u0001') }),
    person: fc.uuid({ version: 7 }).map((id) => id as PersonId),
    keyVersion: fc.integer({ min: 1, max: 0xffff_ffff }),
  });

  it('differs for any two places, however their names run into one another', () => {
    fc.assert(
      fc.property(places, places, (a, b) => {
        const same =
          a.table === b.table &&
          a.column === b.column &&
          a.person === b.person &&
          a.keyVersion === b.keyVersion;
        expect(placeBytes(a).equals(placeBytes(b))).toBe(same);
      }),
      { numRuns: 500 },
    );
    const split = (table: string, column: string) => placeBytes({ ...place, table, column }).toString('hex');
    expect(split('a', 'bc')).not.toBe(split('ab', 'c'));
    expect(split('a\u0001b', 'c')).not.toBe(split('a', '\u0001bc'));
  });

  it('is the documented bytes', () => {
    const id = '01890a5d-ac96-774b-bcce-b302099a8057' as PersonId;
    const bytes = placeBytes({ table: 'r.t', column: 'c', person: id, keyVersion: 258 });
    expect(bytes.toString('hex')).toBe(
      `${Buffer.from('sekisho/field/v1\0\u0003r.t\u0001c').toString('hex')}${id.replaceAll('-', '')}00000102`,
    );
  });
});
