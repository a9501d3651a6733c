import { chownSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import pg from 'pg';
import { SekishoError } from '../errors.ts';
import type { Randomness } from '../randomness.ts';
import type { EmbeddedOptions, EmbeddedServer } from './embedded.ts';
import { workFolder } from './recovery-lay-out.ts';
import { embeddedOptions, type Plan } from './recovery-plan.ts';
import { type RecoveryFault, startRecovering } from './recovery-server.ts';
import type { Tail } from './recovery-tail.ts';
import { firstGap, parseLsn, segmentName } from './recovery-wal.ts';
import { scramVerifier } from './roles.ts';

/** `target`: stopped at the moment asked for. `archive-end`: the cluster was lost, and the archive reaches no further. */
export type Reached = 'target' | 'archive-end';

/** Replays WAL over the laid-out base up to the moment, and opens the result as a timeline of its own. */
export async function replay(plan: Plan, tail: Tail): Promise<{ server: EmbeddedServer; reached: Reached }> {
  const { o, archive, home } = plan;
  const cluster = join(home, 'restoring', 'cluster');
  const options = (target: Record<string, string>): EmbeddedOptions => ({
    ...embeddedOptions(o),
    folder: workFolder(o),
    archive: { folder: archive },
    settings: {
      ...o.settings,
      restore_command: restoreCommand(archive),
      recovery_target_timeline: String(plan.timeline),
      hot_standby: 'off',
      hba_file: openHba(plan),
      ...target,
    },
  });
  const found = await startRecovering(
    options({
      // `T` and `Z` are not understood here: the server reads this before it knows any zone's name.
      recovery_target_time: new Date(o.to).toISOString().replace('T', ' ').replace('Z', '+00'),
      recovery_target_action: 'promote',
    }),
    cluster,
  );
  if (!('what' in found)) return { server: found, reached: 'target' };
  await assertEndOfLostCluster(plan, tail, found);
  // The cluster is lost and the archive has no gap: its end is the best there is.
  const again = await startRecovering(options({}), cluster);
  if ('what' in again)
    throw new SekishoError('database-unavailable', { reason: 'recovery', what: again.what });
  return { server: again, reached: 'archive-end' };
}

/** Refuses unless the WAL just ended, without a gap, and no cluster is left that could have more of it. */
async function assertEndOfLostCluster(plan: Plan, tail: Tail, fault: RecoveryFault): Promise<void> {
  const { archive, base, steps } = plan;
  if (fault.what === 'disk-full') throw new SekishoError('disk-full', { what: 'restore' });
  if (fault.what === 'other') throw new SekishoError('database-unavailable', { reason: 'recovery' });
  if (fault.what !== 'wal-ended')
    throw new SekishoError('backup-broken', { reason: fault.what, base: base.name, place: fault.place });
  const gap = await firstGap(archive, base.manifest, steps, tail.kind === 'files' ? tail.names : new Set());
  if (gap !== undefined)
    throw new SekishoError('backup-broken', { reason: 'wal-missing', base: base.name, place: gap });
  if (tail.kind === 'archived')
    throw new SekishoError('backup-broken', {
      reason: 'wal-damaged',
      base: base.name,
      place: placeOf(plan, fault.place),
    });
}

function placeOf(plan: Plan, lsn: string | undefined): string {
  if (lsn === undefined) return plan.base.name;
  const size = plan.base.manifest.wal_segment_size_bytes;
  return segmentName(plan.timeline, parseLsn(lsn) / BigInt(size), size);
}

/** The archive is only read; the shell's quoting is for folders with blanks in their name. */
function restoreCommand(archive: string): string {
  return `cp '${archive.replaceAll("'", `'\\''`).replaceAll('%', '%%')}'/%f %p`;
}

/**
 * On a new machine the superuser's password is gone, and a base copy from before that knows another one than the house.
 * The socket lies in a folder of the server account's alone, for this one start.
 */
function openHba(plan: Plan): string {
  const file = join(plan.home, 'restoring', 'pg_hba.conf');
  rmSync(file, { force: true });
  const text = 'local all all trust\n';
  writeFileSync(file, text, { mode: 0o600 });
  if (plan.account !== undefined) chownSync(file, plan.account.uid, plan.account.gid);
  return file;
}

/** Sets the house's password on a server that was started without asking for one. */
export async function setPassword(server: EmbeddedServer, randomness: Randomness): Promise<void> {
  const connection = server.connection();
  await asSuperuser(server, async (client) => {
    const verifier = scramVerifier(String(connection.password), randomness.bytes(16));
    await client.query(
      `ALTER ROLE ${client.escapeIdentifier(connection.user!)} PASSWORD ${client.escapeLiteral(verifier)}`,
    );
  });
}

/** Timeline and last transaction of a promoted server. */
export async function promotedFacts(
  server: EmbeddedServer,
): Promise<{ timeline: number; lastTransactionAt: string | null }> {
  return asSuperuser(server, async (client) => {
    const { rows } = await client.query(
      `SELECT pg_is_in_recovery() AS recovering, pg_last_xact_replay_timestamp() AS last,
              pg_walfile_name(pg_current_wal_lsn()) AS segment`,
    );
    const { recovering, last, segment } = rows[0];
    if (recovering) throw new SekishoError('database-unavailable', { reason: 'recovery' });
    return {
      timeline: Number.parseInt(segment.slice(0, 8), 16),
      lastTransactionAt: last === null ? null : last.toISOString(),
    };
  });
}

async function asSuperuser<T>(server: EmbeddedServer, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client(server.connection());
  client.on('error', () => {});
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}
