import { existsSync } from 'node:fs';
import { copyFile } from 'node:fs/promises';
import { join } from 'node:path';
import { asSekishoError } from '../errors.ts';
import { systemRandomness } from '../randomness.ts';
import { mapFileError } from './base-copy-files.ts';
import { cleanUp, layOutBase, syncCluster, workFolder } from './recovery-lay-out.ts';
import { type Plan, planRecovery, type RecoveryOptions, restoresFile } from './recovery-plan.ts';
import { promotedFacts, type Reached, replay, setPassword } from './recovery-replay.ts';
import { beginSwap } from './recovery-swap.ts';
import { flushTail, type Tail } from './recovery-tail.ts';
import { firstGap } from './recovery-wal.ts';

export type { RecoveryOptions } from './recovery-plan.ts';

export interface Recovered {
  base: string;
  fromTimeline: number;
  timeline: number;
  /** Time of the last transaction kept, by the database server's clock; null when the base copy had it already. */
  lastTransactionAt: string | null;
  reached: Reached;
  /** Folder of the cluster before, renamed and kept; undefined when there was none. */
  aside: string | undefined;
  /** A missing segment after the moment asked for: no harm now, but no later moment can be reached past it. */
  laterGap: string | undefined;
}

/**
 * Takes the cluster back to a moment (PostgreSQL's manual §26.3.5): the newest base copy before it is put beside the
 * house's cluster, WAL is replayed up to the moment, the result is promoted to a timeline of its own, looked at by
 * `beforeSwap`, and only then takes the cluster's place. Until that last step nothing of the house is touched, whatever fails.
 *
 * Errors: `conflict` (the server runs), `bad-input` (`reason`: future | before-first-base), `not-found` (no base copy),
 * `backup-broken` (a file or WAL segment is missing or damaged, with its place), `disk-full`, `database-unavailable`.
 */
export async function recoverTo(o: RecoveryOptions): Promise<Recovered> {
  const plan = await planRecovery(o);
  try {
    const tail = await flushTail(plan);
    o.onStep?.('copy');
    await layOutBase(plan, tail);
    o.onStep?.('replay');
    return await replayAndSwap(plan, tail);
  } catch (error) {
    throw asSekishoError(mapFileError(error, 'restore'));
  } finally {
    await cleanUp(plan);
  }
}

async function replayAndSwap(plan: Plan, tail: Tail): Promise<Recovered> {
  const { o, home, base } = plan;
  const passwordLost = !existsSync(join(o.folder, 'superuser-password'));
  if (!passwordLost)
    await copyFile(join(o.folder, 'superuser-password'), join(workFolder(o), 'superuser-password'));
  const { server, reached } = await replay(plan, tail);
  let facts: { timeline: number; lastTransactionAt: string | null };
  try {
    // A base copy from before the password was lost once and drawn anew knows another one.
    await setPassword(server, o.randomness ?? systemRandomness());
    facts = await promotedFacts(server);
    await o.beforeSwap?.(server, base.name);
  } finally {
    await server.stop();
  }
  o.onStep?.('swap');
  syncCluster(plan, server.places.binaries, server.places.cluster);
  if (passwordLost)
    await copyFile(join(workFolder(o), 'superuser-password'), join(o.folder, 'superuser-password'));
  const at = new Date(o.clock.now()).toISOString();
  const laterGap = await firstGap(plan.archive, base.manifest, plan.steps);
  const aside = existsSync(join(home, 'cluster')) ? `before-restore-${at.replace(/[-:.]/g, '')}` : null;
  beginSwap(home, {
    restores_file: restoresFile(o),
    restore: {
      at,
      to: new Date(o.to).toISOString(),
      base: base.name,
      from_timeline: plan.timeline,
      timeline: facts.timeline,
      aside,
    },
  });
  o.log.info('restore-made', { timeline: facts.timeline });
  return {
    base: base.name,
    fromTimeline: plan.timeline,
    ...facts,
    reached,
    aside: aside === null ? undefined : join(home, aside),
    laterGap,
  };
}
