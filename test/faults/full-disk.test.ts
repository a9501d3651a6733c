import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { FolderFiles, type MirrorFiles } from '../../src/core/journal/index.ts';
import { asSekishoError, SekishoError } from '../../src/ground/errors.ts';
import { TestHouse } from '../house.ts';

/**
 * The disk of the journal's mirror is full: lines stay durable in the database, no head goes to the witness, and the gate
 * stops releasing when that is overdue. With room again it goes on by itself, and nothing that was acknowledged is lost.
 */

/** A disk that can be filled up and emptied; `at`: how many calls still succeed. */
function limited(files: MirrorFiles, disk: { left: number }): MirrorFiles {
  const charge = async <T>(work: () => Promise<T>): Promise<T> => {
    if (disk.left-- <= 0) throw new SekishoError('disk-full', { what: 'journal-mirror' });
    return work();
  };
  return {
    read: (path) => files.read(path),
    list: (folder) => files.list(folder),
    remove: (folder) => files.remove(folder),
    write: (given) => charge(() => files.write(given)),
    splice: (path, offset, bytes) => charge(() => files.splice(path, offset, bytes)),
    patch: (path, offset, bytes) => charge(() => files.patch(path, offset, bytes)),
    settle: () => charge(() => files.settle()),
  };
}

async function disclose(house: TestHouse, times: number): Promise<number[]> {
  const desk = await house.openCase('residence-certificate');
  const persons = await house.persons();
  const indexes: number[] = [];
  for (let at = 0; at < times; at++) {
    const person = persons[at % persons.length]!;
    indexes.push((await house.gate.open({ ...desk, person, groups: ['name'] })).receipt.index);
  }
  return indexes;
}

async function sound(house: TestHouse, released: readonly number[]): Promise<void> {
  const inspection = await house.inspect();
  expect(inspection).toMatchObject({ log: { ok: true }, findings: [] });
  const lines = await house.lines();
  for (const index of released) expect(lines[index]).toMatchObject({ kind: 'field.opened' });
}

describe('a full disk under the mirror', () => {
  it('at any of its writes in turn: the gate stops after five seconds, and goes on when there is room', async () => {
    const disk = { left: Number.POSITIVE_INFINITY };
    await using house = await TestHouse.start({
      budgets: 'unlimited',
      journal: { files: (folder) => limited(new FolderFiles(folder), disk), integrateEveryMs: 5 },
    });
    await house.importTown(10);
    const released: number[] = [];
    for (let at = 0; at < 8; at++) {
      await house.journal().flush();
      disk.left = at;
      released.push(...(await disclose(house, 2)));
      // All those lines may have fallen into one round, and its seven writes be the last that found room: another line asks for more.
      const left = async () => {
        if (disk.left === 0) released.push(...(await disclose(house, 1)));
        return disk.left;
      };
      await expect.poll(left, { timeout: 5_000 }).toBeLessThan(0);
      house.manualClock.advance(5_001);
      const stopped = await disclose(house, 1).then(
        () => 'released',
        (error: unknown) => asSekishoError(error).kind,
      );
      expect(stopped, `after ${at} writes`).toBe('witness-overdue');
      disk.left = Number.POSITIVE_INFINITY;
      await house.journal().flush();
      released.push(...(await disclose(house, 1)));
    }
    await sound(house, released);
    await house.restart();
    await sound(house, released);
  });

  it('in the midst of a start: the gate does not open, and does when there is room', async () => {
    const disk = { left: Number.POSITIVE_INFINITY };
    const files = (folder: string) => limited(new FolderFiles(folder), disk);
    await using house = await TestHouse.start({
      budgets: 'unlimited',
      journal: { files, integrateEveryMs: 5 },
    });
    await house.importTown(10);
    await house.journal().flush();
    disk.left = 0;
    const released = await disclose(house, 3);
    await house.closeGate();
    await house.openGate().then(
      async () => {
        house.manualClock.advance(5_001);
        await expect(disclose(house, 1)).rejects.toMatchObject({ kind: 'witness-overdue' });
      },
      (error: unknown) => expect(asSekishoError(error).kind).toBe('disk-full'),
    );
    disk.left = Number.POSITIVE_INFINITY;
    await house.restart();
    await sound(house, [...released, ...(await disclose(house, 1))]);
  });
});

const isRoot = process.getuid?.() === 0;
/** A file system of so many bytes; undefined where this machine gives us none. */
function smallDisk(bytes: number): string | undefined {
  if (!isRoot) return undefined;
  const folder = mkdtempSync(join(tmpdir(), 'sekisho-small-disk-'));
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${bytes}`, 'tmpfs', folder], { stdio: 'ignore' });
    return folder;
  } catch {
    rmSync(folder, { recursive: true });
    return undefined;
  }
}

const mounted = smallDisk(2 * 1024 * 1024);

describe.skipIf(mounted === undefined)('a real file system without room', () => {
  it('stops the gate with a typed refusal and gives it back when somebody makes room', async () => {
    const ballast = join(mounted!, 'ballast');
    try {
      await using house = await TestHouse.start({ budgets: 'unlimited', mirrorFolder: mounted! });
      await house.importTown(30);
      await house.journal().flush();
      for (let size = 2 * 1024 * 1024; size >= 512; size >>= 1) {
        try {
          writeFileSync(`${ballast}-${size}`, Buffer.alloc(size));
        } catch (error) {
          expect(error).toMatchObject({ code: 'ENOSPC' });
          rmSync(`${ballast}-${size}`, { force: true });
        }
      }
      const released = await disclose(house, 20);
      house.manualClock.advance(5_001);
      await expect(disclose(house, 1)).rejects.toMatchObject({ kind: 'witness-overdue' });
      for (let size = 2 * 1024 * 1024; size >= 512; size >>= 1) rmSync(`${ballast}-${size}`, { force: true });
      await house.journal().flush();
      released.push(...(await disclose(house, 1)));
      await sound(house, released);
    } finally {
      execFileSync('umount', [mounted!]);
      rmSync(mounted!, { recursive: true });
    }
  });
});
