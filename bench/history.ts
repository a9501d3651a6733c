import { nodePrimitives } from '../src/core/journal/index.ts';
import { logVerifierKey, witnessVerifierKey } from '../src/core/journal/note.ts';
import { type HistoryAnswer, verifyHistory } from '../src/core/journal/verify/index.ts';
import { isSekishoError } from '../src/ground/errors.ts';
import { startBare } from './bare.ts';
import type { Extent, Figure, Measured } from './figure.ts';
import type { LoadTask } from './load.ts';
import { type Loaded, load } from './loaded.ts';
import { median } from './statistics.ts';
import type { Town } from './town.ts';

const lines = 50;
const callers = 32;

/** Residents who read who looked at them: 50 lines each with their proofs, through the gate as the portal asks it. */
export async function measureHistory(town: Town, extent: Extent): Promise<Measured> {
  const begun = performance.now();
  const residents = extent.quick ? 8 : 64;
  extent.say(`history: opening ${residents} residents ${lines} times each`);
  const persons = await town.persons(residents);
  const sessions = await town.sessions('resident', 'resident', persons, residents);
  const [desk] = await town.sessions('history-desk', 'clerk', [null], 1);
  const session = desk!;
  const { caseId } = await town.gate.openCase({ session, purpose: 'residence-certificate', note: 'bench' });
  for (let time = 0; time < lines; time++) {
    await Promise.all(
      persons.map((person) => calmly(() => town.gate.open({ session, caseId, person, groups: ['name'] }))),
    );
  }
  const sample = await town.gate.history({ session: sessions[0]!, person: persons[0]! });
  const checked = await check(town, sample);
  const port = Number(town.gateUrl.port);
  const times = extent.quick
    ? { warmUpMs: 1_500, measuredMs: 3_000 }
    : { warmUpMs: 3_000, measuredMs: 10_000 };
  const common = { host: '127.0.0.1', tls: town.tls, ...times };
  const rounds = extent.quick ? 1 : 3;
  const ours: Loaded[] = [];
  const bare: Loaded[] = [];
  const endpoint = await startBare(town);
  try {
    for (let round = 0; round < rounds; round++) {
      extent.say(`history: round ${round + 1} of ${rounds}`);
      const own = Array.from({ length: callers }, (_, i) => ({
        before: `{"limit":`,
        after: `,"session":${JSON.stringify(sessions[i % residents])}}`,
      }));
      const oursTask: LoadTask = { ...common, path: '/gate/v1/history', port, callers: own, values: ['50'] };
      ours.push(await load(town.pids, oursTask));
      const others = Array.from({ length: callers }, () => ({ before: '{"person":"', after: '"}' }));
      const bareTask: LoadTask = {
        ...common,
        path: '/bare/history',
        port: endpoint.port,
        callers: others,
        values: persons,
      };
      bare.push(await load({ ...town.pids, server: endpoint.helper.pid }, bareTask));
    }
  } finally {
    await endpoint.helper.end();
  }
  return {
    name: 'history',
    figures: figuresOf(ours, bare, checked),
    details: { callers, lines, ours, bare, checked },
    othersShare: median([...ours, ...bare].map((round) => round.othersShare)),
    seconds: (performance.now() - begun) / 1_000,
  };
}

/** On a machine with too much other work the witness may be late: then the gate stops, as it must, and is asked again. */
async function calmly<T>(work: () => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries++) {
    try {
      return await work();
    } catch (error) {
      if (tries === 20 || !isSekishoError(error, 'witness-overdue')) throw error;
      await new Promise((resolve) => setTimeout(resolve, 500));
    }
  }
}

interface Checked {
  proofs: number;
  hashes: number;
  ms: number;
  webMs: number;
  bareMs: number;
}

/** Checks every line and proof as a browser does: payload against leaf, leaf against root, checkpoint under its keys. */
async function check(town: Town, history: HistoryAnswer): Promise<Checked> {
  const { length } = history.lines;
  if (length !== lines) throw new Error(`${length} lines for a history of ${lines}`);
  const { settings } = town.house;
  const { origin } = settings.municipalities[0]!;
  const key = (name: string, text: string) => ({ name, publicKey: Buffer.from(text, 'base64') });
  const policy = {
    origin,
    logKey: logVerifierKey(key(origin, settings.log_public_key)),
    witnessKeys: [witnessVerifierKey(key(settings.witness.name, settings.witness.public_key))],
    quorum: 1,
  };
  let hashes = 0;
  const counting = {
    ...nodePrimitives,
    sha256: (data: Uint8Array) => {
      hashes++;
      return nodePrimitives.sha256(data);
    },
  };
  const once = async (primitives?: typeof nodePrimitives) => {
    const verdict = await verifyHistory(history, { [town.municipality]: policy }, primitives);
    if (!verdict.ok) throw new Error(`the history does not hold: ${verdict.reason}`);
    const fault = verdict.lines.find((each) => each.fault !== undefined);
    if (fault !== undefined) throw new Error(`line ${fault.line.index}: ${fault.fault}`);
  };
  await once(counting);
  const counted = hashes;
  const ms = await timed(() => once(nodePrimitives));
  const webMs = await timed(() => once());
  const node = Buffer.alloc(65, 1);
  const bareMs = await timed(async () => {
    for (let i = 0; i < counted; i++) await nodePrimitives.sha256(node);
  });
  return { proofs: length, hashes: counted, ms, webMs, bareMs };
}

/** Median of nine, after three to warm up. */
async function timed(work: () => Promise<void>): Promise<number> {
  const times: number[] = [];
  for (let i = 0; i < 12; i++) {
    const from = performance.now();
    await work();
    if (i >= 3) times.push(performance.now() - from);
  }
  return median(times);
}

function figuresOf(ours: readonly Loaded[], bare: readonly Loaded[], checked: Checked): Figure[] {
  const rate = median(ours.map((round) => round.perSecond));
  const bareRate = median(bare.map((round) => round.perSecond));
  const p95 = median(ours.map((round) => round.p95Ms));
  const what = 'bare select-and-decrypt of the 50 lines, no proofs';
  return [
    {
      id: 'history-rate',
      what: `a resident's history, ${lines} lines with proofs, ${callers} callers (ratio: cost against the reference)`,
      value: rate,
      unit: '/s',
      reference: { what, value: bareRate, unit: '/s' },
      ratio: median(ours.map((round, i) => bare[i]!.perSecond / round.perSecond)),
      target: { atLeast: 500 },
    },
    {
      id: 'history-p95',
      what: 'a history at the 95th percentile',
      value: p95,
      unit: 'ms',
      reference: { what, value: median(bare.map((round) => round.p95Ms)), unit: 'ms' },
      target: { atMost: 100 },
    },
    {
      id: 'history-check',
      what: `checking ${checked.proofs} lines, proofs and checkpoints with WebCrypto, as a browser does`,
      value: checked.webMs,
      unit: 'ms',
      reference: {
        what: `hashing ${checked.hashes} nodes`,
        value: checked.bareMs,
        unit: 'ms',
      },
      ratio: checked.webMs / checked.bareMs,
      target: { atMost: 200 },
    },
    {
      id: 'history-check-node',
      what: 'the same with the hash of Node',
      value: checked.ms,
      unit: 'ms',
      reference: { what: `hashing ${checked.hashes} nodes`, value: checked.bareMs, unit: 'ms' },
      ratio: checked.ms / checked.bareMs,
      target: { atMost: 200 },
    },
  ];
}
