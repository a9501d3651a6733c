import { createPrivateKey, createPublicKey, hash, type KeyObject, sign } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type pg from 'pg';
import {
  type Budgets,
  type Finding,
  type GateOptions,
  GateService,
  gateMigrations,
  type Role,
  readBudgets,
  signNonce,
} from '../src/core/gate/index.ts';
import {
  decodeLine,
  folderSource,
  Journal,
  type JournalOptions,
  journalMigrations,
  logVerifierKey,
  type NoteSigner,
  nodePrimitives,
  parseCheckpoint,
  witnessVerifierKey,
} from '../src/core/journal/index.ts';
import { type Policy, type Verdict, type VerifiedLog, verifyLog } from '../src/core/journal/verify/index.ts';
import { WitnessClient, WitnessServer } from '../src/core/journal/witness/index.ts';
import {
  createFileKeyStore,
  type KeyStore,
  openFileKeyStore,
  PersonKeys,
  sealMigrations,
} from '../src/core/seal/index.ts';
import { type Clock, type ManualClock, manualClock } from '../src/ground/clock.ts';
import type { MunicipalityCode, PersonId } from '../src/ground/ids.ts';
import { type Log, silentLog } from '../src/ground/log.ts';
import { Masked } from '../src/ground/masked.ts';
import { type Randomness, systemRandomness } from '../src/ground/randomness.ts';
import { journalPorts } from '../src/processes/index.ts';
import {
  fileSource,
  type ImportResult,
  importResidents,
  RegisterService,
  RegisterStore,
  registerMigrations,
  residentTable,
} from '../src/records/register/index.ts';
import { population, type SampleResident, writeResidentFile } from '../src/sample/index.ts';
import { type FreshDatabase, freshDatabase } from './database.ts';

/** All rooms with tables, in their order. */
export const houseRooms = [sealMigrations, journalMigrations, gateMigrations, registerMigrations];

/** The sample town, and another one for what must not join. */
export const matsumoto = '202029' as MunicipalityCode;
export const chiyoda = '131016' as MunicipalityCode;

export const houseRoles = ['clerk', 'supervisor', 'registrar', 'officer', 'administrator'] as const;
export type HouseRole = (typeof houseRoles)[number];
/** `clerk@202029`: who works in which town. */
type StaffName = string;

const pin = '8642-1357';
const passphrase = 'a passphrase of the test house';
const pkcs8 = Buffer.from('302e020100300506032b657004220420', 'hex'); // RFC 8410: PrivateKeyInfo of Ed25519

/** The device key of a member of staff, from his name. */
export function deviceKey(name: string): { privateKey: KeyObject; publicKey: Buffer } {
  const seed = hash('sha256', `test house device\n${name}`, 'buffer');
  const privateKey = createPrivateKey({ key: Buffer.concat([pkcs8, seed]), format: 'der', type: 'pkcs8' });
  const spki = createPublicKey(privateKey).export({ format: 'der', type: 'spki' });
  return { privateKey, publicKey: spki.subarray(12) };
}

/** A member of staff at his terminal. */
export interface Desk {
  readonly session: string;
  readonly staff: StaffName;
  readonly terminal: string;
  readonly municipality: MunicipalityCode;
}

export interface HouseOptions {
  municipalities?: readonly MunicipalityCode[];
  /** Default: a clock that stands at the sample's day until told. */
  clock?: Clock;
  /** What differs from the limits checked in; `unlimited` for tests that are not about them. */
  budgets?: Partial<Budgets> | 'unlimited';
  log?: Log;
  /** Where the journals are mirrored; default within the house's own folder. */
  mirrorFolder?: string;
  /** Put around the gate's two pools before anything uses them. */
  onPool?: (pool: pg.Pool) => void;
  journal?: Partial<
    Pick<JournalOptions, 'files' | 'integrateEveryMs' | 'overdueMs' | 'witnesses' | 'randomness'>
  >;
  gate?: Partial<Pick<GateOptions, 'statutes' | 'policies' | 'randomness' | 'sites' | 'signInLinks'>>;
}

const most = { session: 100_000, terminal: 100_000, purpose: 100_000, office: 100_000 };

function budgetsOf(given: HouseOptions['budgets']): Budgets {
  const checkedIn = readBudgets();
  if (given === 'unlimited') return { ...checkedIn, open: most, search: most };
  return { ...checkedIn, ...given };
}

