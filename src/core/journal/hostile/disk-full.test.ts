import { describe, expect, it } from 'vitest';
import { SekishoError } from '../../../ground/errors.ts';
import { FolderFiles, type NewFile } from '../files.ts';
import { folderSource, nodePrimitives } from '../index.ts';
import { verifyLog } from '../verify/index.ts';
import { Scene } from './scene.fixture.ts';

const scene = new Scene();

/** A disk that takes so many more writes and then is full, until it is given room again. */
class SmallDisk extends FolderFiles {
  static room = Number.POSITIVE_INFINITY;
  static refusals = 0;

  #spend(): void {
    if (SmallDisk.room-- > 0) return;
    SmallDisk.refusals++;
    throw new SekishoError('disk-full', { what: 'journal-mirror' });
  }

  override async write(files: readonly NewFile[]): Promise<void> {
    for (const file of files) {
      this.#spend();
      await super.write([file]);
    }
  }

  override async splice(path: string, offset: number, bytes: Buffer): Promise<void> {
    if (SmallDisk.room < 1) await super.splice(path, offset, bytes.subarray(0, bytes.length / 2));
    this.#spend();
    await super.splice(path, offset, bytes);
  }
}

describe('a mirror disk that is full', () => {
  it('signs nothing, becomes overdue, and goes on where it stood when there is room', async () => {
    // Every count of writes before it is full, so that each step of an integration is the one that fails.
    SmallDisk.room = Number.POSITIVE_INFINITY;
    const journal = await scene.open({ files: (folder) => new SmallDisk(folder), integrateEveryMs: 5 });
    await journal.flush();
    let rooms = 0;
    for (let room = 0; room < 9; room++) {
      SmallDisk.room = room;
      const { refusals } = SmallDisk;
      await scene.append(journal, 130);
      const isWitnessed = () => journal.head().witnessedSize === journal.head().size;
      const known = () => SmallDisk.refusals > refusals + 1 || isWitnessed();
      await expect.poll(known, { timeout: 20_000 }).toBe(true);
      // How many writes an integration takes goes by how many lines came together: the last rooms may be enough.
      if (isWitnessed()) continue;
      rooms++;
      expect(journal.head().witnessedSize).toBeLessThan(journal.head().size);
      scene.stage.clock.advance(6_000);
      expect(() => journal.assertFresh()).toThrow(/witness-overdue/);
      SmallDisk.room = Number.POSITIVE_INFINITY;
      // Where the publishing failed, it is tried again without a line having to come.
      await journal.flush();
      expect(() => journal.assertFresh()).not.toThrow();
    }
    const verdict = await verifyLog(
      folderSource(scene.stage.mirror),
      scene.stage.policy(),
      undefined,
      nodePrimitives,
    );
    expect(verdict).toMatchObject({ ok: true, size: 1 + 9 * 130 });
    expect(rooms).toBeGreaterThanOrEqual(4);
  });

  it('leaves a state that opens again', async () => {
    SmallDisk.room = Number.POSITIVE_INFINITY;
    for (let room = 0; room < 9; room += 2) {
      SmallDisk.room = Number.POSITIVE_INFINITY;
      const journal = await scene.open({ files: (folder) => new SmallDisk(folder), integrateEveryMs: 5 });
      SmallDisk.room = room;
      await scene.append(journal, 200);
      await scene.close(journal);
      SmallDisk.room = Number.POSITIVE_INFINITY;
    }
    const journal = await scene.open();
    await journal.flush();
    const verdict = await verifyLog(
      folderSource(scene.stage.mirror),
      scene.stage.policy(),
      undefined,
      nodePrimitives,
    );
    expect(verdict).toMatchObject({ ok: true, size: 1 + 5 * 200 });
  });
});

describe('FolderFiles', () => {
  it('tells a full disk by its kind', async () => {
    // A device that is always full, where the machine has one.
    const files = new FolderFiles('/dev');
    await expect(files.patch('full', 0, Buffer.from('x'))).rejects.toMatchObject({ kind: 'disk-full' });
  });
});
