import type pg from 'pg';
import type { LineRow, Store } from './store.ts';

/** What the feed keeps at most; what lies further back is read from the database again. */
const MOST_LINES = 100_000;

interface Piece {
  first: number;
  lines: readonly LineRow[];
  /** Elapsed milliseconds when it was found durable. */
  since: number;
}

/** Durable lines on their way to the mirror: from memory where they were just written, else from the database. */
export class Feed {
  readonly #store: Store;
  readonly #pool: pg.Pool;
  #pieces: Piece[] = [];
  #held = 0;
  /** When lines became durable, for those no witness has seen yet; kept apart from the lines themselves. */
  #ages: { end: number; since: number }[] = [];

  constructor(store: Store, pool: pg.Pool) {
    this.#store = store;
    this.#pool = pool;
  }

  /** Notes a durable batch. */
  add(first: number, lines: readonly LineRow[], since: number): void {
    this.#ages.push({ end: first + lines.length, since });
    if (this.#held + lines.length > MOST_LINES) return;
    this.#pieces.push({ first, lines, since });
    this.#held += lines.length;
  }

  /** Notes that lines up to `end` are durable without having them at hand: found after a lost connection or at the start. */
  found(end: number, since: number): void {
    this.#ages.push({ end, since });
  }

  /** Forgets lines below `index` (they are in the mirror). */
  drop(index: number): void {
    while (this.#pieces[0] !== undefined && this.#pieces[0].first + this.#pieces[0].lines.length <= index)
      this.#held -= this.#pieces.shift()!.lines.length;
  }

  /** The moment the oldest line at or above `index` became durable; undefined where there is none. */
  oldest(index: number): number | undefined {
    while (this.#ages[0] !== undefined && this.#ages[0].end <= index) this.#ages.shift();
    return this.#ages[0]?.since;
  }

  /** Up to `limit` lines from `from`, below `end`. `log-forked` where the database lacks one. */
  async take(from: number, end: number, limit: number): Promise<readonly LineRow[]> {
    const to = Math.min(end, from + limit);
    const at = this.#pieces.findIndex(({ first, lines }) => first <= from && from < first + lines.length);
    if (at < 0) return this.#store.rows(this.#pool, from, Math.min(to, this.#nextPiece(from) ?? to));
    const rows: LineRow[] = [];
    for (const piece of this.#pieces.slice(at)) {
      if (piece.first > from + rows.length || rows.length >= to - from) break;
      const skip = Math.max(0, from - piece.first);
      for (let i = skip; i < piece.lines.length && rows.length < to - from; i++) rows.push(piece.lines[i]!);
    }
    return rows;
  }

  #nextPiece(from: number): number | undefined {
    return this.#pieces.find(({ first }) => first > from)?.first;
  }
}
