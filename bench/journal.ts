import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { Journal, journalMigrations } from '../src/core/journal/index.ts';
import type { NewLine } from '../src/core/journal/line.ts';
import { municipality, quietLog, Stage, stagedSealer, stagedToken } from '../src/core/journal/staging.ts';
import { type LineRow, Store } from '../src/core/journal/store.ts';
import { prepare } from '../src/core/journal/unit.ts';
import { systemClock } from '../src/ground/clock.ts';
import {
  createRoles,
  databaseRole,
  drawRolePasswords,
  migrate,
  openPool,
  prepareDatabase,
  preparePublicSchema,
  startEmbedded,
} from '../src/ground/database/index.ts';
import type { PersonId } from '../src/ground/ids.ts';
import { systemRandomness } from '../src/ground/randomness.ts';

export interface JournalBench {
  callers: number;
  lines: number;
  /** Lines a second: durable, sealed, with a signed receipt; integrated and witnessed behind. */
  journalPerSecond: number;
  /** Lines a second of a bare group commit of rows of the same shape, made beforehand. */
  barePerSecond: number;
  ratio: number;
  /** Milliseconds an append took, at the median and the 99th percentile. */
  appendP50Ms: number;
  appendP99Ms: number;
  /** Milliseconds for 50 inclusion proofs, tiles warm. */
  fiftyProofsMs: number;
  /** Milliseconds from the last commit until everything was witnessed and published. */
  flushMs: number;
}

interface Place {
  pool: pg.Pool;
  end(): Promise<void>;
}

