import type { Clock } from '../../ground/clock.ts';
import { asSekishoError, SekishoError } from '../../ground/errors.ts';
import { type MunicipalityCode, type PersonId, uuidv7 } from '../../ground/ids.ts';
import type { Randomness } from '../../ground/randomness.ts';
import type { LineKind } from '../journal/index.ts';
import { drawIndividualNumber } from '../numbers/index.ts';
import type { PersonKey, PersonKeys, WrappedKey } from '../seal/index.ts';
import type { NationalEntry, NationalIndex, RecordStore, WholeRow } from './record-store.ts';
import { stateDigest } from './row-digest.ts';
import type { LaidRow, RowSealer } from './row-sealer.ts';
import type { Rows, SealedRow } from './rows.ts';
import type { Fields } from './sealed-table.ts';
import {
  askedFor,
  mergeFields,
  type Planned,
  refused,
  type Work,
  type WriteOp,
  type WriteResult,
} from './write-op.ts';

export interface PlanParts {
  records: RecordStore;
  sealer: RowSealer;
  rows: Rows;
  keys: PersonKeys;
  clock: Clock;
  randomness: Randomness;
}

/** What a plan comes to: rows to write, results that need none, and ops that must wait for the others. */
export interface Plan {
  planned: Planned[];
  settled: Map<Work, WriteResult>;
  /** They lead to the same person as an op before them, by another way. */
  later: Work[];
}

/** So often a number is drawn anew; with 10¹¹ numbers only broken randomness comes near. */
const drawsMax = 100;

/** Where an op leads: a row here, a row in another municipality, or nobody yet. */
interface Found {
  work: Work;
  person: PersonId | null;
  elsewhere: MunicipalityCode | null;
  base: WholeRow | null;
  origin: WholeRow | null;
  /** The nation-wide index that led here: the row must hold it. */
  led: { column: string; index: Buffer } | null;
  /** The index by which it was looked for, of what the op itself says. */
  sought: { name: string; index: Buffer } | null;
}

/** Found, opened and merged: still to be sealed. */
interface Draft extends Found {
  kind: LineKind;
  key: PersonKey;
  fields: Fields;
  clear: Record<string, string | null>;
  draw: boolean;
  drawnIndex: string | null;
  /** Indexes of these fields that are computed already, by name. */
  known: Record<string, Buffer>;
}

/** Finds, compares, merges and seals a round of ops, each query for all of them at once. Writes nothing. */
export class WritePlanner {
  readonly #parts: PlanParts;

  constructor(parts: PlanParts) {
    this.#parts = parts;
  }

  /**
   * @param works with distinct aims
   * @param mayMove throws where the session may not write a mover in
   */
  async plan(
    municipality: MunicipalityCode,
    works: readonly Work[],
    mayMove: (op: WriteOp) => void,
  ): Promise<Plan> {
    const settled = new Map<Work, WriteResult>();
    const requests = await this.#settleRepeated(municipality, works, settled);
    const unsettled = works.filter((work) => !settled.has(work));
    const { found, later } = onePerPerson(await this.#find(municipality, unsettled, settled));
    const drafts: Draft[] = [];
    const existing = await this.#dropUnchanged(municipality, found, settled);
    const wrapped = await this.#parts.keys.fetchWrapped(
      existing.flatMap((each) => (each.person === null ? [] : [each.person])),
    );
    await this.#makeFresh(existing);
    for (const each of existing) {
      try {
        if (each.elsewhere !== null) mayMove(each.work.op);
        const draft = await this.#draft(municipality, each, wrapped);
        if (draft) drafts.push(draft);
        else settled.set(each.work, unchanged(each));
      } catch (error) {
        settled.set(each.work, refused(each.work.op, asSekishoError(error)));
      }
    }
    const numberless = await this.#drawNumbers(drafts);
    const laid: { draft: Draft; row: LaidRow }[] = [];
    for (const draft of drafts) {
      try {
        if (numberless.has(draft)) throw new SekishoError('internal', { reason: 'no-number-drawn' });
        const { key, fields, clear, known } = draft;
        const row = await this.#parts.sealer.lay(municipality, key, fields, clear, known);
        laid.push({ draft, row });
      } catch (error) {
        settled.set(draft.work, refused(draft.work.op, asSekishoError(error)));
      }
    }
    try {
      await this.#parts.sealer.seal(laid.map(({ row }) => row));
    } finally {
      for (const { key, work } of drafts) if (key !== work.fresh) key.key.fill(0);
    }
    const planned = laid.map(({ draft, row }) =>
      this.#planned(municipality, draft, row.values, requests.get(draft.work)!),
    );
    return { planned, settled, later };
  }

