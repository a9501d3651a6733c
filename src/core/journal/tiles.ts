import { SekishoError } from '../../ground/errors.ts';
import { HASH_BYTES } from './merkle.ts';

/** C2SP tlog-tiles: which files hold a tree, and what stands in them. */
export const TILE_WIDTH = 256;
export const FULL_TILE_BYTES = TILE_WIDTH * HASH_BYTES;

/** `1234067` → `x001/x234/067` (tlog-tiles "Merkle Tree"). */
export function indexPath(index: number): string {
  const groups: string[] = [];
  let rest = index;
  do {
    const group = String(rest % 1000).padStart(3, '0');
    groups.unshift(groups.length === 0 ? group : `x${group}`);
    rest = Math.floor(rest / 1000);
  } while (rest > 0);
  return groups.join('/');
}

const suffix = (width: number) => (width === TILE_WIDTH ? '' : `.p/${width}`);

/** Path of a hash tile; `width` 1–256, 256 is the full tile. */
export function tilePath(level: number, index: number, width: number): string {
  return `tile/${level}/${indexPath(index)}${suffix(width)}`;
}

/** Path of an entry bundle. */
export function entriesPath(index: number, width: number): string {
  return `tile/entries/${indexPath(index)}${suffix(width)}`;
}

/** Width of the partial tile of a level in a tree of `size` leaves (tlog-tiles "Partial Tiles"); 0: none. */
export function partialWidth(level: number, size: number): number {
  return Math.floor(size / TILE_WIDTH ** level) % TILE_WIDTH;
}

/** Count of full tiles of a level. */
export function fullTiles(level: number, size: number): number {
  return Math.floor(size / TILE_WIDTH ** (level + 1));
}

/** An entry bundle: big-endian uint16 length before each entry (tlog-tiles "Log entries"). */
export function encodeEntries(entries: readonly Uint8Array[]): Buffer {
  const bundle = Buffer.allocUnsafe(entries.reduce((sum, entry) => sum + 2 + entry.length, 0));
  let offset = 0;
  for (const entry of entries) {
    if (entry.length > 0xffff) throw new SekishoError('too-large', { what: 'log-entry', max: 0xffff });
    offset = bundle.writeUInt16BE(entry.length, offset);
    bundle.set(entry, offset);
    offset += entry.length;
  }
  return bundle;
}

/** The bundle of entries that are one version byte and a commitment of 32 bytes; the hot path of `encodeEntries`. */
export function encodeCommitments(commitments: readonly Buffer[], version: number): Buffer {
  const bundle = Buffer.allocUnsafe(commitments.length * (3 + HASH_BYTES));
  let offset = 0;
  for (const commitment of commitments) {
    bundle[offset] = 0;
    bundle[offset + 1] = 1 + HASH_BYTES;
    bundle[offset + 2] = version;
    commitment.copy(bundle, offset + 3);
    offset += 3 + HASH_BYTES;
  }
  return bundle;
}

/** Takes a bundle apart; `proof-invalid` where it is cut short. */
export function decodeEntries(bundle: Buffer): Buffer[] {
  const entries: Buffer[] = [];
  let offset = 0;
  while (offset < bundle.length) {
    const start = offset + 2;
    const end = start <= bundle.length ? start + bundle.readUInt16BE(offset) : Number.POSITIVE_INFINITY;
    if (end > bundle.length) throw new SekishoError('proof-invalid', { what: 'entry-bundle', offset });
    entries.push(bundle.subarray(start, end));
    offset = end;
  }
  return entries;
}
