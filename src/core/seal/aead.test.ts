import { createCipheriv, createSecretKey } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isSekishoError } from '../../ground/errors.ts';
import { seededRandomness } from '../../ground/randomness.ts';
import { ivBytes, openBytes, sealBytes, sealOverheadBytes, sealVersion, tagBytes } from './aead.ts';

const randomness = seededRandomness('aead');
const key = randomness.bytes(32);
const place = Buffer.from('place');

function broken(work: () => unknown): string {
  try {
    work();
  } catch (error) {
    if (isSekishoError(error, 'seal-broken')) return String(error.facts['reason']);
    throw error;
  }
  return 'opened';
}

describe('sealed bytes', () => {
  it('are version byte, IV, ciphertext and tag, as AES-256-GCM gives them', () => {
    const plain = Buffer.from('山田太郎');
    const sealed = sealBytes(key, place, plain, randomness);
    expect(sealed.length).toBe(plain.length + sealOverheadBytes);
    expect(sealed[0]).toBe(sealVersion);
    const cipher = createCipheriv('aes-256-gcm', key, sealed.subarray(1, 1 + ivBytes));
    cipher.setAAD(place);
    const body = Buffer.concat([cipher.update(plain), cipher.final(), cipher.getAuthTag()]);
    expect(sealed.subarray(1 + ivBytes)).toEqual(body);
  });

  it('open again whatever they held, under a key as bytes or as an object', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 2_000 }), fc.uint8Array({ maxLength: 100 }), (bytes, at) => {
        const sealed = sealBytes(createSecretKey(key), Buffer.from(at), Buffer.from(bytes), randomness);
        expect(openBytes(key, Buffer.from(at), sealed)).toEqual(Buffer.from(bytes));
      }),
    );
  });

  it('of the same plaintext never look the same', () => {
    const seen = new Set<string>();
    for (let i = 0; i < 200; i++) seen.add(sealBytes(key, place, place, randomness).toString('hex'));
    expect(seen.size).toBe(200);
  });
});

describe('refused', () => {
  const sealed = sealBytes(key, place, Buffer.from('a field of some length'), randomness);

  it('any single bit flipped', () => {
    for (let bit = 0; bit < sealed.length * 8; bit++) {
      const bad = Buffer.from(sealed);
      bad[bit >> 3]! ^= 1 << (bit & 7);
      expect(broken(() => openBytes(key, place, bad))).toBe(bit < 8 ? 'version' : 'tag');
    }
  });

  it('any truncation and any addition', () => {
    for (let length = 0; length < sealed.length; length++) {
      const reason = length < sealOverheadBytes ? 'length' : 'tag';
      expect(broken(() => openBytes(key, place, sealed.subarray(0, length)))).toBe(reason);
    }
    expect(broken(() => openBytes(key, place, Buffer.concat([sealed, Buffer.alloc(1)])))).toBe('tag');
  });

  it('a tag cut short with its ciphertext, which bare GCM would take', () => {
    const short = Buffer.concat([sealed.subarray(0, sealed.length - tagBytes), sealed.subarray(-4)]);
    expect(broken(() => openBytes(key, place, short))).toBe('tag');
  });

  it('another key, another place', () => {
    expect(broken(() => openBytes(randomness.bytes(32), place, sealed))).toBe('tag');
    expect(broken(() => openBytes(key, Buffer.from('plac'), sealed))).toBe('tag');
    expect(broken(() => openBytes(key, Buffer.alloc(0), sealed))).toBe('tag');
  });

  it('garbage, without anything but seal-broken being thrown', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        expect(broken(() => openBytes(key, place, Buffer.from(bytes)))).not.toBe('opened');
      }),
    );
  });
});
