import { createPrivateKey, createPublicKey, hash, type KeyObject } from 'node:crypto';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type pg from 'pg';
import { type Finding, GateService, type Role, readBudgets, signNonce } from '../core/gate/index.ts';
import {
  decodeLine,
  folderSource,
  Journal,
  logVerifierKey,
  nodePrimitives,
  witnessVerifierKey,
} from '../core/journal/index.ts';
import { type Verdict, type VerifiedLog, verifyLog } from '../core/journal/verify/index.ts';
import { PersonKeys } from '../core/seal/index.ts';
import { japanDate, systemClock } from '../ground/clock.ts';
import { openPool } from '../ground/database/index.ts';
import type { MunicipalityCode, PersonId } from '../ground/ids.ts';
import { silentLog } from '../ground/log.ts';
import { systemRandomness } from '../ground/randomness.ts';
import {
  fileSource,
  importResidents,
  moveWithin,
  numberChange,
  RegisterService,
  RegisterStore,
  removal,
  residentTable,
} from '../records/register/index.ts';
import { population, writeResidentFile } from '../sample/index.ts';
import { type BackupMade, backupHouse } from './backup.ts';
import { type HouseDatabase, startEmbeddedDatabase } from './house-database.ts';
import { initHouse } from './init.ts';
import { type HouseLayout, houseLayout } from './layout.ts';
import { type Restored, type RestoreOptions, restoreHouse } from './restore.ts';
import { journalOptions, openTools, type RestoreTools } from './restore-tools.ts';

export const town = '202029' as MunicipalityCode;
const pin = '8642-1357';
const pkcs8 = Buffer.from('302e020100300506032b657004220420', 'hex'); // RFC 8410: PrivateKeyInfo of Ed25519
const most = { session: 100_000, terminal: 100_000, purpose: 100_000, office: 100_000 };
const roles: readonly Role[] = ['registrar', 'supervisor', 'officer', 'clerk'];

function deviceKey(name: string): { privateKey: KeyObject; publicKey: Buffer } {
  const seed = hash('sha256', `restore test device\n${name}`, 'buffer');
  const privateKey = createPrivateKey({ key: Buffer.concat([pkcs8, seed]), format: 'der', type: 'pkcs8' });
  const spki = createPublicKey(privateKey).export({ format: 'der', type: 'spki' });
  return { privateKey, publicKey: spki.subarray(12) };
}

/** A real house in a folder of its own, its processes' parts run in this one: stopped, restored, started again. */
export class RestorableHouse {
  readonly folder = mkdtempSync(join(tmpdir(), 'sekisho-restore-'));
  readonly layout: HouseLayout = houseLayout(join(this.folder, 'data'));
  tools!: RestoreTools;
  database!: HouseDatabase;
  gate!: GateService;
  journal!: Journal;
  store!: RegisterStore;
  #pools: pg.Pool[] = [];
  #requests = 0;
  #residents = 0;

  static async make(): Promise<RestorableHouse> {
    const house = new RestorableHouse();
    chmodSync(house.folder, 0o755);
    await initHouse({
      folder: house.layout.root,
      municipalities: [town],
      originPrefix: 'test.sekisho.invalid',
      mode: 'demo',
      database: 'embedded',
    });
    await house.start();
    await house.#enrolAll();
    return house;
  }

