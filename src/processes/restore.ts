import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type pg from 'pg';
import { type Carried, carryRecords, hasCarried, showHitsAgain } from '../core/gate/index.ts';
import { Journal, originOf, parseCheckpoint } from '../core/journal/index.ts';
import { PersonKeys } from '../core/seal/index.ts';
import { type EmbeddedServer, type Recovered, recoverTo, startEmbedded } from '../ground/database/index.ts';
import { isSekishoError, SekishoError } from '../ground/errors.ts';
import type { MunicipalityCode } from '../ground/ids.ts';
import { residentTable } from '../records/register/index.ts';
import { assertEmbedded, backupPlaces } from './backup.ts';
import { databaseName, prepare } from './house-database.ts';
import { holdHouse } from './house-lock.ts';
import { mirrorFolder } from './init.ts';
import type { HouseLayout } from './layout.ts';
import { type Between, readBetween } from './restore-between.ts';
import { type OldState, settleOld } from './restore-old.ts';
import { type TakenAway, takeAwayAgain } from './restore-rights.ts';
import { journalOptions, openTools, type RestoreTools, rolePool, type ToolOptions } from './restore-tools.ts';

export type RestoreStep = 'old' | 'copy' | 'replay' | 'journal' | 'swap';

export interface RestoreOptions extends ToolOptions {
  /** Milliseconds since 1970. */
  to: number;
  /** Begin a new log where a log's last lines are lost from database and mirror, with a signed note of succession. */
  newLog?: boolean;
  onStep?: (step: RestoreStep) => void;
}

/** One municipality's journal after a restore. */
export interface RestoredJournal {
  municipality: string;
  origin: string;
  between: Between;
  takenAway: TakenAway;
  /** The line that says the restore was made. */
  line: number;
  /** Lines in the journal now, all of them witnessed. */
  size: number;
  /** Signed note of succession, where the tip was lost. */
  succession: string | null;
  /** What a new log vouches for of the records written under the lost one; null where there was nothing to carry. */
  carried: Carried | null;
}

export interface Restored {
  recovered: Recovered;
  /** Undefined where there was no old cluster that could be started. */
  old: OldState | undefined;
  journals: RestoredJournal[];
}

/**
 * Takes a stopped house back to a moment. Records go back; the journal goes on from its tip, out of its mirror; what
 * was taken away in between stays taken away; what happened in between is listed. All of it is done, and the witness
 * agrees, before the recovered cluster takes the house's place: until then a failure leaves the house as it was.
 *
 * Should the machine stop after the witness has signed and before the swap, the old cluster is behind its witness and
 * the gate will not open on it: the same restore, run again, completes it.
 *
 * Errors: `conflict` (the house runs), `log-behind-witness` (a tip is lost and `newLog` not given), `log-forked`,
 * `unreachable` (witness), those of `recoverTo` and of the keystore.
 */
export async function restoreHouse(o: RestoreOptions): Promise<Restored> {
  const tools = await openTools(o);
  let release = () => {};
  try {
    assertEmbedded(tools.settings);
    // As the supervisor does: nobody starts the house under a restore.
    release = holdHouse(o.folder);
    await assertStopped(tools);
    const { bases, archive } = backupPlaces(tools.layout);
    let old: OldState | undefined;
    let journals: RestoredJournal[] = [];
    const recovered = await recoverTo({
      ...{ folder: tools.layout.postgres, archive, bases, to: o.to },
      ...{ clock: o.clock, randomness: o.randomness, log: o.log },
      onStep: (step) => o.onStep?.(step),
      withOld: async (server) => {
        o.onStep?.('old');
        old = await settleOld(tools, server, o.to);
      },
      beforeSwap: async (server, base) => {
        o.onStep?.('journal');
        journals = await resumeJournals(tools, server, { base, old, newLog: o.newLog === true });
      },
    });
    return { recovered, old, journals };
  } finally {
    await tools.close();
    release();
  }
}

/** A house that runs is not restored under its feet. A server left behind by a killed house is stopped. */
async function assertStopped({ layout, log }: RestoreTools): Promise<void> {
  if (existsSync(layout.houseFile)) {
    const { pid } = JSON.parse(await readFile(layout.houseFile, 'utf8')) as { pid?: number };
    if (pid !== undefined && alive(pid))
      throw new SekishoError('conflict', { what: 'house', reason: 'running' });
  }
  if (!existsSync(join(layout.postgres, 'server', 'cluster', 'postmaster.pid'))) return;
  const { archive } = backupPlaces(layout);
  const server = await startEmbedded({ folder: layout.postgres, log, archive: { folder: archive } });
  await server.stop();
}

function alive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

