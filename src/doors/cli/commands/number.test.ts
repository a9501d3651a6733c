import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { drawIndividualNumber } from '../../../core/numbers/index.ts';
import { seededRandomness } from '../../../ground/randomness.ts';
import { main } from '../program.ts';
import { recordedTerminal } from '../recorded-terminal.fixture.ts';
import { checkNumber } from './number.ts';

const mainFile = new URL('../main.ts', import.meta.url).pathname;

/** The command as a real process, the way a script calls it. */
function sekisho(args: string[], input = '') {
  const env = { PATH: process.env['PATH'], LANG: 'en_US.UTF-8', NO_COLOR: '1' };
  const { status, stdout, stderr } = spawnSync(process.execPath, [mainFile, ...args], {
    input,
    env,
    encoding: 'utf8',
  });
  return { status, stdout, stderr };
}

const valid = drawIndividualNumber(seededRandomness('number.test')).reveal();
const slipped = valid.slice(0, 11) + ((Number(valid[11]) + 1) % 10);

describe('sekisho number check, as a process', () => {
  it('a valid number exits 0 and is not shown again', () => {
    const { status, stdout, stderr } = sekisho(['number', 'check', valid]);
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(stdout).toContain('individual number  valid');
    expect(stdout).not.toContain(valid);
  });

  it('one that is not exits 3', () => {
    const { status, stdout } = sekisho(['number', 'check', slipped]);
    expect(status).toBe(3);
    expect(stdout).toContain('check digit');
  });

  it('reads many from stdin and answers one JSON document', () => {
    const { status, stdout } = sekisho(['number', 'check', '--json'], `${valid}\n\n${slipped}\r\nabc\n`);
    expect(status).toBe(3);
    expect(JSON.parse(stdout)).toEqual({
      checked: 3,
      notValid: 2,
      numbers: [
        { place: 1, kind: 'individual-number', valid: true, reason: null },
        { place: 2, kind: 'individual-number', valid: false, reason: 'check-digit' },
        { place: 3, kind: 'individual-number', valid: false, reason: 'character' },
      ],
    });
  });

  it('no number at all is a usage error', () => {
    expect(sekisho(['number', 'check']).status).toBe(2);
  });
});

describe('sekisho number new, as a process', () => {
  it('draws numbers that its own check accepts', () => {
    const drawn = sekisho(['number', 'new', '--count', '20', '--json']);
    expect(drawn.status).toBe(0);
    const { numbers, assigned } = JSON.parse(drawn.stdout) as { numbers: string[]; assigned: boolean };
    expect(assigned).toBe(false);
    expect(new Set(numbers).size).toBe(20);
    expect(sekisho(['number', 'check'], numbers.join('\n')).status).toBe(0);
  });

  it.each(['resident-record-code', 'corporate-number'])('draws %s', (kind) => {
    const { stdout } = sekisho(['number', 'new', '--kind', kind]);
    expect(sekisho(['number', 'check', '--kind', kind], stdout).status).toBe(0);
  });

  it('refuses a kind that has nothing to draw, exit 3', () => {
    const { status, stderr } = sekisho(['number', 'new', '--kind', 'basic-pension-number']);
    expect(status).toBe(3);
    expect(stderr).toContain('What to do');
  });
});

describe('the kind of a number', () => {
  it.each([
    ['123456789012', 'individual-number'],
    ['12345678901', 'resident-record-code'],
    ['1234567890123', 'corporate-number'],
    ['1234-567890', 'basic-pension-number'],
    ['12345678', 'insurer-number'],
    ['１３１０１６', 'local-government-code'],
  ])('%s is taken for a %s', (text, kind) => {
    expect(checkNumber(text, 1).kind).toBe(kind);
  });

  it('any text gets an answer, and the answer never holds the text', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 12 }), (text) => {
        expect(JSON.stringify(checkNumber(text, 1))).not.toContain(JSON.stringify(text).slice(1, -1));
      }),
    );
  });

  it('a number at the prompt is not echoed', async () => {
    const terminal = recordedTerminal({ tty: true, typed: `${valid}\r` });
    const code = await main(['number', 'check'], { terminal, signal: new AbortController().signal });
    expect(code).toBe(0);
    expect(terminal.out() + terminal.err()).not.toContain(valid);
  });
});

describe('a process that is ended from outside', () => {
  it('Ctrl-C: 130, a word on stderr, and no half file', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'sekisho-interrupt-'));
    try {
      const args = [mainFile, 'sample', 'population', join(folder, 'town.csv'), '--residents', '2000000'];
      const child = spawn(process.execPath, args, {
        env: { PATH: process.env['PATH'], LANG: 'en_US.UTF-8' },
      });
      let err = '';
      child.stderr.on('data', (chunk: Buffer) => {
        err += chunk.toString();
      });
      // It has begun once its file is there.
      await expect.poll(() => readdirSync(folder).length, { timeout: 20_000 }).toBe(1);
      child.kill('SIGINT');
      const [code] = await once(child, 'exit');
      expect(code).toBe(130);
      expect(err).toContain('interrupted');
      expect(readdirSync(folder)).toEqual([]);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });

  it('a reader that has seen enough: no stack trace', () => {
    const env = { PATH: process.env['PATH'], LANG: 'en_US.UTF-8', NODE: process.execPath, MAIN: mainFile };
    const line = '"$NODE" "$MAIN" number new --count 300000 | head -1';
    const { stdout, stderr } = spawnSync('sh', ['-c', line], { env, encoding: 'utf8' });
    expect(stdout).toMatch(/^\d{12}\n$/);
    expect(stderr).not.toMatch(/EPIPE|at .*\.ts:/);
  });
});
