import type { MunicipalityCode, PersonId } from '../../ground/ids.ts';
import { decodeLine } from '../journal/index.ts';
import type { GateJournal } from './journal-port.ts';
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
  /** Set where it is about a replaced state, kept in the history. */
  history?: true;
}

export interface Verified {
  lines: number;
  rows: number;
  findings: number;
}

const digestBytes = 16;
/** Rows whose nation-wide indexes are looked up at once. */
const indexChunk = 500;

/** What a line's state is: none (never one, undone, or already found), the present one, or a replaced one. */
const [none, present, past] = [0, 1, 2] as const;
type Stands = typeof present | typeof past;

/**
 * What the lines of a journal say the rows must be. 26 bytes a line, whatever the lines hold: a million lines take
 * 26 MB.
 */
class States {
  #digests = Buffer.alloc(0);
  #replaces = new Float64Array(0);
  #stands = new Uint8Array(0);
  size = 0;

  #grow(size: number): void {
    if (size <= this.#stands.length) return;
    const room = Math.max(1_024, size * 2);
    const digests = Buffer.alloc(room * digestBytes);
    this.#digests.copy(digests);
    const replaces = new Float64Array(room);
    replaces.set(this.#replaces);
    const stands = new Uint8Array(room);
    stands.set(this.#stands);
    [this.#digests, this.#replaces, this.#stands] = [digests, replaces, stands];
  }

  /** A line that gave a row a new state. */
  put(index: number, after: Buffer, replaces: number | null): void {
    this.#grow(index + 1);
    this.size = Math.max(this.size, index + 1);
    after.copy(this.#digests, index * digestBytes, 0, digestBytes);
    this.#replaces[index] = replaces ?? -1;
    this.#stands[index] = present;
    if (replaces !== null) this.#stands[replaces] = past;
  }

  /** Records were put back to before line `to`: what lines since then wrote is undone, newest first. */
  undo(from: number, to: number): void {
    for (let index = Math.min(from, this.size) - 1; index >= to; index--) {
      const replaced = this.#replaces[index]!;
      if (this.#stands[index] === none) continue;
      this.#stands[index] = none;
      if (replaced >= 0) this.#stands[replaced] = present;
    }
  }

  is(index: number, stands: Stands): boolean {
    return this.#stands[index] === stands;
  }

  isState(index: number, digest: Buffer): boolean {
    const at = index * digestBytes;
    return this.#digests.compare(digest, 0, digestBytes, at, at + digestBytes) === 0;
  }

  /** Takes a state away once its row has been seen. */
  seen(index: number): void {
    this.#stands[index] = none;
  }

  /** States whose rows were not seen. */
  *missing(): Iterable<{ line: number; isPast: boolean }> {
    for (let line = 0; line < this.size; line++)
      if (this.#stands[line] !== none) yield { line, isPast: this.#stands[line] === past };
  }
}

/**
 * Recomputes each resident's states from the journal's lines and names every row that is not so: the present ones in
 * the table, the replaced ones in its history. Streams both: needs no key but the journal's, opens no field.
 */
export async function* verifyRecords(
  municipality: MunicipalityCode,
  journal: Pick<GateJournal, 'read' | 'head'>,
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
class RecordCheck {
  readonly #municipality: MunicipalityCode;
  readonly #journal: Pick<GateJournal, 'read' | 'head'>;
  readonly #records: RecordStore;
  readonly #states = new States();
  readonly #erased = new Set<PersonId>();
  /** Persons of whom something was found: that their true state is missing goes without saying. */
  readonly #named = new Set<PersonId>();
  /** Sound states in the history that were the present ones when the run began. */
  readonly #early: WholeRow[] = [];
  /** Rows under lines that the journal does not have yet: its word of a commit may come later than the row. */
  readonly #beyond: { row: WholeRow; stands: Stands }[] = [];
  /** Length of the journal when the run began. */
  readonly size: number;
  rows = 0;

  constructor(
    municipality: MunicipalityCode,
    journal: Pick<GateJournal, 'read' | 'head'>,
    records: RecordStore,
  ) {
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
      if (kind === 'person.erased' && person !== undefined) this.#erased.add(person);
      else if (kind === 'restore.made' && typeof to === 'number') this.#states.undo(line.index, to);
      else if (typeof after === 'string' && this.#isOurs(body)) {
        this.#states.put(line.index, Buffer.from(after, 'hex'), replacedBy(body));
      }
    }
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
      yield this.#name('inserted', row.person, row.lineIndex, where);
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
    for (const { person, lineIndex: line } of this.#early) {
      if (!since.has(line)) yield this.#name('inserted', person, line, { history: true });
    }
  }

  async *#missing(): AsyncIterable<Finding> {
    const since = await this.#replacedSince();
    for (const { line, isPast } of this.#states.missing()) {
      if (since.has(line)) continue;
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
      const replaces = this.#isOurs(body) ? replacedBy(body) : null;
      if (replaces !== null) replaced.add(replaces);
    }
    return replaced;
  }

  async #judge(row: WholeRow, stands: Stands): Promise<Finding | undefined> {
    const line = row.lineIndex;
    // Written while this runs: the next run sees its line.
    if (line >= this.size && line < this.#journal.head().size) return undefined;
    if (line >= this.size) {
      this.#beyond.push({ row, stands });
      return undefined;
    }
    const states = this.#states;
    const known = line >= 0 && line < states.size;
    const isDue = known && states.is(line, stands);
    const digest = stateDigest(this.#records.table, this.#municipality, row.person, row.values);
    const isState = known && states.isState(line, digest);
    if (isDue && isState) {
      states.seen(line);
      return undefined;
    }
    if (isState && stands === past) {
      this.#early.push(row);
      return undefined;
    }
    const own = isState || (known && (await this.#personOf(line)) === row.person);
    if (own && isDue) states.seen(line);
    return this.#name(
      own ? 'changed' : 'inserted',
      row.person,
      line,
      stands === past ? { history: true } : {},
    );
  }

  #name(
    finding: Finding['finding'],
    person: PersonId | null,
    line: number,
    more: Pick<Finding, 'history'> = {},
  ): Finding {
    if (person !== null && !more.history) this.#named.add(person);
    return { finding, municipality: this.#municipality, person, line, ...more };
  }

  /** Sound rows to which a nation-wide index no longer leads. */
  async #misled(sound: readonly WholeRow[]): Promise<Finding[]> {
    const strayed = await this.#records.strayed(sound, this.#municipality, this.#erased);
    return strayed.map(({ person, lineIndex }) => this.#name('changed', person, lineIndex));
  }

  async #personOf(index: number): Promise<PersonId | null> {
    for await (const line of this.#journal.read(index, index + 1)) {
      if (!line.erased) return decodeLine(line.payload).person ?? null;
    }
    return null;
  }
}

const replacedBy = (body: Readonly<Record<string, unknown>>): number | null =>
  typeof body['replaces'] === 'number' ? body['replaces'] : null;
