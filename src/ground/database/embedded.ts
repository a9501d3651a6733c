import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type pg from 'pg';
import { SekishoError } from '../errors.ts';
import { type Randomness, systemRandomness } from '../randomness.ts';
import { type Account, cleanEnvironment, serverAccount, usableBinaries } from './binaries.ts';
import { assertJapanese } from './japanese.ts';
import { keepPassword, place, socketFolder } from './places.ts';
import { alive, liveSocket, pidFile, serverPid } from './postmaster.ts';
import { settleSwap } from './recovery-swap.ts';

export interface EmbeddedOptions {
  /** Holds the cluster, the socket, the server's log and the superuser's password (0600). Made when missing. */
  folder: string;
  log: { info(event: string, fields?: Record<string, unknown>): void };
  /** Copy finished WAL segments there, for recovery to a point in time. */
  archive?: { folder: string };
  /** Overrides of server settings, for tests. `fsync` and `full_page_writes` stay on whatever it says. */
  settings?: Readonly<Record<string, string>>;
  /** Leave the fresh cluster unsynced: only for clusters that die with the test run. */
  throwaway?: boolean;
  randomness?: Randomness;
  /** Start the server again, on the same socket, whenever it dies unasked (kill -9, out of memory); default false. */
  keepRunning?: boolean;
}

export interface EmbeddedServer {
  /** The superuser's connection, over the unix socket. */
  connection(database?: string): pg.ClientConfig;
  /** The cluster's real folder, the archive's, and that of the binaries: what backup and recovery need. */
  readonly places: {
    readonly cluster: string;
    readonly archive: string | undefined;
    readonly binaries: string;
  };
  /** True when a server left running by an earlier process was taken over. */
  readonly reused: boolean;
  /** Fast shutdown (SIGINT): open transactions are rolled back. */
  stop(): Promise<void>;
}

const port = 5432;
const superuser = 'postgres';
const deadlineMs = 60_000;

/** For 2 cores and about 1.5 GB in all. Errors are logged without statement and DETAIL: both may quote values. */
const defaults: Readonly<Record<string, string>> = {
  shared_buffers: '256MB',
  effective_cache_size: '1GB',
  work_mem: '16MB',
  maintenance_work_mem: '128MB',
  max_connections: '120',
  max_wal_size: '2GB',
  // Of itself no larger than a segment.
  wal_buffers: '16MB',
  wal_compression: 'on',
  random_page_cost: '1.1',
  jit: 'off',
  timezone: 'UTC',
  log_timezone: 'UTC',
  log_error_verbosity: 'terse',
  log_min_error_statement: 'panic',
  log_parameter_max_length_on_error: '0',
};

/**
 * Starts PostgreSQL from the npm binary packages, or takes over the one that already runs on this folder.
 * Errors: `unsupported` (no binaries for this machine), `database-unavailable` (`reason`: initdb | start | locale |
 * password).
 */
export async function startEmbedded(options: EmbeddedOptions): Promise<EmbeddedServer> {
  const folder = resolve(options.folder);
  const account = serverAccount();
  mkdirSync(folder, { recursive: true });
  if (account !== undefined) chmodSync(folder, 0o755); // its contents are 0700 or 0600 each
  const binaries = usableBinaries(() => place(folder, 'binaries', account, 0o755), account);
  const password = keepPassword(folder, options.randomness ?? systemRandomness());
  const cluster = makeCluster(folder, binaries, account, password, options.throwaway ?? false);
  const archive = options.archive && place(resolve(options.archive.folder), '', account, 0o700);
  let socket = liveSocket(cluster);
  const reused = socket !== undefined;
  let child: ChildProcess | undefined;
  let kept: Kept | undefined;
  if (socket === undefined) {
    socket = socketFolder(folder, account);
    const begin = { folder, binaries, cluster, account, socket, archive, settings: options.settings ?? {} };
    child = launch(begin);
    await ready(cluster, child, join(folder, 'server.log'));
    if (options.keepRunning === true) kept = keepRunning(begin, child, options.log);
  }
  const connection = (database = 'postgres') => ({ host: socket, port, user: superuser, password, database });
  try {
    await assertJapanese(connection());
  } catch (error) {
    if (!reused) await stopServer(cluster, child);
    throw error;
  }
  options.log.info('database-started', { reused, process_id: serverPid(cluster) });
  const places = { cluster, archive, binaries };
  const stop = async () => {
    await kept?.end();
    await stopServer(cluster, kept?.child() ?? child);
  };
  return { connection, places, reused, stop };
}

interface Kept {
  child(): ChildProcess;
  /** From now on an end is meant. */
  end(): Promise<void>;
}

/**
 * Starts a server that died again, at once and then ever more slowly. The file `postmaster.pid` is left to PostgreSQL:
 * by it a new server waits until the last process of the old one has let go of the shared memory.
 */
function keepRunning(begin: Launch, first: ChildProcess, log: EmbeddedOptions['log']): Kept {
  let current = first;
  let ending = false;
  let starting: Promise<void> = Promise.resolve();
  const again = async (): Promise<void> => {
    for (let pause = 50; !ending; pause = Math.min(pause * 2, 2_000)) {
      await sleep(pause);
      if (ending) return;
      const child = launch(begin);
      const started = await ready(begin.cluster, child, join(begin.folder, 'server.log')).then(
        () => true,
        () => false,
      );
      if (!started) continue;
      current = child;
      watch(child);
      log.info('database-started-again', { process_id: serverPid(begin.cluster) });
      return;
    }
  };
  const watch = (child: ChildProcess): void => {
    const died = () => {
      if (!ending) starting = again();
    };
    // It may have died between being ready and being watched.
    if (child.exitCode !== null || child.signalCode !== null) died();
    else child.once('exit', died);
  };
  watch(first);
  return {
    child: () => current,
    async end() {
      ending = true;
      await starting;
    },
  };
}

