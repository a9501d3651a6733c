import type { MunicipalityCode, PersonId } from '../../ground/ids.ts';
import { decodeLine } from '../journal/index.ts';
import type { GateJournal } from './journal-port.ts';
import type { RecordStore, WholeRow } from './record-store.ts';
import { stateDigest } from './row-digest.ts';

/**
 * One row that was not written by the gate: `changed` (its content is not what its line committed to, or it is an
 * older state put back, or a nation-wide index no longer leads to it), `inserted` (no line ever wrote it), `removed` (its line stands, the row is gone).
 */
export interface Finding {
  finding: 'changed' | 'inserted' | 'removed';
  municipality: MunicipalityCode;
  person: PersonId | null;
  /** The line the row names, or of the state that is missing. */
  line: number;
}

export interface Verified {
  lines: number;
  rows: number;
  findings: number;
}

const digestBytes = 16;
/** Rows whose nation-wide indexes are looked up at once. */
const indexChunk = 500;

/**
 * What the lines of a journal say the rows must be. 26 bytes a line, whatever the lines hold: a million lines take
 * 26 MB.
 */
class States {
  #digests = Buffer.alloc(0);
  #replaces = new Float64Array(0);
  #live = new Uint8Array(0);
  size = 0;

  #grow(size: number): void {
    if (size <= this.#live.length) return;
    const room = Math.max(1_024, size * 2);
    const digests = Buffer.alloc(room * digestBytes);
    this.#digests.copy(digests);
    const replaces = new Float64Array(room);
    replaces.set(this.#replaces);
    const live = new Uint8Array(room);
    live.set(this.#live);
    [this.#digests, this.#replaces, this.#live] = [digests, replaces, live];
  }

  /** A line that gave a row a new state. */
  put(index: number, after: Buffer, replaces: number | null): void {
    this.#grow(index + 1);
    this.size = Math.max(this.size, index + 1);
    after.copy(this.#digests, index * digestBytes, 0, digestBytes);
    this.#replaces[index] = replaces ?? -1;
    this.#live[index] = 1;
    if (replaces !== null) this.#live[replaces] = 0;
  }

  /** Records were put back to before line `to`: what lines since then wrote is undone, newest first. */
  undo(from: number, to: number): void {
    for (let index = Math.min(from, this.size) - 1; index >= to; index--) {
      const replaced = this.#replaces[index]!;
      if (this.#live[index] === 0) continue;
      this.#live[index] = 0;
      if (replaced >= 0) this.#live[replaced] = 1;
    }
  }

  isLive(index: number): boolean {
    return this.#live[index] === 1;
  }

  isState(index: number, digest: Buffer): boolean {
    const at = index * digestBytes;
    return this.#digests.compare(digest, 0, digestBytes, at, at + digestBytes) === 0;
  }

  /** Takes a live state away once its row has been seen. */
  seen(index: number): void {
    this.#live[index] = 0;
  }

  *missing(): Iterable<number> {
    for (let index = 0; index < this.size; index++) if (this.#live[index] === 1) yield index;
  }
}

/**
 * Recomputes each resident's present state from the journal's lines and names every row that is not so. Streams both:
 * needs no key but the journal's, opens no field.
 */
export async function* verifyRecords(
  municipality: MunicipalityCode,
  journal: Pick<GateJournal, 'read' | 'head'>,
  records: RecordStore,
  onDone: (verified: Verified) => void = () => {},
): AsyncIterable<Finding> {
  const states = new States();
  const erased = new Set<PersonId>();
  const { size } = journal.head();
  for await (const line of journal.read(0, size)) {
    if (line.erased) continue;
    const { kind, person, body } = decodeLine(line.payload);
    if (kind === 'person.erased' && person !== undefined) erased.add(person);
    else if (kind === 'restore.made' && typeof body['to'] === 'number') states.undo(line.index, body['to']);
    else if (body['table'] === records.table.name && typeof body['after'] === 'string') {
      const replaces = typeof body['replaces'] === 'number' ? body['replaces'] : null;
      states.put(line.index, Buffer.from(body['after'], 'hex'), replaces);
    }
  }
  let rows = 0;
  let findings = 0;
  const changed = new Set<PersonId>();
  let sound: WholeRow[] = [];
  const misled = async (): Promise<Finding[]> => {
    const strayed = await records.strayed(sound, municipality, erased);
    sound = [];
    return strayed.map(({ person, lineIndex: line }) => ({ finding: 'changed', municipality, person, line }));
  };
  for await (const row of records.allRows(municipality)) {
    rows++;
    const finding = await judge(municipality, states, journal, records, row, size);
    if (!finding) sound.push(row);
    const found = finding ? [finding] : sound.length >= indexChunk ? await misled() : [];
    for (const each of found) {
      findings++;
      changed.add(row.person);
      yield each;
    }
  }
  for (const each of await misled()) {
    findings++;
    yield each;
  }
  for (const line of states.missing()) {
    const person = await personOf(journal, line);
    // An older state was put back: said already.
    if (person !== null && changed.has(person)) continue;
    findings++;
    yield { finding: 'removed', municipality, person, line };
  }
  onDone({ lines: size, rows, findings });
}

async function judge(
  municipality: MunicipalityCode,
  states: States,
  journal: Pick<GateJournal, 'read' | 'head'>,
  records: RecordStore,
  row: WholeRow,
  size: number,
): Promise<Finding | undefined> {
  const line = row.lineIndex;
  // Written while this runs: the next run sees its line. Beyond the journal's end no row was ever written.
  if (line >= size && line < journal.head().size) return undefined;
  const digest = stateDigest(records.table, municipality, row.person, row.values);
  const known = line >= 0 && line < states.size;
  const live = known && states.isLive(line);
  if (live && states.isState(line, digest)) {
    states.seen(line);
    return undefined;
  }
  const finding = { municipality, person: row.person, line };
  if (known && states.isState(line, digest)) return { finding: 'changed', ...finding };
  const own = known && (await personOf(journal, line)) === row.person;
  if (own && live) states.seen(line);
  return { finding: own ? 'changed' : 'inserted', ...finding };
}

async function personOf(journal: Pick<GateJournal, 'read'>, index: number): Promise<PersonId | null> {
  for await (const line of journal.read(index, index + 1)) {
    if (!line.erased) return decodeLine(line.payload).person ?? null;
  }
  return null;
}
