import { setImmediate as turn } from 'node:timers/promises';
import { SekishoError } from '../../ground/errors.ts';
import type { MirrorFiles } from './files.ts';
import { ENTRY_VERSION, leafHashOfCommitment } from './leaf.ts';
import { HASH_BYTES } from './merkle.ts';
import {
  decodeRecords,
  encodeRecord,
  erasedRecord,
  LINES_PER_FILE,
  type PayloadRecord,
  payloadPath,
} from './payload-file.ts';
import type { IndexedRow, LineRow } from './store.ts';
import {
  decodeEntries,
  encodeCommitments,
  entriesPath,
  FULL_TILE_BYTES,
  fullTiles,
  indexPath,
  partialWidth,
  TILE_WIDTH,
  tilePath,
} from './tiles.ts';
import type { HashTree } from './tree.ts';

/**
 * The mirror folder of one log: `checkpoint` (published), `checkpoint.signed` (the last signed, kept before any witness
 * sees it), `tile/…` and `tile/entries/…` as C2SP tlog-tiles serves them, `payload/…` for recovery only.
 */
export class Mirror {
  readonly #files: MirrorFiles;
  /** Commitments of the bundle that is not full yet. */
  #open: Buffer[] = [];
  #bundle = 0;
  /** Folders of partial tiles that are on disk and go once the full tile is there. */
  readonly #partials = new Set<string>();
  /** Where the next payload record goes in its file. */
  #payloadEnd = 0;

  constructor(files: MirrorFiles) {
    this.#files = files;
  }

  async #text(path: string): Promise<string | undefined> {
    return (await this.#files.read(path))?.toString();
  }

  published(): Promise<string | undefined> {
    return this.#text('checkpoint');
  }

  signed(): Promise<string | undefined> {
    return this.#text('checkpoint.signed');
  }

  async keepSigned(note: string): Promise<void> {
    await this.#files.write([{ path: 'checkpoint.signed', bytes: Buffer.from(note) }]);
    await this.#files.settle();
  }

  async publish(note: string): Promise<void> {
    await this.#files.write([{ path: 'checkpoint', bytes: Buffer.from(note) }]);
    await this.#files.settle();
  }

  async keepSuccession(note: string): Promise<void> {
    await this.#files.write([{ path: 'succession', bytes: Buffer.from(note) }]);
    await this.#files.settle();
  }

  async fullTile(level: number, index: number): Promise<Buffer> {
    const bytes = await this.#files.read(tilePath(level, index, TILE_WIDTH));
    if (bytes?.length !== FULL_TILE_BYTES)
      throw new SekishoError('proof-invalid', { what: 'tile', level, index, bytes: bytes?.length ?? 0 });
    return bytes;
  }

  /** A partial tile or bundle, cut from a wider one where only that is left: after a restore the mirror is ahead of the rows. */
  async #partial(level: number | 'entries', index: number, width: number): Promise<Buffer | undefined> {
    const path = (w: number) => (level === 'entries' ? entriesPath(index, w) : tilePath(level, index, w));
    const usual = (await this.#files.read(path(width))) ?? (await this.#files.read(path(TILE_WIDTH)));
    if (usual !== undefined) return usual;
    for (let wider = width + 1; wider < TILE_WIDTH; wider++) {
      const bytes = await this.#files.read(path(wider));
      if (bytes !== undefined) return bytes;
    }
    return undefined;
  }

  /** The right edge of the tree of `size` leaves, a partial tile per level; undefined where one is missing or short. */
  async edge(size: number): Promise<Buffer[] | undefined> {
    const edge: Buffer[] = [];
    for (let level = 0; TILE_WIDTH ** level <= size; level++) {
      const width = partialWidth(level, size);
      if (width === 0) {
        edge.push(Buffer.alloc(0));
        continue;
      }
      const bytes = await this.#partial(level, fullTiles(level, size), width);
      if (bytes === undefined || bytes.length < width * HASH_BYTES) return undefined;
      edge.push(bytes.subarray(0, width * HASH_BYTES));
    }
    return edge;
  }

  /** The first `width` commitments of a bundle; `proof-invalid` where they are missing or none of ours. */
  async commitments(index: number, width: number): Promise<Buffer[]> {
    const bundle = await this.#partial('entries', index, width);
    const entries = bundle === undefined ? [] : decodeEntries(bundle).slice(0, width);
    if (entries.length < width || entries.some((e) => e.length !== 33 || e[0] !== ENTRY_VERSION))
      throw new SekishoError('proof-invalid', { what: 'entry-bundle', index });
    return entries.map((entry) => entry.subarray(1));
  }

