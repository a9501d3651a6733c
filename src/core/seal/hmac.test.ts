import { createHmac } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { hmacOf, padsOf } from './hmac.ts';

const expected = (key: Buffer, data: Buffer | string) => createHmac('sha256', key).update(data).digest();

describe('HMAC-SHA256 by one-shot hashes', () => {
  it('gives the test case of RFC 4231 §4.3', () => {
    const mac = hmacOf(padsOf(Buffer.from('Jefe')), 'what do ya want for nothing?');
    expect(mac.toString('hex')).toBe('5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843');
  });
  it('gives what Node gives, for bytes and for text of any script', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ minLength: 0, maxLength: 64 }),
        fc.uint8Array({ maxLength: 300 }),
        fc.string({ unit: 'binary', maxLength: 100 }),
        (key, bytes, text) => {
          const pads = padsOf(Buffer.from(key));
          expect(hmacOf(pads, Buffer.from(bytes))).toEqual(expected(Buffer.from(key), Buffer.from(bytes)));
          expect(hmacOf(pads, text)).toEqual(expected(Buffer.from(key), text));
        },
      ),
    );
  });
  it('gives a digest that later ones leave alone', () => {
    const pads = padsOf(Buffer.alloc(32, 1));
    const first = hmacOf(pads, 'one');
    const kept = Buffer.from(first);
    hmacOf(pads, 'two');
    expect(first).toEqual(kept);
  });
  it('leaves its data alone', () => {
    const data = Buffer.from('untouched');
    hmacOf(padsOf(Buffer.alloc(32, 1)), data);
    expect(data.toString()).toBe('untouched');
  });
});