  /** The digest of each request; what was written already is settled, what only bears its id is refused. */
  async #settleRepeated(
    municipality: MunicipalityCode,
    works: readonly Work[],
    settled: Map<Work, WriteResult>,
  ): Promise<Map<Work, Buffer>> {
    const requests = new Map<Work, Buffer>();
    for (const work of works) {
      requests.set(work, await this.#parts.sealer.requestDigest(municipality, askedFor(work.op)));
    }
    const outcomes = await this.#parts.records.outcomes(
      municipality,
      works.map(({ op }) => op.requestId),
    );
    for (const work of works) {
      const earlier = outcomes.get(work.op.requestId);
      if (!earlier) continue;
      if (!earlier.request.equals(requests.get(work)!)) {
        settled.set(work, refused(work.op, new SekishoError('conflict', { reason: 'request-reused' })));
        continue;
      }
      settled.set(work, {
        requestId: work.op.requestId,
        outcome: earlier.outcome,
        person: earlier.person,
        line: earlier.lineIndex,
        state: earlier.state.toString('hex'),
      });
    }
    return requests;
  }

  async #find(
    municipality: MunicipalityCode,
    works: readonly Work[],
    settled: Map<Work, WriteResult>,
  ): Promise<Found[]> {
    const { records } = this.#parts;
    const { entries, asked } = await this.#lookUp(municipality, works, settled);
    const found: Found[] = [];
    for (const work of works) {
      if (settled.has(work)) continue;
      const entry = entries.get(work);
      const person = work.op.person ?? entry?.person ?? null;
      const away = entry !== undefined && entry.municipality !== municipality;
      const elsewhere = away ? entry.municipality : null;
      const sought = asked.get(work) ?? null;
      found.push({ work, person, elsewhere, base: null, origin: null, led: entry?.led ?? null, sought });
    }
    const here = found.flatMap((each) => (each.person === null ? [] : [each.person]));
    const rows = await records.wholeRows(municipality, here);
    const away = Map.groupBy(
      found.filter((each) => each.elsewhere !== null),
      (each) => each.elsewhere!,
    );
    for (const [from, movers] of away) {
      const origins = await records.wholeRows(
        from,
        movers.map((mover) => mover.person!),
      );
      for (const mover of movers) mover.origin = origins.get(mover.person!) ?? null;
    }
    return found.filter((each) => {
      each.base = each.person === null ? null : (rows.get(each.person) ?? null);
      const refusal = refusalOf(each) ?? this.#stale(municipality, each);
      if (refusal) settled.set(each.work, refused(each.work.op, refusal));
      return !refusal;
    });
  }

  /** Persons that the ops' own fields lead to, by a local or a nation-wide index. */
  async #lookUp(
    municipality: MunicipalityCode,
    works: readonly Work[],
    settled: Map<Work, WriteResult>,
  ): Promise<{
    entries: Map<Work, NationalEntry & Pick<Found, 'led'>>;
    asked: Map<Work, NonNullable<Found['sought']>>;
  }> {
    const { records, sealer } = this.#parts;
    const { indexes } = records.table;
    const entries = new Map<Work, NationalEntry & Pick<Found, 'led'>>();
    const asked = new Map<Work, NonNullable<Found['sought']>>();
    for (const findBy of ['address_number', 'resident_code', 'number'] as const) {
      const sought = new Map<Work, Buffer>();
      for (const work of works) {
        if (settled.has(work) || work.op.person !== undefined || work.op.findBy !== findBy) continue;
        const index = await sealer.index(findBy, work.op.fields, municipality);
        if (index) sought.set(work, index);
        else settled.set(work, refused(work.op, new SekishoError('bad-input', { at: 'findBy' })));
      }
      if (sought.size === 0) continue;
      const values = [...sought.values()];
      const which = indexes[findBy]?.national;
      const byValue = which
        ? await records.nationalEntries(which, values)
        : localEntries(await records.personsBy(municipality, indexes[findBy]!.column, values), municipality);
      for (const [work, index] of sought) {
        const entry = byValue.get(index.toString('hex'));
        asked.set(work, { name: findBy, index });
        const led = which ? { column: indexes[findBy]!.column, index } : null;
        if (entry) entries.set(work, { ...entry, led });
        if (entry?.state === 'retired') {
          const error = new SekishoError('conflict', { reason: 'index-retired', what: findBy });
          settled.set(work, refused(work.op, error));
        }
      }
    }
    return { entries, asked };
  }

  /** Compares by content digest: what is written already needs no key and no line. */
  async #dropUnchanged(
    municipality: MunicipalityCode,
    found: readonly Found[],
    settled: Map<Work, WriteResult>,
  ): Promise<Found[]> {
    const { sealer } = this.#parts;
    const kept: Found[] = [];
    for (const each of found) {
      const { base, work } = each;
      const given = work.op.fields['number']?.['number'];
      if (base !== null && each.elsewhere === null && !given && work.op.kind !== 'number.changed') {
        const clear = { ...sealer.clearOf(base.values), ...work.op.clear };
        const digest = await sealer.contentDigest(municipality, work.op.fields, clear);
        if (digest.equals(base.values['content_digest'] as Buffer)) {
          settled.set(work, unchanged(each));
          continue;
        }
      }
      kept.push(each);
    }
    return kept;
  }

  /** Ids and keys of all new persons, committed before their rows: a key without a row harms nobody. */
  async #makeFresh(found: readonly Found[]): Promise<void> {
    const { keys, clock, randomness } = this.#parts;
    const newcomers = found.filter((each) => each.person === null && each.work.fresh === undefined);
    const made = await keys.create(newcomers.map(() => uuidv7(clock, randomness) as PersonId));
    for (const [i, each] of newcomers.entries()) each.work.fresh = made[i]!;
  }

  /** Opens what is stored and lays the op over it; undefined when nothing would change. */
  async #draft(
    municipality: MunicipalityCode,
    each: Found,
    wrapped: ReadonlyMap<PersonId, WrappedKey>,
  ): Promise<Draft | undefined> {
    const { sealer } = this.#parts;
    const { op, fresh } = each.work;
    if (each.person === null) {
      const draw = op.draw === 'number' && !op.fields['number']?.['number'];
      const clear = { ...op.clear };
      return {
        ...each,
        kind: 'record.created',
        key: fresh!,
        fields: op.fields,
        clear,
        draw,
        drawnIndex: null,
        // Nothing is laid over an earlier state here: what was looked for is what is written.
        known: each.sought === null ? {} : { [each.sought.name]: each.sought.index },
      };
    }
    const known = wrapped.get(each.person);
    if (!known) throw new SekishoError('key-erased', { what: 'resident' });
    // A mover's fields come from where he lived last, his row here (if he lived here before) is replaced.
    const source = each.origin ?? each.base!;
    const old = await this.#open(
      each.elsewhere !== null && each.origin ? each.elsewhere : municipality,
      source,
      known,
    );
    // Found by its address number alone: under another resident code it is another person's record.
    const [stated, stands] = [op.fields, old].map((each) => each['resident_code']?.['code'] ?? '');
    if (op.kind === 'record.created' && stated !== '' && stands !== '' && stated !== stands)
      throw new SekishoError('already-exists', { what: 'unique-column' });
    const fields = mergeFields(old, op.fields);
    const had = old['number']?.['number'] ?? '';
    if ((fields['number']?.['number'] ?? '') !== had && had !== '') {
      throw new SekishoError('bad-input', { at: 'fields.number', reason: 'number-change-needed' });
    }
    const draw = op.draw === 'number' && (had === '' || op.kind === 'number.changed');
    const clear = { ...sealer.clearOf(source.values), ...op.clear };
    if (!draw && each.origin === null && (fields['number']?.['number'] ?? '') === had) {
      const digest = await sealer.contentDigest(municipality, fields, clear);
      if (digest.equals(source.values['content_digest'] as Buffer)) return undefined;
    }
    const unwrapped = await this.#parts.keys.unwrap(known);
    const key = { person: each.person, version: known.version, key: unwrapped };
    const kind = each.origin ? 'record.moved' : changeKind(op.kind);
    return { ...each, kind, key, fields, clear, draw, drawnIndex: null, known: {} };
  }

  #open(municipality: MunicipalityCode, row: WholeRow, wrapped: WrappedKey): Promise<Fields> {
    const { table } = this.#parts.records;
    const sealed = { ...row.values, municipality_code: municipality, person_id: row.person } as SealedRow;
    return this.#parts.rows.open(table, { row: sealed, wrapped }, Object.keys(table.groups));
  }

  /**
   * Draws numbers until none of them is anybody's, among these and in the nation (番号法 施行令 8条).
   * @returns those for whom nothing but taken numbers came
   */
  async #drawNumbers(drafts: readonly Draft[]): Promise<ReadonlySet<Draft>> {
    const { records, sealer, randomness } = this.#parts;
    let waiting = drafts.filter((draft) => draft.draw);
    const drawn = new Set<string>();
    for (let draws = 1; waiting.length > 0 && draws <= drawsMax; draws++) {
      const again: Draft[] = [];
      const fresh: { draft: Draft; index: Buffer }[] = [];
      for (const draft of waiting) {
        draft.fields = { ...draft.fields, number: { number: drawIndividualNumber(randomness).reveal() } };
        const index = (await sealer.index('number', draft.fields, draft.work.op.municipality))!;
        draft.drawnIndex = index.toString('hex');
        draft.known['number'] = index;
        if (drawn.has(draft.drawnIndex)) again.push(draft);
        else fresh.push({ draft, index });
        drawn.add(draft.drawnIndex);
      }
      const taken = await records.nationalEntries(
        'number' satisfies NationalIndex,
        fresh.map(({ index }) => index),
      );
      waiting = [...again, ...fresh.flatMap(({ draft }) => (taken.has(draft.drawnIndex!) ? [draft] : []))];
    }
    return new Set(waiting);
  }

  #planned(
    municipality: MunicipalityCode,
    draft: Draft,
    values: LaidRow['values'],
    request: Buffer,
  ): Planned {
    const { records } = this.#parts;
    const { work, base, origin, person } = draft;
    const self = person ?? draft.key.person;
    const { table } = records;
    const groups = Object.keys(work.op.fields);
    if (draft.drawnIndex !== null && !groups.includes('number')) groups.push('number');
    return {
      work,
      kind: draft.kind,
      person: self,
      outcome: base === null ? 'created' : 'changed',
      base,
      origin: origin === null ? null : { municipality: draft.elsewhere!, row: origin },
      values,
      before: base === null ? null : stateDigest(table, municipality, self, base.values),
      after: stateDigest(table, municipality, self, values),
      groups,
      request,
      drawnIndex: draft.drawnIndex,
    };
  }

  /** Optimistic writing: the caller names the state he saw. */
  #stale(municipality: MunicipalityCode, { base, work }: Found): SekishoError | undefined {
    if (work.op.expect === undefined) return undefined;
    // Of one who is still elsewhere nobody here saw a state.
    const state = base && stateDigest(this.#parts.records.table, municipality, base.person, base.values);
    return state?.toString('hex') === work.op.expect
      ? undefined
      : new SekishoError('conflict', { reason: 'state' });
  }
}

