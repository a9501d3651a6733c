import { beforeAll, describe, expect, it } from 'vitest';
import { signCheckpoint } from '../checkpoint.ts';
import { nodePrimitives } from '../folder-source.ts';
import { emptyRoot, leafHashOf } from '../merkle.ts';
import { logVerifierKey } from '../note.ts';
import { stagedSigner } from '../staging.fixture.ts';
import { encodeEntries, entriesPath, fullTiles, tilePath } from '../tiles.ts';
import { HashTree } from '../tree.ts';
import { type LogSource, verifyLog, webPrimitives } from './index.ts';

const SIZE = 66_000; // two full level 1 edges: a full level 1 tile, partial tiles on levels 0, 1, 2
const log = stagedSigner('journal.example/131016');
const policy = { origin: log.name, logKey: logVerifierKey(log), witnessKeys: [], quorum: 0 };

/** A log as the map of its files. */
async function files(size: number, entry = (i: number) => Buffer.from(`entry ${i}`)) {
  const map = new Map<string, Buffer>();
  const tree = new HashTree(async () => Buffer.alloc(0), 0);
  let bundle: Buffer[] = [];
  for (let i = 0; i < size; i++) {
    bundle.push(entry(i));
    tree.append(leafHashOf(entry(i)));
    for (const { level, index, tile } of tree.takeFull()) map.set(tilePath(level, index, 256), tile.bytes());
    if (bundle.length < 256) continue;
    map.set(entriesPath((i + 1) / 256 - 1, 256), encodeEntries(bundle));
    bundle = [];
  }
  if (bundle.length > 0) map.set(entriesPath(Math.floor(size / 256), bundle.length), encodeEntries(bundle));
  for (const [level, tile] of tree.partials().entries())
    if (tile.width > 0) map.set(tilePath(level, fullTiles(level, size), tile.width), tile.bytes());
  const head = await signCheckpoint({ origin: log.name, size, root: await tree.rootAt(size) }, log);
  map.set('checkpoint', Buffer.from(head.note));
  return map;
}

const source = (
  map: ReadonlyMap<string, Buffer>,
  change: Record<string, Buffer | undefined> = {},
): LogSource => ({
  get: async (path) => (path in change ? change[path] : map.get(path)),
});

let good: Map<string, Buffer>;
const verify = (change: Record<string, Buffer | undefined> = {}) =>
  verifyLog(source(good, change), policy, undefined, nodePrimitives);
const flipped = (path: string, at: number) => {
  const bytes = Buffer.from(good.get(path)!);
  bytes[at]! ^= 1;
  return { [path]: bytes };
};

beforeAll(async () => {
  good = await files(SIZE);
});

describe('verifyLog', () => {
  it('accepts a whole log and tells its progress', async () => {
    const seen: number[] = [];
    const verdict = await verifyLog(source(good), policy, (done) => seen.push(done), nodePrimitives);
    expect(verdict).toMatchObject({ ok: true, size: SIZE, origin: log.name });
    expect(seen.length).toBe(Math.ceil(SIZE / 256));
    expect(seen.at(-1)).toBe(SIZE);
  });

  it.each([0, 1, 2, 255, 256, 257, 511, 512, 513])('accepts a log of %d lines', async (size) => {
    const verdict = await verifyLog(source(await files(size)), policy, undefined, nodePrimitives);
    expect(verdict).toMatchObject({ ok: true, size });
    if (size === 0) expect(verdict).toMatchObject({ root: new Uint8Array(emptyRoot) });
  });

  it('accepts with WebCrypto what it accepts with Node', async () => {
    expect(await verifyLog(source(await files(300)), policy, undefined, webPrimitives)).toMatchObject({
      ok: true,
    });
  });

  it('asks for no file it does not need and holds on to none', async () => {
    const asked = new Map<string, number>();
    const counting: LogSource = {
      get: async (path) => {
        asked.set(path, (asked.get(path) ?? 0) + 1);
        return good.get(path);
      },
    };
    await verifyLog(counting, policy, undefined, nodePrimitives);
    expect(new Set(asked.keys())).toEqual(new Set(good.keys()));
    expect(Math.max(...asked.values())).toBe(1);
  });

  it('reads a partial tile from the full one where that is all there is', async () => {
    const small = await files(300);
    const wider = await files(512);
    const partial = entriesPath(1, 44);
    const change = { [partial]: undefined, [entriesPath(1, 256)]: wider.get(entriesPath(1, 256)) };
    expect(await verifyLog(source(small, change), policy, undefined, nodePrimitives)).toMatchObject({
      ok: true,
    });
  });
});

