import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { individualNumberCheckDigit } from '../../../core/numbers/index.ts';
import { lengthOf, readTypedNumber } from './typed-number.ts';

const body = fc.stringMatching(/^[0-9]{11}$/);
const whole = (digits: string) => digits + String(individualNumberCheckDigit(digits));
const wide = (text: string) =>
  text.replace(/\d/g, (digit) => String.fromCharCode(digit.charCodeAt(0) + 0xfee0));

describe('a number while it is typed', () => {
  it('is good however it is written', () => {
    fc.assert(
      fc.property(body, (digits) => {
        const number = whole(digits);
        const grouped = `${number.slice(0, 4)} ${number.slice(4, 8)}-${number.slice(8)}`;
        for (const text of [number, wide(number), grouped, ` ${number} `, wide(grouped)])
          expect(readTypedNumber('number', text)).toEqual({ state: 'good' });
      }),
    );
  });

  it('is short until the last digit, and never wrong before', () => {
    fc.assert(
      fc.property(body, fc.integer({ min: 1, max: 11 }), (digits, n) => {
        const typed = whole(digits).slice(0, n);
        expect(readTypedNumber('number', typed)).toEqual({ state: 'short', digits: n });
        expect(readTypedNumber('number', `${wide(typed)}-`)).toEqual({ state: 'short', digits: n });
      }),
    );
  });

  it('one wrong digit shows with the last one', () => {
    fc.assert(
      fc.property(body, fc.integer({ min: 1, max: 9 }), (digits, by) => {
        const number = whole(digits);
        const slip = number.slice(0, 11) + String((Number(number[11]) + by) % 10);
        expect(readTypedNumber('number', slip)).toEqual({ state: 'wrong', reason: 'check-digit' });
      }),
    );
  });

  it.each([
    ['', { state: 'empty' }],
    [' \u3000', { state: 'empty' }],
    ['12a', { state: 'wrong', reason: 'character' }],
    ['1234567890123', { state: 'wrong', reason: 'length' }],
  ])('%j is %j', (text, typed) => expect(readTypedNumber('number', text)).toEqual(typed));

  it('a resident record code has eleven digits', () => {
    expect(lengthOf('residentCode')).toBe(11);
    expect(readTypedNumber('residentCode', '1234')).toEqual({ state: 'short', digits: 4 });
    expect(readTypedNumber('residentCode', '123456789012').state).toBe('wrong');
  });

  it('never throws', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 200 }), (text) => {
        expect(['empty', 'short', 'wrong', 'good']).toContain(readTypedNumber('number', text).state);
      }),
    );
  });
});
