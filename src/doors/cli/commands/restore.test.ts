import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { exitCodes } from '../exit-codes.ts';
import { main } from '../program.ts';
import { recordedTerminal } from '../recorded-terminal.fixture.ts';

let data: string;
beforeEach(() => {
  data = mkdtempSync(join(tmpdir(), 'sekisho-cli-'));
});
afterEach(() => rmSync(data, { recursive: true, force: true }));

async function run(...argv: string[]) {
  const terminal = recordedTerminal({ env: {} });
  const signal = new AbortController().signal;
  const code = await main([...argv, '--data', data, '--lang', 'en'], { terminal, signal });
  return { code, out: terminal.out(), err: terminal.err() };
}

describe('sekisho restore', () => {
  it('without a moment says how to give one', async () => {
    const { code, err } = await run('restore');
    expect(code).toBe(exitCodes.usage);
    expect(err).toContain('--to TIME');
  });

  it.each(['yesterday', '2026-02-30T10:00', '2026-04-01'])('to %s is a usage error', async (moment) => {
    const { code, err } = await run('restore', '--to', moment);
    expect(code).toBe(exitCodes.usage);
    expect(err).toContain('2026-04-01T09:30');
  });

  it('of no house is refused and makes nothing', async () => {
    const { code } = await run('restore', '--to', '2026-04-01T09:30');
    expect([exitCodes.unavailable, exitCodes.missing]).toContain(code);
    expect(readdirSync(data)).toEqual([]);
  });
});

describe('sekisho backup', () => {
  it('of no house is refused and makes nothing', async () => {
    const { code } = await run('backup');
    expect([exitCodes.unavailable, exitCodes.missing]).toContain(code);
    expect(existsSync(join(data, 'postgres'))).toBe(false);
  });

  it('that should live no whole number of days is a usage error', async () => {
    expect((await run('backup', '--keep', 'a week')).code).toBe(exitCodes.usage);
  });

  it('--list of a house without backups lists none', async () => {
    const { code, out } = await run('backup', '--list', '--json');
    expect(code).toBe(exitCodes.ok);
    expect(JSON.parse(out)).toEqual({
      ...{ bases: [], restores: [] },
      wal: { files: 0, since: null, sinceBytes: 0, sizeBytes: 0 },
    });
  });
});
