import type pg from 'pg';
import { isSekishoError, SekishoError } from '../../ground/errors.ts';
import { ownCheckpoint, type SignedHead } from './checkpoint.ts';
import { leafHashOfCommitment } from './leaf.ts';
import type { Mirror } from './mirror.ts';
import type { NoteSigner } from './note.ts';
import type { Store } from './store.ts';
import { TILE_WIDTH } from './tiles.ts';
import { HashTree } from './tree.ts';
import type { Witness } from './witnesses.ts';

/** Rows before the signed head that are compared with the mirror at each opening; the whole is `verify`'s work. */
const COMPARED_ROWS = 4_096;
const CHUNK = 4_096;

export interface RecoveryOptions {
  origin: string;
  signer: NoteSigner;
  store: Store;
  pool: pg.Pool;
  mirror: Mirror;
  witnesses: readonly Witness[];
  quorum: number;
}

export interface WitnessedHead {
  witness: string;
  head: SignedHead | undefined;
}

/** What the last checkpoints of a log are, as far as anybody remembers. */
export interface Heads {
  /** In the database. */
  stored: SignedHead | undefined;
  /** In the mirror. */
  mirrored: SignedHead | undefined;
  published: SignedHead | undefined;
  witnessed: WitnessedHead[];
}

const larger = (a: SignedHead | undefined, b: SignedHead | undefined) =>
  a === undefined || (b !== undefined && b.size > a.size) ? b : a;

/**
 * Asks every witness for its latest checkpoint of this log. Fewer answers than the quorum: `unreachable`, for a log
 * restored from a backup must not sign before it has heard what was signed already.
 */
export async function readHeads(o: RecoveryOptions): Promise<Heads> {
  const own = (note: string | undefined) => note && ownCheckpoint(note, o.origin, o.signer);
  const stored = own(await o.store.head(o.pool)) || undefined;
  const mirrored = own(await o.mirror.signed()) || undefined;
  const published = own(await o.mirror.published()) || undefined;
  const asked = await Promise.allSettled(
    o.witnesses.map(async (witness) => ({
      witness: witness.name,
      head: own(await latestOf(witness, o.origin, larger(stored, mirrored))) || undefined,
    })),
  );
  const witnessed = asked.flatMap((answer) => (answer.status === 'fulfilled' ? [answer.value] : []));
  if (witnessed.length < Math.min(o.quorum, o.witnesses.length)) {
    const failed = asked.find((answer) => answer.status === 'rejected');
    if (failed !== undefined && !isSekishoError(failed.reason, 'unreachable')) throw failed.reason;
    throw new SekishoError(
      'unreachable',
      { what: 'witness', answered: witnessed.length, needed: o.quorum },
      { cause: failed?.reason },
    );
  }
  return { stored, mirrored, published, witnessed };
}

/** A witness that serves no checkpoint (tlog-witness "Monitor Retrieval" is a SHOULD) is asked with our own last one. */
async function latestOf(
  witness: Witness,
  origin: string,
  last: SignedHead | undefined,
): Promise<string | undefined> {
  const note = await witness.latest(origin);
  if (note !== undefined || last === undefined) return note;
  const answer = await witness.addCheckpoint(last.size, [], last.note);
  switch (answer.outcome) {
    case 'cosigned':
      return last.note;
    case 'conflict':
      if (answer.size > last.size)
        throw new SekishoError('log-behind-witness', { witness: witness.name, witnessed: answer.size });
      return undefined;
    case 'inconsistent':
      throw new SekishoError('log-forked', { witness: witness.name, size: last.size });
    default:
      throw new SekishoError('unreachable', { what: 'witness', witness: witness.name });
  }
}

/** The largest head anybody remembers. */
export function largestHead(heads: Heads): SignedHead | undefined {
  return [heads.stored, heads.mirrored, heads.published, ...heads.witnessed.map(({ head }) => head)].reduce(
    larger,
    undefined,
  );
}

/** `log-behind-witness` where a witness, the mirror or the database's own head knows more lines than the database has. */
export function assertNotBehind(heads: Heads, durable: number): void {
  const claims: [string, SignedHead | undefined][] = [
    ...heads.witnessed.map(({ witness, head }): [string, SignedHead | undefined] => [witness, head]),
    ['mirror', larger(heads.mirrored, heads.published)],
    ['database', heads.stored],
  ];
  for (const [by, head] of claims) {
    if (head !== undefined && head.size > durable)
      throw new SekishoError('log-behind-witness', { by, witnessed: head.size, durable });
  }
}

/**
 * The tree that everything remembered agrees on, ready to go on: at the size of the largest head. Built from the
 * mirror's right edge, or, where that is damaged, from the rows, and the mirror written anew. `log-forked` where a
 * remembered root differs.
 */