/** Of several ops that lead to one person only the first is planned: the next must see what it wrote. */
function onePerPerson(all: readonly Found[]): { found: Found[]; later: Work[] } {
  const persons = new Set<PersonId>();
  const found: Found[] = [];
  const later: Work[] = [];
  for (const each of all) {
    if (each.person !== null && persons.has(each.person)) {
      later.push(each.work);
      continue;
    }
    if (each.person !== null) persons.add(each.person);
    found.push(each);
  }
  return { found, later };
}

/** A newcomer's notice about somebody who is here already is a change; the other kinds stay what they are. */
const changeKind = (kind: LineKind): LineKind =>
  kind === 'record.created' || kind === 'record.moved' ? 'record.changed' : kind;

const newcomerKinds: ReadonlySet<string> = new Set(['record.created']);
const arrivingKinds: ReadonlySet<string> = new Set(['record.created', 'record.moved']);

function refusalOf(each: Found): SekishoError | undefined {
  const { op } = each.work;
  if (each.elsewhere !== null && each.origin === null)
    return new SekishoError('not-found', { what: 'mover' });
  // A correction or a change of number fetches nobody from another municipality.
  if (each.elsewhere !== null && !arrivingKinds.has(op.kind))
    return new SekishoError('not-found', { what: op.table });
  if (each.base === null && each.origin === null) {
    if (op.person !== undefined || !newcomerKinds.has(op.kind)) {
      return new SekishoError('not-found', { what: op.table });
    }
    if (each.person !== null) return new SekishoError('not-found', { what: op.table });
    if (op.expect !== undefined) return new SekishoError('conflict', { reason: 'state' });
  }
  // A birth or a move-in under the code of one who lives here would write him over.
  // Who lives in another town lives here no more, though the departure may not stand in his row yet.
  const status = each.base === null || each.elsewhere !== null ? 'none' : String(each.base.values['status']);
  const { from } = each.work;
  if (from !== undefined && !from.includes(status))
    return new SekishoError('conflict', { what: 'status', status });
  // Somebody edited where the index leads: nothing is written over another person's record.
  const held = each.led === null ? null : (each.origin ?? each.base)?.values[each.led.column];
  if (each.led !== null && !(Buffer.isBuffer(held) && held.equals(each.led.index))) {
    return new SekishoError('conflict', { reason: 'index-leads-elsewhere', what: op.table });
  }
  return undefined;
}

function unchanged(each: Found): WriteResult {
  return { requestId: each.work.op.requestId, outcome: 'unchanged', person: each.person! };
}

function localEntries(
  persons: ReadonlyMap<string, readonly PersonId[]>,
  municipality: MunicipalityCode,
): Map<string, NationalEntry> {
  return new Map(
    [...persons].map(([value, [person]]) => [value, { person: person!, municipality, state: 'active' }]),
  );
}
