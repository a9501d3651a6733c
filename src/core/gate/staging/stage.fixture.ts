import {
  createCipheriv,
  createDecipheriv,
  createPrivateKey,
  createPublicKey,
  hash,
  type KeyObject,
  sign,
} from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type pg from 'pg';
import { type ManualClock, manualClock } from '../../../ground/clock.ts';
import { SekishoError } from '../../../ground/errors.ts';
import type { MunicipalityCode, PersonId } from '../../../ground/ids.ts';
import { type Log, silentLog } from '../../../ground/log.ts';
import { seededRandomness, systemRandomness } from '../../../ground/randomness.ts';
import {
  Journal,
  type JournalOptions,
  journalMigrations,
  logVerifierKey,
  type NoteSigner,
  type OnBatch,
  type PayloadSealer,
} from '../../journal/index.ts';
import { expandHistory, type HistoryAnswer, type HistoryLine } from '../../journal/verify/index.ts';
import { WitnessClient, WitnessServer } from '../../journal/witness/index.ts';
import { drawResidentRecordCode } from '../../numbers/index.ts';
import { FileKeyStore, type KeyStore, keyedIndex, PersonKeys, sealMigrations } from '../../seal/index.ts';
import type { GateJournal } from '../journal-port.ts';
import { gateMigrations } from '../migrations.ts';
import { type GateOptions, GateService } from '../service.ts';
import { signNonce } from '../sessions.ts';
import type { Role } from '../staff.ts';
import type { WriteOp, WriteResult } from '../write-op.ts';
import { trialMigrations, trialTable } from './trial-table.fixture.ts';

/** Stand-ins for tests and benches of the gate: keys from names, a witness on loopback, a town's staff. Never for service. */

export const town = '131016' as MunicipalityCode;
export const otherTown = '131024' as MunicipalityCode;
export const pin = '4711-0815';
export const stagedSites = {
  desk: 'https://desk.town.example',
  portal: 'https://portal.town.example',
} as const;
const pkcs8 = Buffer.from('302e020100300506032b657004220420', 'hex'); // RFC 8410: PrivateKeyInfo of Ed25519

export function stagedKey(name: string): { privateKey: KeyObject; publicKey: Buffer } {
  const seed = hash('sha256', `gate stage\n${name}`, 'buffer');
  const privateKey = createPrivateKey({ key: Buffer.concat([pkcs8, seed]), format: 'der', type: 'pkcs8' });
  const spki = createPublicKey(privateKey).export({ format: 'der', type: 'spki' });
  return { privateKey, publicKey: Buffer.from(spki.subarray(12)) };
}

function stagedSigner(name: string): NoteSigner {
  const { privateKey, publicKey } = stagedKey(name);
  return { name, publicKey, sign: (data) => sign(null, data, privateKey) };
}

/** AES-256-GCM under one key, the leaf as additional data. */
function stagedSealer(): PayloadSealer {
  const key = hash('sha256', 'gate stage payload key', 'buffer');
  const randomness = systemRandomness();
  return {
    seal(leaf, _at, plain) {
      const iv = randomness.bytes(12);
      const cipher = createCipheriv('aes-256-gcm', key, iv).setAAD(leaf);
      const body = cipher.update(plain);
      cipher.final();
      return Buffer.concat([iv, body, cipher.getAuthTag()]);
    },
    open(leaf, _at, sealed) {
      const cipher = createDecipheriv('aes-256-gcm', key, sealed.subarray(0, 12)).setAAD(leaf);
      cipher.setAuthTag(sealed.subarray(-16));
      return Buffer.concat([cipher.update(sealed.subarray(12, -16)), cipher.final()]);
    },
  };
}

/** Faults a test can switch on in the journal that the gate sees. */
export interface Faults {
  /** append rejects with this, before anything is written. */
  append?: SekishoError;
  /** assertFresh throws. */
  overdue?: boolean;
}

export interface StageOptions {
  gatePool: pg.Pool;
  keysPool: pg.Pool;
  change?: Partial<GateOptions>;
  log?: Log;
  /** Default: the town alone. */
  municipalities?: readonly MunicipalityCode[];
}

