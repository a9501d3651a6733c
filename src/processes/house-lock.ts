import {
  existsSync,
  linkSync,
  mkdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { isSekishoError, SekishoError } from '../ground/errors.ts';
import { houseLayout } from './layout.ts';

/** Who holds a house: the process, and what tells it from a later one of the same number. */
interface Holder {
  pid: number;
  /** '' where the system does not tell. */
  identity: string;
}

/**
 * Start time of a process in ticks since boot (proc(5), field 22 of stat), with the boot and the pid namespace: a number alone
 * is given out again. '' where there is no /proc; there only the number counts.
 */
function identityOf(pid: number): string {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The command's name stands in brackets and may hold anything, also brackets and blanks.
    const started = stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
    return `${started} ${boot} ${readlinkSync('/proc/self/ns/pid')}`;
  } catch {
    return '';
  }
}

function isAlive({ pid, identity }: Holder): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') return false;
  }
  return identityOf(pid) === identity;
}

function holderIn(file: string): Holder | undefined {
  try {
    const { pid, identity } = JSON.parse(readFileSync(file, 'utf8')) as Partial<Holder>;
    if (Number.isSafeInteger(pid) && pid! > 0 && typeof identity === 'string') return { pid: pid!, identity };
  } catch {
    // Gone, or no lock of ours: nobody's.
  }
  return undefined;
}

/**
 * Keeps a second supervisor out of the same data folder: it would take over the first one's database, be refused by its journal's
 * lock and, clearing up after itself, stop the database under the first one's feet. A lock left by a killed process is taken over.
 * @returns lets go of it
 * @throws conflict {what: 'running-house', process_id}
 */
export function holdHouse(root: string): () => void {
  mkdirSync(root, { recursive: true });
  const file = join(root, 'house.lock');
  const own = `${file}.${process.pid}`;
  const me: Holder = { pid: process.pid, identity: identityOf(process.pid) };
  writeFileSync(own, JSON.stringify(me), { mode: 0o600 });
  try {
    takeLock(file, own);
  } finally {
    rmSync(own, { force: true });
  }
  return () => {
    if (holderIn(file)?.pid === process.pid) rmSync(file, { force: true });
  };
}

function takeLock(file: string, own: string): void {
  for (;;) {
    try {
      // A link is made whole or not at all, and never over another: of two that start at once one gets it.
      linkSync(own, file);
      return;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
    const holder = holderIn(file);
    if (holder !== undefined && isAlive(holder))
      throw new SekishoError('conflict', { what: 'running-house', process_id: holder.pid });
    removeStale(file, `${own}.stale`, holder);
  }
}

/** Takes a dead process's lock away; one that somebody else has put there meanwhile is put back. */
function removeStale(file: string, aside: string, dead: Holder | undefined): void {
  try {
    renameSync(file, aside);
  } catch {
    return; // Another starter was quicker.
  }
  const moved = holderIn(aside);
  if (
    moved !== undefined &&
    (moved.pid !== dead?.pid || moved.identity !== dead.identity) &&
    !existsSync(file)
  )
    linkSync(aside, file);
  rmSync(aside, { force: true });
}

/** A house that stands still is not started meanwhile: its server would be stopped under its feet. One that runs holds itself. */
export function holdStopped(folder: string): () => void {
  try {
    return holdHouse(folder);
  } catch (error) {
    if (isSekishoError(error, 'conflict') && existsSync(houseLayout(folder).houseFile)) return () => {};
    throw error;
  }
}
