import { Journal } from '../src/core/journal/index.ts';
import { quietLog, Stage } from '../src/core/journal/staging.fixture.ts';
import { systemClock } from '../src/ground/clock.ts';
import { systemRandomness } from '../src/ground/randomness.ts';
import type { Extent, Figure, Measured } from './figure.ts';
import { sampleLine } from './journal.ts';
import { startPlace } from './place.ts';
import { startHelper } from './processes.ts';
import { perSecond } from './statistics.ts';
import type { VerifyDone, VerifyTask } from './verifier.ts';

const unit = 500;

/** A whole log verified from its static files: lines a second, and memory that does not grow with the log. */
export async function measureVerify(extent: Extent): Promise<Measured> {
  const begun = performance.now();
  const lines = extent.full ? 1_000_000 : extent.quick ? 20_000 : 300_000;
  const { pool, ports, end } = await startPlace();
  const stage = await new Stage(pool).start();
  const { sealer, personToken } = ports;
  const service = { clock: systemClock, randomness: systemRandomness(), log: quietLog };
  const journal = await Journal.open(
    stage.options({ sealer, personToken, ...service, integrateEveryMs: 250 }),
  );
  const grow = async (to: number): Promise<number> => {
    const from = performance.now();
    while (journal.head().size < to) {
      const size = Math.min(unit, to - journal.head().size);
      await journal.append({ lines: Array.from({ length: size }, (_, n) => sampleLine(n)) });
    }
    await journal.flush();
    return performance.now() - from;
  };
  const run = async (work: VerifyTask['work']): Promise<VerifyDone> => {
    const helper = startHelper('./verifier.ts', {
      folder: stage.mirror,
      policy: stage.policy(),
      work,
    } satisfies VerifyTask);
    try {
      return await helper.next<VerifyDone>();
    } finally {
      await helper.end();
    }
  };
  try {
    extent.say(`verify: a log of ${lines / 10} lines`);
    await grow(lines / 10);
    const small = await run('verify');
    extent.say(`verify: a log of ${lines} lines`);
    const growMs = await grow(lines);
    const large = await run('verify');
    const bare = await run('hash');
    const rate = perSecond(large.lines, large.ms);
    const bareRate = perSecond(bare.lines, bare.ms);
    const figures: Figure[] = [
      {
        id: 'verify-rate',
        what: `journal verify, ${large.lines.toLocaleString('en')} lines`,
        value: rate,
        unit: 'lines/s',
        reference: {
          what: 'reading the same files and hashing as many leaves and nodes',
          value: bareRate,
          unit: 'lines/s',
        },
        ratio: rate / bareRate,
      },
      {
        id: 'verify-memory',
        what: `peak memory of the checker, ${large.lines.toLocaleString('en')} lines`,
        value: large.peakMb,
        unit: 'MB',
        reference: {
          what: `${small.lines.toLocaleString('en')} lines`,
          value: small.peakMb,
          unit: 'MB',
        },
        ratio: large.peakMb / small.peakMb,
        target: { atMost: 700 },
        ratioTarget: { atMost: 1.5 },
      },
    ];
    const details = { small, large, bare, growMs };
    return { name: 'verify', figures, details, seconds: (performance.now() - begun) / 1_000 };
  } finally {
    await journal.close();
    await stage.end();
    await end();
  }
}
