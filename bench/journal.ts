import type pg from 'pg';
import { Journal } from '../src/core/journal/index.ts';
import type { NewLine } from '../src/core/journal/line.ts';
import { municipality, quietLog, Stage } from '../src/core/journal/staging.fixture.ts';
import { type LineRow, Store } from '../src/core/journal/store.ts';
import { prepare } from '../src/core/journal/unit.ts';
import { systemClock } from '../src/ground/clock.ts';
import type { PersonId } from '../src/ground/ids.ts';
import { systemRandomness } from '../src/ground/randomness.ts';
import type { Extent, Figure, Measured } from './figure.ts';
import { startPlace } from './place.ts';
import { median, percentile } from './statistics.ts';

interface Driven {
  perSecond: number;
  /** Milliseconds, sorted. */
  times: number[];
}

/** Runs `callers` loops until `lines` appends are done; gives the rate and the sorted times in milliseconds. */
async function drive(
  callers: number,
  lines: number,
  append: (n: number) => Promise<unknown>,
): Promise<Driven> {
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

/** A line as a disclosure writes it. */
export function sampleLine(n: number): NewLine {
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

const callers = 256;

/**
 * Appends by 256 callers, one line each at a time: durable, sealed, with a signed receipt, integrated and witnessed behind;
 * against a bare group commit of the same rows, made beforehand, with the same statement on the same server, in turns.
 */
export async function measureJournal(extent: Extent): Promise<Measured> {
  const begun = performance.now();
  const lines = extent.quick ? 10_000 : 60_000;
  const rounds = extent.quick ? 1 : 3;
  const { pool, ports, end } = await startPlace();
  const stage = await new Stage(pool).start();
  const randomness = systemRandomness();
  const { sealer, personToken } = ports;
  const rows = prepare(
    Array.from({ length: lines }, (_, n) => sampleLine(n)),
    systemClock.now(),
    { sealer, personToken, randomness },
  );
  const service = { integrateEveryMs: 250, clock: systemClock, randomness, log: quietLog };
  const journal = await Journal.open(stage.options({ sealer, personToken, ...service }));
  const bare = bareGroupCommit(pool);
  const ours: Driven[] = [];
  const theirs: Driven[] = [];
  const flushMs: number[] = [];
  try {
    await drive(callers, lines / 4, (n) => journal.append({ lines: [sampleLine(n)] }));
    await drive(callers, lines / 4, (n) => bare.append(rows[n]!));
    for (let round = 0; round < rounds; round++) {
      extent.say(`journal: round ${round + 1} of ${rounds}`);
      await journal.flush();
      ours.push(await drive(callers, lines, (n) => journal.append({ lines: [sampleLine(n)] })));
      const from = performance.now();
      await journal.flush();
      flushMs.push(performance.now() - from);
      theirs.push(await drive(callers, lines, (n) => bare.append(rows[n]!)));
    }
  } finally {
    await bare.end();
    await journal.close();
    await stage.end();
    await end();
  }
  const ratio = median(ours.map((round, i) => round.perSecond / theirs[i]!.perSecond));
  const rate = median(ours.map((round) => round.perSecond));
  const bareRate = median(theirs.map((round) => round.perSecond));
  const figures: Figure[] = [
    {
      id: 'journal-rate',
      what: `durable journal lines with receipts, ${callers} callers`,
      value: rate,
      unit: '/s',
      reference: { what: 'bare group commit of the same rows', value: bareRate, unit: '/s' },
      ratio,
      target: { atLeast: 20_000 },
      ratioTarget: { atLeast: 0.6 },
    },
    {
      id: 'journal-p99',
      what: 'an append at the 99th percentile',
      value: median(ours.map(({ times }) => percentile(times, 0.99))),
      unit: 'ms',
      reference: {
        what: 'bare group commit',
        value: median(theirs.map(({ times }) => percentile(times, 0.99))),
        unit: 'ms',
      },
    },
  ];
  const short = ({ perSecond, times }: Driven) => ({ perSecond, p50Ms: percentile(times, 0.5) });
  const details = { callers, lines, ours: ours.map(short), bare: theirs.map(short), flushMs };
  return { name: 'journal', figures, details, seconds: (performance.now() - begun) / 1_000 };
}
