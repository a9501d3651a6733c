import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type pg from 'pg';
import { GateService, gateMigrations, type Role, readBudgets, signNonce } from '../../core/gate/index.ts';
import { Journal, journalMigrations, logVerifierKey, type NoteSigner } from '../../core/journal/index.ts';
import { WitnessClient, WitnessServer } from '../../core/journal/witness/index.ts';
import {
  createFileKeyStore,
  type KeyStore,
  keyedIndex,
  openBytes,
  openFileKeyStore,
  PersonKeys,
  sealBytes,
  sealMigrations,
} from '../../core/seal/index.ts';
import { type ManualClock, manualClock } from '../../ground/clock.ts';
import type { MunicipalityCode } from '../../ground/ids.ts';
import { silentLog } from '../../ground/log.ts';
import { Masked } from '../../ground/masked.ts';
import { seededRandomness } from '../../ground/randomness.ts';
import { type ImportOptions, type ImportResult, importResidents } from './import.ts';
import { registerMigrations } from './migrations.ts';
import { bufferSource } from './resident-file/source.ts';
import { residentTable } from './sealed-table.ts';
import { RegisterService } from './service.ts';
import { RegisterStore } from './store.ts';

/** A real gate with journals, witness, keys and database for the tests of this room. Never for service. */

export const chiyoda = '131016' as MunicipalityCode;
export const chuo = '131024' as MunicipalityCode;
const pin = '246824';
const terminal = (municipality: string) => `t-${municipality}`;

/** One who works at a desk, signed in. */
export interface Worker {
  session: string;
  staff: string;
  municipality: MunicipalityCode;
}

/** What a stage needs of `freshDatabase`. */
export interface StageDatabase {
  pool(role: 'gate' | 'keys' | 'office' | 'superuser', max?: number): pg.Pool;
}
/** The rooms whose migrations the database of a stage must hold, in order. */
export const stageRooms = [sealMigrations, journalMigrations, gateMigrations, registerMigrations];

export class RegisterStage {
  readonly database: StageDatabase;
  readonly clock: ManualClock;
  readonly gate: GateService;
  readonly store: RegisterStore;
  readonly folder: string;
  readonly #randomness = seededRandomness('register stage');
  readonly #closing: (() => Promise<unknown>)[];
  readonly #keys = new Map<string, KeyObject>();
  readonly #workers = new Map<string, Worker>();
  #requests = 0;

  private constructor(o: {
    database: StageDatabase;
    clock: ManualClock;
    gate: GateService;
    folder: string;
    closing: (() => Promise<unknown>)[];
  }) {
    this.database = o.database;
    this.clock = o.clock;
    this.gate = o.gate;
    this.folder = o.folder;
    this.store = new RegisterStore(o.database.pool('office'));
    this.#closing = o.closing;
  }

  static async start(
    database: StageDatabase,
    municipalities: readonly MunicipalityCode[] = [chiyoda, chuo],
  ): Promise<RegisterStage> {
    const folder = await mkdtemp(join(tmpdir(), 'sekisho-register-'));
    const clock = manualClock();
    const randomness = seededRandomness('register gate');
    const unlock = { passphrase: new Masked('passphrase', 'only for the tests of the register') };
    const file = join(folder, 'keystore');
    await createFileKeyStore(file, unlock, randomness, { cost: { n: 16_384, r: 8, p: 1 } });
    const store = await openFileKeyStore(file, unlock, { randomness });
    const witness = await startWitness(folder, store, municipalities, clock);
    const gate = await GateService.open({
      ...{ pool: database.pool('gate', 8), store, table: residentTable, municipalities, clock, randomness },
      keys: new PersonKeys(database.pool('keys'), store, clock, randomness),
      log: silentLog,
      budgets: { ...readBudgets(), open: most, search: most },
      openJournal: async (municipality, onBatch) =>
        Journal.open({
          ...(await portsOf(store, municipality, randomness)),
          ...{ municipality, pool: database.pool('gate', 4), onBatch, clock, randomness, log: silentLog },
          witnesses: [witness.client],
          mirror: join(folder, `journal-${municipality}`),
          integrateEveryMs: 20,
        }),
    });
    const closing = [
      () => gate.close(),
      () => witness.server.close(),
      () => rm(folder, { recursive: true, force: true }),
    ];
    return new RegisterStage({ database, clock, gate, folder, closing });
  }