  #pool(role: 'gate' | 'keys' | 'office'): pg.Pool {
    const pool = openPool(this.database.connection(role), { max: 6, name: `test-${role}` });
    this.#pools.push(pool);
    return pool;
  }

  async start(): Promise<void> {
    const o = { clock: systemClock, randomness: systemRandomness(), log: silentLog };
    this.tools = await openTools({ folder: this.layout.root, ...o });
    this.database = await startEmbeddedDatabase(this.layout, this.tools.roles, silentLog, true);
    this.store = new RegisterStore(this.#pool('office'));
    const pool = this.#pool('gate');
    const budgets = { ...readBudgets(), open: most, search: most };
    this.gate = await GateService.open({
      ...{ ...o, pool, budgets, store: this.tools.store, table: residentTable, municipalities: [town] },
      keys: new PersonKeys(this.#pool('keys'), this.tools.store, o.clock, o.randomness),
      openJournal: async (_code, onBatch) => {
        const [place] = this.tools.settings.municipalities;
        const options = await journalOptions(this.tools, pool, place!);
        this.journal = await Journal.open({ ...options, onBatch, integrateEveryMs: 25 });
        return this.journal;
      },
    });
  }

  async stop(): Promise<void> {
    await this.gate.close();
    await Promise.all(this.#pools.splice(0).map((pool) => pool.end()));
    await this.database.stop();
    await this.tools.close();
  }

  async #enrolAll(): Promise<void> {
    const enrol = async (role: Role, session?: string) => {
      const within = session === undefined ? {} : { session };
      const office = role === 'officer' || role === 'administrator' ? 'security' : 'resident-desk';
      await this.gate.enrolTerminal({ ...within, municipality: town, terminal: `${role}-1`, office });
      const publicKey = deviceKey(role).publicKey.toString('base64');
      await this.gate.enrolStaff({
        ...within,
        municipality: town,
        staff: role,
        role,
        office,
        publicKey,
        pin,
      });
    };
    await enrol('administrator');
    const session = await this.signIn('administrator');
    for (const role of roles) await enrol(role, session);
  }

  async signIn(role: Role): Promise<string> {
    const { nonce } = await this.gate.challenge({ staff: role });
    const signature = signNonce(deviceKey(role).privateKey, nonce);
    const { session } = await this.gate.signIn({ staff: role, terminal: `${role}-1`, nonce, signature, pin });
    return session;
  }

  async desk(role: Role, purpose: string): Promise<{ session: string; caseId: string }> {
    const session = await this.signIn(role);
    const { caseId } = await this.gate.openCase({ session, purpose, note: 'note of the desk' });
    return { session, caseId };
  }

  /** Imports so many synthetic residents, other ones each time. */
  async importTown(residents: number): Promise<void> {
    const seed = `restore-${this.#residents++}`;
    const file = join(this.folder, `${seed}.csv`);
    const people = population({ seed, municipality: town, residents });
    await writeResidentFile({ population: people, encoding: 'cp932', destination: file });
    const { gate, store } = this;
    await importResidents({
      ...{ gate, store, clock: systemClock, randomness: systemRandomness(), staff: 'registrar' },
      ...{ municipality: town, source: await fileSource(file), temporaryFolder: this.folder },
      ...(await this.desk('registrar', 'register-keeping')),
    });
  }

  /** Persons alive on the register, in the order of their first import. */
  async persons(): Promise<PersonId[]> {
    const { rows } = await this.#pools[0]!.query<{ person_id: PersonId }>(
      `SELECT person_id FROM register.resident WHERE municipality_code = $1 AND status = 'resident' ORDER BY person_id`,
      [town],
    );
    return rows.map((row) => row.person_id);
  }

  async query(role: 'gate' | 'keys' | 'office', text: string, values: unknown[] = []) {
    const pool = openPool(this.database.connection(role), { max: 1, name: 'test-query' });
    try {
      return (await pool.query(text, values)).rows as Record<string, unknown>[];
    } finally {
      await pool.end();
    }
  }

  #notice(person: PersonId) {
    const today = japanDate(systemClock.now());
    const requestId = `restore-${process.pid}-${this.#requests++}-${systemClock.now()}`;
    return { requestId, municipality: town, eventDate: today, today, person, status: 'resident' as const };
  }

  async moveTo(person: PersonId, address: string): Promise<void> {
    const desk = await this.desk('registrar', 'register-keeping');
    const op = moveWithin(this.#notice(person), { postcode: '3900811', address });
    const [result] = await this.gate.write({ ...desk, ops: [op] });
    if (result?.outcome !== 'changed') throw result;
  }

  async changeNumber(person: PersonId): Promise<void> {
    const desk = await this.desk('supervisor', 'number-change');
    const cause = {
      by: 'request',
      circumstance: 'theft',
      leaked: true,
      misuseFeared: true,
      evidenceSeen: true,
    } as const;
    const [result] = await this.gate.write({ ...desk, ops: [numberChange(this.#notice(person), cause)] });
    if (result?.outcome !== 'changed') throw result;
  }

  /** Strikes a record out, as must be before it can be erased. */
  async strikeOut(person: PersonId): Promise<void> {
    const desk = await this.desk('supervisor', 'correction');
    const [result] = await this.gate.write({
      ...desk,
      ops: [removal(this.#notice(person), 'entered twice')],
    });
    if (result?.outcome !== 'changed') throw result;
  }

  async erase(person: PersonId): Promise<void> {
    await this.gate.erase({
      ...(await this.desk('supervisor', 'record-erasure')),
      person,
      reason: 'retention over',
    });
  }

  async addressOf(person: PersonId): Promise<string | undefined> {
    const desk = await this.desk('clerk', 'residence-certificate');
    const { fields } = await this.gate.open({ ...desk, person, groups: ['address'] });
    return fields['address']?.['address'];
  }

  service(): RegisterService {
    const { gate, store } = this;
    return new RegisterService({ gate, store, clock: systemClock, municipality: town });
  }

  /** The journal by the checker that shares no code with the writer, and the records by the lines. */
  async inspect(): Promise<{ log: Verdict<VerifiedLog>; findings: Finding[] }> {
    await this.journal.flush();
    const { origin } = this.journal;
    const { settings } = this.tools;
    const publicKey = Buffer.from(settings.log_public_key, 'base64');
    const witness = {
      name: settings.witness.name,
      publicKey: Buffer.from(settings.witness.public_key, 'base64'),
    };
    const policy = {
      origin,
      logKey: logVerifierKey({ name: origin, publicKey }),
      witnessKeys: [witnessVerifierKey(witness)],
      quorum: 1,
    };
    const [place] = settings.municipalities;
    const folder = join(
      this.layout.journal,
      town,
      origin === place!.origin ? '' : origin.slice(place!.origin.length + 1),
    );
    const log = await verifyLog(folderSource(folder), policy, undefined, nodePrimitives);
    const findings: Finding[] = [];
    for await (const finding of this.gate.verify(town)) findings.push(finding);
    return { log, findings };
  }

  /** Kinds of all lines of the present log. */
  async kinds(): Promise<string[]> {
    const found: string[] = [];
    for await (const line of this.journal.read(0, this.journal.head().size))
      found.push(decodeLine(line.payload).kind);
    return found;
  }

  /** A moment after everything done so far and before everything that follows. */
  async moment(): Promise<number> {
    await sleep(20);
    const now = systemClock.now();
    await sleep(20);
    return now;
  }

  backup(): Promise<BackupMade> {
    return backupHouse({ folder: this.layout.root, clock: systemClock, log: silentLog });
  }

  /** The house must be stopped. */
  restore(to: number, more: Partial<RestoreOptions> = {}): Promise<Restored> {
    const o = {
      clock: systemClock,
      randomness: systemRandomness(),
      log: silentLog,
    };
    return restoreHouse({ folder: this.layout.root, ...o, to, ...more });
  }

  async remove(): Promise<void> {
    await this.stop().catch(() => {});
    rmSync(this.folder, { recursive: true, force: true });
  }
}
