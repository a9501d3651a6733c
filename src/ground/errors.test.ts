import { describe, expect, it } from 'vitest';
import { asSekishoError, isSekishoError, SekishoError } from './errors.ts';

describe('SekishoError', () => {
  it('is a kind, its class and facts', () => {
    const error = new SekishoError('budget-spent', { limit: 30 }, { cause: 'x' });
    expect(error).toMatchObject({
      name: 'SekishoError',
      kind: 'budget-spent',
      class: 'refused',
      facts: { limit: 30 },
      cause: 'x',
    });
    expect(error.message).toBe('budget-spent {"limit":30}');
    expect(error instanceof Error).toBe(true);
  });

  it('is told apart from others, by kind if one is named', () => {
    const error = new SekishoError('timeout');
    expect(isSekishoError(error)).toBe(true);
    expect(isSekishoError(error, 'timeout')).toBe(true);
    expect(isSekishoError(error, 'conflict')).toBe(false);
    expect(isSekishoError(new RangeError('x'))).toBe(false);
    expect(isSekishoError({ kind: 'timeout' }, 'timeout')).toBe(false);
  });

  it('anything else thrown becomes internal, with its cause kept and its text left out', () => {
    const error = new SekishoError('timeout');
    expect(asSekishoError(error)).toBe(error);
    const cause = new RangeError('関所太郎');
    expect(asSekishoError(cause)).toMatchObject({ kind: 'internal', facts: {}, cause });
    expect(asSekishoError(cause).message).not.toContain('関所');
    expect(asSekishoError(undefined).kind).toBe('internal');
  });
});
