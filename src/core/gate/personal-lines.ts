import { japanDate } from '../../ground/clock.ts';
import type { PersonId } from '../../ground/ids.ts';
import type { DecodedLine } from '../journal/index.ts';
import { hitsOf } from './journal-reading.ts';
import type { StatuteTable } from './statute-table.ts';

/** Why a line comes to a resident without what it says: it would tell of another person too. */
export type CoarseRule = 'names-hits' | 'names-household' | 'by-another-resident';

/** How a resident is told of a line: whole, that it stands, or for now only counted. */
export type Telling =
  | { as: 'whole' }
  | { as: 'coarse'; rule: CoarseRule }
  /** ms since 1970: the beginning of the day in Japan on which it opens. */
  | { as: 'hidden'; opensAt: number };

const dayMs = 86_400_000;

/**
 * How a person is told of a line; undefined where it is not about him at all. What a law hides stays hidden by the table in force
 * now, found by the line's row and by its purpose, for a refusal names no row.
 */
export function tellingOf(
  line: DecodedLine,
  person: PersonId,
  statutes: StatuteTable,
  now: number,
): Telling | undefined {
  const { at, body } = line;
  const hits = hitsOf(body);
  if (line.person !== person && !hits.includes(person)) return undefined;
  const opensAt = opensAtOf(at, body, statutes);
  if (opensAt !== undefined && opensAt > now) return { as: 'hidden', opensAt };
  const rule = coarseRuleOf(body, hits, person);
  return rule === undefined ? { as: 'whole' } : { as: 'coarse', rule };
}

function opensAtOf(
  at: number,
  body: Readonly<Record<string, unknown>>,
  statutes: StatuteTable,
): number | undefined {
  const days = [body['basis'], body['purpose']]
    .filter((row) => typeof row === 'string')
    .map((row) => statutes.hiddenDays(row))
    .filter((found) => found !== null);
  if (days.length === 0) return undefined;
  // A whole day in Japan: the hour of what is hidden is not told by the hour it opens.
  const lastDay = japanDate(at + Math.max(...days) * dayMs);
  return Date.parse(`${lastDay}T00:00:00+09:00`) + dayMs;
}

function coarseRuleOf(
  body: Readonly<Record<string, unknown>>,
  hits: readonly string[],
  person: PersonId,
): CoarseRule | undefined {
  if (hits.some((hit) => hit !== person)) return 'names-hits';
  if (body['household'] !== undefined) return 'names-household';
  return body['actor'] === 'household' ? 'by-another-resident' : undefined;
}
