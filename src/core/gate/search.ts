import type pg from 'pg';
import { SekishoError } from '../../ground/errors.ts';
import type { MunicipalityCode, PersonId } from '../../ground/ids.ts';
import { IndividualNumber, ResidentRecordCode } from '../numbers/index.ts';
import type { KeyStore } from '../seal/index.ts';
import { withCost } from './bookkeeping.ts';
import type { BudgetLeft, Spender } from './budget.ts';
import { type DisclosureParts, isUnknownOutcome, spenderOf } from './disclosure.ts';
import { actorOf, basisOf } from './lines.ts';
import type { RecordStore } from './record-store.ts';
import { computeIndex, type Fields, type IndexCall } from './sealed-table.ts';
import type { Session } from './sessions.ts';
import type { ShownHits } from './shown-hits.ts';
import type { SearchKey } from './statute-table.ts';
import { withinLimit } from './time-limit.ts';

export type SearchBy =
  | { number: string }
  | { residentCode: string }
  | { reading: string; birthDate?: string | undefined }
  | { address: string }
  | { addressNumber: string };

export interface SearchInput {
  session: string;
  terminal?: string | undefined;
  caseId: string;
  by: SearchBy;
  limit?: number | undefined;
}

export interface Hit {
  person: PersonId;
  masked: Record<string, string>;
  /** The row's status; `elsewhere` where the number or code leads to another municipality. */
  status: string;
}

export interface Searched {
  hits: Hit[];
  /** Index of the journal line. */
  line: number;
  budget: BudgetLeft;
}

/** A search as the table understands it. */
interface Query {
  key: SearchKey;
  /** Name of the index in the sealed table. */
  name: string;
  call: IndexCall;
}

export interface SearchParts extends DisclosureParts {
  pool: pg.Pool;
  store: KeyStore;
  records: RecordStore;
  hitsMax: number;
  shownHits: ShownHits;
}

/** More candidates than this are no search for one person: the caller must say more. */
const candidatesMax = 200;

/** Finds residents by keyed index. What leaves is masked; what was found stands in the journal. */
export class Search {
  readonly #parts: SearchParts;

  constructor(parts: SearchParts) {
    this.#parts = parts;
  }

