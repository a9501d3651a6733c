import type { PersonId } from '../../ground/ids.ts';
import { type LinePlace, placeAt, placeNumber } from './line-place.ts';

const digestBytes = 16;
const uuidBytes = 16;

/** What a line's state is: none (never one, undone, or already found), the present one, or a replaced one. */
export const [none, present, past] = [0, 1, 2] as const;
export type Stands = typeof present | typeof past;

/** The states that the lines of one log gave. 26 bytes a line, whatever the lines hold: a million lines take 26 MB. */
class LogStates {
  digests = Buffer.alloc(0);
  /** Place of the state that the line replaced; -1: none. 0: the line gave no state. */
  replaces = new Float64Array(0);
  stands = new Uint8Array(0);
  /** Of a log that is no longer there to be asked: whose state it is. */
  persons: Buffer | undefined;
  size = 0;

  constructor(isOwn: boolean) {
    if (!isOwn) this.persons = Buffer.alloc(0);
  }

  room(index: number): void {
    this.size = Math.max(this.size, index + 1);
    if (this.size <= this.stands.length) return;
    const room = Math.max(1_024, this.size * 2);
    const grown = (bytes: Buffer, each: number) => {
      const larger = Buffer.alloc(room * each);
      bytes.copy(larger);
      return larger;
    };
    this.digests = grown(this.digests, digestBytes);
    if (this.persons) this.persons = grown(this.persons, uuidBytes);
    const replaces = new Float64Array(room);
    replaces.set(this.replaces);
    const stands = new Uint8Array(room);
    stands.set(this.stands);
    [this.replaces, this.stands] = [replaces, stands];
  }
}

/** A row's state as a succession vouches for it. */
export interface CarriedState extends LinePlace {
  person: PersonId;
  /** SHA-256 of the state. */
  after: Buffer;
  isPast: boolean;
}

/**
 * What the lines of a journal say the rows must be: states that its own lines gave, and states of earlier logs that it
 * carries. Read first, line by line; then `settle` says which of them stand.
 */
export class RecordStates {
  readonly #own: number;
  readonly #logs = new Map<number, LogStates>();
  /** Line → places it carries, a replaced state's negative. */
  readonly #carried = new Map<number, Float64Array>();
  /** Lines that say the records were put back to before line `to`. */
  readonly #restores: { line: number; to: number }[] = [];

  /** @param own number of the log whose lines are read */
  constructor(own: number) {
    this.#own = own;
    this.#logs.set(own, new LogStates(true));
  }

  /** A line that gave a row a new state. */
  put(index: number, after: Buffer, replaces: LinePlace | null): void {
    const log = this.#logs.get(this.#own)!;
    log.room(index);
    after.copy(log.digests, index * digestBytes, 0, digestBytes);
    log.replaces[index] = replaces === null ? -1 : placeNumber(replaces);
  }

  /** A line that vouches for states of earlier logs. */
  carry(line: number, states: readonly CarriedState[]): void {
    for (const state of states) {
      const log = this.#logs.get(state.log) ?? new LogStates(false);
      this.#logs.set(state.log, log);
      log.room(state.lineIndex);
      state.after.copy(log.digests, state.lineIndex * digestBytes, 0, digestBytes);
      log.persons!.write(state.person.replaceAll('-', ''), state.lineIndex * uuidBytes, 'hex');
    }
    this.#carried.set(
      line,
      Float64Array.from(states, (state) => (state.isPast ? -placeNumber(state) : placeNumber(state))),
    );
  }

  /** A line that says the records were put back to before line `to`. */
  restore(line: number, to: number): void {
    this.#restores.push({ line, to });
  }

  /**
   * Once all lines are read. A restore goes on from where the records were put back to, also to a moment that an earlier
   * restore had left behind: so what counts is the way back from the last line, restore by restore.
   */
  settle(size: number): void {
    for (const { from, to } of this.#effective(size))
      for (let line = from; line < to; line++) {
        const own = this.#logs.get(this.#own)!;
        const replaces = line < own.size ? own.replaces[line]! : 0;
        if (replaces !== 0) {
          own.stands[line] = present;
          if (replaces > 0) this.#stand(replaces, past);
        }
        for (const place of this.#carried.get(line) ?? [])
          this.#stand(Math.abs(place), place < 0 ? past : present);
      }
  }

  /** Ranges of lines that count, in order. */
  #effective(size: number): { from: number; to: number }[] {
    const ranges: { from: number; to: number }[] = [];
    let end = size;
    for (const { line, to } of this.#restores.toReversed()) {
      if (line >= end) continue;
      ranges.unshift({ from: line, to: end });
      end = to;
    }
    return [{ from: 0, to: end }, ...ranges];
  }

  #stand(place: number, stands: Stands): void {
    const { log, lineIndex } = placeAt(place);
    const states = this.#logs.get(log);
    if (states && lineIndex < states.size) states.stands[lineIndex] = stands;
  }

  /** True where the line gave a row a state, whatever has become of it. */
  gave({ log, lineIndex }: LinePlace): boolean {
    if (log !== this.#own) return this.carriedPerson({ log, lineIndex }) !== null;
    return (this.#logs.get(log)!.replaces[lineIndex] ?? 0) !== 0;
  }

  is({ log, lineIndex }: LinePlace, stands: Stands): boolean {
    return this.#logs.get(log)?.stands[lineIndex] === stands;
  }

  isState({ log, lineIndex }: LinePlace, digest: Buffer): boolean {
    const states = this.#logs.get(log);
    if (!states || lineIndex < 0 || lineIndex >= states.size) return false;
    const at = lineIndex * digestBytes;
    return states.digests.compare(digest, 0, digestBytes, at, at + digestBytes) === 0;
  }

  /** Takes a state away once its row has been seen. */
  seen({ log, lineIndex }: LinePlace): void {
    this.#logs.get(log)!.stands[lineIndex] = none;
  }

  /** States whose rows were not seen. */
  *missing(): Iterable<LinePlace & { isPast: boolean }> {
    for (const [log, { stands, size }] of this.#logs)
      for (let lineIndex = 0; lineIndex < size; lineIndex++)
        if (stands[lineIndex] !== none) yield { log, lineIndex, isPast: stands[lineIndex] === past };
  }

  /** Whose state an earlier log's line gave; null where nothing is known of it. */
  carriedPerson({ log, lineIndex }: LinePlace): PersonId | null {
    const persons = this.#logs.get(log)?.persons;
    if (!persons || lineIndex < 0) return null;
    const hex = persons.toString('hex', lineIndex * uuidBytes, (lineIndex + 1) * uuidBytes);
    if (!/[1-9a-f]/.test(hex)) return null;
    return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5') as PersonId;
  }
}
