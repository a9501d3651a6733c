import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { japanDate } from '../../ground/clock.ts';
import { SekishoError } from '../../ground/errors.ts';

/** Ways a resident can be looked up; each must be allowed by the row of the purpose. */
export const searchKeys = ['number', 'resident_code', 'reading', 'address', 'address_number'] as const;
export type SearchKey = (typeof searchKeys)[number];

const date = z.iso.date();

/**
 * One legal basis: who may ask for which field groups, for which purpose, from when to when. The rows are data,
 * one file each in `statutes/`; `verified` and `assumed` say what a source confirms and what a municipality must check.
 */
export const statuteSchema = z.strictObject({
  id: z.string().regex(/^[a-z0-9-]+$/),
  law: z.strictObject({ ja: z.string(), en: z.string() }),
  article: z.string(),
  purpose: z.string().regex(/^[a-z0-9-]+$/),
  title: z.strictObject({ ja: z.string(), en: z.string() }),
  requester: z.string().regex(/^[a-z0-9-]+$/),
  roles: z.array(z.string()).min(1),
  opens: z.array(z.string()),
  searches_by: z.array(z.enum(searchKeys)),
  /** Kinds of line. */
  writes: z.array(z.string()),
  /** Event a write may state (`none`: it states none) → the field groups it may change with it. */
  events: z.record(z.string().regex(/^[a-z-]+$/), z.array(z.string().regex(/^[a-z_]+$/))),
  history: z.boolean(),
  bulk_grant: z.boolean(),
  /** A resident's lock stops it: no law demands it against his will. Why, row by row, is in docs/law.md. */
  stopped_by_lock: z.boolean(),
  /** Days for which a law keeps from the resident what was done under it; its lines are counted meanwhile. */
  hidden_days: z.int().min(1).max(366).nullable(),
  /** A resident may be given a code for the portal under it. */
  invites: z.boolean().optional(),
  conditions: z.array(z.enum(['case', 'own-person', 'reason'])),
  valid_from: date,
  valid_to: date.nullable(),
  verified: z.array(z.string()),
  assumed: z.array(z.string()),
});
export type Statute = Readonly<z.infer<typeof statuteSchema>>;

/**
 * What is asked of the table: an opening of a group, a search by a key, a write of a kind, the event a write states and
 * each group it changes with that event, or the history.
 */
export type Ask =
  | `open:${string}`
  | `search:${string}`
  | `write:${string}`
  | `event:${string}`
  | `change:${string}:${string}`
  | 'history'
  | 'invite'
  | 'purpose';

/** The day a row is looked up on: the date in Japan, for a statute comes into force at midnight there. */
export const statuteDay = (ms: number): string => japanDate(ms);

function asksOf(statute: Statute): Ask[] {
  return [
    'purpose',
    ...statute.opens.map((group): Ask => `open:${group}`),
    ...statute.searches_by.map((key): Ask => `search:${key}`),
    ...statute.writes.map((kind): Ask => `write:${kind}`),
    ...Object.entries(statute.events).flatMap(([event, groups]): Ask[] => [
      `event:${event}`,
      ...groups.map((group): Ask => `change:${event}:${group}`),
    ]),
    ...(statute.history ? (['history'] as const) : []),
    ...(statute.invites === true ? (['invite'] as const) : []),
  ];
}

const isInForce = (statute: Statute, day: string): boolean =>
  statute.valid_from <= day && (statute.valid_to === null || day <= statute.valid_to);

/**
 * The statute table, compiled to a map keyed requester|purpose|ask: a lookup costs well under a microsecond, where
 * one Cedar policy per row would cost milliseconds.
 */
export class StatuteTable {
  readonly statutes: readonly Statute[];
  /** SHA-256 over the rows in order of id; stands in every journal line, so the law applied can be told later. */
  readonly hash: string;
  readonly #byAsk = new Map<string, Statute[]>();
  /** Every purpose and every ask there is: what is none of these is the caller's own text, and is not repeated. */
  readonly #words = new Set<string>();

