import { createHmac } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { PersonId } from '../../ground/ids.ts';
import { seededRandomness } from '../../ground/randomness.ts';
import { nodePrimitives } from './folder-source.ts';
import { commitmentOf, entryOf, leafHashOfCommitment, makeLeaf } from './leaf.ts';
import { decodeLine, encodeLine, fieldsOf, isLineKind, type LineKind, lineKinds } from './line.ts';
import { leafHashOf } from './merkle.ts';
import { verifyLine } from './verify/index.ts';

const person = '0190a1b2-0000-7000-8000-000000000001' as PersonId;

describe('line', () => {
  it('kinds are a closed list', () => {
    expect(Object.keys(lineKinds)).toHaveLength(52);
    expect(isLineKind('field.opened')).toBe(true);
    for (const kind of ['field.open', 'toString', '__proto__', '']) expect(isLineKind(kind)).toBe(false);
    expect(() => encodeLine({ kind: 'field.peeked' as LineKind, body: {} }, 0)).toThrow(/line-kind/);
  });

  it.each(Object.keys(lineKinds) as LineKind[])('%s comes back as it went in', (kind) => {
    const body = Object.fromEntries(fieldsOf(kind).map((field, i) => [field, i % 2 ? i : `value ${i}`]));
    const payload = encodeLine({ kind, person, body }, 1_775_000_000_000);
    expect(decodeLine(payload)).toEqual({ at: 1_775_000_000_000, kind, person, body });
  });

  it('refuses a field its kind does not know', () => {
    expect(() => encodeLine({ kind: 'session.closed', body: { before: 'x' } }, 0)).toThrow(/line-field/);
    expect(() => encodeLine({ kind: 'field.opened', body: { name: 'x' } }, 0)).toThrow(/line-field/);
  });

  it('refuses a person that is no id, and a body that is too large', () => {
    const odd = 'somebody' as PersonId;
    expect(() => encodeLine({ kind: 'field.opened', person: odd, body: {} }, 0)).toThrow(/line-person/);
    expect(() => encodeLine({ kind: 'field.opened', body: { note: 'x'.repeat(50_000) } }, 0)).toThrow(
      /too-large/,
    );
  });

  it.each([
    '',
    'null',
    '7',
    '{}',
    '{"v":2,"at":1,"kind":"field.opened","body":{}}',
    '{"v":1,"at":1,"kind":"x","body":{}}',
  ])('does not read %j', (text) => {
    expect(() => decodeLine(Buffer.from(text))).toThrow(/bad-input/);
  });
});

describe('leaf', () => {
  it('commits by HMAC-SHA256, as node:crypto computes it', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ minLength: 32, maxLength: 32 }),
        fc.uint8Array({ maxLength: 500 }),
        (s, p) => {
          const [salt, payload] = [Buffer.from(s), Buffer.from(p)];
          expect(commitmentOf(salt, payload)).toEqual(createHmac('sha256', salt).update(payload).digest());
        },
      ),
    );
  });

  it('hashes the 33-byte entry', () => {
    const commitment = commitmentOf(Buffer.alloc(32, 1), Buffer.from('payload'));
    expect(entryOf(commitment)).toHaveLength(33);
    expect(leafHashOfCommitment(commitment)).toEqual(leafHashOf(entryOf(commitment)));
  });

  it('is what the checker makes of payload and salt', async () => {
    const randomness = seededRandomness('leaf');
    for (let i = 0; i < 20; i++) {
      const payload = Buffer.from(`payload ${i}`);
      const { salt, leafHash } = makeLeaf(payload, randomness);
      expect(verifyLine({ payload, salt, leafHash }, nodePrimitives)).toEqual({ ok: true });
      expect(await verifyLine({ payload, salt, leafHash })).toEqual({ ok: true });
    }
  });

  it('refuses another payload, another salt, a salt of another length', () => {
    const payload = Buffer.from('payload');
    const { salt, leafHash } = makeLeaf(payload, seededRandomness('leaf'));
    const no = { ok: false, reason: 'commitment-differs' };
    const check = (p: Buffer, s: Buffer) => verifyLine({ payload: p, salt: s, leafHash }, nodePrimitives);
    expect(check(Buffer.from('Payload'), salt)).toEqual(no);
    expect(check(payload, Buffer.alloc(32))).toEqual(no);
    // HMAC pads its key with zeroes: a longer salt ending in zeroes must not pass for the same.
    expect(check(payload, Buffer.concat([salt, Buffer.alloc(1)]))).toEqual(no);
  });

  it('of the same payload differs each time: a guess cannot be tried', () => {
    const randomness = seededRandomness('leaf');
    const [a, b] = [makeLeaf(Buffer.from('x'), randomness), makeLeaf(Buffer.from('x'), randomness)];
    expect(a.leafHash.equals(b.leafHash)).toBe(false);
  });
});
