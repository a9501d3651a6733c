import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { GateClient, WriteOp, WriteResult } from '../../src/core/gate/index.ts';
import { folderSource, nodePrimitives, parseCheckpoint, type Receipt } from '../../src/core/journal/index.ts';
import { proveDropped, verifyLog, verifyReceipt } from '../../src/core/journal/verify/index.ts';
import { openPool } from '../../src/ground/database/index.ts';
import { asSekishoError } from '../../src/ground/errors.ts';
import { PeerClient } from '../../src/ground/http/index.ts';
import type { PersonId } from '../../src/ground/ids.ts';
import { seededRandomness, uniformInteger } from '../../src/ground/randomness.ts';
import type { SampleResident } from '../../src/sample/index.ts';
import { matsumoto } from '../house.ts';
import { type Process, RunningHouse } from './running-house.ts';

/**
 * The real processes under mixed work, one of them killed with SIGKILL at a time, at random, a few hundred times.
 * SEKISHO_KILLS: how often (default 200); SEKISHO_KILL_MINUTES: no longer than this, on a machine that has much else to do
 * (default 7); SEKISHO_KILL_SEED: the order of kills and work (default drawn and printed).
 */
const kills = Number(process.env['SEKISHO_KILLS'] ?? 200);
const minutes = Number(process.env['SEKISHO_KILL_MINUTES'] ?? 7);
const seed = process.env['SEKISHO_KILL_SEED'] ?? `kill-${Date.now()}`;

const clients = 6;
const personsPerClient = 20;

let running: RunningHouse;
let town: SampleResident[];
beforeAll(async () => {
  process.stdout.write(`SEKISHO_KILL_SEED=${seed} SEKISHO_KILLS=${kills}\n`);
  running = await RunningHouse.start(matsumoto, { freshMinutes: 600 });
  town = await running.importTown(clients * personsPerClient);
}, 300_000);
afterAll(() => running?.end(), 120_000);

type Opened = Awaited<ReturnType<GateClient['open']>>;
type Searched = Awaited<ReturnType<GateClient['search']>>;

/** What must hold at the end, because somebody was told so. */
interface Told {
  releases: { receipt: Receipt; person: PersonId }[];
  writes: { result: WriteResult; op: WriteOp }[];
  grants: string[];
  /** Person → what the desk was last told his address is. */
  addresses: Map<PersonId, string>;
  numberChanges: number;
  refusals: Map<string, number>;
}

const told: Told = {
  releases: [],
  writes: [],
  grants: [],
  addresses: new Map(),
  numberChanges: 0,
  refusals: new Map(),
};

/** What a killed process may answer with. Anything else is a fault of ours. */
const passing = new Set([
  'journal-unavailable',
  'database-unavailable',
  'unreachable',
  'timeout',
  'witness-overdue',
]);

let over = false;

/** The same request until it is answered, as a desk does. */
async function insist<T>(work: () => Promise<T>): Promise<T> {
  for (let attempt = 0; ; attempt++) {
    try {
      return await work();
    } catch (error) {
      const { kind } = asSekishoError(error);
      told.refusals.set(kind, (told.refusals.get(kind) ?? 0) + 1);
      if (!passing.has(kind) || attempt > 10_000) throw error;
      await sleep(40 + (attempt % 5) * 40);
    }
  }
}

/** One desk: its own persons, its own sessions and cases, half of the desks through the office. */
class Client {
  readonly #n: number;
  readonly #draw: (bound: number) => number;
  /** The office, where this desk goes through it. */
  readonly #office: PeerClient | undefined;
  #persons: PersonId[] = [];
  #names = new Map<PersonId, string>();
  #clerk = { session: '', caseId: '' };
  #move = { session: '', caseId: '' };
  #change = { session: '', caseId: '' };
  #survey = { session: '', caseId: '' };
  #requests = 0;