/** An embedded PostgreSQL of its own, with the durability settings of service. */
async function place(): Promise<Place> {
  const folder = mkdtempSync(join(tmpdir(), 'sekisho-bench-'));
  const server = await startEmbedded({ folder, log: { info: () => {} }, throwaway: true });
  const randomness = systemRandomness();
  const passwords = drawRolePasswords(randomness);
  const as = async (connection: pg.ClientConfig, work: (client: pg.Client) => Promise<unknown>) => {
    const client = new pg.Client(connection);
    await client.connect();
    await work(client).finally(() => client.end());
  };
  const database = 'bench';
  await as(server.connection(), async (client) => {
    await createRoles(client, passwords, randomness);
    await client.query(`CREATE DATABASE ${database} TEMPLATE template0`);
    await prepareDatabase(client, database);
  });
  await as(server.connection(database), preparePublicSchema);
  const role = (name: 'migrator' | 'gate') => ({
    ...server.connection(database),
    ...{ user: databaseRole(name), password: passwords[name] },
  });
  await as(role('migrator'), (client) => migrate(client, [journalMigrations]));
  const pool = openPool(role('gate'), { max: 4, name: 'bench' });
  return {
    pool,
    async end() {
      await pool.end();
      await server.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Runs `callers` loops until `lines` appends are done; gives the rate and the sorted times in milliseconds. */
async function drive(
  callers: number,
  lines: number,
  append: (n: number) => Promise<unknown>,
): Promise<{ perSecond: number; times: number[] }> {
  let next = 0;
  const times: number[] = [];
  const start = performance.now();
  const loop = async () => {
    while (next < lines) {
      const from = performance.now();
      await append(next++);
      times.push(performance.now() - from);
    }
  };
  await Promise.all(Array.from({ length: callers }, loop));
  return { perSecond: (lines / (performance.now() - start)) * 1000, times: times.sort((a, b) => a - b) };
}

/** The reference: a queue, one statement and one commit for whatever has collected; nothing else. */
function bareGroupCommit(pool: pg.Pool): { append(row: LineRow): Promise<void>; end(): Promise<void> } {
  const store = new Store(municipality, 9);
  let queue: { row: LineRow; done: () => void; failed: (error: unknown) => void }[] = [];
  let size = 0;
  let running = false;
  const connected = pool.connect();
  const run = async () => {
    const client = await connected;
    while (queue.length > 0) {
      const batch = queue;
      queue = [];
      await store
        .insert(
          client,
          size,
          batch.map(({ row }) => row),
        )
        .then(
          () => {
            size += batch.length;
            for (const { done } of batch) done();
          },
          (error: unknown) => {
            for (const { failed } of batch) failed(error);
          },
        );
      // Those who were answered come back in this turn and share the next commit.
      await new Promise((resolve) => setImmediate(resolve));
    }
    running = false;
  };
  return {
    append: (row) =>
      new Promise((done, failed) => {
        queue.push({ row, done, failed });
        if (running) return;
        running = true;
        setImmediate(() => void run());
      }),
    end: async () => (await connected).release(),
  };
}

const people = Array.from(
  { length: 20_000 },
  (_, i) => `0190a1b2-0000-7000-8000-${String(i).padStart(12, '0')}`,
);

function line(n: number): NewLine {
  return {
    kind: 'field.opened',
    person: people[(n * 7919) % people.length] as PersonId,
    body: {
      ...{ actor: 'staff-0012', role: 'resident-desk', office: 'office-3', terminal: 'terminal-0044' },
      ...{ case: '0190a1b2-0000-7000-8000-00000000c0de', purpose: 'certificate-issue', outcome: 'released' },
      ...{
        basis: 'resident-register-act-12',
        statutes: 'c0ffee00c0ffee00',
        fields: ['name', 'birth', 'address'],
      },
    },
  };
}

/** Measures appends at `callers` concurrent callers against a bare group commit on the same server, in turns. */
export async function benchJournal(callers = 256, lines = 60_000, rounds = 3): Promise<JournalBench> {
  const { pool, end } = await place();
  const stage = await new Stage(pool).start();
  const randomness = systemRandomness();
  const ports = { sealer: stagedSealer(), personToken: stagedToken, randomness };
  const rows = prepare(
    Array.from({ length: lines }, (_, n) => line(n)),
    systemClock.now(),
    ports,
  );
  const journal = await Journal.open({
    ...stage.options({
      integrateEveryMs: Number(process.env.IE ?? 250),
      clock: systemClock,
      randomness,
      log: quietLog,
    }),
  });
  const bare = bareGroupCommit(pool);
  const median = (values: number[]) => values.sort((a, b) => a - b)[Math.floor(values.length / 2)]!;
  try {
    await drive(callers, lines / 4, (n) => journal.append({ lines: [line(n)] }));
    await drive(callers, lines / 4, (n) => bare.append(rows[n]!));
    const ours: { perSecond: number; times: number[] }[] = [];
    const theirs: number[] = [];
    let flushMs = 0;
    for (let round = 0; round < rounds; round++) {
      await journal.flush();
      ours.push(await drive(callers, lines, (n) => journal.append({ lines: [line(n)] })));
      const from = performance.now();
      await journal.flush();
      flushMs = performance.now() - from;
      theirs.push((await drive(callers, lines, (n) => bare.append(rows[n]!))).perSecond);
    }
    const indexes = Array.from({ length: 50 }, (_, i) => i * Math.floor(lines / 50));
    await journal.prove(indexes);
    const from = performance.now();
    for (let i = 0; i < 20; i++) await journal.prove(indexes);
    const fiftyProofsMs = (performance.now() - from) / 20;
    const times = ours.flatMap((round) => round.times).sort((a, b) => a - b);
    const journalPerSecond = median(ours.map(({ perSecond }) => perSecond));
    const barePerSecond = median(theirs);
    return {
      ...{ callers, lines, journalPerSecond, barePerSecond, ratio: journalPerSecond / barePerSecond },
      appendP50Ms: times[Math.floor(times.length * 0.5)]!,
      appendP99Ms: times[Math.floor(times.length * 0.99)]!,
      ...{ fiftyProofsMs, flushMs },
    };
  } finally {
    await bare.end();
    await journal.close();
    await stage.end();
    await end();
  }
}

if (import.meta.main) console.log(JSON.stringify(await benchJournal(), undefined, 2));
