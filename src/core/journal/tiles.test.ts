import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeEntries, encodeEntries, entriesPath, fullTiles, partialWidth, tilePath } from './tiles.ts';
import { pathOfTile, tilesOfLevel } from './verify/index.ts';

const vectors = JSON.parse(readFileSync(new URL('vectors/tile-paths.json', import.meta.url), 'utf8')) as {
  paths: { level: number | 'entries'; index: number; width: number; path: string }[];
};

describe('tile paths (C2SP tlog-tiles)', () => {
  it.each(vectors.paths)('$path', ({ level, index, width, path }) => {
    const ours = level === 'entries' ? entriesPath(index, width) : tilePath(level, index, width);
    expect(ours).toBe(path);
    expect(pathOfTile(level, index, width)).toBe(path);
  });

  it('are the same for writer and checker', () => {
    fc.assert(
      fc.property(fc.nat({ max: 2 ** 40 }), fc.integer({ min: 0, max: 7 }), (index, level) => {
        expect(pathOfTile(level, index, 256)).toBe(tilePath(level, index, 256));
      }),
    );
  });
});

describe('the tree of 70,000 leaves, the example of the specification', () => {
  it('has 273 full level 0 tiles and one of width 112, one full level 1 tile and one of 17, one level 2 tile of 1', () => {
    const shape = [0, 1, 2, 3].map((level) => [fullTiles(level, 70_000), partialWidth(level, 70_000)]);
    expect(shape).toEqual([
      [273, 112],
      [1, 17],
      [0, 1],
      [0, 0],
    ]);
    expect([0, 1, 2, 3].map((level) => Object.values(tilesOfLevel(level, 70_000)))).toEqual(shape);
  });

  it('at 256 is one full level 0 tile and a level 1 tile of width 1', () => {
    expect([partialWidth(0, 256), fullTiles(0, 256), partialWidth(1, 256)]).toEqual([0, 1, 1]);
  });
});

describe('entry bundles', () => {
  it('come back as they went in', () => {
    const entries = fc.array(fc.uint8Array({ maxLength: 300 }), { maxLength: 256 });
    fc.assert(
      fc.property(entries, (list) => {
        expect(decodeEntries(encodeEntries(list)).map((e) => new Uint8Array(e))).toEqual(list);
      }),
    );
  });

  it('refuse an entry beyond uint16', () => {
    expect(() => encodeEntries([Buffer.alloc(65_536)])).toThrow(/too-large/);
    expect(encodeEntries([Buffer.alloc(65_535)]).length).toBe(65_537);
  });

  it('refuse to be cut anywhere inside an entry', () => {
    const bundle = encodeEntries([Buffer.from('one'), Buffer.from('second')]);
    for (const end of [1, 3, 6, 7, bundle.length - 1])
      expect(() => decodeEntries(bundle.subarray(0, end))).toThrow(/proof-invalid/);
    expect(decodeEntries(bundle.subarray(0, 5))).toHaveLength(1);
  });

  it('never throw anything else on garbage', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 600 }), (bytes) => {
        try {
          decodeEntries(Buffer.from(bytes));
        } catch (error) {
          expect(error).toMatchObject({ kind: 'proof-invalid' });
        }
      }),
    );
  });
});
