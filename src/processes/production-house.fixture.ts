import { type ChildProcess, spawn } from 'node:child_process';
import { createPrivateKey, generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type FreshDatabase, freshDatabase } from '../../test/database.ts';
import { GateClient, type Role, signNonce } from '../core/gate/index.ts';
import { systemClock } from '../ground/clock.ts';
import { SekishoError } from '../ground/errors.ts';
import type { MunicipalityCode, PersonId } from '../ground/ids.ts';
import { systemRandomness } from '../ground/randomness.ts';
import { fileSource, importResidents, RegisterStore } from '../records/register/index.ts';
import { population, writeResidentFile } from '../sample/index.ts';
import type { ChildMessage } from './child.ts';
import { enrolFirstAdministrator } from './first-administrator.ts';
import { houseMigrations } from './house-database.ts';
import { type InitOptions, initHouse } from './init.ts';
import { type HouseLayout, houseLayout } from './layout.ts';
import {
  type GateConfig,
  type HouseSettings,
  type KeystoreConfig,
  type WitnessConfig,
  witnessConfig,
  writeJson,
} from './settings.ts';

export const town = '202029' as MunicipalityCode;
export const pin = '8642-1357';
export const passphrase = 'a passphrase of production';

/** A production house as docs/operator.md makes one: `init`, configuration files, witness and gate as processes of their own. */
export class ProductionHouse {
  readonly folder = mkdtempSync(join(tmpdir(), 'sekisho-production-'));
  readonly layout: HouseLayout = houseLayout(join(this.folder, 'data'));
  readonly passphraseFile = join(this.folder, 'passphrase');
  /** Added to the environment of the processes. */
  readonly env: Record<string, string> = {};
  settings!: HouseSettings;
  database!: FreshDatabase;
  gateUrl = '';
  readonly #running = new Map<string, ChildProcess>();
  readonly #keys = new Map<string, string>();
  #witness: { url: string; ca_file?: string } = { url: '' };

  async make(change: Partial<InitOptions> = {}): Promise<void> {
    writeFileSync(this.passphraseFile, `${passphrase}\n`, { mode: 0o600 });
    this.settings = await initHouse({
      folder: this.layout.root,
      municipalities: [town],
      originPrefix: 'test.sekisho.invalid',
      mode: 'production',
      database: 'server',
      ...('token' in change ? {} : { passphraseFile: this.passphraseFile }),
      ...change,
    });
    this.database = await freshDatabase(houseMigrations);
  }

  get fileKeystore(): KeystoreConfig {
    return { kind: 'file', file: this.layout.keystoreFile, passphrase_file: this.passphraseFile };
  }

  async startWitness(tls?: WitnessConfig['tls'] & { ca_file: string }): Promise<void> {
    const { origin } = this.settings.municipalities[0]!;
    const config = witnessConfig.parse({
      listen: { host: '127.0.0.1', port: 0 },
      name: this.settings.witness.name,
      state: this.layout.witness,
      key_file: this.layout.witnessKeyFile,
      logs: [{ origin, public_key: this.settings.log_public_key }],
      ...(tls === undefined ? {} : { tls: { key_file: tls.key_file, cert_file: tls.cert_file } }),
    });
    const url = await this.#start('witness', config);
    this.#witness = { url, ...(tls === undefined ? {} : { ca_file: tls.ca_file }) };
  }

