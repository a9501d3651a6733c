import { createPrivateKey } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { GateClient, readBudgets, signNonce } from '../../src/core/gate/index.ts';
import { logVerifierKey, witnessVerifierKey } from '../../src/core/journal/index.ts';
import type { Policy } from '../../src/core/journal/verify/index.ts';
import { systemClock } from '../../src/ground/clock.ts';
import { openPool } from '../../src/ground/database/index.ts';
import type { MunicipalityCode } from '../../src/ground/ids.ts';
import { silentLog } from '../../src/ground/log.ts';
import { systemRandomness } from '../../src/ground/randomness.ts';
import { type House, type SupervisorEvent, startHouse } from '../../src/processes/index.ts';
import { fileSource, importResidents, RegisterStore } from '../../src/records/register/index.ts';
import { population, type SampleResident, writeResidentFile } from '../../src/sample/index.ts';

const staffFile = z.strictObject({
  staff: z.string(),
  terminal: z.string(),
  privateKeyPem: z.string(),
  pin: z.string(),
});

const tlsFile = z.strictObject({ key: z.string(), cert: z.string(), ca: z.string() });

const most = { session: 1_000_000, terminal: 1_000_000, purpose: 1_000_000, office: 1_000_000 };

export interface RunningHouseOptions {
  /** Minutes a second factor counts as fresh; default as checked in. */
  freshMinutes?: number;
  /** Without it nobody's budget ever ends. */
  budgets?: 'as checked in';
}

export type Process = 'gate' | 'office' | 'witness' | 'postgres';

/** The real processes on a folder of their own, as `sekisho up` starts them. */
export class RunningHouse {
  readonly house: House;
  readonly folder: string;
  readonly municipality: MunicipalityCode;
  readonly gate: GateClient;
  readonly events: SupervisorEvent[];

  private constructor(o: {
    house: House;
    folder: string;
    municipality: MunicipalityCode;
    gate: GateClient;
    events: SupervisorEvent[];
  }) {
    this.house = o.house;
    this.folder = o.folder;
    this.municipality = o.municipality;
    this.gate = o.gate;
    this.events = o.events;
  }

  static async start(municipality: MunicipalityCode, o: RunningHouseOptions = {}): Promise<RunningHouse> {
    const folder = mkdtempSync(join(tmpdir(), 'sekisho-run-'));
    const budgetsFile = join(folder, 'budgets.json');
    const checkedIn = readBudgets();
    const fresh_second_factor_minutes = o.freshMinutes ?? checkedIn.fresh_second_factor_minutes;
    const limits = o.budgets === undefined ? { open: most, search: most } : {};
    const budgets = { ...checkedIn, ...limits, fresh_second_factor_minutes };
    writeFileSync(budgetsFile, JSON.stringify(budgets));
    const events: SupervisorEvent[] = [];
    const house = await startHouse({
      ...{ folder, municipalities: [municipality], port: 0, log: silentLog, budgetsFile },
      archive: false,
      onEvent: (event) => events.push(event),
    });
    const { gateUrl } = JSON.parse(readFileSync(house.layout.houseFile, 'utf8')) as { gateUrl: string };
    const tls = tlsFile.parse(JSON.parse(readFileSync(house.layout.tls('cli-admin'), 'utf8')));
    const gate = new GateClient({ url: gateUrl, tls, timeoutMs: 15_000 });
    return new RunningHouse({ house, folder, municipality, gate, events });
  }

  /** A fresh session of one of the demonstration's people. */
  async signIn(name: string, by: Pick<GateClient, 'challenge' | 'signIn'> = this.gate): Promise<string> {
    const key = staffFile.parse(
      JSON.parse(readFileSync(join(this.house.layout.staff, `${name}.json`), 'utf8')),
    );
    const { nonce } = await by.challenge({ staff: key.staff });
    const signature = signNonce(createPrivateKey(key.privateKeyPem), nonce);
    const { staff, terminal, pin } = key;
    return (await by.signIn({ staff, terminal, nonce, signature, pin })).session;
  }

  /** The sample town through the real importer, the gate over mutual TLS. */
  async importTown(residents: number): Promise<SampleResident[]> {
    const { municipality, gate, folder } = this;
    const town = [...population({ seed: 'running', municipality, residents })];
    const file = join(folder, 'residents.csv');
    await writeResidentFile({ population: town, encoding: 'cp932', destination: file });
    const pool = openPool(this.house.database.connection('office'), { max: 2 });
    try {
      const session = await this.signIn('registrar');
      const { caseId } = await gate.openCase({ session, purpose: 'register-keeping', note: 'import' });
      await importResidents({
        ...{ gate, session, caseId, municipality, staff: 'demo-registrar', temporaryFolder: folder },
        ...{ store: new RegisterStore(pool), clock: systemClock, randomness: systemRandomness() },
        source: await fileSource(file),
      });
    } finally {
      await pool.end();
    }
    return town;
  }

  pid(process: Process): number | undefined {
    if (process !== 'postgres') return this.house.supervisor.pid(process);
    try {
      // As root the cluster lies elsewhere, behind a link. A pid that was given anew to another program is none of ours.
      const cluster = realpathSync(join(this.house.layout.postgres, 'server/cluster'));
      const pid = Number(readFileSync(join(cluster, 'postmaster.pid'), 'utf8').split('\n')[0]);
      return readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(cluster) ? pid : undefined;
    } catch {
      return undefined;
    }
  }

  /** What a checker outside is told. */
  get policy(): Policy {
    const { municipalities, log_public_key, witness } = this.house.settings;
    const { origin } = municipalities[0]!;
    return {
      origin,
      logKey: logVerifierKey({ name: origin, publicKey: Buffer.from(log_public_key, 'base64') }),
      witnessKeys: [
        witnessVerifierKey({ name: witness.name, publicKey: Buffer.from(witness.public_key, 'base64') }),
      ],
      quorum: 1,
    };
  }

  get mirror(): string {
    return join(this.house.layout.journal, this.municipality);
  }

  async end(): Promise<void> {
    await this.gate.close();
    await this.house.stop();
    // As root the cluster and its binaries lie elsewhere, behind links: they would stay.
    for (const name of ['server', 'binaries']) {
      const place = join(this.house.layout.postgres, name);
      if (existsSync(place)) rmSync(realpathSync(place), { recursive: true, force: true });
    }
    rmSync(this.folder, { recursive: true, force: true });
  }
}