interface Resume {
  base: string;
  old: OldState | undefined;
  newLog: boolean;
}

/** Every journal resumed and witnessed, on the recovered server that nobody else knows of. */
async function resumeJournals(
  tools: RestoreTools,
  server: EmbeddedServer,
  resume: Resume,
): Promise<RestoredJournal[]> {
  await prepare({ ...server.connection(), database: databaseName }, tools.roles);
  const gate = rolePool(tools, server.connection(), 'gate');
  const keyPool = rolePool(tools, server.connection(), 'keys');
  try {
    const { municipalities } = tools.settings;
    // All witnesses are heard before anything is signed for any of them.
    if (!resume.newLog) for (const each of municipalities) await assertTipKnown(tools, each);
    const keys = new PersonKeys(keyPool, tools.store, tools.clock, tools.randomness);
    const done: RestoredJournal[] = [];
    for (const each of municipalities) done.push(await resumeOne(tools, { gate, keys }, each, resume));
    return done;
  } finally {
    await Promise.allSettled([gate.end(), keyPool.end()]);
  }
}

/** `log-behind-witness` where the witness has seen more lines of the newest log than the mirror holds. */
async function assertTipKnown(
  tools: RestoreTools,
  { code, origin }: { code: string; origin: string },
): Promise<void> {
  const newest = newestMirrored(tools.layout, code);
  const seen = await tools.witness.latest(originOf(origin, newest));
  if (seen === undefined) return;
  const witnessed = parseCheckpoint(seen).size;
  const mirrored = await mirroredSize(tools.layout, code, newest);
  if (mirrored < witnessed)
    throw new SekishoError('log-behind-witness', { by: 'mirror', municipality: code, witnessed, mirrored });
}

/** Folder of a log's mirror: a successor's lies within the first one's. */
const mirrorOf = (layout: HouseLayout, code: string, log: number) =>
  join(mirrorFolder(layout, code), log === 1 ? '' : String(log));

/** The newest log that the mirror knows of: what was lost of those before it was lost for good. */
function newestMirrored(layout: HouseLayout, code: string): number {
  let log = 1;
  while (existsSync(join(mirrorOf(layout, code, log + 1), 'checkpoint.signed'))) log++;
  return log;
}

async function mirroredSize(layout: HouseLayout, code: string, log: number): Promise<number> {
  const sizes = ['checkpoint', 'checkpoint.signed'].map(async (name) => {
    const file = join(mirrorOf(layout, code, log), name);
    return existsSync(file) ? parseCheckpoint(await readFile(file, 'utf8')).size : 0;
  });
  return Math.max(...(await Promise.all(sizes)));
}

async function resumeOne(
  tools: RestoreTools,
  { gate, keys }: { gate: pg.Pool; keys: PersonKeys },
  municipality: { code: string; origin: string },
  { base, old, newLog }: Resume,
): Promise<RestoredJournal> {
  const code = municipality.code as MunicipalityCode;
  const options = await journalOptions(tools, gate, municipality);
  const { journal, from, to, succession } = await enter(options, newLog);
  try {
    const between = await readBetween(journal, from, to, residentTable.name);
    await showHitsAgain({ pool: gate, store: tools.store, journal }, code, from, to);
    const takenAway = await takeAwayAgain({ ...tools, pool: gate }, keys, code, between, old);
    const body = {
      ...{ backup: base, municipality: code, from: to, to: from, lost: between.records.length },
      outcome: succession === null ? 'resumed' : 'succeeded',
    };
    const [made] = await journal.append({ lines: [{ kind: 'restore.made', body }] });
    const carried = (await hasCarried(journal, from))
      ? null
      : await carryRecords({
          ...{ municipality: code, journal, pool: gate, table: residentTable, keys, log: tools.log },
          erased: (old?.erased ?? []).map(({ person }) => person),
        });
    await journal.flush();
    const { size } = journal.head();
    return {
      municipality: code,
      origin: journal.origin,
      between,
      takenAway,
      line: made!.index,
      size,
      succession,
      carried,
    };
  } finally {
    await journal.close();
  }
}

/** Goes on with the log out of its mirror; where its tip is lost and a new log was asked for, begins that. */
async function enter(
  options: Parameters<typeof Journal.open>[0],
  newLog: boolean,
): Promise<{ journal: Journal; from: number; to: number; succession: string | null }> {
  try {
    return { ...(await Journal.resumeFromMirror(options)), succession: null };
  } catch (error) {
    if (!newLog || !isSekishoError(error, 'log-behind-witness')) throw error;
    const { journal, succession } = await Journal.succeed(options);
    // What happened in the lost lines nobody can tell; the new log begins with its own.
    return { journal, from: 0, to: 0, succession };
  }
}