  constructor(n: number) {
    this.#n = n;
    const randomness = seededRandomness(`${seed} client ${n}`);
    this.#draw = (bound) => uniformInteger(randomness, bound);
    this.#office = n % 2 === 0 ? new PeerClient({ url: running.house.officeUrl }) : undefined;
  }

  async begin(persons: PersonId[]): Promise<void> {
    const { gate } = running;
    this.#persons = persons;
    const desk = async (name: string, purpose: string, known?: string) => {
      const session = known ?? (await insist(() => running.signIn(name)));
      const { caseId } = await insist(() => gate.openCase({ session, purpose, note: 'kill' }));
      return { session, caseId };
    };
    this.#clerk = await desk('clerk', 'residence-certificate');
    this.#move = await desk('clerk', 'move-within', this.#clerk.session);
    this.#change = await desk('supervisor', 'number-change');
    this.#survey = await desk('supervisor', 'investigation', this.#change.session);
  }

  async work(): Promise<void> {
    while (!over) {
      const die = this.#draw(100);
      if (die < 45) await this.#open();
      else if (die < 60) await this.#search();
      else if (die < 85) await this.#move1();
      else if (die < 95) await this.#changeNumber();
      else await this.#grant();
    }
  }

  #ask<T>(office: PeerClient, path: string, body: unknown): Promise<T> {
    return office.post<T>(path, body, { authorization: `Bearer ${this.#clerk.session}` });
  }

  async end(): Promise<void> {
    await this.#office?.close();
  }

  #person(): PersonId {
    return this.#persons[this.#draw(this.#persons.length)]!;
  }

  async #open(): Promise<void> {
    const person = this.#person();
    const { caseId } = this.#clerk;
    const groups = ['name', 'address'];
    const { fields, receipt } = await insist(() =>
      this.#office
        ? this.#ask<Opened>(this.#office, `/v1/residents/${person}/open`, { caseId, groups })
        : running.gate.open({ ...this.#clerk, person, groups }),
    );
    told.releases.push({ receipt, person });
    const name = fields['name']!['name']!;
    expect(this.#names.get(person) ?? name).toBe(name);
    this.#names.set(person, name);
    const address = told.addresses.get(person);
    if (address !== undefined) expect(fields['address']!['address']).toBe(address);
  }

  async #search(): Promise<void> {
    const { addressNumber } = town[this.#draw(town.length)]!;
    const by = { addressNumber };
    const { hits } = await insist(() =>
      this.#office
        ? this.#ask<Searched>(this.#office, '/v1/residents/search', { caseId: this.#clerk.caseId, by })
        : running.gate.search({ ...this.#clerk, by }),
    );
    expect(hits).toHaveLength(1);
  }

  async #write(desk: { session: string; caseId: string }, op: WriteOp): Promise<WriteResult> {
    const [result] = await insist(() => running.gate.write({ ...desk, ops: [op] }));
    expect(result, JSON.stringify(result)).toMatchObject({ outcome: 'changed' });
    told.writes.push({ result: result!, op });
    return result!;
  }

  #request(): string {
    return `kill-${this.#n}-${this.#requests++}`;
  }

  async #move1(): Promise<void> {
    const person = this.#person();
    const address = `長野県松本市試験町${this.#n}丁目${this.#requests}番`;
    await this.#write(this.#move, {
      ...{
        requestId: this.#request(),
        table: 'resident',
        kind: 'record.changed',
        municipality: matsumoto,
        person,
      },
      ...{
        fields: { address: { address } },
        clear: { status: 'resident', event: 'move-within', event_date: '2026-03-02' },
      },
    });
    told.addresses.set(person, address);
  }

  async #changeNumber(): Promise<void> {
    await this.#write(this.#change, {
      ...{ requestId: this.#request(), table: 'resident', kind: 'number.changed', municipality: matsumoto },
      ...{
        person: this.#person(),
        fields: {},
        clear: { status: 'resident', event: 'number-change', event_date: '2026-03-02' },
        draw: 'number',
        reason: 'request:leak',
      },
    });
    told.numberChanges++;
  }

  async #grant(): Promise<void> {
    const { gate } = running;
    const { session, caseId } = this.#survey;
    const asked = { groups: ['name'], count: 3, endsAt: Date.now() + 3_600_000, reason: 'survey' };
    const { grant } = await insist(() => gate.askGrant({ session, caseId, ...asked }));
    const second = await insist(() => running.signIn('supervisor-2'));
    try {
      await insist(() => gate.approveGrant({ session: second, grant }));
    } catch (error) {
      // The answer to an approval was lost, and it had been carried out.
      expect(asSekishoError(error)).toMatchObject({
        kind: 'grant-invalid',
        facts: { reason: 'not-waiting' },
      });
    }
    told.grants.push(grant);
    const person = this.#person();
    const { receipt } = await insist(() => gate.open({ session, caseId, person, groups: ['name'], grant }));
    told.releases.push({ receipt, person });
  }
}

