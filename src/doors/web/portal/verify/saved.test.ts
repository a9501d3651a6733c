import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { main } from '../../../cli/index.ts';
import { recordedTerminal } from '../../../cli/recorded-terminal.fixture.ts';
import { fingerprintOf, givenLines, savedKeys, savedLine } from './index.ts';
import { policies, policy, sceneOf, writtenAt } from './scene.fixture.ts';

const folder = mkdtempSync(join(tmpdir(), 'sekisho-kept-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const { answer } = await sceneOf(23, [16]);
const [line] = givenLines(answer);
const kept = savedLine(line!)!;
const keys = savedKeys(policies);

function write(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}
const trust = write(keys.name, keys.text);

async function verify(file: string, more: readonly string[] = ['--json']) {
  const terminal = recordedTerminal({});
  const argv = ['journal', 'verify', file, '--trust', trust, '--data', join(folder, 'no-house'), ...more];
  const code = await main(argv, { terminal, signal: new AbortController().signal });
  return { code, out: terminal.out(), err: terminal.err() };
}

describe('a line that the page saves', () => {
  it('is named by journal and index, and by nothing personal', () => {
    expect(kept.name).toBe('sekisho-131016-16.tlog-proof');
  });

  it('is verified by the command line, offline, with the keys that the page saves', async () => {
    const ran = await verify(write(kept.name, kept.text));
    expect([ran.code, ran.err]).toEqual([0, '']);
    expect(JSON.parse(ran.out)).toMatchObject({
      ...{ verified: true, index: 16, size: 23, origin: policy.origin },
      witnesses: [{ name: 'witness.example', at: '2026-04-01T00:00:02.000Z' }],
      line: { at: writtenAt + 16, kind: 'field.opened', body: { office: 'resident-desk' } },
    });
  });

  it('is told to a person in both languages', async () => {
    const file = write(kept.name, kept.text);
    expect((await verify(file, ['--lang', 'ja'])).out).toContain('立会人が確かめています');
    expect((await verify(file, ['--lang', 'en'])).out).toContain('resident-desk');
  });

  it('proves its place where its content was kept back', async () => {
    const { payload: _payload, salt: _salt, ...coarse } = line!;
    const ran = await verify(write('coarse', savedLine(coarse)!.text));
    expect(JSON.parse(ran.out)).toMatchObject({ verified: true, index: 16, line: null });
  });

  it.each([
    [
      'one letter of the line',
      8,
      kept.text.replace(/extra (.{60})(.)/, (_, a, b) => `extra ${a}${b === 'A' ? 'B' : 'A'}`),
    ],
    ['its place', 8, kept.text.replace('index 16', 'index 15')],
    ['the head', 8, kept.text.replace('\n23\n', '\n24\n')],
    ['the witness taken away', 8, kept.text.replace(/— witness\.example .*\n/, '')],
    ['another log', 5, kept.text.replace('journal.example/131016', 'journal.example/131024')],
    ['half of it missing', 8, kept.text.slice(0, 300)],
  ])('with %s changed is refused', async (_what, code, text) => {
    const ran = await verify(write('changed', text));
    expect(ran.code).toBe(code);
  });

  it('is not offered before it has a proof', () => {
    expect(savedLine({ ...line!, proof: undefined })).toBeUndefined();
  });
});

describe('the fingerprint of a key', () => {
  it('is the same for the same key under another name, and told in groups of four', async () => {
    const fingerprint = await fingerprintOf(policy.logKey);
    expect(fingerprint).toMatch(/^(?:[0-9a-f]{4} ){15}[0-9a-f]{4}$/);
    expect(await fingerprintOf(policy.witnessKeys[0]!)).not.toBe(fingerprint);
    expect(await fingerprintOf('no key')).toBeUndefined();
  });
});