describe('verifyLog on a log that was tampered with', () => {
  it('one flipped bit in an entry', async () => {
    const path = entriesPath(100, 256);
    expect(await verify(flipped(path, 50))).toMatchObject({
      ok: false,
      reason: 'tile-differs',
      place: { tile: 'tile/0/100' },
    });
  });

  it.each([
    [tilePath(0, 7, 256), 8191],
    [tilePath(0, 257, 208), 3],
    [tilePath(1, 0, 256), 100],
    [tilePath(1, 1, 1), 0],
    [tilePath(2, 0, 1), 31],
  ])('one flipped bit in %s', async (path, at) => {
    expect(await verify(flipped(path, at))).toMatchObject({
      ok: false,
      reason: 'tile-differs',
      place: { tile: path },
    });
  });

  it('a truncated tile', async () => {
    for (const path of [tilePath(0, 7, 256), tilePath(1, 0, 256)]) {
      const change = { [path]: good.get(path)!.subarray(0, -1) };
      expect(await verify(change)).toMatchObject({
        ok: false,
        reason: 'tile-differs',
        place: { tile: path },
      });
    }
  });

  it('a truncated entry bundle', async () => {
    const path = entriesPath(3, 256);
    const verdict = await verify({ [path]: good.get(path)!.subarray(0, -1) });
    expect(verdict).toMatchObject({
      ok: false,
      reason: 'entries-malformed',
      place: { tile: path, index: 768 },
    });
  });

  it('a missing tile, bundle, checkpoint', async () => {
    expect(await verify({ [tilePath(0, 9, 256)]: undefined })).toMatchObject({ reason: 'tile-differs' });
    expect(await verify({ [entriesPath(9, 256)]: undefined })).toMatchObject({ reason: 'tile-missing' });
    expect(await verify({ checkpoint: undefined })).toMatchObject({ reason: 'tile-missing' });
  });

  it('entries and tiles changed together', async () => {
    const other = await files(SIZE, (i) => Buffer.from(i === 40_000 ? 'doctored' : `entry ${i}`));
    const map = new Map([...other, ['checkpoint', good.get('checkpoint')!]]);
    expect(await verifyLog(source(map), policy, undefined, nodePrimitives)).toMatchObject({
      ...{ ok: false, reason: 'root-differs' },
    });
  });

  it('two lines swapped', async () => {
    const path = entriesPath(0, 256);
    const entries = Array.from({ length: 256 }, (_, i) => Buffer.from(`entry ${i < 2 ? 1 - i : i}`));
    expect(await verify({ [path]: encodeEntries(entries) })).toMatchObject({ reason: 'tile-differs' });
  });

  it('a checkpoint of another key', async () => {
    const other = await signCheckpoint(
      { origin: log.name, size: 0, root: emptyRoot },
      stagedSigner(log.name, 'x'),
    );
    expect(await verify({ checkpoint: Buffer.from(other.note) })).toMatchObject({
      reason: 'signature-missing',
    });
  });

  it('a checkpoint that is no text', async () => {
    expect(await verify({ checkpoint: Buffer.from([0xff, 0xfe]) })).toMatchObject({
      reason: 'note-malformed',
    });
  });
});