/** Waits until the gate has answered a desk again: work must go on between the kills, however slow the machine. */
async function answers(): Promise<void> {
  const before = told.releases.length + told.writes.length;
  for (let attempt = 0; attempt < 1_800; attempt++) {
    if (told.releases.length + told.writes.length > before + 2) return;
    await sleep(50);
  }
  const last = running.events
    .slice(-6)
    .map((event) =>
      event.type === 'refused'
        ? `${event.process} refused: ${String(event.error)}`
        : `${event.process} ${event.type}`,
    );
  expect.fail(`the gate did not come back within 90 seconds: ${last.join('; ')}`);
}

const victims: readonly Process[] = [
  'gate',
  'gate',
  'gate',
  'postgres',
  'postgres',
  'office',
  'witness',
  'witness',
];

/** Kills, mostly when everything stands again, sometimes while it is still getting up. */
async function kill(count: number): Promise<Map<Process, number>> {
  const randomness = seededRandomness(`${seed} killer`);
  const draw = (bound: number) => uniformInteger(randomness, bound);
  const killed = new Map<Process, number>();
  const until = performance.now() + minutes * 60_000;
  for (let done = 0; done < count && performance.now() < until; ) {
    const victim = victims[draw(victims.length)]!;
    await sleep(draw(600));
    // One that stands on others is killed when it has had time to work, mostly.
    if ((victim === 'gate' || victim === 'postgres') && draw(10) > 1) await answers();
    const pid = running.pid(victim);
    if (pid === undefined) continue;
    try {
      process.kill(pid, 'SIGKILL');
    } catch {
      continue;
    }
    done++;
    killed.set(victim, (killed.get(victim) ?? 0) + 1);
  }
  return killed;
}