  #connection(role: 'gate' | 'keys') {
    const { host, port, user, password, database } = this.database.connection(role);
    return {
      ...{ host: String(host), port: Number(port), user: String(user) },
      ...{ password: String(password), database: String(database) },
    };
  }

  /** Rejects with the error that the gate reports. */
  async startGate(
    keystore: KeystoreConfig = this.fileKeystore,
    change: Partial<GateConfig> = {},
  ): Promise<void> {
    const config: GateConfig = {
      mode: 'production',
      listen: { host: '127.0.0.1', port: 0 },
      tls: JSON.parse(readFileSync(this.layout.tls('gate'), 'utf8')),
      databases: { gate: this.#connection('gate'), keys: this.#connection('keys') },
      keystore,
      municipalities: this.settings.municipalities,
      log_public_key: this.settings.log_public_key,
      mirror: this.layout.journal,
      witnesses: [{ ...this.settings.witness, ...this.#witness }],
      overdue_ms: 20_000,
      ...change,
    };
    this.gateUrl = await this.#start('gate', config);
  }

  async #start(name: 'gate' | 'witness', config: unknown): Promise<string> {
    const file = join(this.folder, `${name}.json`);
    await writeJson(file, config);
    const child = spawn(process.execPath, [join(import.meta.dirname, `${name}-main.ts`), file], {
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
      env: { ...process.env, ...this.env },
    });
    const { promise, resolve, reject } = Promise.withResolvers<string>();
    child.once('exit', (code) =>
      reject(new SekishoError('unreachable', { process: name, exit: code ?? -1 })),
    );
    child.once('message', (message: ChildMessage) => {
      if (message.type === 'ready') resolve(message.url);
      else reject(new SekishoError(message.kind, message.facts));
    });
    const url = await promise;
    this.#running.set(name, child);
    return url;
  }

  async stop(name: 'gate' | 'witness'): Promise<void> {
    const child = this.#running.get(name);
    if (child === undefined) return;
    this.#running.delete(name);
    const ended = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGTERM');
    await ended;
  }

  /** A client of the gate with the certificate of a process. */
  async as<T>(
    process: 'office' | 'portal' | 'cli-admin',
    work: (gate: GateClient) => Promise<T>,
  ): Promise<T> {
    const tls = JSON.parse(readFileSync(this.layout.tls(process), 'utf8'));
    const gate = new GateClient({ url: this.gateUrl, tls, peer: 'gate', timeoutMs: 20_000 });
    try {
      return await work(gate);
    } finally {
      await gate.close();
    }
  }

  #publicKey(staff: string): string {
    const { privateKey, publicKey } = generateKeyPairSync('ed25519');
    this.#keys.set(staff, String(privateKey.export({ format: 'pem', type: 'pkcs8' })));
    return publicKey.export({ format: 'der', type: 'spki' }).subarray(-32).toString('base64');
  }

  enrolFirst(staff = 'tanaka'): Promise<void> {
    return enrolFirstAdministrator({
      ...{ folder: this.layout.root, gateUrl: this.gateUrl, municipality: town, pin },
      ...{ staff, office: 'security', terminal: `${staff}-1`, publicKey: this.#publicKey(staff) },
    });
  }

  async enrol(gate: GateClient, session: string, staff: string, role: Role): Promise<void> {
    const office = 'resident-desk';
    await gate.enrolTerminal({ session, municipality: town, terminal: `${staff}-1`, office });
    const publicKey = this.#publicKey(staff);
    await gate.enrolStaff({ session, municipality: town, staff, role, office, publicKey, pin });
  }

  async signIn(gate: GateClient, staff: string): Promise<string> {
    const { nonce } = await gate.challenge({ staff });
    const signature = signNonce(createPrivateKey(this.#keys.get(staff)!), nonce);
    return (await gate.signIn({ staff, terminal: `${staff}-1`, nonce, signature, pin })).session;
  }

  /** First administrator, a registrar and a clerk, and so many residents. Gives their ids. */
  async populate(residents: number): Promise<PersonId[]> {
    await this.enrolFirst();
    const store = new RegisterStore(this.database.pool('office', 2));
    await this.as('office', async (gate) => {
      const administrator = await this.signIn(gate, 'tanaka');
      await this.enrol(gate, administrator, 'suzuki', 'registrar');
      await this.enrol(gate, administrator, 'sato', 'clerk');
      const file = join(this.folder, 'town.csv');
      const people = population({ seed: 'production', municipality: town, residents });
      await writeResidentFile({ population: people, encoding: 'cp932', destination: file });
      const session = await this.signIn(gate, 'suzuki');
      const { caseId } = await gate.openCase({ session, purpose: 'register-keeping', note: '初期' });
      await importResidents({
        ...{ gate, store, clock: systemClock, randomness: systemRandomness(), staff: 'suzuki' },
        ...{ municipality: town, source: await fileSource(file), temporaryFolder: this.folder },
        ...{ session, caseId },
      });
    });
    const { rows } = await this.database
      .pool('superuser', 1)
      .query<{ person_id: PersonId }>('SELECT person_id FROM register.resident ORDER BY line_index');
    return rows.map((row) => row.person_id);
  }

  /** A resident's name as a clerk opens it. */
  async nameOf(person: PersonId): Promise<string | undefined> {
    return await this.as('office', async (gate) => {
      const session = await this.signIn(gate, 'sato');
      const { caseId } = await gate.openCase({ session, purpose: 'residence-certificate', note: '交付' });
      const { fields } = await gate.open({ session, caseId, person, groups: ['name'] });
      return fields['name']?.['name'];
    });
  }

  async remove(): Promise<void> {
    await this.stop('gate');
    await this.stop('witness');
    await this.database?.drop();
    rmSync(this.folder, { recursive: true, force: true });
  }
}
