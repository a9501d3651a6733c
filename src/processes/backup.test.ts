import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { systemClock } from '../ground/clock.ts';
import { startEmbedded } from '../ground/database/index.ts';
import { silentLog } from '../ground/log.ts';
import { systemRandomness } from '../ground/randomness.ts';
import { backupHouse, backupPlaces, listBackups } from './backup.ts';
import { holdHouse } from './house-lock.ts';
import { initHouse } from './init.ts';
import { type HouseLayout, houseLayout } from './layout.ts';
import { restoreHouse } from './restore.ts';

let folder: string;
let layout: HouseLayout;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'sekisho-backup-'));
  chmodSync(folder, 0o755);
  layout = houseLayout(join(folder, 'data'));
  await initHouse({
    folder: layout.root,
    municipalities: ['202029'],
    originPrefix: 'test.sekisho.invalid',
    mode: 'demo',
    database: 'embedded',
  });
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const common = { clock: systemClock, log: silentLog };
const backup = (more = {}) => backupHouse({ folder: layout.root, ...common, ...more });
const dayMs = 86_400_000;

/** The same house, told that its records lie in a server of the operator's. */
async function withOwnServer(work: () => Promise<void>): Promise<void> {
  const kept = readFileSync(layout.settingsFile, 'utf8');
  writeFileSync(layout.settingsFile, JSON.stringify({ ...JSON.parse(kept), database: 'server' }), {
    mode: 0o600,
  });
  await work().finally(() => writeFileSync(layout.settingsFile, kept, { mode: 0o600 }));
}

describe('a backup', () => {
  it('of a house that was never started is refused, and starts none', async () => {
    await expect(backup()).rejects.toMatchObject({ kind: 'not-found' });
    expect(existsSync(join(layout.postgres, 'server'))).toBe(false);
  });

  it('and a restore are refused while somebody else holds the house', async () => {
    mkdirSync(join(layout.postgres, 'server'), { recursive: true });
    const release = holdHouse(layout.root);
    try {
      await expect(backup()).rejects.toMatchObject({ kind: 'conflict' });
      const to = Date.now() - 1_000;
      await expect(restoreHouse({ folder: layout.root, to, ...common } as never)).rejects.toMatchObject({
        kind: 'conflict',
      });
    } finally {
      release();
      rmSync(join(layout.postgres, 'server'), { recursive: true });
    }
  });

  it('that would keep wrapped keys longer than a key backup may live is refused', async () => {
    await expect(backup({ keepMs: 36 * dayMs })).rejects.toMatchObject({ kind: 'bad-input' });
    await expect(backup({ keepMs: Number.NaN })).rejects.toMatchObject({ kind: 'bad-input' });
  });

  it('of a PostgreSQL of the operator’s own is left to its tools; so is the restore', async () => {
    await withOwnServer(async () => {
      await expect(backup()).rejects.toMatchObject({ kind: 'unsupported', facts: { reason: 'own-server' } });
      const restore = restoreHouse({ folder: layout.root, ...common, randomness: systemRandomness(), to: 0 });
      await expect(restore).rejects.toMatchObject({ kind: 'unsupported' });
    });
  });

  it('of a stopped house starts the database and stops it again; of a running one leaves it running', async () => {
    const { archive } = backupPlaces(layout);
    const options = { folder: layout.postgres, log: silentLog, archive: { folder: archive } };
    const server = await startEmbedded(options);
    const pidFile = join(server.places.cluster, 'postmaster.pid');
    const first = await backup();
    expect(existsSync(pidFile)).toBe(true);
    await server.stop();
    const second = await backup();
    expect(existsSync(pidFile)).toBe(false);
    const { bases, restores } = await listBackups(layout.root);
    expect(bases.map(({ name }) => name)).toEqual([first.base, second.base]);
    expect(restores).toEqual([]);
    expect(first.journals).toEqual([]);
    expect(existsSync(join(second.folder, 'journals.json'))).toBe(true);
  });

  it('past its life goes when the next is made, and holds no key of the keystore', async () => {
    const clock = { now: () => systemClock.now() + 8 * dayMs };
    const made = await backup({ clock });
    expect(made.pruned.bases).toHaveLength(2);
    expect((await listBackups(layout.root)).bases.map(({ name }) => name)).toEqual([made.base]);
    const files = readdirSync(layout.backup, { recursive: true }).map(String);
    expect(files.filter((file) => /keystore|passphrase|roles\.json|tls-/.test(file))).toEqual([]);
  });
});

describe('a restore', () => {
  it('without the keystore’s passphrase is refused before anything else', async () => {
    const elsewhere = join(folder, 'nowhere');
    mkdirSync(elsewhere);
    const restore = restoreHouse({
      ...{ folder: layout.root, ...common, randomness: systemRandomness(), to: systemClock.now() },
      passphraseFile: join(elsewhere, 'passphrase'),
    });
    await expect(restore).rejects.toMatchObject({ kind: 'keystore-missing' });
    expect(existsSync(join(layout.postgres, 'restoring'))).toBe(false);
  });
});