describe('kill -9 of a random process, again and again', () => {
  it('loses nothing that was acknowledged and releases nothing without its line', async () => {
    const pool = openPool(running.house.database.connection('office'), { max: 1 });
    const { rows } = await pool.query<{ person_id: PersonId }>(
      'SELECT person_id FROM register.resident ORDER BY 1',
    );
    await pool.end();
    const everybody = rows.map((row) => row.person_id);
    const workers = Array.from({ length: clients }, (_, n) => new Client(n));
    for (const [n, worker] of workers.entries()) {
      await worker.begin(everybody.slice(n * personsPerClient, (n + 1) * personsPerClient));
    }
    const work = Promise.all(workers.map((worker) => worker.work()));
    // A fault of a client ends the run at once, not after the last kill.
    const killed = await Promise.race([kill(kills), work.then(() => expect.fail('the work ended'))]);
    await answers();
    over = true;
    await work;
    await Promise.all(workers.map((worker) => worker.end()));
    process.stdout.write(
      `killed ${JSON.stringify(Object.fromEntries(killed))}; told ${JSON.stringify({
        releases: told.releases.length,
        writes: told.writes.length,
        numberChanges: told.numberChanges,
        grants: told.grants.length,
        refusals: Object.fromEntries(told.refusals),
      })}\n`,
    );
    const done = [...killed.values()].reduce((sum, n) => sum + n, 0);
    expect(done).toBeGreaterThanOrEqual(Math.min(kills, 20));
    expect(told.releases.length).toBeGreaterThan(done / 2);
    expect(told.writes.length).toBeGreaterThan(done / 4);
  });

  it('leaves a log that verifies, at the same head as the witness', async () => {
    await expect
      .poll(
        async () => {
          const { size, witnessedSize } = await running.gate.head({ municipality: matsumoto });
          return size - witnessedSize;
        },
        { timeout: 30_000 },
      )
      .toBe(0);
    const { checkpoint, size } = await running.gate.head({ municipality: matsumoto });
    expect(parseCheckpoint(checkpoint).size).toBe(size);
    const verdict = await verifyLog(folderSource(running.mirror), running.policy, undefined, nodePrimitives);
    expect(verdict).toMatchObject({ ok: true, size });
  });

  it('leaves the line of every field that was released where its receipt says', async () => {
    const log = { source: folderSource(running.mirror), policy: running.policy };
    const { origin, logKey } = running.policy;
    for (const { receipt } of told.releases) {
      expect(verifyReceipt(receipt, { origin, logKey }, nodePrimitives)).toMatchObject({ ok: true });
    }
    for (const { receipt } of told.releases) {
      expect(await proveDropped(receipt, log, nodePrimitives)).toMatchObject({ finding: 'present' });
    }
  });

  it('leaves every acknowledged write: sent again it gives the outcome it gave, and the address is the last one', async () => {
    const session = await running.signIn('clerk');
    const open = async (purpose: string) =>
      (await running.gate.openCase({ session, purpose, note: 'after' })).caseId;
    const move = await open('move-within');
    const moves = told.writes.filter(({ op }) => op.kind === 'record.changed');
    for (let from = 0; from < moves.length; from += 100) {
      const some = moves.slice(from, from + 100);
      const again = await running.gate.write({ session, caseId: move, ops: some.map(({ op }) => op) });
      for (const [i, { result }] of some.entries()) {
        expect(again[i]).toMatchObject({ outcome: 'changed', line: result.line, person: result.person });
      }
    }
    const caseId = await open('residence-certificate');
    for (const [person, address] of told.addresses) {
      const { fields } = await running.gate.open({ session, caseId, person, groups: ['address'] });
      expect(fields['address']!['address']).toBe(address);
    }
  });

  it('leaves every number given once, each change once, and a register that is what its lines say', async () => {
    const pool = openPool(running.house.database.connection('gate'), { max: 1 });
    const { rows } = await pool.query<{ active: number; retired: number; held: number; twice: number }>(
      `SELECT count(*) FILTER (WHERE state = 'active')::int AS active,
         count(*) FILTER (WHERE state = 'retired')::int AS retired,
         (SELECT count(DISTINCT number_index) FROM register.resident)::int AS held,
         (SELECT count(*) - count(DISTINCT number_index) FROM register.resident)::int AS twice
       FROM national.number_index`,
    );
    await pool.end();
    const residents = clients * personsPerClient;
    expect(rows[0]).toEqual({ active: residents, retired: told.numberChanges, held: residents, twice: 0 });
    const session = await running.signIn('officer');
    const { verified, findings } = await running.gate.verifyRecords({ session });
    expect(findings).toEqual([]);
    expect(verified.rows).toBe(residents);
  });

  it('leaves every grant signed by two as it was signed', async () => {
    const session = await running.signIn('supervisor');
    for (const grant of told.grants) {
      const status = await running.gate.grant({ session, grant });
      expect(status).toMatchObject({ state: 'active', count: 3 });
      expect(status.left).toBeLessThan(3);
    }
  });
});