/** initdb goes to a folder beside and is renamed when whole: a start cut short is begun again. */
function makeCluster(
  folder: string,
  binaries: string,
  account: Account | undefined,
  password: string,
  throwaway: boolean,
): string {
  const home = place(folder, 'server', account, 0o700);
  const cluster = join(home, 'cluster');
  settleSwap(home);
  if (existsSync(cluster)) return cluster;
  const unfinished = join(home, 'unfinished');
  const passwordFile = join(home, 'initdb-password');
  rmSync(unfinished, { recursive: true, force: true });
  writeFileSync(passwordFile, password, { mode: 0o600 });
  if (account !== undefined) chownSync(passwordFile, account.uid, account.gid);
  const initdb = (...flags: string[]) =>
    spawnSync(join(binaries, 'bin', 'initdb'), ['-D', unfinished, ...flags], {
      env: cleanEnvironment,
      cwd: '/',
      encoding: 'utf8',
      ...account,
    });
  try {
    const made = initdb(
      '--locale=C.UTF-8',
      '-E',
      'UTF8',
      '--no-sync',
      '-U',
      superuser,
      '--data-checksums',
      // A commit that comes to a segment's end waits until the next is written out and synced: 4 MB in place of 16.
      '--wal-segsize=4',
      '--auth=scram-sha-256',
      `--pwfile=${passwordFile}`,
    );
    if (made.status === 0 && (throwaway || initdb('--sync-only').status === 0)) {
      renameSync(unfinished, cluster);
      return cluster;
    }
    const kind = /No space left/.test(made.stderr) ? 'disk-full' : 'database-unavailable';
    throw new SekishoError(kind, { reason: 'initdb', exit: made.status ?? -1 });
  } finally {
    rmSync(passwordFile, { force: true });
  }
}

interface Launch {
  folder: string;
  binaries: string;
  cluster: string;
  account: Account | undefined;
  socket: string;
  archive: string | undefined;
  settings: Readonly<Record<string, string>>;
}

function launch(o: Launch): ChildProcess {
  const settings: Record<string, string> = {
    ...defaults,
    ...o.settings,
    ...(o.archive === undefined ? {} : archiving(o.archive)),
    fsync: 'on',
    full_page_writes: 'on',
    listen_addresses: '',
    port: String(port),
    unix_socket_directories: o.socket,
    unix_socket_permissions: '0700',
  };
  const flags = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  const logFile = join(o.folder, 'server.log');
  if (existsSync(logFile) && statSync(logFile).size > 10_000_000) rmSync(logFile);
  const output = openSync(logFile, 'a', 0o600);
  // Detached: Ctrl-C at the terminal must reach us first, not the server under us.
  const child = spawn(join(o.binaries, 'bin', 'postgres'), ['-D', o.cluster, ...flags], {
    env: cleanEnvironment,
    cwd: '/',
    detached: true,
    stdio: ['ignore', output, output],
    ...o.account,
  });
  closeSync(output);
  child.unref();
  return child;
}

/**
 * Copied under another name and renamed: PostgreSQL's manual asks that a segment is never overwritten (§26.3.1). One
 * that is there already with the same bytes counts as archived: the server may die between our rename and its note of it.
 */
function archiving(folder: string): Record<string, string> {
  const quoted = `'${folder.replaceAll("'", `'\\''`).replaceAll('%', '%%')}'`;
  const target = `${quoted}/%f`;
  const copy = `cp %p ${target}.part && sync ${target}.part && mv ${target}.part ${target} && sync ${quoted}`;
  const command = `if test -f ${target}; then cmp -s %p ${target}; else ${copy}; fi`;
  return { archive_mode: 'on', archive_command: command, archive_timeout: '300' };
}

async function ready(cluster: string, child: ChildProcess, logFile: string): Promise<void> {
  const failed = new Promise<number>((done) =>
    child.once('exit', (code) => done(code ?? -1)).once('error', () => done(-1)),
  );
  for (let waited = 0; waited < deadlineMs; waited += 20) {
    const exit = await Promise.race([failed, sleep(20)]);
    if (exit !== undefined) {
      const full = /No space left on device/.test(readFileSync(logFile, 'utf8').slice(-2000));
      throw new SekishoError(full ? 'disk-full' : 'database-unavailable', { reason: 'start', exit });
    }
    // A file of a server that died lies there until the new one writes its own.
    if (serverPid(cluster) === child.pid && pidFile(cluster)?.[7]?.trim() === 'ready') return;
  }
  throw new SekishoError('timeout', { what: 'database-start' });
}

async function stopServer(cluster: string, child: ChildProcess | undefined): Promise<void> {
  const pid = serverPid(cluster);
  if (pid === undefined) return;
  const socket = pidFile(cluster)?.[4];
  if (alive(pid)) process.kill(pid, 'SIGINT');
  for (
    let waited = 0;
    child === undefined ? alive(pid) : child.exitCode === null && child.signalCode === null;
    waited += 10
  ) {
    if (waited === deadlineMs) process.kill(pid, 'SIGQUIT');
    await sleep(10);
  }
  if (socket?.startsWith('/tmp/sekisho-')) rmSync(socket, { recursive: true, force: true });
}
