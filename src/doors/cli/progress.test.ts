import { describe, expect, it } from 'vitest';
import { formatDuration, paceOf, startProgress } from './progress.ts';
import { recordedTerminal } from './recorded-terminal.fixture.ts';

describe('time left', () => {
  it.each([
    [0, '0:00'],
    [7.4, '0:07'],
    [123, '2:03'],
    [3723, '1:02:03'],
    [-5, '0:00'],
    [Number.POSITIVE_INFINITY, '-:--'],
    [Number.NaN, '-:--'],
  ])('%d s prints as %s', (seconds, text) => {
    expect(formatDuration(seconds)).toBe(text);
  });

  it('follows from the rate so far', () => {
    expect(paceOf(100, 300, 2_000)).toEqual({ perSecond: 50, leftSeconds: 4 });
    expect(paceOf(0, 300, 2_000).leftSeconds).toBe(Number.POSITIVE_INFINITY);
    expect(paceOf(0, 0, 0).perSecond).toBe(0);
  });
});

describe('progress', () => {
  const options = { language: 'en', json: false, title: 'import', unit: 'rows', total: 20_000 } as const;

  it('writes plain lines in a pipe, at most one in five seconds, and one at the end', () => {
    let now = 0;
    const terminal = recordedTerminal({ elapsedMs: () => now });
    const progress = startProgress({ terminal, ...options });
    for (now = 0; now <= 12_000; now += 100) progress.update(now);
    progress.stop();
    const lines = terminal.err().trimEnd().split('\n');
    expect(lines).toHaveLength(3);
    expect(lines[0]).toBe('import 5,000/20,000 rows, 1,000/s, left 0:15');
    expect(terminal.err()).not.toContain('\u001b');
    expect(terminal.out()).toBe('');
  });

  it('draws a bar only where a person looks, and on stderr', () => {
    const terminal = recordedTerminal({ tty: true });
    const progress = startProgress({ terminal, ...options });
    progress.update(10_000, 40_000);
    progress.stop();
    expect(terminal.out()).toBe('');
  });

  it('is silent under --json', () => {
    const terminal = recordedTerminal({ tty: true });
    const progress = startProgress({ terminal, ...options, json: true });
    progress.update(5);
    progress.stop();
    expect(terminal.err()).toBe('');
  });
});
