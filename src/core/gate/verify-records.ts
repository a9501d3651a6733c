import type { MunicipalityCode, PersonId } from '../../ground/ids.ts';
import { decodeLine, type LogReader } from '../journal/index.ts';
import { carriedStates } from './carried-line.ts';
import { type LinePlace, placeNumber } from './line-place.ts';
import { past, present, RecordStates, type Stands } from './record-states.ts';
import type { RecordStore, WholeRow } from './record-store.ts';
import { stateDigest } from './row-digest.ts';

/**
 * One row that was not written by the gate: `changed` (its content is not what its line committed to, or it is an
 * older state put back, or a nation-wide index no longer leads to it), `inserted` (no line ever wrote it), `removed`
 * (its line stands, the row is gone).
 */
export interface Finding {
  finding: 'changed' | 'inserted' | 'removed';
  municipality: MunicipalityCode;
  person: PersonId | null;
  /** The line the row names, or of the state that is missing. */
  line: number;
  /** Number of that line's log, where it is not the present one. */
  log?: number;
  /** Set where it is about a replaced state, kept in the history. */
  history?: true;
}

export interface Verified {
  lines: number;
  rows: number;
  findings: number;
}

/** Rows whose nation-wide indexes are looked up at once. */
const indexChunk = 500;

/**
 * Recomputes each resident's states from the journal's lines and names every row that is not so: the present ones in
 * the table, the replaced ones in its history. Streams both: needs no key but the journal's, opens no field.
 */
export async function* verifyRecords(
  municipality: MunicipalityCode,
  journal: LogReader,
  records: RecordStore,
  onDone: (verified: Verified) => void = () => {},
): AsyncIterable<Finding> {
  const check = new RecordCheck(municipality, journal, records);
  await check.readLines();
  let findings = 0;
  for await (const finding of check.findings()) {
    findings++;
    yield finding;
  }
  onDone({ lines: check.size, rows: check.rows, findings });
}

/** One run over a municipality's journal, table and history. */
export class RecordCheck {
  readonly #municipality: MunicipalityCode;
  readonly #journal: LogReader;
  readonly #records: RecordStore;
  readonly #states: RecordStates;
  /** Whose keys the lines ordered to go. */
  readonly erased: Set<PersonId>;
  /** Persons of whom something was found: that their true state is missing goes without saying. */
  readonly #named = new Set<PersonId>();
  /** Sound states in the history that were the present ones when the run began. */
  readonly #early: WholeRow[] = [];
  /** Rows under lines that the journal does not have yet: its word of a commit may come later than the row. */
  readonly #beyond: { row: WholeRow; stands: Stands }[] = [];
  /** Length of the journal when the run began. */
  readonly size: number;
  rows = 0;

  /** @param erased persons who are known to be erased though no line of this log says so */
  constructor(
    municipality: MunicipalityCode,
    journal: LogReader,
    records: RecordStore,
    erased: readonly PersonId[] = [],
  ) {
    this.#states = new RecordStates(journal.number);
    this.erased = new Set(erased);
    this.#municipality = municipality;
    this.#journal = journal;
    this.#records = records;
    this.size = journal.head().size;
  }

  async readLines(): Promise<void> {
    for await (const line of this.#journal.read(0, this.size)) {
      if (line.erased) continue;
      const { kind, person, body } = decodeLine(line.payload);
      const { after, to } = body;
      if (kind === 'person.erased' && person !== undefined) this.erased.add(person);
      else if (kind === 'restore.made' && typeof to === 'number') this.#states.restore(line.index, to);
      else if (kind === 'records.carried' && this.#isOurs(body)) this.#carry(line.index, body);
      else if (typeof after === 'string' && this.#isOurs(body)) {
        this.#states.put(line.index, Buffer.from(after, 'hex'), this.#replacedBy(body));
      }
    }
    this.#states.settle(this.size);
  }

  #carry(line: number, body: Readonly<Record<string, unknown>>): void {
    const { states, erased } = carriedStates(body);
    this.#states.carry(line, states);
    for (const person of erased) this.erased.add(person);
  }

  #replacedBy(body: Readonly<Record<string, unknown>>): LinePlace | null {
    const { replaces, replacesLog } = body;
    if (typeof replaces !== 'number') return null;
    return { lineIndex: replaces, log: typeof replacesLog === 'number' ? replacesLog : this.#journal.number };
  }