/** What a house is worth after whatever was done to it. */
export interface Inspection {
  log: Verdict<VerifiedLog>;
  /** Lines in the database, under the published checkpoint, and under the witness's own. */
  sizes: { durable: number; published: number; witnessed: number };
  findings: Finding[];
}

/**
 * A whole small house in one process: database, keystore, witness on loopback, gate with real journals, register, staff.
 * Wired as the processes wire it. `restart` closes the gate and opens it on the same state.
 */
export class TestHouse {
  readonly folder = mkdtempSync(join(tmpdir(), 'sekisho-house-'));
  readonly options: HouseOptions;
  readonly municipalities: readonly MunicipalityCode[];
  readonly clock: Clock;
  readonly randomness: Randomness = systemRandomness();
  readonly database: FreshDatabase;
  readonly superuser: pg.Pool;
  readonly store: RegisterStore;
  keystore!: KeyStore;
  gate!: GateService;
  /** Everybody imported so far, as the file said it. */
  readonly residents: SampleResident[] = [];
  readonly #journals = new Map<MunicipalityCode, Journal>();
  readonly #desks = new Map<StaffName, Desk>();
  #pools: pg.Pool[] = [];
  #witness: WitnessServer | undefined;
  #witnessPort = 0;
  #requests = 0;

  private constructor(options: HouseOptions, database: FreshDatabase) {
    this.options = options;
    this.municipalities = options.municipalities ?? [matsumoto];
    this.clock = options.clock ?? manualClock();
    this.database = database;
    this.superuser = database.pool('superuser', 2);
    this.store = new RegisterStore(database.pool('office', 2));
  }

  /** A house with keys, witness and gate open, and its staff enrolled. */
  static async start(options: HouseOptions = {}): Promise<TestHouse> {
    const house = new TestHouse(options, await freshDatabase(houseRooms));
    const unlock = { passphrase: new Masked('passphrase', passphrase) };
    const cost = { n: 16_384, r: 8, p: 1 } as const;
    await createFileKeyStore(house.keystoreFile, unlock, house.randomness, { cost });
    house.keystore = await openFileKeyStore(house.keystoreFile, unlock);
    await house.startWitness();
    await house.openGate();
    for (const municipality of house.municipalities) await house.#enrolAll(municipality);
    return house;
  }

  get keystoreFile(): string {
    return join(this.folder, 'keystore.json');
  }

  /** The clock, where none was given: it stands until told. */
  get manualClock(): ManualClock {
    return this.clock as ManualClock;
  }

  /** Lets time pass, once everything is witnessed: a clock that jumps must not make the witness late. */
  async pass(minutes: number): Promise<void> {
    for (const municipality of this.municipalities) await this.journal(municipality).flush();
    this.manualClock.advance(minutes * 60_000);
  }

  /** Where a town's journal is mirrored. */
  mirror(municipality = this.municipalities[0]!): string {
    return join(this.options.mirrorFolder ?? join(this.folder, 'journal'), municipality);
  }

  origin(municipality = this.municipalities[0]!): string {
    return `test.sekisho.invalid/journal/${municipality}`;
  }

  journal(municipality = this.municipalities[0]!): Journal {
    return this.#journals.get(municipality)!;
  }

  witnessSigner(): NoteSigner {
    const { privateKey, publicKey } = deviceKey('witness');
    return { name: 'test.sekisho.invalid/witness', publicKey, sign: (data) => sign(null, data, privateKey) };
  }

