import { mkdirSync } from 'node:fs';
import { chmod } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { Clock } from '../clock.ts';
import { SekishoError } from '../errors.ts';
import type { Randomness } from '../randomness.ts';
import type { OpenSink } from './base-copy-files.ts';
import { type BaseCopy, listBaseCopies } from './base-copy-manifest.ts';
import { type Account, serverAccount } from './binaries.ts';
import type { EmbeddedOptions, EmbeddedServer } from './embedded.ts';
import { place } from './places.ts';
import { liveSocket } from './postmaster.ts';
import { readRestores, settleSwap, timelineAt } from './recovery-swap.ts';
import { missingSegments, onDescent, type TimelineStep, timelineDescent } from './recovery-wal.ts';

export interface RecoveryOptions {
  /** The embedded server's folder. The server must not run. */
  folder: string;
  /** Archived WAL segments. */
  archive: string;
  /** Base copies, and the list of restores made. */
  bases: string;
  /** The moment to go back to, milliseconds since 1970: every commit up to it is kept, none after. */
  to: number;
  clock: Clock;
  log: EmbeddedOptions['log'];
  settings?: Readonly<Record<string, string>>;
  randomness?: Randomness;
  openSink?: OpenSink;
  /**
   * Called with the recovered server while the house's own cluster is still in its place. Whatever it throws ends the
   * restore, and the house is as it was.
   */
  beforeSwap?: (server: EmbeddedServer, base: string) => Promise<void>;
  /** Called with the house's own cluster, started once more before it is put aside; not where it does not start. */
  withOld?: (server: EmbeddedServer) => Promise<void>;
  onStep?: (step: 'copy' | 'replay' | 'swap') => void;
}

/** What is to be done, when nothing stands against it. */
export interface Plan {
  o: RecoveryOptions;
  account: Account | undefined;
  archive: string;
  /** The real folder that holds `cluster`. */
  home: string;
  base: BaseCopy;
  steps: TimelineStep[];
  timeline: number;
}

/** Everything that can be refused without touching anything. */
export async function planRecovery(o: RecoveryOptions): Promise<Plan> {
  const account = serverAccount();
  mkdirSync(o.folder, { recursive: true });
  if (account !== undefined) await chmod(o.folder, 0o755);
  const home = place(resolve(o.folder), 'server', account, 0o700);
  if (liveSocket(join(home, 'cluster')) !== undefined)
    throw new SekishoError('conflict', { what: 'database', reason: 'running' });
  settleSwap(home);
  if (o.to > o.clock.now()) throw new SekishoError('bad-input', { what: 'restore-time', reason: 'future' });
  const archive = place(resolve(o.archive), '', account, 0o700);
  const bases = await listBaseCopies(o.bases);
  if (bases.length === 0) throw new SekishoError('not-found', { what: 'base-copy' });
  const restores = readRestores(restoresFile(o));
  const timeline = timelineAt(restores, o.to, restores[0]?.from_timeline ?? bases[0]!.manifest.timeline);
  const steps = await timelineDescent(archive, timeline);
  const usable = bases.filter(({ manifest }) => onDescent(steps, manifest));
  const base = usable.findLast(({ manifest }) => Date.parse(manifest.stopped_at) <= o.to);
  if (base === undefined) {
    const earliest = usable[0]?.manifest.stopped_at ?? null;
    throw new SekishoError('bad-input', { what: 'restore-time', reason: 'before-first-base', earliest });
  }
  const missing = await missingSegments(archive, base.manifest);
  if (missing.length > 0)
    throw new SekishoError('backup-broken', { reason: 'wal-missing', base: base.name, place: missing[0]! });
  return { o, account, archive, home, base, steps, timeline };
}

export function restoresFile(o: Pick<RecoveryOptions, 'bases'>): string {
  return join(o.bases, 'restores.json');
}

export function embeddedOptions(o: RecoveryOptions): Omit<EmbeddedOptions, 'folder'> {
  return {
    log: o.log,
    ...(o.settings === undefined ? {} : { settings: o.settings }),
    ...(o.randomness === undefined ? {} : { randomness: o.randomness }),
  };
}
