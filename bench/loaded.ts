import type { LoadMessage, LoadTask } from './load.ts';
import { cpuMs, familyCpuMs, machineCpuMs, startHelper } from './processes.ts';
import { profileIfAsked } from './profile.ts';
import { percentile, perSecond } from './statistics.ts';

/** What a server did under load. CPU in microseconds a request. */
export interface Loaded {
  count: number;
  /** Stopped for a late witness and asked again; none on a machine that has room. */
  late: number;
  perSecond: number;
  p50Ms: number;
  p95Ms: number;
  p99Ms: number;
  longestMs: number;
  answerBytes: number;
  cpu: { server: number; database: number; generator: number };
  /** Share of the machine's CPU time that was used by whatever else ran: the rest of the house, and strangers. */
  othersShare: number;
}

/** Puts load on a server and measures it, the database's and its own CPU while it lasts. */
export async function load(
  pids: { server: number; database: number; cores: number },
  given: LoadTask,
): Promise<Loaded> {
  const generator = startHelper('./load.ts', given);
  const clocks = () => ({
    server: cpuMs(pids.server),
    database: familyCpuMs(pids.database),
    machine: machineCpuMs(),
  });
  let before = clocks();
  let after = before;
  try {
    for (;;) {
      const message = await generator.next<LoadMessage>();
      if (message.type === 'failed') throw new Error(`${given.path}: ${message.status} ${message.text}`);
      if (message.type === 'begin') {
        before = clocks();
        await profileIfAsked(pids.server, given.measuredMs - 1_500, given.path.slice(1).replaceAll('/', '-'));
      }
      if (message.type === 'end') after = clocks();
      if (message.type !== 'done') continue;
      const { count, late, ms, sorted, bytes } = message;
      const server = after.server - before.server;
      const database = after.database - before.database;
      const each = (used: number): number => (used * 1_000) / count;
      const others = after.machine - before.machine - server - database - message.cpuMs;
      return {
        count,
        late,
        perSecond: perSecond(count, ms),
        p50Ms: percentile(sorted, 0.5),
        p95Ms: percentile(sorted, 0.95),
        p99Ms: percentile(sorted, 0.99),
        longestMs: percentile(sorted, 1),
        answerBytes: Math.round(bytes / count),
        cpu: { server: each(server), database: each(database), generator: each(message.cpuMs) },
        othersShare: others / (ms * pids.cores),
      };
    }
  } finally {
    await generator.end();
  }
}
