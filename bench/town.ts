import { createPrivateKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { GateClient, type Role, signNonce } from '../src/core/gate/index.ts';
import type { TlsMaterial } from '../src/ground/http/index.ts';
import type { MunicipalityCode, PersonId } from '../src/ground/ids.ts';
import { silentLog } from '../src/ground/log.ts';
import { type House, startHouse } from '../src/processes/house.ts';
import { readJson, tlsFile } from '../src/processes/settings.ts';

/** The imported town is that of this seed. */
export const benchSeed = 'sekisho-bench';

/** Limits so wide that nobody is refused; each is counted and stored all the same. */
const wide = { session: 1e9, terminal: 1e9, purpose: 1e9, office: 1e9 };
const budgets = {
  window_minutes: 60,
  open: wide,
  search: wide,
  hits_per_search: 20,
  fresh_second_factor_minutes: 60,
};

interface Holder {
  staff: string;
  terminal: string;
  pin: string;
  key: KeyObject;
}

/** A house of the bench's own: `sekisho up` in a temporary folder, database, witness, gate and office on loopback. */
export class Town {
  readonly house: House;
  readonly municipality: MunicipalityCode;
  /** As the office, whose certificate may call what a desk and a portal need. */
  readonly gate: GateClient;
  readonly #admin: GateClient;
  readonly tls: TlsMaterial;
  readonly gateUrl: URL;
  readonly #folder: string;
  #adminSession: string | undefined;

  private constructor(house: House, folder: string, gateUrl: string, tls: TlsMaterial, admin: TlsMaterial) {
    this.house = house;
    this.#folder = folder;
    this.tls = tls;
    this.gateUrl = new URL(gateUrl);
    this.municipality = house.settings.municipalities[0]!.code as MunicipalityCode;
    this.gate = new GateClient({ url: gateUrl, tls, timeoutMs: 60_000 });
    this.#admin = new GateClient({ url: gateUrl, tls: admin, timeoutMs: 60_000 });
  }

  static async start(): Promise<Town> {
    const folder = mkdtempSync(join(tmpdir(), 'sekisho-bench-'));
    // Closed to others, PostgreSQL's own account could not reach its cluster in it, which would be put elsewhere and stay there.
    chmodSync(folder, 0o755);
    const budgetsFile = join(folder, 'budgets.json');
    writeFileSync(budgetsFile, JSON.stringify(budgets));
    const house = await startHouse({
      folder: join(folder, 'data'),
      municipalities: ['202029'],
      port: 0,
      log: silentLog,
      budgetsFile,
    });
    const { gateUrl } = JSON.parse(readFileSync(house.layout.houseFile, 'utf8')) as { gateUrl: string };
    const read = (name: string) => readJson(house.layout.tls(name), 'certificate', tlsFile);
    return new Town(house, folder, gateUrl, await read('office'), await read('cli-admin'));
  }

  async stop(): Promise<void> {
    await this.gate.close();
    await this.#admin.close();
    await this.house.stop();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  /** A file in the bench's own folder. */
  file(name: string): string {
    return join(this.#folder, name);
  }

  get gatePid(): number {
    return this.house.supervisor.pid('gate')!;
  }

  get databasePid(): number {
    const file = join(this.house.layout.postgres, 'server', 'cluster', 'postmaster.pid');
    return Number(readFileSync(file, 'utf8').split('\n')[0]);
  }

  get pids(): { server: number; database: number; cores: number } {
    return { server: this.gatePid, database: this.databasePid, cores: availableParallelism() };
  }

  /** The superuser's connection: for counting and for the reference, never for what is measured. */
  async superuser(): Promise<pg.Client> {
    const password = readFileSync(join(this.house.layout.postgres, 'superuser-password'), 'utf8').trim();
    const { host, port, database } = this.house.database.connection('gate');
    const client = new pg.Client({ host, port, database, user: 'postgres', password });
    // One left open by a failure must not hide it when the server stops.
    client.on('error', () => {});
    await client.connect();
    return client;
  }

  async persons(most: number): Promise<PersonId[]> {
    const client = await this.superuser();
    const { rows } = await client.query<{ person_id: PersonId }>(
      'SELECT person_id FROM register.resident ORDER BY hashtext(person_id::text) LIMIT $1',
      [most],
    );
    await client.end();
    return rows.map((row) => row.person_id);
  }

  /** Signs in with a file of the demonstration's staff. */
  async signInAs(name: string, gate: GateClient = this.gate): Promise<string> {
    const file = JSON.parse(readFileSync(join(this.house.layout.staff, `${name}.json`), 'utf8'));
    const { staff, terminal, pin, privateKeyPem } = file as Record<string, string>;
    return signIn(gate, {
      staff: staff!,
      terminal: terminal!,
      pin: pin!,
      key: createPrivateKey(privateKeyPem!),
    });
  }

  /** Enrols people of one role, each with a terminal of his own, and opens so many sessions of them in turn. */
  async sessions(
    prefix: string,
    role: Role,
    people: readonly (PersonId | null)[],
    count: number,
  ): Promise<string[]> {
    this.#adminSession ??= await this.signInAs('administrator', this.#admin);
    const session = this.#adminSession;
    const { municipality } = this;
    const holders = await Promise.all(
      people.map(async (person, i): Promise<Holder> => {
        const { privateKey, publicKey } = generateKeyPairSync('ed25519');
        const holder = {
          staff: `${prefix}-${i}`,
          terminal: `${prefix}-terminal-${i}`,
          pin: '271828',
          key: privateKey,
        };
        const office = `${prefix}-office-${i % 8}`;
        const { staff, terminal, pin } = holder;
        await this.#admin.enrolTerminal({ session, municipality, terminal, office });
        const raw = publicKey.export({ format: 'der', type: 'spki' }).subarray(-32).toString('base64');
        const self = person === null ? {} : { person };
        await this.#admin.enrolStaff({
          session,
          municipality,
          staff,
          role,
          office,
          publicKey: raw,
          pin,
          ...self,
        });
        return holder;
      }),
    );
    return Promise.all(
      Array.from({ length: count }, (_, i) => signIn(this.gate, holders[i % holders.length]!)),
    );
  }
}

async function signIn(gate: GateClient, { staff, terminal, pin, key }: Holder): Promise<string> {
  const { nonce } = await gate.challenge({ staff });
  return (await gate.signIn({ staff, terminal, nonce, signature: signNonce(key, nonce), pin })).session;
}
