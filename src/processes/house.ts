import { existsSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import type { SiteOrigins } from '../core/gate/index.ts';
import { newestLogNumber, originOf } from '../core/journal/index.ts';
import { systemClock } from '../ground/clock.ts';
import { SekishoError } from '../ground/errors.ts';
import type { MunicipalityCode } from '../ground/ids.ts';
import type { Log } from '../ground/log.ts';
import { systemRandomness } from '../ground/randomness.ts';
import { backupHouse, backupPlaces } from './backup.ts';
import { type BackupEvent, BackupKeeper } from './backup-keeper.ts';
import type { Child } from './child.ts';
import { demoStaff } from './demo-staff.ts';
import { enrolDemoStaff } from './enrol-demo-staff.ts';
import { renewCertificates } from './house-certificates.ts';
import { type HouseDatabase, startEmbeddedDatabase, useDatabaseUrl } from './house-database.ts';
import { holdHouse } from './house-lock.ts';
import { initHouse, isInitialised, readRoles, readSettings } from './init.ts';
import { type HouseLayout, houseLayout, makeFolders } from './layout.ts';
import { noteBackups } from './note-backups.ts';
import { pagesAreBuilt } from './pages.ts';
import {
  type GateConfig,
  type HouseSettings,
  type OfficeConfig,
  type PortalConfig,
  readJson,
  tlsFile,
  type WitnessConfig,
  witnessKeySchema,
  writeJson,
} from './settings.ts';
import { makeSignInLinks, type SignInLink } from './sign-in-links.ts';
import { Supervisor, type SupervisorEvent } from './supervisor.ts';

export interface HouseOptions {
  folder: string;
  /** The municipality of a new house; default the sample town's. */
  municipalities: readonly string[];
  /** Where people and the command line speak to the office; 0 takes a free port. */
  port: number;
  /** The port is only a wish: where it is taken, a free one serves. */
  portIsWish?: boolean;
  databaseUrl?: string;
  log: Log;
  /** Copy WAL for recovery to a point in time (embedded server); default true. */
  archive?: boolean;
  /** Longest time a durable line may wait for a witness; default 5,000 ms. */
  overdueMs?: number;
  /** Limits other than those checked in, for benches and tests. */
  budgetsFile?: string;
  onStep?: (step: HouseStep) => void;
  onEvent?: (event: SupervisorEvent) => void;
  /** Base copies that the running house makes by itself (embedded server, archived); left out: none. */
  backup?: { everyMs: number; limitBytes: number; onEvent?: (event: BackupEvent) => void };
}

export type HouseStep = 'keys' | 'database' | 'witness' | 'gate' | 'office' | 'portal' | 'staff';

/** A running house. */
export interface House {
  readonly layout: HouseLayout;
  readonly settings: HouseSettings;
  readonly officeUrl: string;
  /** The two sites; undefined where their pages have not been built (`npm run pages`). */
  readonly sites: SiteOrigins | undefined;
  /** True when this start made the house. */
  readonly isNew: boolean;
  readonly staff: readonly { name: string; role: string }[];
  readonly supervisor: Supervisor;
  readonly database: HouseDatabase;
  /** Fresh links that sign the demonstration's people in, once each; none without sites. */
  signInLinks(): Promise<SignInLink[]>;
  stop(): Promise<void>;
}

const demoOriginPrefix = 'demo.sekisho.invalid';

/**
 * Starts everything on loopback: database, witness, gate, office, portal, in this order, and stops it in the opposite one.
 * The first start makes keys, certificates, roles, tables and the demonstration's staff.
 * Errors: `conflict` where another supervisor runs on this folder; as each part reports. Whatever had been started is stopped again.
 */
export async function startHouse(options: HouseOptions): Promise<House> {
  const release = holdHouse(options.folder);
  try {
    return await startHeldHouse(options, release);
  } catch (error) {
    release();
    throw error;
  }
}

async function startHeldHouse(options: HouseOptions, release: () => void): Promise<House> {
  const layout = houseLayout(options.folder);
  const isNew = !isInitialised(options.folder);
  if (isNew) {
    options.onStep?.('keys');
    await initHouse({
      folder: options.folder,
      municipalities: options.municipalities,
      originPrefix: demoOriginPrefix,
      mode: 'demo',
      database: options.databaseUrl === undefined ? 'embedded' : 'server',
    });
  }
  const settings = await readSettings(options.folder);
  // Here invented people are enrolled and the passphrase lies beside the keystore.
  if (settings.mode === 'production')
    throw new SekishoError('config-invalid', { reason: 'production-house' });
  makeFolders(layout);
  // A house made before there was a portal: all certificates come from one authority, so all are made anew.
  if (!existsSync(layout.tls('portal'))) await renewCertificates(options.folder);
  options.onStep?.('database');
  const roles = await readRoles(layout);
  const database =
    options.databaseUrl === undefined
      ? await startEmbeddedDatabase(layout, roles, options.log, options.archive ?? true)
      : await useDatabaseUrl(options.databaseUrl, roles);
  const supervisor = new Supervisor({ logFolder: layout.logs, onEvent: (event) => options.onEvent?.(event) });
  const keeper = backupKeeper(layout, options);
  const stop = async (): Promise<void> => {
    await keeper?.stop();
    await supervisor.stop();
    await database.stop();
    rmSync(layout.houseFile, { force: true });
    release();
  };
  try {
    const office = await startProcesses({ layout, settings, database, supervisor, options });
    options.onStep?.('staff');
    await enrolDemoStaff(layout, settings, office.gateUrl, systemRandomness());
    const staff = demoStaff.map(({ name, role }) => ({ name, role }));
    await writeJson(layout.houseFile, {
      officeUrl: office.url,
      gateUrl: office.gateUrl,
      pid: process.pid,
      staff,
      ...(office.sites === undefined ? {} : { sites: office.sites }),
    });
    // Copies that were made while nothing ran.
    await noteBackups(options.folder).catch((error: unknown) =>
      options.log.warn('backup-not-noted', { error }),
    );
    keeper?.start();
    const municipality = settings.municipalities[0]!.code as MunicipalityCode;
    const links = () => makeSignInLinks({ layout, gateUrl: office.gateUrl, database, municipality });
    const { url: officeUrl, sites } = office;
    const signInLinks = async () => (sites === undefined ? [] : await links());
    return { layout, settings, officeUrl, sites, isNew, staff, supervisor, database, signInLinks, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

function backupKeeper(layout: HouseLayout, options: HouseOptions): BackupKeeper | undefined {
  const { backup, log } = options;
  if (backup === undefined || options.archive === false || options.databaseUrl !== undefined)
    return undefined;
  return new BackupKeeper({
    ...backupPlaces(layout),
    ...backup,
    ...{ clock: systemClock, log },
    backup: async () => (await backupHouse({ folder: options.folder, clock: systemClock, log })).base,
  });
}

interface Parts {
  layout: HouseLayout;
  settings: HouseSettings;
  database: HouseDatabase;
  supervisor: Supervisor;
  options: HouseOptions;
}

async function startProcesses(
  parts: Parts,
): Promise<{ url: string; gateUrl: string; sites: SiteOrigins | undefined }> {
  const { layout, supervisor, options } = parts;
  const start = async (name: HouseStep, config: unknown): Promise<Child> => {
    options.onStep?.(name);
    const file = join(layout.run, `${name}.json`);
    await writeJson(file, config);
    return supervisor.start(name, file);
  };
  // Ports are chosen here, not by the processes: one that is started again must be found where it was.
  const witness = await start('witness', await witnessSettings(parts, await probe(0)));
  const gatePort = await probe(0);
  const isMust = options.port !== 0 && options.portIsWish !== true;
  const port = isMust ? options.port : await probe(options.port).catch(() => probe(0));
  const next = options.port === 0 || options.port === 65_535 ? 0 : options.port + 1;
  const portalPort = await probe(next).catch(() => probe(0));
  const sites = pagesAreBuilt()
    ? { desk: `http://desk.localhost:${port}`, portal: `http://portal.localhost:${portalPort}` }
    : undefined;
  const gate = await start('gate', await gateSettings(parts, witness.url, gatePort, sites));
  const office = await start('office', await officeSettings(parts, gate.url, port, sites));
  if (sites !== undefined) await start('portal', await portalSettings(parts, gate.url, portalPort, sites));
  return { url: office.url, gateUrl: gate.url, sites };
}

async function witnessSettings({ layout, settings }: Parts, port: number): Promise<WitnessConfig> {
  await readJson(layout.witnessKeyFile, 'witness-key', witnessKeySchema);
  return {
    listen: { host: '127.0.0.1', port },
    name: settings.witness.name,
    state: layout.witness,
    key_file: layout.witnessKeyFile,
    logs: settings.municipalities.map(({ origin }) => ({ origin, public_key: settings.log_public_key })),
  };
}

async function gateSettings(
  parts: Parts,
  witnessUrl: string,
  port: number,
  sites: SiteOrigins | undefined,
): Promise<GateConfig> {
  const { layout, settings, database, options } = parts;
  return {
    mode: settings.mode,
    listen: { host: '127.0.0.1', port },
    tls: await readJson(layout.tls('gate'), 'certificate', tlsFile),
    databases: { gate: database.connection('gate'), keys: database.connection('keys') },
    keystore: { kind: 'file', file: layout.keystoreFile, passphrase_file: layout.passphraseFile },
    municipalities: [...settings.municipalities],
    log_public_key: settings.log_public_key,
    mirror: layout.journal,
    witnesses: [{ ...settings.witness, url: witnessUrl }],
    overdue_ms: options.overdueMs ?? 5_000,
    ...(options.budgetsFile === undefined ? {} : { budgets_file: options.budgetsFile }),
    ...(sites === undefined ? {} : { sites: { ...sites } }),
  };
}

async function officeSettings(
  parts: Parts,
  gateUrl: string,
  port: number,
  sites: SiteOrigins | undefined,
): Promise<OfficeConfig> {
  const { layout, settings, database } = parts;
  return {
    mode: settings.mode,
    listen: { host: '127.0.0.1', port },
    gate: { url: gateUrl, tls: await readJson(layout.tls('office'), 'certificate', tlsFile) },
    database: database.connection('office'),
    municipalities: [...settings.municipalities],
    mirror: layout.journal,
    uploads: join(layout.root, 'uploads'),
    ...(sites === undefined ? {} : { site: { origin: sites.desk } }),
  };
}

async function portalSettings(
  { layout, settings }: Parts,
  gateUrl: string,
  port: number,
  sites: SiteOrigins,
): Promise<PortalConfig> {
  return {
    mode: settings.mode,
    listen: { host: '127.0.0.1', port },
    gate: { url: gateUrl, tls: await readJson(layout.tls('portal'), 'certificate', tlsFile) },
    site: { origin: sites.portal },
    // Where a log has succeeded a lost one, residents check that one: it has a name of its own.
    municipalities: settings.municipalities.map((each) => {
      const log = newestLogNumber(join(layout.journal, each.code));
      return { ...each, origin: originOf(each.origin, log) };
    }),
    log_public_key: settings.log_public_key,
    witnesses: [settings.witness],
  };
}

/** A port nobody listens on now, 0 for any. Somebody may take it before we do; then the process says so and the start fails. */
function probe(port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => {
      const address = server.address();
      const found = typeof address === 'object' && address !== null ? address.port : 0;
      server.close(() => resolve(found));
    });
  });
}
