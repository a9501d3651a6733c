import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { systemRandomness } from '../../ground/randomness.ts';
import { spoolUpload } from './spool.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sekisho-spool-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const onDisk = () =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => readFileSync(join(entry.parentPath, entry.name)));

async function whole(source: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of source) chunks.push(chunk);
  return Buffer.concat(chunks);
}

describe('a spooled upload', () => {
  it('is read twice the same, and lies on disk as something else', async () => {
    const text = Buffer.from('住所,氏名\r\n'.repeat(60_000));
    const upload = Readable.from([text.subarray(0, 1_000), text.subarray(1_000)]);
    const spool = await spoolUpload(upload, folder, systemRandomness());
    expect(spool.size).toBe(text.length);
    expect((await whole(spool.open())).equals(text)).toBe(true);
    expect((await whole(spool.open())).equals(text)).toBe(true);
    const [stored, ...others] = onDisk();
    expect(others).toEqual([]);
    expect(stored!.length).toBe(text.length);
    expect(stored!.includes('氏名')).toBe(false);
    await spool.remove();
    expect(readdirSync(folder)).toEqual([]);
  });

  it('leaves nothing when the sender breaks off', async () => {
    const upload = Readable.from(
      (async function* () {
        yield Buffer.from('住所');
        throw new Error('gone');
      })(),
    );
    await expect(spoolUpload(upload, folder, systemRandomness())).rejects.toThrow();
    expect(readdirSync(folder)).toEqual([]);
  });

  it('two uploads of the same file look different', async () => {
    for (let i = 0; i < 2; i++)
      await spoolUpload(Readable.from([Buffer.from('same')]), folder, systemRandomness());
    const [a, b] = onDisk();
    expect(a!.equals(b!)).toBe(false);
  });

  it('a reader that stops early ends quietly', async () => {
    const spool = await spoolUpload(Readable.from([Buffer.alloc(2_000_000)]), folder, systemRandomness());
    for await (const _ of spool.open()) break;
    await spool.remove();
    expect(readdirSync(folder)).toEqual([]);
  });
});
