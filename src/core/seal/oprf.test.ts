import { ristretto255_oprf } from '@noble/curves/ed25519.js';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isSekishoError } from '../../ground/errors.ts';
import { seededRandomness } from '../../ground/randomness.ts';
import { createOprf } from './oprf.ts';
import { loadRistretto } from './ristretto.ts';
import vectors from './vectors/rfc9497-a11-oprf.json' with { type: 'json' };

const group = await loadRistretto();
const oprf = createOprf(group);
const hex = (text: string) => Buffer.from(text, 'hex');

describe('OPRF(ristretto255, SHA-512), RFC 9497 appendix A.1.1', () => {
  it('derives the key', () => {
    expect(oprf.deriveKey(hex(vectors.seed), hex(vectors.key_info)).toString('hex')).toBe(vectors.sk_sm);
  });

  it('has two vectors, for one byte and for seventeen', () => {
    expect(vectors.tests.map((vector) => vector.input.length / 2)).toEqual([1, 17]);
  });

  for (const [i, vector] of vectors.tests.entries()) {
    it(`gives vector ${i + 1}: blinded element, evaluation, output`, () => {
      const input = hex(vector.input);
      const blind = hex(vector.blind);
      const blinded = oprf.blind(input, blind);
      expect(blinded.toString('hex')).toBe(vector.blinded_element);
      const evaluated = oprf.evaluate(hex(vectors.sk_sm), blinded);
      expect(evaluated.toString('hex')).toBe(vector.evaluation_element);
      expect(oprf.finalize(input, blind, evaluated).toString('hex')).toBe(vector.output);
    });
  }
});

describe('the OPRF', () => {
  const randomness = seededRandomness('oprf');
  const key = group.randomScalar(randomness);

  it('agrees with an independent implementation, whatever the blind', () => {
    const bytes = fc.uint8Array({ maxLength: 100 });
    fc.assert(
      fc.property(bytes, (input) => {
        const blind = group.randomScalar(randomness);
        const evaluated = oprf.evaluate(key, oprf.blind(Buffer.from(input), blind));
        const ours = oprf.finalize(Buffer.from(input), blind, evaluated);
        const theirs = ristretto255_oprf.oprf.blind(input);
        const answer = ristretto255_oprf.oprf.blindEvaluate(new Uint8Array(key), theirs.blinded);
        const output = ristretto255_oprf.oprf.finalize(input, theirs.blind, answer);
        expect(ours.toString('hex')).toBe(Buffer.from(output).toString('hex'));
      }),
      { numRuns: 15 },
    );
  });

  it('shows the server nothing that repeats', () => {
    const input = Buffer.from('same');
    const seen = new Set<string>();
    for (let i = 0; i < 50; i++) seen.add(oprf.blind(input, group.randomScalar(randomness)).toString('hex'));
    expect(seen.size).toBe(50);
  });

  it('refuses identity, bad encodings, long inputs and short seeds as bad-input', () => {
    for (const work of [
      () => oprf.evaluate(key, Buffer.alloc(32)),
      () => oprf.evaluate(key, Buffer.alloc(32, 0xff)),
      () => oprf.finalize(Buffer.alloc(1), key, Buffer.alloc(32)),
      () => oprf.blind(Buffer.alloc(65_536), key),
      () => oprf.blind(Buffer.alloc(1), Buffer.alloc(32)),
      () => oprf.deriveKey(Buffer.alloc(31), Buffer.alloc(0)),
    ]) {
      let refused = false;
      try {
        work();
      } catch (error) {
        refused = isSekishoError(error, 'bad-input');
      }
      expect(refused).toBe(true);
    }
  });
});
