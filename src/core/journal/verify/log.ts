import { equal, fromUtf8 } from './bytes.ts';
import { type CheckedCheckpoint, checkpoint, type Policy } from './checkpoint.ts';
import { leafHashOf, nodeHashOf } from './merkle.ts';
import { type Asking, type Primitives, run, webPrimitives } from './primitives.ts';
import { type LogSource, readTile } from './source.ts';
import { type Place, refuse, type Verdict } from './verdict.ts';

const WIDTH = 256;
const FULL_TILE = WIDTH * 32;

/**
 * Leaf hashes of the first `width` entries of a bundle (big-endian uint16 length prefixes); undefined: malformed, or more
 * than these unless it was `cut` from a longer one.
 */
export function* hashesOfEntries(
  bundle: Uint8Array,
  width: number,
  cut = false,
): Asking<Uint8Array[] | undefined> {
  const view = new DataView(bundle.buffer, bundle.byteOffset, bundle.length);
  const hashes: Uint8Array[] = [];
  let offset = 0;
  while (hashes.length < width) {
    if (offset + 2 > bundle.length) return undefined;
    const end = offset + 2 + view.getUint16(offset);
    if (end > bundle.length) return undefined;
    hashes.push(yield* leafHashOf(bundle.subarray(offset + 2, end)));
    offset = end;
  }
  return cut || offset === bundle.length ? hashes : undefined;
}

/** The hash over 256 hashes: the root of a full tile. */
export function* rootOfFull(hashes: readonly Uint8Array[]): Asking<Uint8Array> {
  let row = hashes;
  while (row.length > 1) {
    const above: Uint8Array[] = [];
    for (let i = 0; i < row.length; i += 2) above.push(yield* nodeHashOf(row[i]!, row[i + 1]!));
    row = above;
  }
  return row[0]!;
}

/**
 * Root of a tree from its right edge: `edge[l]` holds the hashes of level l that no full tile holds. Each is split
 * into full subtrees, and the subtrees are folded from the right (RFC 6962 §2.1).
 */
export function* rootOfEdge(edge: readonly (readonly Uint8Array[])[]): Asking<Uint8Array | undefined> {
  let root: Uint8Array | undefined;
  for (const hashes of edge) {
    let end = hashes.length;
    while (end > 0) {
      let width = 1;
      while ((end & width) === 0) width *= 2;
      const subtree = yield* rootOfFull(hashes.slice(end - width, end));
      root = root === undefined ? subtree : yield* nodeHashOf(subtree, root);
      end -= width;
    }
  }
  return root;
}

/** Rebuilds the tree tile by tile; holds at most one tile per level, whatever the size of the log. */
class Rebuild {
  readonly #source: LogSource;
  readonly #primitives: Primitives;
  readonly edge: Uint8Array[][] = [];
  readonly #full: number[] = [];

  constructor(source: LogSource, primitives: Primitives) {
    this.#source = source;
    this.#primitives = primitives;
  }

  /** Adds a hash to a level; a tile that becomes full is compared with the log's own and hashed into the next level. */
  async add(level: number, hash: Uint8Array): Promise<Place | undefined> {
    this.edge[level] ??= [];
    const row = this.edge[level];
    row.push(hash);
    if (row.length < WIDTH) return undefined;
    const differs = await this.compare(level, WIDTH);
    if (differs !== undefined) return differs;
    this.edge[level] = [];
    this.#full[level] = (this.#full[level] ?? 0) + 1;
    return this.add(level + 1, await run(rootOfFull(row), this.#primitives));
  }

  /** Where the log's own tile of a level is not what the entries give, its place. */
  async compare(level: number, width: number): Promise<(Place & { reason?: never }) | undefined> {
    const index = this.#full[level] ?? 0;
    const { path, bytes, cut } = await readTile(this.#source, level, index, width);
    const row = this.edge[level]!;
    const same = bytes?.length === (cut ? FULL_TILE : width * 32);
    if (same && row.every((hash, i) => equal(hash, bytes.subarray(i * 32, i * 32 + 32)))) return undefined;
    return { tile: path };
  }
}

export interface VerifiedLog extends CheckedCheckpoint {
  /** The checkpoint as it stands in the log. */
  note: string;
}

/** Reads and checks the checkpoint of a source. */
export async function readCheckpoint(
  source: LogSource,
  policy: Policy,
  primitives: Primitives,
): Promise<Verdict<VerifiedLog>> {
  const bytes = await source.get('checkpoint');
  if (bytes === undefined) return refuse('tile-missing', { tile: 'checkpoint' });
  const note = fromUtf8(bytes);
  if (note === undefined) return refuse('note-malformed', { tile: 'checkpoint' });
  const head = await run(checkpoint(note, policy), primitives);
  return head.ok ? { ...head, note } : refuse(head.reason, { tile: 'checkpoint' });
}

/**
 * Verifies a whole log: the checkpoint under the policy, every entry hashed, every tile of every level compared, the
 * root recomputed. Streams: one tile per level is held, so that memory does not grow with the log.
 * @param onProgress told the count of verified entries after each bundle
 */
export async function verifyWholeLog(
  source: LogSource,
  policy: Policy,
  onProgress: (done: number, of: number) => void = () => {},
  primitives: Primitives = webPrimitives,
): Promise<Verdict<VerifiedLog>> {
  const head = await readCheckpoint(source, policy, primitives);
  if (!head.ok) return head;
  const rebuild = new Rebuild(source, primitives);
  for (let start = 0; start < head.size; start += WIDTH) {
    const width = Math.min(WIDTH, head.size - start);
    const { path, bytes, cut } = await readTile(source, 'entries', start / WIDTH, width);
    if (bytes === undefined) return refuse('tile-missing', { tile: path, index: start });
    const hashes = await run(hashesOfEntries(bytes, width, cut), primitives);
    if (hashes === undefined) return refuse('entries-malformed', { tile: path, index: start });
    for (const hash of hashes) {
      const differs = await addSoon(rebuild, hash);
      if (differs !== undefined) return refuse('tile-differs', { ...differs, index: start });
    }
    onProgress(start + width, head.size);
  }
  for (let level = 0; level < rebuild.edge.length; level++) {
    const width = rebuild.edge[level]?.length ?? 0;
    const differs = width === 0 ? undefined : await rebuild.compare(level, width);
    if (differs !== undefined) return refuse('tile-differs', differs);
  }
  const root = head.size === 0 ? undefined : await run(rootOfEdge(rebuild.edge), primitives);
  const expected = root ?? (await primitives.sha256(new Uint8Array(0)));
  return equal(expected, head.root) ? head : refuse('root-differs', { tile: 'checkpoint' });
}

/** A hash that fills no tile needs no turn of the event loop. */
function addSoon(rebuild: Rebuild, hash: Uint8Array): Promise<Place | undefined> | undefined {
  rebuild.edge[0] ??= [];
  const row = rebuild.edge[0];
  if (row.length === WIDTH - 1) return rebuild.add(0, hash);
  row.push(hash);
  return undefined;
}