  constructor(statutes: readonly Statute[]) {
    this.statutes = [...statutes].sort((a, b) => (a.id < b.id ? -1 : 1));
    const ids = new Set<string>();
    for (const statute of this.statutes) {
      if (ids.has(statute.id))
        throw new SekishoError('config-invalid', { file: statute.id, reason: 'id-twice' });
      ids.add(statute.id);
      this.#words.add(statute.purpose);
      for (const ask of asksOf(statute)) {
        this.#words.add(ask);
        this.#file(statute, ask);
      }
    }
    this.hash = createHash('sha256').update(JSON.stringify(this.statutes)).digest('hex');
  }

  #file(statute: Statute, ask: Ask): void {
    const key = `${statute.requester}|${statute.purpose}|${ask}`;
    const rows = this.#byAsk.get(key) ?? [];
    for (const other of rows) {
      const apart =
        (other.valid_to !== null && other.valid_to < statute.valid_from) ||
        (statute.valid_to !== null && statute.valid_to < other.valid_from);
      if (!apart) throw new SekishoError('config-invalid', { file: statute.id, reason: 'validity-overlaps' });
    }
    rows.push(statute);
    this.#byAsk.set(key, rows);
  }

  /** The days for which lines under a row are kept from the resident; a row is named by its id, or by its purpose. */
  hiddenDays(row: string): number | null {
    let days: number | null = null;
    for (const statute of this.statutes) {
      if (statute.hidden_days === null || (statute.id !== row && statute.purpose !== row)) continue;
      days = Math.max(days ?? 0, statute.hidden_days);
    }
    return days;
  }

  /** A purpose or an ask that some row knows, else `unknown`. */
  word(text: string): string {
    return this.#words.has(text) ? text : 'unknown';
  }

  /** The row in force on `day` (YYYY-MM-DD) that lets this class of requester ask this for this purpose, if any. */
  find(requester: string, purpose: string, ask: Ask, day: string): Statute | undefined {
    return this.#byAsk.get(`${requester}|${purpose}|${ask}`)?.find((statute) => isInForce(statute, day));
  }

  /**
   * The one row that covers all of `asks`.
   * @throws no-authority with the first ask that no row in force covers
   */
  get(requester: string, purpose: string, asks: readonly Ask[], day: string): Statute {
    let found: Statute | undefined;
    for (const ask of asks) {
      found = this.find(requester, purpose, ask, day);
      if (!found)
        throw new SekishoError('no-authority', { purpose: this.word(purpose), ask: this.word(ask) });
    }
    if (!found) throw new SekishoError('no-authority', { purpose: this.word(purpose) });
    return found;
  }
}

/** Checks one row as read from JSON. @throws config-invalid with the place of the first fault */
export function parseStatute(name: string, data: unknown): Statute {
  const parsed = statuteSchema.safeParse(data);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    throw new SekishoError('config-invalid', { file: name, at: issue?.path.join('.') ?? '' });
  }
  if (parsed.data.valid_to !== null && parsed.data.valid_to < parsed.data.valid_from) {
    throw new SekishoError('config-invalid', { file: name, at: 'valid_to' });
  }
  return parsed.data;
}

/** Reads the rows of a folder, by default the ones checked in beside this file. */
export function readStatuteTable(folder: string = join(import.meta.dirname, 'statutes')): StatuteTable {
  const statutes = readdirSync(folder)
    .filter((name) => name.endsWith('.json'))
    .sort()
    .map((name) => {
      let data: unknown;
      try {
        data = JSON.parse(readFileSync(join(folder, name), 'utf8'));
      } catch (cause) {
        throw new SekishoError('config-invalid', { file: name, reason: 'json' }, { cause });
      }
      const statute = parseStatute(name, data);
      if (`${statute.id}.json` !== name) throw new SekishoError('config-invalid', { file: name, at: 'id' });
      return statute;
    });
  return new StatuteTable(statutes);
}