  async startWitness(): Promise<void> {
    const publicKey = await this.keystore.publicKey('journal');
    this.#witness = new WitnessServer({
      signer: this.witnessSigner(),
      logs: this.municipalities.map((municipality) => {
        const name = this.origin(municipality);
        return { origin: name, keys: [logVerifierKey({ name, publicKey })], successors: true };
      }),
      folder: join(this.folder, 'witness'),
      clock: this.clock,
      log: silentLog,
    });
    this.#witnessPort = await this.#witness.listen(this.#witnessPort);
  }

  async stopWitness(): Promise<void> {
    await this.#witness?.close();
    this.#witness = undefined;
  }

  witnessClient(): WitnessClient {
    const { name, publicKey } = this.witnessSigner();
    return new WitnessClient({
      url: `http://127.0.0.1:${this.#witnessPort}`,
      name,
      publicKey,
      timeoutMs: 5_000,
    });
  }

  /** What a checker outside is told: origin, the log's key, the witness's key. */
  async policy(municipality = this.municipalities[0]!): Promise<Policy> {
    const name = this.origin(municipality);
    return {
      origin: name,
      logKey: logVerifierKey({ name, publicKey: await this.keystore.publicKey('journal') }),
      witnessKeys: [witnessVerifierKey(this.witnessSigner())],
      quorum: 1,
    };
  }

  #pool(role: 'gate' | 'keys', max: number): pg.Pool {
    const pool = this.database.pool(role, max);
    this.options.onPool?.(pool);
    this.#pools.push(pool);
    return pool;
  }

  /** Opens a gate on what is there. `keystore`: another house's, for the test of that. */
  async openGate(
    change: Partial<GateOptions> & { keystore?: KeyStore; journal?: HouseOptions['journal'] } = {},
  ): Promise<void> {
    const { clock, randomness, options } = this;
    const { keystore: store = this.keystore, journal, ...rest } = change;
    const pool = this.#pool('gate', 8);
    this.gate = await GateService.open({
      pool,
      store,
      keys: new PersonKeys(this.#pool('keys', 2), store, clock, randomness),
      table: residentTable,
      municipalities: this.municipalities,
      openJournal: async (municipality, onBatch) => {
        const opened = await Journal.open({
          ...{ municipality, origin: this.origin(municipality), pool, clock, randomness, onBatch },
          ...(await journalPorts(store, municipality, this.origin(municipality), randomness)),
          witnesses: [this.witnessClient()],
          mirror: this.mirror(municipality),
          log: (options.log ?? silentLog).child('journal'),
          integrateEveryMs: 25,
          ...options.journal,
          ...journal,
        });
        this.#journals.set(municipality, opened);
        return opened;
      },
      clock,
      randomness,
      log: options.log ?? silentLog,
      budgets: budgetsOf(options.budgets),
      ...options.gate,
      ...rest,
    });
  }

  async closeGate(): Promise<void> {
    await this.gate.close();
    await Promise.all(this.#pools.map((pool) => pool.end()));
    this.#pools = [];
  }

  /** The gate as a new process would find everything. Sessions and cases that still hold are still there. */
  async restart(change: Parameters<TestHouse['openGate']>[0] = {}): Promise<void> {
    await this.closeGate();
    await this.openGate(change);
  }

  async #enrolAll(municipality: MunicipalityCode): Promise<void> {
    const terminal = (role: HouseRole) => `${role}-${municipality}`;
    const office = (role: HouseRole) =>
      role === 'officer' || role === 'administrator' ? 'security' : 'resident-desk';
    const enrol = async (role: HouseRole, session?: string) => {
      const within = session === undefined ? {} : { session };
      await this.gate.enrolTerminal({
        ...within,
        municipality,
        terminal: terminal(role),
        office: office(role),
      });
      await this.enrol(`${role}@${municipality}`, role, { ...within, municipality, office: office(role) });
    };
    await enrol('administrator');
    const { session } = await this.desk('administrator', municipality);
    for (const role of houseRoles) if (role !== 'administrator') await enrol(role, session);
  }

  /** Enrols one who signs in with `deviceKey(staff)`. */
  async enrol(
    staff: string,
    role: Role,
    more: { session?: string; municipality?: MunicipalityCode; office?: string; person?: PersonId } = {},
  ): Promise<void> {
    const publicKey = deviceKey(staff).publicKey.toString('base64');
    const { municipality = this.municipalities[0]!, office = 'resident-desk', ...rest } = more;
    const input = { municipality, staff, role, office, publicKey, pin, ...rest };
    const { enrolment } = await this.gate.enrolStaff(input);
    if (enrolment === null) return;
    const { session } = await this.desk('officer', municipality);
    await this.gate.confirmEnrolment({ session, enrolment });
  }

  /** A fresh session of one who is enrolled. */
  async signIn(staff: StaffName, terminal: string, gate: GateService = this.gate): Promise<string> {
    const { nonce } = await gate.challenge({ staff });
    const signature = signNonce(deviceKey(staff).privateKey, nonce);
    return (await gate.signIn({ staff, terminal, nonce, signature, pin })).session;
  }

  /** The session of the member with this role, signed in on first use. */
  async desk(role: HouseRole, municipality = this.municipalities[0]!): Promise<Desk> {
    const staff = `${role}@${municipality}`;
    const known = this.#desks.get(staff);
    if (known !== undefined) return known;
    const terminal = `${role}-${municipality}`;
    const desk = { session: await this.signIn(staff, terminal), staff, terminal, municipality };
    this.#desks.set(staff, desk);
    return desk;
  }

  /** Forgets the sessions this house knows, so that each is signed in anew. */
  forgetDesks(): void {
    this.#desks.clear();
  }

  /** A session with an open case. */
  async openCase(
    purpose: string,
    role: HouseRole = 'clerk',
    municipality = this.municipalities[0]!,
  ): Promise<{ session: string; caseId: string }> {
    const { session } = await this.desk(role, municipality);
    const { caseId } = await this.gate.openCase({ session, purpose, note: 'note of the desk' });
    return { session, caseId };
  }

  service(municipality = this.municipalities[0]!): RegisterService {
    const { gate, store, clock } = this;
    return new RegisterService({ gate, store, clock, municipality });
  }

  requestId(): string {
    return `house-request-${this.#requests++}`;
  }

  /** Writes a CP932 file of so many synthetic residents and imports it with the real importer. */
  async importTown(
    residents: number,
    o: { municipality?: MunicipalityCode; seed?: string } = {},
  ): Promise<{ result: ImportResult; residents: SampleResident[] }> {
    const { municipality = this.municipalities[0]!, seed = 'house' } = o;
    const town = [...population({ seed, municipality, residents })];
    const file = join(this.folder, `residents-${municipality}-${seed}.csv`);
    await writeResidentFile({ population: town, encoding: 'cp932', destination: file });
    this.residents.push(...town);
    const result = await this.importFile(file, municipality);
    return { result, residents: town };
  }

  async importFile(file: string, municipality = this.municipalities[0]!): Promise<ImportResult> {
    const { gate, store, clock, randomness } = this;
    const { staff } = await this.desk('registrar', municipality);
    return importResidents({
      ...{ gate, store, clock, randomness, staff, municipality },
      ...(await this.openCase('register-keeping', 'registrar', municipality)),
      source: await fileSource(file),
      temporaryFolder: this.folder,
    });
  }

  /** Ids of everybody in the register, in the order of their lines. */
  async persons(municipality = this.municipalities[0]!): Promise<PersonId[]> {
    const { rows } = await this.superuser.query<{ person_id: PersonId }>(
      'SELECT person_id FROM register.resident WHERE municipality_code = $1 ORDER BY line_index',
      [municipality],
    );
    return rows.map((row) => row.person_id);
  }

  /** Every line of a journal, decoded, oldest first. */
  async lines(
    municipality = this.municipalities[0]!,
  ): Promise<{ index: number; kind: string; person?: PersonId; body: Record<string, unknown> }[]> {
    const journal = this.journal(municipality);
    const found = [];
    for await (const line of journal.read(0, journal.head().size)) {
      const { kind, person, body } = decodeLine(line.payload);
      found.push({ index: line.index, kind, body, ...(person === undefined ? {} : { person }) });
    }
    return found;
  }

  /** Has everything witnessed, then asks the three who are not the gate: the checker, the witness, the records. */
  async inspect(municipality = this.municipalities[0]!): Promise<Inspection> {
    const journal = this.journal(municipality);
    await journal.flush();
    const policy = await this.policy(municipality);
    const log = await verifyLog(folderSource(this.mirror(municipality)), policy, undefined, nodePrimitives);
    const seen = await this.witnessClient().latest(this.origin(municipality));
    const findings: Finding[] = [];
    for await (const finding of this.gate.verify(municipality)) findings.push(finding);
    const { size, witnessedSize } = journal.head();
    const witnessed = seen === undefined ? 0 : (parseCheckpoint(seen)?.size ?? 0);
    return { log, sizes: { durable: size, published: witnessedSize, witnessed }, findings };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.gate.close().catch(() => undefined);
    await this.stopWitness();
    this.keystore.close();
    await this.database.drop();
    rmSync(this.folder, { recursive: true, force: true });
  }
}
