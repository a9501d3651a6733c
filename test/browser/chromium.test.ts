import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { systemChromium } from './chromium.ts';

const folder = mkdtempSync(join(tmpdir(), 'sekisho-browsers-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function executable(...path: readonly string[]): string {
  const file = join(folder, ...path);
  mkdirSync(join(file, '..'), { recursive: true });
  writeFileSync(file, '');
  chmodSync(file, 0o755);
  return file;
}

describe('the system’s browser', () => {
  it('is the one that is named, wherever it lies', () => {
    const file = executable('named', 'my-browser');
    executable('path', 'chromium');
    expect(systemChromium({ SEKISHO_CHROMIUM: file, PATH: join(folder, 'path') })).toBe(file);
  });

  it('is the first on the path', () => {
    const second = executable('b', 'google-chrome');
    const first = executable('a', 'chromium-browser');
    expect(systemChromium({ PATH: `${join(folder, 'a')}:${join(folder, 'b')}` })).toBe(first);
    expect(systemChromium({ PATH: join(folder, 'b') })).toBe(second);
  });

  it('is no folder of that name', () => {
    mkdirSync(join(folder, 'c', 'chromium'), { recursive: true });
    const found = systemChromium({ PATH: join(folder, 'c') });
    expect(found).not.toBe(join(folder, 'c', 'chromium'));
  });
});