export async function rebuildTree(o: RecoveryOptions, heads: Heads): Promise<HashTree> {
  const base = larger(heads.stored, larger(heads.mirrored, heads.published));
  const target = largestHead(heads)?.size ?? 0;
  const tree =
    (await fromMirror(o.mirror, base)) ?? (await fromRows(o, 0, new HashTree(loader(o.mirror)), target));
  if (tree.size < target) await fromRows(o, tree.size, tree, target);
  const all = [heads.stored, heads.mirrored, heads.published, ...heads.witnessed.map(({ head }) => head)];
  for (const head of all) {
    if (head !== undefined && !(await tree.rootAt(head.size)).equals(head.root))
      throw new SekishoError('log-forked', { reason: 'root-differs', size: head.size });
  }
  await compareRows(o, Math.max(0, tree.size - COMPARED_ROWS), tree.size);
  return tree;
}

const loader = (mirror: Mirror) => (level: number, index: number) => mirror.fullTile(level, index);

async function fromMirror(mirror: Mirror, base: SignedHead | undefined): Promise<HashTree | undefined> {
  const tree = new HashTree(loader(mirror));
  if (base === undefined) {
    await mirror.resume(0);
    return tree;
  }
  const edge = await mirror.edge(base.size);
  if (edge === undefined) return undefined;
  try {
    tree.restore(base.size, edge);
    if (!(await tree.rootAt(base.size)).equals(base.root)) return undefined;
    await mirror.resume(base.size);
    return tree;
  } catch (error) {
    if (isSekishoError(error, 'proof-invalid')) return undefined;
    throw error;
  }
}

async function fromRows(o: RecoveryOptions, from: number, tree: HashTree, to: number): Promise<HashTree> {
  if (from === 0) await o.mirror.resume(0);
  for (let first = from; first < to; first += CHUNK) {
    const rows = await o.store.rows(o.pool, first, Math.min(to, first + CHUNK));
    for (const row of rows) tree.append(leafHashOfCommitment(row.commitment));
    await o.mirror.write(first, rows, tree);
  }
  return tree;
}

/** Holds rows [from, to) against the mirror's entries; `log-forked` names the first that differs or is missing. */
export async function compareRows(o: RecoveryOptions, from: number, to: number): Promise<void> {
  for (let start = Math.floor(from / TILE_WIDTH) * TILE_WIDTH; start < to; start += TILE_WIDTH) {
    const width = Math.min(TILE_WIDTH, to - start);
    const mirrored = await o.mirror.commitments(start / TILE_WIDTH, width);
    const rows = await o.store.rows(o.pool, start, start + width);
    const differs = rows.findIndex((row, i) => !row.commitment.equals(mirrored[i]!));
    if (differs >= 0) throw new SekishoError('log-forked', { reason: 'row-differs', index: start + differs });
  }
}

/** Hashes the mirror's entries anew; `proof-invalid` where they do not give the signed root. */
async function assertEntries(mirror: Mirror, head: SignedHead): Promise<void> {
  const tree = new HashTree(loader(mirror), 0);
  for await (const leafHash of mirror.leafHashes(head.size)) {
    tree.append(leafHash);
    tree.takeFull();
  }
  if (!(await tree.rootAt(head.size)).equals(head.root))
    throw new SekishoError('proof-invalid', { what: 'mirror-entries', size: head.size });
}

/**
 * Writes rows that the database lost back from the mirror, after the mirror has been held against its signed head,
 * the witnesses and the rows that are left. Gives the range. `log-behind-witness` where the mirror lacks them too.
 */
export async function restoreRows(
  o: RecoveryOptions,
  heads: Heads,
  client: pg.PoolClient,
): Promise<{ from: number; to: number }> {
  const from = await o.store.size(client);
  const base = larger(heads.mirrored, heads.published);
  const to = largestHead(heads)?.size ?? 0;
  if (from >= to) return { from, to: from };
  const tree = await fromMirror(o.mirror, base);
  if (tree === undefined || base === undefined || base.size < to)
    throw new SekishoError('log-behind-witness', { by: 'mirror', witnessed: to, durable: base?.size ?? 0 });
  for (const { head, witness } of heads.witnessed) {
    if (head !== undefined && !(await tree.rootAt(head.size)).equals(head.root))
      throw new SekishoError('log-forked', { reason: 'root-differs', witness, size: head.size });
  }
  await compareRows(o, Math.max(0, from - COMPARED_ROWS), from);
  await assertEntries(o.mirror, base);
  let chunk: Parameters<Store['restore']>[2][number][] = [];
  let first = from;
  const put = async () => {
    if (chunk.length > 0) await o.store.restore(client, first, chunk);
    first += chunk.length;
    chunk = [];
  };
  for await (const row of o.mirror.rows(from, to)) {
    chunk.push(row);
    if (chunk.length >= CHUNK) await put();
  }
  await put();
  return { from, to };
}