  #isOurs(body: Readonly<Record<string, unknown>>): boolean {
    return body['table'] === this.#records.table.name;
  }

  async *findings(): AsyncIterable<Finding> {
    yield* this.#present();
    yield* this.#past();
    // Beyond the journal's end no row was ever written.
    for (const { row, stands } of this.#beyond) {
      if (row.lineIndex < this.#journal.head().size) continue;
      const where = stands === past ? { history: true as const } : {};
      yield this.#name('inserted', row.person, row, where);
    }
    yield* this.#missing();
  }

  async *#present(): AsyncIterable<Finding> {
    let sound: WholeRow[] = [];
    for await (const row of this.#records.allRows(this.#municipality)) {
      this.rows++;
      const finding = await this.#judge(row, present);
      if (finding) yield finding;
      else sound.push(row);
      if (sound.length < indexChunk) continue;
      yield* await this.#misled(sound);
      sound = [];
    }
    yield* await this.#misled(sound);
  }

  async *#past(): AsyncIterable<Finding> {
    for await (const row of this.#records.allRows(this.#municipality, 'history')) {
      const finding = await this.#judge(row, past);
      if (finding) yield finding;
    }
    const since = await this.#replacedSince();
    for (const row of this.#early) {
      if (!since.has(placeNumber(row))) yield this.#name('inserted', row.person, row, { history: true });
    }
  }

  async *#missing(): AsyncIterable<Finding> {
    const since = await this.#replacedSince();
    for (const { isPast, ...line } of this.#states.missing()) {
      if (since.has(placeNumber(line))) continue;
      const person = await this.#personOf(line);
      // An older state was put back: said already.
      if (person !== null && !isPast && this.#named.has(person)) continue;
      yield this.#name('removed', person, line, isPast ? { history: true } : {});
    }
  }

  /** States that were replaced while this runs: they are found in table or history, as it happens. */
  async #replacedSince(): Promise<Set<number>> {
    const replaced = new Set<number>();
    for await (const line of this.#journal.read(this.size, this.#journal.head().size)) {
      if (line.erased) continue;
      const { body } = decodeLine(line.payload);
      const replaces = this.#isOurs(body) ? this.#replacedBy(body) : null;
      if (replaces !== null) replaced.add(placeNumber(replaces));
    }
    return replaced;
  }

  async #judge(row: WholeRow, stands: Stands): Promise<Finding | undefined> {
    const { lineIndex } = row;
    if (row.log === this.#journal.number && lineIndex >= this.size) {
      // Written while this runs: the next run sees its line.
      if (lineIndex >= this.#journal.head().size) this.#beyond.push({ row, stands });
      return undefined;
    }
    const states = this.#states;
    const isDue = states.is(row, stands);
    const digest = stateDigest(this.#records.table, this.#municipality, row.person, row.values);
    const isState = states.isState(row, digest);
    if (isDue && isState) {
      states.seen(row);
      return undefined;
    }
    if (isState && stands === past) {
      this.#early.push(row);
      return undefined;
    }
    const own = isState || (states.gave(row) && (await this.#personOf(row)) === row.person);
    if (own && isDue) states.seen(row);
    return this.#name(
      own ? 'changed' : 'inserted',
      row.person,
      row,
      stands === past ? { history: true } : {},
    );
  }

  #name(
    finding: Finding['finding'],
    person: PersonId | null,
    { log, lineIndex: line }: LinePlace,
    more: Pick<Finding, 'history'> = {},
  ): Finding {
    if (person !== null && !more.history) this.#named.add(person);
    const where = log === this.#journal.number ? {} : { log };
    return { finding, municipality: this.#municipality, person, line, ...where, ...more };
  }

  /** Sound rows to which a nation-wide index no longer leads. */
  async #misled(sound: readonly WholeRow[]): Promise<Finding[]> {
    const strayed = await this.#records.strayed(sound, this.#municipality, this.erased);
    return strayed.map((row) => this.#name('changed', row.person, row));
  }

  async #personOf({ log, lineIndex }: LinePlace): Promise<PersonId | null> {
    if (log !== this.#journal.number) return this.#states.carriedPerson({ log, lineIndex });
    if (lineIndex < 0) return null;
    for await (const line of this.#journal.read(lineIndex, lineIndex + 1)) {
      if (!line.erased) return decodeLine(line.payload).person ?? null;
    }
    return null;
  }
}
