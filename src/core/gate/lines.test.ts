import { describe, expect, it } from 'vitest';
import { SekishoError } from '../../ground/errors.ts';
import { refusalOf, spokenReason } from './lines.ts';

describe('a reason in a clerk’s own words', () => {
  it.each([
    ['a number', '番号621498320257が漏えい', '番号‹digits›が漏えい'],
    ['a number in groups', '6214-9832 0257 seen', '‹digits› seen'],
    ['a number in full width', '６２１４９８３２０２５７', '‹digits›'],
    ['a birth date', 'born 1980-04-01', 'born ‹digits›'],
    ['short figures, which stay', 'room 12, 3 persons', 'room 12, 3 persons'],
  ])('loses %s', (_name, text, kept) => {
    expect(spokenReason(text)).toBe(kept);
  });
  it('is cut to 200 characters', () => {
    expect(spokenReason('x'.repeat(1_000))).toHaveLength(200);
  });
});

describe('a refusal in a line', () => {
  it('is kind and facts of the error', () => {
    expect(refusalOf(new SekishoError('budget-spent', { scope: 'session' }))).toEqual({
      ...{ outcome: 'refused', reason: 'budget-spent', facts: { scope: 'session' } },
    });
  });
  it('says nothing of an error that is not ours: its message may hold anything', () => {
    expect(refusalOf(new TypeError('山田太郎'))).toEqual({
      outcome: 'refused',
      reason: 'internal',
      facts: {},
    });
  });
});