  /** Lines [from, to) as the mirror holds them, a payload file at a time. */
  async *rows(from: number, to: number): AsyncGenerator<IndexedRow> {
    let next = from;
    while (next < to) {
      const end = Math.min(to, (Math.floor(next / LINES_PER_FILE) + 1) * LINES_PER_FILE);
      const bytes = (await this.#files.read(payloadPath(next))) ?? Buffer.alloc(0);
      let commitments: Buffer[] = [];
      for (const record of decodeRecords(bytes)) {
        if (record.index < next) continue;
        if (record.index !== next || record.index >= end) break;
        const at = record.index % TILE_WIDTH;
        if (commitments.length === 0 || at === 0) {
          const bundle = Math.floor(record.index / TILE_WIDTH);
          commitments = await this.commitments(bundle, Math.min(TILE_WIDTH, to - bundle * TILE_WIDTH));
        }
        yield { ...record, commitment: commitments[at]! };
        next++;
      }
      if (next < end) throw new SekishoError('proof-invalid', { what: 'payload-mirror', index: next });
    }
  }

  /** Makes ready to go on after `size` lines: the open bundle and the end of the payload file are read back. */
  async resume(size: number): Promise<void> {
    this.#bundle = Math.floor(size / TILE_WIDTH);
    const width = size % TILE_WIDTH;
    this.#open = width === 0 ? [] : await this.commitments(this.#bundle, width);
    this.#payloadEnd = await this.#endOfPayload(size);
    this.#partials.clear();
    this.#partials.add(`tile/entries/${indexPath(this.#bundle)}.p`);
    for (let level = 0; TILE_WIDTH ** level <= size; level++)
      this.#partials.add(`tile/${level}/${indexPath(fullTiles(level, size))}.p`);
  }

  async #endOfPayload(size: number): Promise<number> {
    if (size % LINES_PER_FILE === 0) return 0;
    const bytes = (await this.#files.read(payloadPath(size))) ?? Buffer.alloc(0);
    let last: PayloadRecord | undefined;
    for (const record of decodeRecords(bytes)) {
      if (record.index >= size) break;
      last = record;
    }
    if (last?.index !== size - 1)
      throw new SekishoError('proof-invalid', { what: 'payload-mirror', index: size - 1 });
    return last.to;
  }

  /**
   * Writes what the tree got since the last call: the rows' payloads, full and partial bundles and tiles, everything
   * synced when this returns. After a failure the tree and the mirror are to be made anew from what is on disk.
   */
  async write(first: number, rows: readonly LineRow[], tree: HashTree): Promise<void> {
    const files: { path: string; bytes: Buffer }[] = [];
    const done: string[] = [];
    for (const row of rows) {
      this.#open.push(row.commitment);
      if (this.#open.length < TILE_WIDTH) continue;
      files.push({
        path: entriesPath(this.#bundle, TILE_WIDTH),
        bytes: encodeCommitments(this.#open, ENTRY_VERSION),
      });
      done.push(`tile/entries/${indexPath(this.#bundle)}.p`);
      this.#open = [];
      this.#bundle++;
    }
    const width = this.#open.length;
    if (width > 0) this.#partials.add(`tile/entries/${indexPath(this.#bundle)}.p`);
    if (width > 0)
      files.push({
        path: entriesPath(this.#bundle, width),
        bytes: encodeCommitments(this.#open, ENTRY_VERSION),
      });
    for (const { level, index, tile } of tree.takeFull()) {
      files.push({ path: tilePath(level, index, TILE_WIDTH), bytes: tile.bytes() });
      done.push(`tile/${level}/${indexPath(index)}.p`);
    }
    for (const [level, tile] of tree.partials().entries()) {
      if (tile.width === 0) continue;
      const index = fullTiles(level, tree.size);
      const path = tilePath(level, index, tile.width);
      this.#partials.add(`tile/${level}/${indexPath(index)}.p`);
      files.push({ path, bytes: Buffer.from(tile.bytes()) });
    }
    await this.#writePayloads(first, rows);
    await this.#files.write(files);
    await this.#files.settle();
    // tlog-tiles: partial tiles may go once the full one is there.
    for (const folder of done) if (this.#partials.delete(folder)) await this.#files.remove(folder);
  }

  async #writePayloads(first: number, rows: readonly LineRow[]): Promise<void> {
    let from = 0;
    while (from < rows.length) {
      const index = first + from;
      const room = LINES_PER_FILE - (index % LINES_PER_FILE);
      const part = rows.slice(from, from + room);
      const offset = index % LINES_PER_FILE === 0 ? 0 : this.#payloadEnd;
      const bytes = await encodeRecords(index, part);
      await this.#files.splice(payloadPath(index), offset, bytes);
      this.#payloadEnd = offset + bytes.length;
      from += part.length;
    }
  }

  /** Overwrites the sealed payloads of these lines with zeroes. */
  async erasePayloads(indexes: readonly number[]): Promise<void> {
    const wanted = new Set(indexes);
    for (const path of new Set(indexes.map(payloadPath))) {
      const bytes = await this.#files.read(path);
      if (bytes === undefined) continue;
      for (const record of decodeRecords(bytes)) {
        if (wanted.has(record.index) && record.sealed !== null)
          await this.#files.patch(path, record.from, erasedRecord(bytes, record));
      }
    }
  }

  /** Rebuilds a tree's leaves from the bundles: leaf hashes of [0, size), for when tiles are lost. */
  async *leafHashes(size: number): AsyncGenerator<Buffer> {
    for (let start = 0; start < size; start += TILE_WIDTH) {
      for (const c of await this.commitments(start / TILE_WIDTH, Math.min(TILE_WIDTH, size - start)))
        yield leafHashOfCommitment(c);
    }
  }
}

/** Lines hashed or encoded in one turn of the event loop; callers wait as long. */
export const LINES_A_TURN = 256;

async function encodeRecords(first: number, rows: readonly LineRow[]): Promise<Buffer> {
  const slices: Buffer[] = [];
  for (let from = 0; from < rows.length; from += LINES_A_TURN) {
    if (from > 0) await turn();
    const slice = rows.slice(from, from + LINES_A_TURN);
    slices.push(Buffer.concat(slice.map((row, i) => encodeRecord(first + from + i, row))));
  }
  return Buffer.concat(slices);
}
