import { startBare } from './bare.ts';
import type { Extent, Figure, Measured } from './figure.ts';
import type { LoadTask } from './load.ts';
import { type Loaded, load } from './loaded.ts';
import { median } from './statistics.ts';
import type { Town } from './town.ts';

const callers = 256;
/** The rate at which an answer's time is judged: what is asked for, not what the machine can just bear. */
const perSecond = 5_000;
/** What a desk looks at: the name alone, or name and address. */
const asked = [['name'], ['name', 'address']];

/**
 * Authorised, journalled, unsealed disclosures by 256 callers at once, each with a session and a case of his own, of random
 * residents, one or two groups each; against a bare endpoint on the same HTTP shell that selects and decrypts, in turns.
 */
export async function measureDisclosure(town: Town, extent: Extent): Promise<Measured> {
  const begun = performance.now();
  extent.say('disclosure: signing in');
  const people = Array.from({ length: extent.quick ? 16 : 64 }, () => null);
  // A sign-in costs some 50 ms of scrypt, so a hasty run shares sessions among its connections.
  const sessions = await town.sessions('desk', 'clerk', people, extent.quick ? 32 : callers);
  const cases = await Promise.all(
    sessions.map((session) =>
      town.gate.openCase({ session, purpose: 'residence-certificate', note: 'bench' }),
    ),
  );
  const values = await town.persons(100_000);
  const bodies = Array.from({ length: callers }, (_, i) => {
    const session = sessions[i % sessions.length]!;
    const groups = asked[i % asked.length]!;
    const { caseId } = cases[i % cases.length]!;
    return {
      before: `${JSON.stringify({ session, caseId, groups }).slice(0, -1)},"person":"`,
      after: '"}',
    };
  });
  const common = { host: '127.0.0.1', tls: town.tls, callers: bodies, values };
  const times = extent.quick
    ? { warmUpMs: 2_000, measuredMs: 4_000 }
    : { warmUpMs: 4_000, measuredMs: 10_000 };
  const rounds = extent.quick ? 1 : 3;
  const port = Number(town.gateUrl.port);
  const ours: Loaded[] = [];
  const bare: Loaded[] = [];
  const paced: Loaded[] = [];
  const endpoint = await startBare(town);
  try {
    for (let round = 0; round < rounds; round++) {
      extent.say(`disclosure: round ${round + 1} of ${rounds}`);
      const oursTask: LoadTask = { ...common, ...times, path: '/gate/v1/open', port };
      ours.push(await load(town.pids, oursTask));
      paced.push(await load(town.pids, { ...oursTask, perSecond }));
      const bareTask: LoadTask = { ...common, ...times, path: '/bare/open', port: endpoint.port };
      bare.push(await load({ ...town.pids, server: endpoint.helper.pid }, bareTask));
    }
  } finally {
    await endpoint.helper.end();
  }
  return {
    name: 'disclosure',
    figures: figuresOf(ours, bare, paced),
    details: { callers, perSecond, ours, bare, paced },
    othersShare: median([...ours, ...bare, ...paced].map((round) => round.othersShare)),
    seconds: (performance.now() - begun) / 1_000,
  };
}

function figuresOf(ours: readonly Loaded[], bare: readonly Loaded[], paced: readonly Loaded[]): Figure[] {
  const rate = median(ours.map((round) => round.perSecond));
  const bareRate = median(bare.map((round) => round.perSecond));
  const cpu = median(ours.map((round) => round.cpu.server));
  const bareCpu = median(bare.map((round) => round.cpu.server));
  const all = (round: Loaded) => round.cpu.server + round.cpu.database;
  const total = median(ours.map(all));
  const bareTotal = median(bare.map(all));
  const what = 'bare select-and-decrypt, same shell';
  return [
    {
      id: 'disclosure-rate',
      what: `disclosures, ${callers} callers (ratio: cost against the reference)`,
      value: rate,
      unit: '/s',
      reference: { what, value: bareRate, unit: '/s' },
      ratio: median(ours.map((round, i) => bare[i]!.perSecond / round.perSecond)),
      target: { atLeast: 5_000 },
      ratioTarget: { atMost: 2.5 },
    },
    {
      id: 'disclosure-p50',
      what: 'a disclosure at the median',
      value: median(ours.map((round) => round.p50Ms)),
      unit: 'ms',
      reference: { what, value: median(bare.map((round) => round.p50Ms)), unit: 'ms' },
    },
    {
      id: 'disclosure-p99',
      what: 'a disclosure at the 99th percentile, as fast as it goes',
      value: median(ours.map((round) => round.p99Ms)),
      unit: 'ms',
      reference: { what, value: median(bare.map((round) => round.p99Ms)), unit: 'ms' },
    },
    {
      id: 'disclosure-p99-paced',
      what: `a disclosure at the 99th percentile, ${callers} callers asking ${perSecond.toLocaleString('en-US')} a second (${Math.round(median(paced.map((round) => round.perSecond))).toLocaleString('en-US')} answered)`,
      value: median(paced.map((round) => round.p99Ms)),
      unit: 'ms',
      target: { atMost: 100 },
    },
    {
      id: 'disclosure-cpu',
      what: 'CPU of the gate for a disclosure',
      value: cpu,
      unit: 'µs',
      reference: { what, value: bareCpu, unit: 'µs' },
      ratio: median(ours.map((round, i) => round.cpu.server / bare[i]!.cpu.server)),
      ratioTarget: { atMost: 2.5 },
    },
    {
      id: 'disclosure-cpu-all',
      what: 'CPU of gate and PostgreSQL for a disclosure',
      value: total,
      unit: 'µs',
      reference: { what, value: bareTotal, unit: 'µs' },
      ratio: median(ours.map((round, i) => all(round) / all(bare[i]!))),
      ratioTarget: { atMost: 2.5 },
    },
  ];
}
