import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { sha256 } from './digest.ts';

describe('sha256', () => {
  it('gives the example of FIPS 180-4', () => {
    expect(sha256('abc').toString('hex')).toBe(
      'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad',
    );
  });
  it('gives what Node gives, for bytes and for text of any script', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 500 }), fc.string({ unit: 'binary' }), (bytes, text) => {
        expect(sha256(bytes)).toEqual(createHash('sha256').update(bytes).digest());
        expect(sha256(text)).toEqual(createHash('sha256').update(text).digest());
      }),
    );
  });
  it('gives every byte value as it is', () => {
    const seen = new Set<number>();
    for (let i = 0; i < 200; i++) for (const byte of sha256(String(i))) seen.add(byte);
    expect(seen.size).toBe(256);
  });
});
