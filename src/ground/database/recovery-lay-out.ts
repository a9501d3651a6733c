import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, realpathSync, rmSync, symlinkSync } from 'node:fs';
import { chmod, chown, copyFile as copyWhole, mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { SekishoError } from '../errors.ts';
import { copyFile, type OpenSink, openFileSink, severalAtATime } from './base-copy-files.ts';
import { assertSame } from './base-copy-manifest.ts';
import { cleanEnvironment } from './binaries.ts';
import type { Plan, RecoveryOptions } from './recovery-plan.ts';
import { endLeftover } from './recovery-server.ts';
import type { Tail } from './recovery-tail.ts';

/** The laid-out copy is made durable as a whole, once it has been replayed and is about to be the house's. */
const openUnsynced: OpenSink = async (path) => ({ ...(await openFileSink(path)), sync: async () => {} });

/** fsync of every file and folder of a stopped cluster, by PostgreSQL's own tool. */
export function syncCluster(plan: Plan, binaries: string, cluster: string): void {
  const made = spawnSync(join(binaries, 'bin', 'initdb'), ['--sync-only', '-D', cluster], {
    env: cleanEnvironment,
    cwd: '/',
    ...plan.account,
  });
  if (made.status !== 0)
    throw new SekishoError('database-unavailable', { reason: 'sync', exit: made.status ?? -1 });
}

/** Copies the base to `home/restoring/cluster`, each file checked against the manifest as it passes. */
export async function layOutBase(plan: Plan, tail: Tail): Promise<void> {
  const { account, home, base, o } = plan;
  const restoring = join(home, 'restoring');
  await endLeftover(join(restoring, 'cluster'));
  await rm(restoring, { recursive: true, force: true });
  const target = join(restoring, 'cluster');
  const { manifest } = base;
  const own = async (path: string, mode: number) => {
    await chmod(path, mode);
    if (account !== undefined) await chown(path, account.uid, account.gid);
  };
  for (const folder of ['..', '', ...manifest.folders]) {
    await mkdir(join(target, folder), { recursive: true, mode: 0o700 });
    await own(join(target, folder), 0o700);
  }
  await severalAtATime(manifest.files, async (file) => {
    const to = join(target, file.path);
    const from = join(base.folder, 'cluster', file.path);
    assertSame(base, file, await copyFile(from, to, o.openSink ?? openUnsynced));
    await own(to, 0o600);
  });
  if (tail.kind === 'files')
    for (const name of tail.names) {
      await copyWhole(join(tail.folder, name), join(target, 'pg_wal', name));
      await own(join(target, 'pg_wal', name), 0o600);
    }
  await writeFile(join(target, 'recovery.signal'), '');
  await own(join(target, 'recovery.signal'), 0o600);
  mkdirSync(workFolder(o), { recursive: true, mode: 0o755 });
  symlinkSync(restoring, join(workFolder(o), 'server'));
  const binaries = join(o.folder, 'binaries');
  if (existsSync(binaries)) symlinkSync(realpathSync(binaries), join(workFolder(o), 'binaries'));
}

/** The recovering server's own folder: same shape as the house's, its cluster a link to `home/restoring`. */
export function workFolder(o: Pick<RecoveryOptions, 'folder'>): string {
  return join(resolve(o.folder), 'restoring');
}

/** Takes away what a recovery leaves beside the house's cluster, unless a swap that has begun still needs it. */
export async function cleanUp({ o, home }: Plan): Promise<void> {
  if (!existsSync(join(home, 'swap.json'))) {
    await endLeftover(join(home, 'restoring', 'cluster'));
    await rm(join(home, 'restoring'), { recursive: true, force: true });
  }
  const log = join(workFolder(o), 'server.log');
  if (existsSync(log)) await rename(log, join(o.folder, 'recovery.log'));
  rmSync(workFolder(o), { recursive: true, force: true });
}