/** A gate with its journals, keys and witness, and a town's staff. `reopen` is a restart on the same state. */
export class Stage {
  readonly folder = mkdtempSync(join(tmpdir(), 'sekisho-gate-'));
  readonly clock: ManualClock = manualClock();
  readonly randomness = systemRandomness();
  readonly store: KeyStore = new FileKeyStore(
    hash('sha256', 'root', 'buffer'),
    Buffer.alloc(16, 1),
    this.randomness,
  );
  readonly faults: Faults = {};
  readonly keys: PersonKeys;
  readonly #o: StageOptions;
  readonly #logs: Map<MunicipalityCode, NoteSigner>;
  readonly #codes = seededRandomness(this.folder);
  #witness: WitnessServer | undefined;
  #witnessPort = 0;
  gate!: GateService;

  constructor(o: StageOptions) {
    this.#o = o;
    this.keys = new PersonKeys(o.keysPool, this.store, this.clock, this.randomness);
    const towns = o.municipalities ?? [town];
    this.#logs = new Map(towns.map((code) => [code, stagedSigner(`journal.example/${code}`)]));
  }

  async start(): Promise<this> {
    this.#witness = new WitnessServer({
      signer: stagedSigner('witness.example/w1'),
      logs: [...this.#logs.values()].map((log) => ({
        origin: log.name,
        keys: [logVerifierKey(log)],
        successors: true,
      })),
      folder: join(this.folder, 'witness'),
      clock: this.clock,
      log: silentLog,
    });
    this.#witnessPort = await this.#witness.listen(0);
    await this.reopen();
    return this;
  }

  /** Closes the gate, if there is one, and opens it again. */
  async reopen(change: Partial<GateOptions> = {}): Promise<GateService> {
    await this.gate?.close();
    this.gate = await GateService.open({
      pool: this.#o.gatePool,
      store: this.store,
      keys: this.keys,
      table: trialTable,
      municipalities: [...this.#logs.keys()],
      openJournal: (municipality, onBatch) => this.#openJournal(municipality, onBatch),
      clock: this.clock,
      randomness: this.randomness,
      log: this.#o.log ?? silentLog,
      sites: stagedSites,
      ...this.#o.change,
      ...change,
    });
    return this.gate;
  }

  async #openJournal(municipality: MunicipalityCode, onBatch: OnBatch): Promise<GateJournal> {
    return this.#faulty(await Journal.open({ ...this.journalOptions(municipality), onBatch }));
  }

  /** What a municipality's journal is opened with. */
  journalOptions(municipality: MunicipalityCode = town): JournalOptions {
    const signer = this.#logs.get(municipality)!;
    const { name, publicKey } = stagedSigner('witness.example/w1');
    const url = `http://127.0.0.1:${this.#witnessPort}`;
    return {
      municipality,
      origin: signer.name,
      pool: this.#o.gatePool,
      signer,
      sealer: stagedSealer(),
      personToken: (person) => keyedIndex.journalPerson(this.store, municipality, person) as Buffer,
      witnesses: [new WitnessClient({ url, name, publicKey, timeoutMs: 5_000 })],
      mirror: join(this.folder, 'journal', municipality),
      clock: this.clock,
      randomness: this.randomness,
      log: silentLog,
      integrateEveryMs: 50,
      // A standing clock that jumps must not make the witness late; tests that want it so say it by `faults`.
      overdueMs: Number.MAX_SAFE_INTEGER,
    };
  }

  #faulty(journal: Journal): GateJournal {
    const { faults } = this;
    return {
      number: journal.number,
      append: (unit) => (faults.append ? Promise.reject(faults.append) : journal.append(unit)),
      assertFresh: () => {
        if (faults.overdue) throw new SekishoError('witness-overdue', { overdueMs: 60_000 });
        journal.assertFresh();
      },
      head: () => journal.head(),
      keys: () => journal.keys(),
      rangeOf: (from, to) => journal.rangeOf(from, to),
      linesOf: (person, o) => journal.linesOf(person, o),
      prove: (indexes) => journal.prove(indexes),
      proveTogether: (indexes) => journal.proveTogether(indexes),
      read: (from, to) => journal.read(from, to),
      flush: () => journal.flush(),
      close: () => journal.close(),
    };
  }

  /** The staff of a town, at desk 1 and, where its name says so, at desk 2. */
  async enrol(municipality: MunicipalityCode = town, suffix = ''): Promise<void> {
    const { gate } = this;
    const terminals = [`t-01${suffix}`, `t-02${suffix}`];
    for (const terminal of terminals) {
      await gate.enrolTerminal({ municipality, terminal, office: 'desk-1' });
    }
    await this.member(municipality, `admin${suffix}`, 'administrator', 'desk-1');
    const session = await this.signIn(`admin${suffix}`, terminals[0]);
    const staff: [string, Role, string][] = [
      ['clerk', 'clerk', 'desk-1'],
      ['clerk-b', 'clerk', 'desk-1'],
      ['clerk-far', 'clerk', 'desk-2'],
      ['supervisor', 'supervisor', 'desk-1'],
      ['supervisor-b', 'supervisor', 'desk-1'],
      ['registrar', 'registrar', 'system'],
      ['officer', 'officer', 'security'],
    ];
    for (const [name, role, office] of staff) {
      await this.member(municipality, `${name}${suffix}`, role, office, { session });
    }
  }

  async member(
    municipality: MunicipalityCode,
    staff: string,
    role: Role,
    office: string,
    more: { session?: string; person?: PersonId } = {},
  ): Promise<void> {
    const publicKey = stagedKey(staff).publicKey.toString('base64');
    const input = { municipality, staff, role, office, publicKey, pin, ...more };
    const { enrolment } = await this.gate.enrolStaff(input);
    if (enrolment === null) return;
    await this.gate.confirmEnrolment({ session: await this.signIn('officer'), enrolment });
  }

  async signIn(staff: string, terminal = 't-01', gate = this.gate): Promise<string> {
    const { nonce } = await gate.challenge({ staff });
    const signature = signNonce(stagedKey(staff).privateKey, nonce);
    return (await gate.signIn({ staff, terminal, nonce, signature, pin })).session;
  }

  /** Signs in and opens a case. */
  async desk(
    staff: string,
    purpose: string,
    terminal = 't-01',
  ): Promise<{ session: string; caseId: string }> {
    const session = await this.signIn(staff, terminal);
    const { caseId } = await this.gate.openCase({ session, purpose, note: 'note of the desk' });
    return { session, caseId };
  }

  /** A made-up resident as an importer writes him. */
  op(i: number, more: Partial<WriteOp> = {}): WriteOp {
    return {
      requestId: `op-${i}`,
      table: 'resident',
      kind: 'record.created',
      municipality: town,
      findBy: 'address_number',
      fields: {
        name: { name: `氏名${i}`, reading: `よみ${i}` },
        birth: { date: `19${String(10 + (i % 90))}-04-01` },
        address: { address: `一丁目${i}番` },
        resident_code: { code: drawResidentRecordCode(this.#codes).reveal() },
        household: { address_number: String(1_000 + i), relation: '世帯主' },
      },
      clear: { status: 'resident', event: 'move-in', event_date: '2026-04-01' },
      draw: 'number',
      ...more,
    };
  }

  /** Writes residents as the registrar does. */
  async populate(ops: WriteOp[], suffix = ''): Promise<WriteResult[]> {
    const session = await this.signIn(`registrar${suffix}`, `t-01${suffix}`);
    return await this.gate.write({ session, importId: 'import-1', ops });
  }

  async end(): Promise<void> {
    await this.gate?.close();
    await this.#witness?.close();
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** The open columns as a notice of this event states them; a correction leaves a resident a resident. */
export const stated = (event: string, day = '2026-05-02'): Record<string, string> => {
  const to = trialTable.events.rules[event]!.to;
  return { status: to === 'same' ? 'resident' : to, event, event_date: day };
};

/** Migrations a stage needs, in order. */
/** The lines of a history, each with its whole proof. */
export function told(answer: HistoryAnswer): HistoryLine[] {
  const expanded = expandHistory(answer);
  if (!expanded.ok) throw new Error(expanded.reason);
  return expanded.lines;
}

export const stageRooms = [sealMigrations, journalMigrations, gateMigrations, trialMigrations];

/** A stage on a fresh database, its town's staff enrolled. */
export async function staged(
  database: { pool(role: 'gate' | 'keys', max?: number): pg.Pool },
  o: Omit<StageOptions, 'gatePool' | 'keysPool'> = {},
): Promise<Stage> {
  const stage = new Stage({ ...o, gatePool: database.pool('gate', 8), keysPool: database.pool('keys') });
  await stage.start();
  await stage.enrol();
  return stage;
}

/** A stage with two towns of one gate, the staff of both enrolled; the other town's names end in `-x`. */
export async function stagedTowns(database: {
  pool(role: 'gate' | 'keys', max?: number): pg.Pool;
}): Promise<Stage> {
  const pools = { gatePool: database.pool('gate', 8), keysPool: database.pool('keys') };
  const stage = await new Stage({ ...pools, municipalities: [town, otherTown] }).start();
  await stage.enrol();
  await stage.enrol(otherTown, '-x');
  return stage;
}
