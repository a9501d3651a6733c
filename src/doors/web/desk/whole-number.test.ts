import { expect, it } from 'vitest';
import { wholeNumberOf } from './whole-number.ts';

it.each([
  ['8', 8],
  [' 168 ', 168],
  ['１２', 12],
  ['1,68', 168],
])('%j is %i', (text, n) => expect(wholeNumberOf(text, 168)).toBe(n));

it.each(['', '0', '169', '-1', '1.5', 'x', '1e2', '9999999999'])('%j is none', (text) =>
  expect(wholeNumberOf(text, 168)).toBeUndefined(),
);
