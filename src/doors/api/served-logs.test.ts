import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type FreshDatabase, freshDatabase } from '../../../test/database.ts';
import type { JournalKeys } from '../../core/gate/index.ts';
import { type Stage, staged, stageRooms, town } from '../../core/gate/staging/stage.fixture.ts';
import { Journal, newestLogNumber } from '../../core/journal/index.ts';
import { openLogFile } from './log-files.ts';
import { MirrorJournals } from './mirror-journals.ts';
import { ServedLogs } from './served-logs.ts';

let database: FreshDatabase;
let stage: Stage;
let keys: JournalKeys;
let folder: string;
beforeAll(async () => {
  database = await freshDatabase(stageRooms);
  stage = await staged(database);
  await stage.gate.journal(town).flush();
  keys = (await stage.gate.journalKeys({})).journals[0]!;
  folder = join(stage.folder, 'journal');
});
afterAll(async () => {
  await stage?.end();
  await database?.drop();
});

/** The public files, in a folder of their own to be altered. */
function copied(): string {
  const copy = mkdtempSync(join(tmpdir(), 'sekisho-served-'));
  mkdirSync(join(copy, town));
  for (const name of readdirSync(join(folder, town), { recursive: true, withFileTypes: true })) {
    if (!name.isFile()) continue;
    const from = join(name.parentPath, name.name);
    const to = join(copy, from.slice(folder.length));
    mkdirSync(join(to, '..'), { recursive: true });
    writeFileSync(to, readFileSync(from));
  }
  return copy;
}
const entries = (at: string) =>
  readdirSync(join(at, town, 'tile', 'entries'), { recursive: true, withFileTypes: true })
    .filter((each) => each.isFile())
    .map((each) => join(each.parentPath, each.name));

describe('verifying the served log', () => {
  it('says ok with the size of its head', async () => {
    const { size } = stage.gate.journal(town).head();
    expect(await new ServedLogs(folder).verify(keys)).toEqual({ verdict: 'ok', size });
  });

  it('finds a changed entry, a forged head, a missing file', async () => {
    const copy = copied();
    const served = new ServedLogs(copy);
    expect((await served.verify(keys)).verdict).toBe('ok');
    for (const place of entries(copy)) {
      const bytes = readFileSync(place);
      bytes[5]! ^= 1;
      writeFileSync(place, bytes);
    }
    expect((await served.verify(keys)).verdict).not.toBe('ok');
    const other = { ...keys, logKey: keys.logKey.replace(/.$/, (last) => (last === '=' ? '' : 'A')) };
    expect((await served.verify(other)).verdict).not.toBe('ok');
    rmSync(join(copy, town, 'checkpoint'));
    expect(await served.verify(keys)).toEqual({ verdict: 'tile-missing', size: 0 });
    rmSync(copy, { recursive: true });
  });

  it('asks for the witness that the keys name', async () => {
    const unseen = { ...keys, quorum: 2 };
    expect((await new ServedLogs(folder).verify(unseen)).verdict).toBe('quorum-missed');
  });

  it('runs once for all who ask meanwhile, and anew for the next', async () => {
    const served = new ServedLogs(folder);
    const [a, b] = await Promise.all([served.verify(keys), served.verify(keys)]);
    expect(a).toBe(b);
    expect(await served.verify(keys)).not.toBe(a);
  });

  it('knows no log that is not here', async () => {
    await expect(new ServedLogs(folder).verify(undefined)).rejects.toMatchObject({ kind: 'not-found' });
  });
});

describe('after a log has succeeded a lost one', () => {
  it('the new one is served, told of and verified, under its own name', async () => {
    await stage.gate.close();
    const { journal } = await Journal.succeed(stage.journalOptions());
    await journal.append({ lines: [{ kind: 'restore.made', body: { to: 0 } }] });
    await journal.close();
    await stage.reopen();
    await stage.gate.journal(town).flush();
    const { size } = stage.gate.journal(town).head();
    const now = (await stage.gate.journalKeys({})).journals[0]!;
    expect(now.origin).toBe(`${keys.origin}/2`);
    expect(newestLogNumber(join(folder, town))).toBe(2);
    expect(await new ServedLogs(folder).verify(now)).toEqual({ verdict: 'ok', size });
    // The keys of the lost one do not fit any more.
    expect((await new ServedLogs(folder).verify(keys)).verdict).toBe('origin-differs');
    const heads = await new MirrorJournals(folder, [town]).heads();
    expect(heads).toMatchObject([{ origin: now.origin, size }]);
    for (const path of ['checkpoint', '2/checkpoint', '2/succession']) {
      const file = await openLogFile(join(folder, town), path);
      expect(file, path).toBeDefined();
      file!.stream.destroy();
      expect(file!.cacheControl === 'no-cache', path).toBe(path.endsWith('checkpoint'));
    }
    expect(await openLogFile(join(folder, town), '2/payload/000')).toBeUndefined();
  });
});
