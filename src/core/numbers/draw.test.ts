import { describe, expect, it } from 'vitest';
import { Masked } from '../../ground/masked.ts';
import { seededRandomness, systemRandomness } from '../../ground/randomness.ts';
import {
  BasicPensionNumber,
  CorporateNumber,
  drawIndividualNumber,
  drawResidentRecordCode,
  IndividualNumber,
  InsurerNumber,
  mask,
  ResidentRecordCode,
  residentRecordCodeCheckDigits,
} from './index.ts';

describe('drawing', () => {
  it('draws individual numbers that parse, all different, each leading digit as likely', () => {
    const randomness = seededRandomness('draw');
    const n = 20_000;
    const seen = new Set<string>();
    const leading = new Array<number>(10).fill(0);
    for (let i = 0; i < n; i++) {
      const digits = drawIndividualNumber(randomness).reveal();
      expect(IndividualNumber.tryParse(digits)).toBeDefined();
      seen.add(digits);
      leading[Number(digits[0])]!++;
    }
    expect(seen.size).toBe(n);
    for (const count of leading) expect(count / n).toBeCloseTo(0.1, 1);
  });

  it('draws resident record codes only where every reading of the rule agrees (r ≥ 2)', () => {
    const randomness = seededRandomness('draw code');
    for (let i = 0; i < 20_000; i++) {
      const code = drawResidentRecordCode(randomness).reveal();
      expect(ResidentRecordCode.tryParse(code)).toBeDefined();
      const r = [5, 4, 3, 2, 7, 6, 5, 4, 3, 2].reduce((s, w, k) => s + w * Number(code[k]), 0) % 11;
      expect(r).toBeGreaterThanOrEqual(2);
      expect(residentRecordCodeCheckDigits(code.slice(0, 10))).toEqual([11 - r]);
    }
  });

  it('depends on the randomness passed in and on nothing else', () => {
    const draw = (seed: string) => drawIndividualNumber(seededRandomness(seed)).reveal();
    expect(draw('a')).toBe(draw('a'));
    expect(draw('a')).not.toBe(draw('b'));
    const fixed = { bytes: (n: number) => Buffer.alloc(n) };
    expect(drawIndividualNumber(fixed).reveal()).toBe('000000000000');
    expect(drawIndividualNumber(systemRandomness()).reveal()).not.toBe(
      drawIndividualNumber(systemRandomness()).reveal(),
    );
  });

  it('draws again while the code’s body is doubtful', () => {
    // 0000000000 has r = 0; the second body, 1, has r = 2.
    const values = [0, 1];
    let calls = 0;
    const scripted = {
      bytes: (n: number) => {
        const bytes = Buffer.alloc(n);
        bytes.writeUIntBE(values[calls++]!, 0, 6);
        return bytes;
      },
    };
    expect(drawResidentRecordCode(scripted).reveal()).toBe('00000000019');
    expect(calls).toBe(2);
  });
});

describe('masking', () => {
  it.each([
    [IndividualNumber.parse('123456789018'), '****-****-****'],
    [ResidentRecordCode.parse('24727059608'), '***********'],
    [CorporateNumber.parse('7123456789012'), '*-****-****-****'],
    [BasicPensionNumber.parse('9600123456'), '****-******'],
    [InsurerNumber.parse('33120015'), '********'],
    [InsurerNumber.parse('138057'), '********'],
    [new Masked('passphrase', 'secret'), '********'],
  ])('%s shows as %s, not one digit', (number, shown) => {
    expect(mask(number)).toBe(shown);
  });
});