  /**
   * Searches for one person. Truncated indexes bring strangers along: they are opened inside the gate, compared and
   * dropped. The answer waits for the line that names the hits.
   * @throws what a disclosure throws; too-large when it is no search for one person
   */
  async search(input: SearchInput, caller: string): Promise<Searched> {
    const { sessions, cases, refusals } = this.#parts;
    const by = keyOf(input.by);
    let session: Session | undefined;
    let giveBack = () => {};
    try {
      session = sessions.get(input.session, input.terminal);
      const staffCase = cases.get(input.caseId, session);
      const decision = this.#parts.authority.decide({
        action: 'search',
        session,
        staffCase,
        purpose: staffCase.purpose,
        asks: [`search:${by}`],
      });
      const spender = spenderOf(session, staffCase.purpose);
      const reservation = this.#parts.budget.reserve('search', spender);
      giveBack = reservation.release;
      const journal = this.#parts.journalOf(session);
      journal.assertFresh();
      const limit = Math.min(input.limit ?? this.#parts.hitsMax, this.#parts.hitsMax);
      const query = this.#query(input.by, session.member.municipality);
      const { limitMs } = this.#parts;
      const hits = await withinLimit(
        this.#hits(query, session.member.municipality, limit),
        limitMs,
        'records',
      );
      const body = {
        ...actorOf(session, caller),
        case: staffCase.caseId,
        ...basisOf(decision, this.#parts.hashes),
        by,
        hits: hits.map((hit) => hit.person),
        count: hits.length,
        limit,
        outcome: 'searched',
      };
      const { municipality } = session.member;
      const shown = hits.map((hit) => hit.person);
      const appending = journal.append({
        ...withCost([{ kind: 'search.made', body }], reservation.spent),
        // So that each of them finds it among the lines about himself.
        ...(shown.length === 0
          ? {}
          : { within: (tx, [index]) => this.#parts.shownHits.store(tx, municipality, index!, shown) }),
      });
      const [line] = await withinLimit(appending, limitMs, 'journal', 'unknown');
      return { hits, line: line!.index, budget: this.#left(spender) };
    } catch (error) {
      if (!isUnknownOutcome(error)) giveBack();
      throw await refusals.note('search.refused', error, {
        session,
        caller,
        body: { case: input.caseId, by },
      });
    }
  }

  #left(spender: Spender): BudgetLeft {
    return this.#parts.budget.left('search', spender);
  }

  async #hits(query: Query, municipality: MunicipalityCode, limit: number): Promise<Hit[]> {
    const { records, store, table } = this.#parts;
    const index = await computeIndex(store, query.call);
    if (!index) throw new SekishoError('bad-input', { at: 'by' });
    const declared = table.indexes[query.name]!;
    if (declared.national) {
      const entry = (await records.nationalEntries(declared.national, [index])).get(index.toString('hex'));
      if (entry?.state !== 'active') return [];
      if (entry.municipality !== municipality) {
        return [{ person: entry.person, masked: {}, status: 'elsewhere' }];
      }
      // The row must hold the index that led to it: who edits where an index leads gets no other person shown.
      const row = (await records.wholeRows(municipality, [entry.person])).get(entry.person);
      const held = row?.values[declared.column];
      if (!Buffer.isBuffer(held) || !held.equals(index)) return [];
      return this.#open(query, municipality, [entry.person], limit);
    }
    const found = await records.personsBy(municipality, declared.column, [index], candidatesMax + 1);
    const persons = [...found.values()].flat();
    if (persons.length > candidatesMax) throw new SekishoError('too-large', { what: 'candidates' });
    return this.#open(query, municipality, persons, limit);
  }

  /** Opens candidates inside the gate, keeps those that really match, masks them. */
  async #open(
    query: Query,
    municipality: MunicipalityCode,
    persons: readonly PersonId[],
    limit: number,
  ): Promise<Hit[]> {
    const { rows, table } = this.#parts;
    // Number and code are of no use for telling candidates apart: they stay shut.
    const groups = Object.keys(table.groups).filter((group) => !table.indexes[group]?.national);
    const fetched = await rows.fetch(table, municipality, persons, groups);
    const hits: Hit[] = [];
    for (const person of persons) {
      const candidate = fetched.get(person);
      if (!candidate?.wrapped) continue;
      const { row, wrapped } = candidate;
      const fields = await rows.open(table, { row, wrapped }, groups);
      if (!this.#matches(query, fields, municipality)) continue;
      hits.push({ person, masked: table.masked(fields), status: row.status });
      if (hits.length >= limit) break;
    }
    return hits;
  }

  #matches(query: Query, fields: Fields, municipality: MunicipalityCode): boolean {
    const declared = this.#parts.table.indexes[query.name]!;
    if (declared.national) return true;
    return JSON.stringify(declared.of(fields, municipality)) === JSON.stringify(query.call);
  }

  /** The index and its arguments. The table folds what was asked where it says how; else it comes folded. */
  #query(by: SearchBy, municipality: MunicipalityCode): Query {
    const { table } = this.#parts;
    const query = plainQuery(by, municipality);
    const declared = Object.hasOwn(table.indexes, query.name) ? table.indexes[query.name] : undefined;
    if (!declared) throw new SekishoError('unsupported', { what: 'search', by: query.key });
    const asked = table.asked?.({ ...by });
    const call = asked === undefined ? query.call : declared.of(asked, municipality);
    if (call === null || call.args.some((arg) => arg === ''))
      throw new SekishoError('bad-input', { at: 'by' });
    return { ...query, call };
  }
}

/** What the statute table calls this search. */
export function keyOf(by: SearchBy): SearchKey {
  if ('number' in by) return 'number';
  if ('residentCode' in by) return 'resident_code';
  if ('address' in by) return 'address';
  return 'addressNumber' in by ? 'address_number' : 'reading';
}

function plainQuery(by: SearchBy, municipality: MunicipalityCode): Query {
  const key = keyOf(by);
  const query = (name: string, index: string, ...args: string[]): Query => ({
    key,
    name,
    call: { index, args },
  });
  if ('number' in by) return query('number', 'number', IndividualNumber.parse(by.number).reveal());
  if ('residentCode' in by) {
    return query('resident_code', 'residentRecordCode', ResidentRecordCode.parse(by.residentCode).reveal());
  }
  if ('address' in by) return query('address', 'address', municipality, by.address);
  if ('addressNumber' in by) return query('address_number', 'addressNumber', municipality, by.addressNumber);
  return by.birthDate === undefined
    ? query('reading', 'reading', municipality, by.reading)
    : query('reading_birth', 'readingBirth', municipality, by.reading, by.birthDate);
}
