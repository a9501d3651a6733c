import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isSekishoError } from '../../ground/errors.ts';
import { Masked } from '../../ground/masked.ts';
import { seededRandomness } from '../../ground/randomness.ts';
import { formatShare, parseShare } from './share.ts';

const randomness = seededRandomness('share');
const content = { storeId: randomness.bytes(16), setId: randomness.bytes(4), part: randomness.bytes(33) };
const text = formatShare(content).reveal();

function reasonOf(written: string): unknown {
  try {
    parseShare(new Masked('keystore-share', written), 3);
  } catch (error) {
    if (isSekishoError(error, 'keystore-wrong-secret')) return error.facts;
    throw error;
  }
  return 'parsed';
}

describe('a share as text', () => {
  it('is read back, also from capitals, spaces and letters that look like digits', () => {
    expect(text).toMatch(/^SKS1(-[0-9A-HJKMNP-TV-Z]{1,5})+$/);
    expect(parseShare(new Masked('s', text), 1)).toEqual(content);
    const typed = ` ${text.toLowerCase().replaceAll('-', ' ').replaceAll('0', 'o')} `.replace('sks1', 'SKSl');
    expect(parseShare(new Masked('s', typed), 1)).toEqual(content);
  });

  it('keeps leading zero bytes', () => {
    const zeros = { storeId: Buffer.alloc(16), setId: Buffer.alloc(4), part: Buffer.alloc(33) };
    expect(parseShare(formatShare(zeros), 1)).toEqual(zeros);
  });

  it('never prints', () => {
    expect(`${formatShare(content)} ${JSON.stringify(formatShare(content))}`).not.toContain(
      text.slice(5, 20),
    );
  });

  it('with any one character changed is refused, and the error names which share', () => {
    for (let i = 0; i < text.length; i++) {
      if (text[i] === '-') continue;
      const other = text[i] === '7' ? '8' : '7';
      const facts = reasonOf(text.slice(0, i) + other + text.slice(i + 1));
      expect(facts).toEqual({ reason: 'share-damaged', share: 3 });
    }
  });

  it('cut short, extended or garbage is refused', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 150, unit: 'binary' }), (garbage) => {
        expect(reasonOf(garbage)).not.toBe('parsed');
        expect(reasonOf(`SKS1${garbage}`)).not.toBe('parsed');
      }),
    );
    expect(reasonOf(text.slice(0, -1))).toEqual({ reason: 'share-damaged', share: 3 });
    expect(reasonOf(`${text}0`)).toEqual({ reason: 'share-damaged', share: 3 });
  });
});
