import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { Cli } from './cli.ts';
import { exitCodes } from './exit-codes.ts';
import { leaves, manualText } from './manual.ts';
import { buildProgram } from './program.ts';
import { recordedTerminal } from './recorded-terminal.fixture.ts';

const manual = readFileSync(new URL('../../../docs/cli.md', import.meta.url), 'utf8');

describe('docs/cli.md', () => {
  it('is what the command tree gives (write-manual.ts writes it anew)', () => {
    expect(manual).toBe(manualText());
  });

  it('holds every command', () => {
    const cli = new Cli({
      terminal: recordedTerminal(),
      language: 'en',
      json: false,
      signal: new AbortController().signal,
    });
    const names = leaves(buildProgram(cli)).map(({ name }) => name);
    expect(names.length).toBeGreaterThan(20);
    for (const name of names) expect(manual).toContain(`### ${name}`);
  });

  it('holds every exit code', () => {
    for (const code of Object.values(exitCodes)) expect(manual).toMatch(new RegExp(`^\\| ${code} \\|`, 'm'));
  });
});
