import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { isSekishoError, SekishoError } from '../errors.ts';
import { type EmbeddedOptions, type EmbeddedServer, startEmbedded } from './embedded.ts';
import { liveSocket, pidFile, serverPid } from './postmaster.ts';

/** Why PostgreSQL gave up a recovery, read from its log: the exit code tells nothing. */
export type RecoveryFault =
  /** The WAL ended before the moment asked for; `place` is the last record's LSN. */
  | { what: 'wal-ended'; place: string | undefined; lastAt: string | undefined }
  | { what: 'wal-damaged'; place: string }
  | { what: 'wal-missing'; place: string }
  | { what: 'disk-full' }
  | { what: 'other' };

/** Reads PostgreSQL's messages (xlogrecovery.c, xlogarchive.c); the server runs with LC_ALL=C, so they are English. */
export function faultInLog(text: string): RecoveryFault {
  const size = /archive file "([^"]+)" has wrong size/.exec(text);
  if (size !== null) return { what: 'wal-damaged', place: size[1]! };
  if (/No space left on device/.test(text)) return { what: 'disk-full' };
  if (/recovery ended before configured recovery target was reached/.test(text)) {
    const place = /redo done at ([0-9A-F]+\/[0-9A-F]+)/.exec(text)?.[1];
    const lastAt = /last completed transaction was at log time (\S+ \S+)/.exec(text)?.[1];
    return { what: 'wal-ended', place, lastAt };
  }
  const timeline = /requested timeline (\d+)/.exec(text);
  if (timeline !== null) return { what: 'wal-missing', place: `timeline ${timeline[1]}` };
  if (
    /could not (locate|find) (required checkpoint|redo location)|WAL ends before (end of online backup|consistent recovery point)/.test(
      text,
    )
  )
    return { what: 'wal-missing', place: 'base copy' };
  return { what: 'other' };
}

/**
 * Starts a cluster that recovers, and waits as long as it takes: replay of a day's WAL may need minutes, and each
 * record replayed is progress. Settings: no standby queries before the end, so that no limit of the old server's is asked for.
 */
export async function startRecovering(
  o: EmbeddedOptions,
  cluster: string,
): Promise<EmbeddedServer | RecoveryFault> {
  const logFile = join(o.folder, 'server.log');
  const before = existsSync(logFile) ? statSync(logFile).size : 0;
  try {
    return await startPatiently(o, cluster);
  } catch (error) {
    if (!isSekishoError(error, 'database-unavailable') && !isSekishoError(error, 'disk-full')) throw error;
    if (error.facts['reason'] !== 'start') throw error;
    return faultInLog(readFileSync(logFile).subarray(before).toString('utf8'));
  }
}

async function startPatiently(o: EmbeddedOptions, cluster: string): Promise<EmbeddedServer> {
  try {
    return await startEmbedded(o);
  } catch (error) {
    if (!isSekishoError(error, 'timeout') || error.facts['what'] !== 'database-start') throw error;
  }
  while (liveSocket(cluster) !== undefined && pidFile(cluster)?.[7]?.trim() !== 'ready') await sleep(100);
  if (serverPid(cluster) === undefined)
    throw new SekishoError('database-unavailable', { reason: 'start', exit: -1 });
  return await startEmbedded(o);
}

/** Ends a server that an earlier, killed run left behind in `cluster`. */
export async function endLeftover(cluster: string): Promise<void> {
  const pid = liveSocket(cluster) === undefined ? undefined : serverPid(cluster);
  if (pid === undefined) return;
  process.kill(pid, 'SIGQUIT'); // its cluster is thrown away
  while (liveSocket(cluster) !== undefined) await sleep(20);
}
