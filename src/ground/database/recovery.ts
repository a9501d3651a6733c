import {
  chownSync,
  existsSync,
  lstatSync,
  mkdirSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { chmod, chown, copyFile as copyWhole, mkdir, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import type { Clock } from '../clock.ts';
import { asSekishoError, isSekishoError, SekishoError } from '../errors.ts';
import { type Randomness, systemRandomness } from '../randomness.ts';
import { copyFile, mapFileError, type OpenSink, openFileSink, syncFolder } from './base-copy-files.ts';
import { assertSame, type BaseCopy, listBaseCopies } from './base-copy-manifest.ts';
import { type Account, serverAccount } from './binaries.ts';
import { type EmbeddedOptions, type EmbeddedServer, startEmbedded } from './embedded.ts';
import { place } from './places.ts';
import { liveSocket } from './postmaster.ts';
import { endLeftover, type RecoveryFault, startRecovering } from './recovery-server.ts';
import { beginSwap, readRestores, settleSwap, timelineAt } from './recovery-swap.ts';
import {
  firstGap,
  missingSegments,
  onDescent,
  parseLsn,
  parseSegment,
  segmentName,
  type TimelineStep,
  timelineDescent,
} from './recovery-wal.ts';
import { scramVerifier } from './roles.ts';

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
  beforeSwap?: (server: EmbeddedServer) => Promise<void>;
}

export interface Recovered {
  base: string;
  fromTimeline: number;
  timeline: number;
  /** Time of the last transaction kept, by the database server's clock; null when the base copy had it already. */
  lastTransactionAt: string | null;
  /** `target`: stopped at the moment asked for. `archive-end`: the cluster was lost, and the archive reaches no further. */
  reached: 'target' | 'archive-end';
  /** Folder of the cluster before, renamed and kept; undefined when there was none. */
  aside: string | undefined;
  /** A missing segment after the moment asked for: no harm now, but no later moment can be reached past it. */
  laterGap: string | undefined;
}

interface Plan {
  o: RecoveryOptions;
  account: Account | undefined;
  archive: string;
  /** The real folder that holds `cluster`. */
  home: string;
  base: BaseCopy;
  steps: TimelineStep[];
  timeline: number;
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
  try {
    const plan = await planRecovery(o);
    const tail = await flushTail(plan);
    await layOutBase(plan, tail);
    return await replayAndSwap(plan, tail);
  } catch (error) {
    throw asSekishoError(mapFileError(error, 'restore'));
  } finally {
    await cleanUp(o);
  }
}

/** Everything that can be refused without touching anything. */
async function planRecovery(o: RecoveryOptions): Promise<Plan> {
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

/** What the old cluster still had to give: all of it, segments to copy by hand, or nothing, for it is lost. */
type Tail = { kind: 'archived' } | { kind: 'files'; folder: string; names: Set<string> } | { kind: 'lost' };

/**
 * Starts the old cluster once more, so that its last WAL gets into the archive, with a commit after the moment asked
 * for: replay that does not meet it has not seen everything. A cluster that does not start gives its files.
 */
async function flushTail(plan: Plan): Promise<Tail> {
  const { o, archive, home, base } = plan;
  const cluster = join(home, 'cluster');
  if (!existsSync(cluster)) return { kind: 'lost' };
  try {
    const server = await startEmbedded({
      ...embeddedOptions(o),
      folder: o.folder,
      archive: { folder: archive },
    });
    try {
      await commitAndArchive(server, archive);
    } finally {
      await server.stop();
    }
    return { kind: 'archived' };
  } catch (error) {
    if (!isSekishoError(error, 'database-unavailable')) throw error;
    o.log.info('restore-tail-by-hand');
    const folder = join(cluster, 'pg_wal');
    const size = base.manifest.wal_segment_size_bytes;
    const names = existsSync(folder) ? await readdir(folder) : [];
    const segments = names.filter(
      (name) => parseSegment(name, size) !== undefined && !existsSync(join(archive, name)),
    );
    return { kind: 'files', folder, names: new Set(segments) };
  }
}

async function commitAndArchive(server: EmbeddedServer, archive: string): Promise<void> {
  const client = new pg.Client(server.connection());
  client.on('error', () => {});
  await client.connect();
  try {
    // A transaction with an id writes a commit record with its time even when it changed nothing.
    await client.query('SELECT pg_current_xact_id()');
    const { rows } = await client.query('SELECT pg_walfile_name(pg_switch_wal()) AS name');
    const { name } = rows[0];
    for (let waited = 0; !existsSync(join(archive, name)); waited += 50) {
      if (waited >= 60_000) throw new SekishoError('timeout', { what: 'wal-archive', place: name });
      await sleep(50);
    }
  } finally {
    await client.end();
  }
}

function embeddedOptions(o: RecoveryOptions): Omit<EmbeddedOptions, 'folder'> {
  return {
    log: o.log,
    ...(o.settings === undefined ? {} : { settings: o.settings }),
    ...(o.randomness === undefined ? {} : { randomness: o.randomness }),
  };
}

/** Copies the base to `home/restoring/cluster`, each file checked against the manifest as it passes. */
async function layOutBase(plan: Plan, tail: Tail): Promise<void> {
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
  for (const file of manifest.files) {
    const to = join(target, file.path);
    assertSame(
      base,
      file,
      await copyFile(join(base.folder, 'cluster', file.path), to, o.openSink ?? openFileSink),
    );
    await own(to, 0o600);
  }
  if (tail.kind === 'files')
    for (const name of tail.names) {
      await copyWhole(join(tail.folder, name), join(target, 'pg_wal', name));
      await own(join(target, 'pg_wal', name), 0o600);
    }
  await writeFile(join(target, 'recovery.signal'), '');
  await own(join(target, 'recovery.signal'), 0o600);
  for (const folder of ['..', '', ...manifest.folders]) await syncFolder(join(target, folder));
  mkdirSync(workFolder(o), { recursive: true, mode: 0o755 });
  symlinkSync(restoring, join(workFolder(o), 'server'));
  const binaries = join(o.folder, 'binaries');
  if (existsSync(binaries)) symlinkSync(realpathSync(binaries), join(workFolder(o), 'binaries'));
}

/** The recovering server's own folder: same shape as the house's, its cluster a link to `home/restoring`. */
function workFolder(o: Pick<RecoveryOptions, 'folder'>): string {
  return join(resolve(o.folder), 'restoring');
}

async function cleanUp(o: RecoveryOptions): Promise<void> {
  const link = join(workFolder(o), 'server');
  if (lstatSync(link, { throwIfNoEntry: false }) !== undefined && existsSync(link)) {
    await endLeftover(join(realpathSync(link), 'cluster'));
    rmSync(realpathSync(link), { recursive: true, force: true });
  }
  const log = join(workFolder(o), 'server.log');
  if (existsSync(log)) await rename(log, join(o.folder, 'recovery.log'));
  rmSync(workFolder(o), { recursive: true, force: true });
}

async function replayAndSwap(plan: Plan, tail: Tail): Promise<Recovered> {
  const { o, home, base } = plan;
  const passwordLost = !existsSync(join(o.folder, 'superuser-password'));
  if (!passwordLost)
    await copyWhole(join(o.folder, 'superuser-password'), join(workFolder(o), 'superuser-password'));
  const { server, reached } = await replay(plan, tail, passwordLost);
  let facts: { timeline: number; lastTransactionAt: string | null };
  try {
    if (passwordLost) await setPassword(server, o.randomness ?? systemRandomness());
    facts = await promotedFacts(server);
    await o.beforeSwap?.(server);
  } finally {
    await server.stop();
  }
  if (passwordLost)
    await copyWhole(join(workFolder(o), 'superuser-password'), join(o.folder, 'superuser-password'));
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

async function replay(
  plan: Plan,
  tail: Tail,
  passwordLost: boolean,
): Promise<{ server: EmbeddedServer; reached: Recovered['reached'] }> {
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
      ...(passwordLost ? { hba_file: openHba(plan) } : {}),
      ...target,
    },
  });
  const found = await startRecovering(
    options({
      recovery_target_time: new Date(o.to).toISOString(),
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

/** On a new machine the superuser's password is gone. The socket lies in a folder of the server account's alone, for this one start. */
function openHba(plan: Plan): string {
  const file = join(plan.home, 'restoring', 'pg_hba.conf');
  rmSync(file, { force: true });
  const text = 'local all all trust\n';
  writeOwned(file, text, plan.account);
  return file;
}

function writeOwned(file: string, text: string, account: Account | undefined): void {
  writeFileSync(file, text, { mode: 0o600 });
  if (account !== undefined) chownSync(file, account.uid, account.gid);
}

async function setPassword(server: EmbeddedServer, randomness: Randomness): Promise<void> {
  const connection = server.connection();
  await asSuperuser(server, async (client) => {
    const verifier = scramVerifier(String(connection.password), randomness.bytes(16));
    await client.query(
      `ALTER ROLE ${client.escapeIdentifier(connection.user!)} PASSWORD ${client.escapeLiteral(verifier)}`,
    );
  });
}

async function promotedFacts(
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
