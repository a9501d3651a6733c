import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { isSekishoError } from './errors.ts';
import { PrivateFileWriter, readPrivateFile, writePrivateFile } from './private-file.ts';

const folder = mkdtempSync(join(tmpdir(), 'sekisho-private-'));
afterAll(() => rmSync(folder, { recursive: true }));

async function kindOf(work: () => Promise<unknown>): Promise<string> {
  try {
    await work();
  } catch (error) {
    if (isSekishoError(error)) return error.kind;
    throw error;
  }
  return 'done';
}

describe('a private file', () => {
  it('is written for its owner alone, whatever the umask', async () => {
    const before = process.umask(0);
    const file = join(folder, 'open-umask');
    await writePrivateFile(file, 'x', false).finally(() => process.umask(before));
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(await readPrivateFile(file, 'thing')).toBe('x');
  });

  it('is there whole or not at all: an aborted one leaves the old', async () => {
    const file = join(folder, 'aborted');
    await writePrivateFile(file, 'old', false);
    const writer = await PrivateFileWriter.open(file);
    await writer.write('half of the n');
    expect(readFileSync(file, 'utf8')).toBe('old');
    await writer.abort();
    expect(readFileSync(file, 'utf8')).toBe('old');
    expect(readdirSync(folder).filter((name) => name.endsWith('.new'))).toEqual([]);
  });

  it('written by two at once is one of them whole, and the other is told', async () => {
    const file = join(folder, 'raced');
    const texts = ['a', 'b', 'c'].map((letter) => letter.repeat(10_000));
    const kinds = await Promise.all(texts.map((text) => kindOf(() => writePrivateFile(file, text, false))));
    expect(kinds.sort()).toEqual(['already-exists', 'already-exists', 'done']);
    expect(texts).toContain(readFileSync(file, 'utf8'));
    expect(readdirSync(folder).filter((name) => name.endsWith('.new'))).toEqual([]);
  });

  it('is replaced only when told', async () => {
    const file = join(folder, 'kept');
    await writePrivateFile(file, 'one', false);
    expect(await kindOf(() => writePrivateFile(file, 'two', false))).toBe('already-exists');
    expect(readFileSync(file, 'utf8')).toBe('one');
    await writePrivateFile(file, 'two', true);
    expect(readFileSync(file, 'utf8')).toBe('two');
  });

  it('of another mode, absent, or too large is refused', async () => {
    const file = join(folder, 'loose');
    writeFileSync(file, 'x');
    chmodSync(file, 0o640);
    expect(await kindOf(() => readPrivateFile(file, 'thing'))).toBe('keystore-unsafe');
    expect(await kindOf(() => readPrivateFile(join(folder, 'absent'), 'thing'))).toBe('keystore-missing');
    expect(await kindOf(() => readPrivateFile(join(file, 'below'), 'thing'))).toBe('keystore-missing');
    const large = join(folder, 'large');
    writeFileSync(large, Buffer.alloc(1_048_577), { mode: 0o600 });
    expect(await kindOf(() => readPrivateFile(large, 'thing'))).toBe('too-large');
  });

  it('in a folder that is not there is an error, not a silence', async () => {
    expect(await kindOf(() => writePrivateFile(join(folder, 'no', 'file'), 'x', true))).toBe('internal');
  });
});
