import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Masked } from '../../ground/masked.ts';
import { readShareFile, writeShareFile } from './share-file.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'sekisho-share-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

const share = new Masked('keystore-share', 'SKS1-AAAAA-BBBBB');
const which = { number: 2, count: 5, threshold: 3 };

describe('a share file', () => {
  it('is its owner’s alone, says which share it is, and is read back', async () => {
    const file = join(folder, 'two');
    await writeShareFile(file, share, which);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(readFileSync(file, 'utf8')).toMatch(/^# sekisho keystore share 2 of 5; 3 of them/);
    expect((await readShareFile(file)).reveal()).toBe(share.reveal());
  });

  it('is never overwritten', async () => {
    const file = join(folder, 'once');
    await writeShareFile(file, share, which);
    const other = new Masked('keystore-share', 'SKS1-CCCCC');
    await expect(writeShareFile(file, other, which)).rejects.toMatchObject({ kind: 'already-exists' });
    expect((await readShareFile(file)).reveal()).toBe(share.reveal());
  });

  it('that is not there or empty is named as the share that is missing', async () => {
    const gone = join(folder, 'gone');
    await expect(readShareFile(gone)).rejects.toMatchObject({
      kind: 'keystore-missing',
      facts: { missing: 'share', file: gone },
    });
    writeFileSync(gone, '# only a comment\n', { mode: 0o600 });
    await expect(readShareFile(gone)).rejects.toMatchObject({ facts: { missing: 'share', reason: 'empty' } });
  });

  it('that others may read is refused', async () => {
    const file = join(folder, 'open');
    await writeShareFile(file, share, which);
    chmodSync(file, 0o640);
    await expect(readShareFile(file)).rejects.toMatchObject({ kind: 'keystore-unsafe' });
  });

  it('typed from paper may have blanks around it', async () => {
    const file = join(folder, 'typed');
    writeFileSync(file, '\r\n  SKS1-AAAAA-BBBBB \r\n', { mode: 0o600 });
    expect((await readShareFile(file)).reveal()).toBe(share.reveal());
  });
});
