import { population } from '../src/sample/index.ts';
import type { Extent, Measured } from './figure.ts';
import { type Loaded, load } from './loaded.ts';
import { median } from './statistics.ts';
import { benchSeed, type Town } from './town.ts';

/** Desks of a town of 100,000, and what they ask together: more than a person types. */
const callers = 32;
const perSecond = 40;

/** As the load generator sends it: JSON of ASCII alone; all are padded to one length. */
const plain = (value: object) =>
  JSON.stringify(value).replace(
    /[^ -~]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );

/**
 * Clerks who find residents by reading and birth date, as the desk asks the gate: keyed index, candidates opened inside, hits masked, the
 * line that names them durable. Held against an opening by the same callers at the same rate.
 */
export async function measureSearch(town: Town, extent: Extent, residents: number): Promise<Measured> {
  const begun = performance.now();
  const sessions = await town.sessions(
    'search-desk',
    'clerk',
    Array.from({ length: 8 }, () => null),
    callers,
  );
  const cases = await Promise.all(
    sessions.map((session) =>
      town.gate.openCase({ session, purpose: 'residence-certificate', note: 'bench' }),
    ),
  );
  const within = sessions.map((session, i) => ({ session, caseId: cases[i]!.caseId }));
  const sought: string[] = [];
  for (const { nameKana, truth } of population({
    seed: benchSeed,
    municipality: town.municipality,
    residents,
  })) {
    if (sought.length === 2_000) break;
    sought.push(plain({ reading: nameKana, birthDate: truth.birthDate }));
  }
  const longest = Math.max(...sought.map((text) => text.length));
  const values = sought.map((text) => text.padEnd(longest));
  const persons = await town.persons(2_000);
  const common = { host: '127.0.0.1', port: Number(town.gateUrl.port), tls: town.tls, perSecond };
  const times = extent.quick
    ? { warmUpMs: 1_500, measuredMs: 4_000 }
    : { warmUpMs: 3_000, measuredMs: 15_000 };
  const body = (more: object) => within.map((of) => `${JSON.stringify({ ...of, ...more }).slice(0, -1)}`);
  const searches: Loaded[] = [];
  const openings: Loaded[] = [];
  for (let round = 0; round < (extent.quick ? 1 : 3); round++) {
    extent.say(`search: round ${round + 1}`);
    const searching = body({}).map((before) => ({ before: `${before},"by":`, after: '}' }));
    searches.push(
      await load(town.pids, {
        ...{ ...common, ...times, path: '/gate/v1/search' },
        ...{ callers: searching, values },
      }),
    );
    const opening = body({ groups: ['name'] }).map((before) => ({
      before: `${before},"person":"`,
      after: '"}',
    }));
    openings.push(
      await load(town.pids, {
        ...{ ...common, ...times, path: '/gate/v1/open' },
        ...{ callers: opening, values: persons },
      }),
    );
  }
  const p95 = median(searches.map((round) => round.p95Ms));
  const bare = median(openings.map((round) => round.p95Ms));
  return {
    name: 'search',
    figures: [
      {
        id: 'search-p95',
        what: `a search by reading and birth date among ${residents.toLocaleString('en-US')}, at the 95th percentile, ${callers} desks asking ${perSecond} a second`,
        value: p95,
        unit: 'ms',
        reference: { what: 'an opening by the same desks at the same rate', value: bare, unit: 'ms' },
        ratio: p95 / bare,
        target: { atMost: 150 },
      },
    ],
    details: { callers, perSecond, searches, openings },
    othersShare: median([...searches, ...openings].map((round) => round.othersShare)),
    seconds: (performance.now() - begun) / 1_000,
  };
}
