import { format, inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { Masked } from './masked.ts';

const secret = new Masked('individual-number', '123456789012');

describe('Masked', () => {
  it('gives its value to reveal() alone', () => {
    expect(secret.reveal()).toBe('123456789012');
  });

  it.each([
    ['toString', () => String(secret)],
    ['template', () => `${secret}`],
    ['concatenation', () => `a${secret as unknown as string}`],
    ['number', () => String(Number(secret))],
    ['JSON', () => JSON.stringify({ a: [secret] })],
    [
      'inspect, all properties',
      () => inspect({ secret }, { showHidden: true, depth: 9, customInspect: true }),
    ],
    ['inspect without the custom one', () => inspect(secret, { customInspect: false, showHidden: true })],
    ['format', () => format('%s %o %O %j', secret, secret, secret, secret)],
    [
      'keys and entries',
      () => JSON.stringify([Object.keys(secret), Object.entries(secret), Object.getOwnPropertyNames(secret)]),
    ],
    ['a copy', () => JSON.stringify({ ...secret })],
    ['an error’s message', () => inspect(new RangeError(`bad ${secret}`))],
  ])('hides it in %s', (_, show) => {
    expect(show()).not.toContain('123456789012');
  });

  it('shows its kind', () => {
    expect(`${secret}`).toBe('‹individual-number›');
    expect(JSON.stringify({ secret })).toBe('{"secret":"‹individual-number›"}');
  });
});
