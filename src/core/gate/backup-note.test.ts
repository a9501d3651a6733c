import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type FreshDatabase, freshDatabase } from '../../../test/database.ts';
import { decodeLine } from '../journal/index.ts';
import { readCallers } from './callers.ts';
import { messages } from './messages.ts';
import { otherTown, type Stage, staged, stageRooms, town } from './staging/stage.fixture.ts';

let database: FreshDatabase;
let stage: Stage;
beforeAll(async () => {
  database = await freshDatabase(stageRooms);
  stage = await staged(database);
});
afterAll(async () => {
  await stage.end();
  await database.drop();
});

const made = { backup: 'base-20260401T003000000Z', size: 7, digest: 'ab'.repeat(32), to: 1_775_000_000_000 };
const newest = async () => {
  const { size } = stage.gate.journal(town).head();
  for await (const line of stage.gate.journal(town).read(size - 1, size)) return decodeLine(line.payload);
  return undefined;
};

describe('a backup', () => {
  it('is a line of the municipality whose records it holds', async () => {
    const { line } = await stage.gate.noteBackup({ municipality: town, ...made }, 'cli-admin');
    expect(line).toBe(stage.gate.journal(town).head().size - 1);
    expect(await newest()).toMatchObject({
      kind: 'backup.made',
      body: { ...made, caller: 'cli-admin', outcome: 'done' },
    });
  });
  it('of a municipality that this gate does not serve is refused, with a line', async () => {
    await expect(
      stage.gate.noteBackup({ municipality: otherTown, ...made }, 'cli-admin'),
    ).rejects.toMatchObject({
      kind: 'not-found',
    });
    expect(await newest()).toMatchObject({ kind: 'request.refused', body: { operation: 'note-backup' } });
  });
  it('is told of by administration alone, by its name and digest and nothing else', () => {
    expect(readCallers().noteBackup).toEqual(['cli-admin']);
    const note = { municipality: town, ...made };
    expect(messages.noteBackup.safeParse(note).success).toBe(true);
    for (const bad of [{ backup: '../etc' }, { digest: 'ab' }, { size: -1 }, { to: 1.5 }, { more: 1 }])
      expect(messages.noteBackup.safeParse({ ...note, ...bad }).success, JSON.stringify(bad)).toBe(false);
  });
});