  async end(): Promise<void> {
    for (const close of this.#closing) await close();
  }

  /** A member of staff of this role, enrolled and signed in on first use. */
  async worker(role: Role, municipality: MunicipalityCode = chiyoda): Promise<Worker> {
    const staff = `${role}-${municipality}`;
    const known = this.#workers.get(staff);
    if (known) return known;
    await this.#enrol(role, staff, municipality);
    const { nonce } = await this.gate.challenge({ staff });
    const signature = signNonce(this.#keys.get(staff)!, nonce);
    const { session } = await this.gate.signIn({
      ...{ staff, nonce, signature, pin },
      terminal: terminal(municipality),
    });
    const worker = { session, staff, municipality };
    this.#workers.set(staff, worker);
    return worker;
  }

  async #enrol(role: Role, staff: string, municipality: MunicipalityCode): Promise<void> {
    const { publicKey, privateKey } = generateKeyPairSync('ed25519');
    this.#keys.set(staff, privateKey);
    const raw = publicKey.export({ format: 'der', type: 'spki' }).subarray(12).toString('base64');
    const office = 'desk';
    if (role === 'administrator') {
      await this.gate.enrolTerminal({ municipality, terminal: terminal(municipality), office });
      await this.gate.enrolStaff({ municipality, staff, role, office, publicKey: raw, pin });
      return;
    }
    const { session } = await this.worker('administrator', municipality);
    await this.gate.enrolStaff({ session, municipality, staff, role, office, publicKey: raw, pin });
  }

  /** A desk with an open case of this purpose. */
  async desk(purpose: string, role: Role = 'clerk', municipality: MunicipalityCode = chiyoda) {
    const { session } = await this.worker(role, municipality);
    const { caseId } = await this.gate.openCase({ session, purpose, note: 'test' });
    return { session, caseId };
  }

  service(municipality: MunicipalityCode = chiyoda): RegisterService {
    const { gate, store, clock } = this;
    return new RegisterService({ gate, store, clock, municipality });
  }

  requestId(): string {
    return `request-${this.#requests++}`;
  }

  async import(
    csv: string | Uint8Array,
    municipality: MunicipalityCode = chiyoda,
    more: Partial<ImportOptions> = {},
  ): Promise<ImportResult> {
    const { staff } = await this.worker('registrar', municipality);
    return importResidents({
      ...(await this.desk('register-keeping', 'registrar', municipality)),
      ...{ gate: this.gate, store: this.store, staff, municipality, clock: this.clock },
      source: bufferSource(Buffer.from(csv)),
      randomness: this.#randomness,
      temporaryFolder: this.folder,
      ...more,
    });
  }
}

const most = { session: 100_000, terminal: 100_000, purpose: 100_000, office: 100_000 };

async function portsOf(
  store: KeyStore,
  municipality: MunicipalityCode,
  randomness: { bytes(n: number): Buffer },
) {
  const origin = `journal.example/${municipality}`;
  const payloadKey = Buffer.from(await store.secret(`payload/${municipality}`));
  const signer: NoteSigner = {
    name: origin,
    publicKey: await store.publicKey('journal'),
    sign: (data) => store.sign('journal', data),
  };
  return {
    origin,
    signer,
    sealer: {
      seal: (leaf: Buffer, _at: number, plain: Buffer) => sealBytes(payloadKey, leaf, plain, randomness),
      open: (leaf: Buffer, _at: number, sealed: Buffer) =>
        openBytes(payloadKey, leaf, sealed, { what: 'payload' }),
    },
    personToken: (person: Parameters<typeof keyedIndex.journalPerson>[2]) =>
      keyedIndex.journalPerson(store, municipality, person) as Buffer,
  };
}

async function startWitness(
  folder: string,
  store: KeyStore,
  municipalities: readonly MunicipalityCode[],
  clock: ManualClock,
) {
  const publicKey = await store.publicKey('witness');
  const signer: NoteSigner = {
    name: 'witness.example',
    publicKey,
    sign: (data) => store.sign('witness', data),
  };
  const journalKey = await store.publicKey('journal');
  const logs = municipalities.map((municipality) => {
    const name = `journal.example/${municipality}`;
    return { origin: name, keys: [logVerifierKey({ name, publicKey: journalKey })] };
  });
  const server = new WitnessServer({ signer, logs, folder: join(folder, 'witness'), clock, log: silentLog });
  const port = await server.listen(0);
  const client = new WitnessClient({ url: `http://127.0.0.1:${port}`, name: signer.name, publicKey });
  return { server, client };
}
