import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';

/** Lines of postmaster.pid (miscadmin.h): pid, data folder, start time, port, socket folder, address, shm, status. */
export function pidFile(cluster: string): string[] | undefined {
  const file = join(cluster, 'postmaster.pid');
  return existsSync(file) ? readFileSync(file, 'utf8').split('\n') : undefined;
}

export function serverPid(cluster: string): number | undefined {
  const pid = Number(pidFile(cluster)?.[0]);
  return Number.isInteger(pid) && pid > 0 ? pid : undefined;
}

export function alive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** Socket folder of a server that already runs here. After a restart of the machine the pid may be somebody else's. */
export function liveSocket(cluster: string): string | undefined {
  const pid = serverPid(cluster);
  if (pid === undefined) return undefined;
  const commandLine = `/proc/${pid}/cmdline`;
  const other =
    existsSync('/proc/self') &&
    !(existsSync(commandLine) && readFileSync(commandLine, 'utf8').includes(cluster));
  if (!alive(pid)) return undefined;
  if (!other) return pidFile(cluster)?.[4];
  // Only where the pid is a stranger's is the file taken away: else PostgreSQL does it itself, once the last process
  // of the dead server has let go of the shared memory that the file names.
  rmSync(join(cluster, 'postmaster.pid'), { force: true });
  return undefined;
}
