import { describe, expect, it } from 'vitest';
import { type ErrorKind, errorKinds, SekishoError } from '../../ground/errors.ts';
import { languages } from '../words/index.ts';
import { exitCodes, exitCodeWords, exitNameOf, Interrupted, UsageError } from './exit-codes.ts';
import { reportError } from './report-error.ts';

const person = { language: 'en', json: false, interrupted: false, command: 'sekisho x' } as const;

describe('exit codes', () => {
  it('are the documented ones', () => {
    expect(exitCodes).toEqual({
      ok: 0,
      internal: 1,
      usage: 2,
      input: 3,
      refused: 4,
      missing: 5,
      conflict: 6,
      unavailable: 7,
      broken: 8,
      interrupted: 130,
    });
  });

  it('are named in both languages, each once', () => {
    for (const language of languages) {
      const words = Object.values(exitCodeWords).map((word) => word[language]);
      expect(new Set(words).size).toBe(Object.keys(exitCodes).length);
    }
  });

  it.each(Object.keys(errorKinds) as ErrorKind[])('%s exits by its class', (kind) => {
    expect(reportError(new SekishoError(kind), person).exitCode).toBe(exitCodes[errorKinds[kind]]);
  });

  it('a foreign error is a fault of the program', () => {
    expect(reportError(new RangeError('x'), person).exitCode).toBe(1);
  });

  it('an interruption wins over what follows from it, and only over that', () => {
    const aborted = Object.assign(new Error('x'), { name: 'AbortError' });
    expect(exitNameOf(aborted, true)).toBe('interrupted');
    expect(exitNameOf(new SekishoError('unreachable'), true)).toBe('interrupted');
    expect(exitNameOf(new SekishoError('unreachable'), false)).toBe('unavailable');
    expect(exitNameOf(new SekishoError('seal-broken'), true)).toBe('broken');
    expect(exitNameOf(aborted, false)).toBe('internal');
    expect(exitNameOf(new Interrupted(), false)).toBe('interrupted');
    expect(exitNameOf(new UsageError({ ja: 'あ', en: 'a' }), false)).toBe('usage');
  });
});

describe('an error on stderr', () => {
  it('says what happened, what was not lost and what to do', () => {
    const { lines } = reportError(new SekishoError('budget-spent', { scope: 'session' }), person);
    expect(lines).toHaveLength(4);
    expect(lines[0]).toContain('(scope: session)');
    expect(lines[1]).toMatch(/^ {2}What happened: /);
    expect(lines[2]).toMatch(/^ {2}What was not lost: /);
    expect(lines[3]).toMatch(/^ {2}What to do: /);
  });

  it('is one JSON document under --json', () => {
    const error = new SekishoError('bad-input', { what: 'individual-number', reason: 'length' });
    const { lines } = reportError(error, { ...person, json: true });
    expect(lines).toHaveLength(1);
    expect(JSON.parse(lines[0]!)).toMatchObject({
      error: { kind: 'bad-input', class: 'input', exitCode: 3, facts: { reason: 'length' } },
    });
  });

  it('never shows what a foreign error says', () => {
    for (const json of [true, false]) {
      const { lines } = reportError(new Error('number 123456789018'), { ...person, json });
      expect(lines.join('\n')).not.toContain('1234');
    }
  });

  it('cannot be made to move the cursor by a fact', () => {
    const { lines } = reportError(new SekishoError('not-found', { file: 'a\u001b[2Jb\nc' }), person);
    expect(lines[0]).toContain('a\ufffd[2Jb\ufffdc');
  });

  it('a usage error points to the help of the command', () => {
    const { lines } = reportError(new UsageError({ ja: 'だめ', en: 'no' }), { ...person, language: 'ja' });
    expect(lines).toEqual(['使い方の誤り: だめ', '使い方は sekisho x --help']);
  });
});
