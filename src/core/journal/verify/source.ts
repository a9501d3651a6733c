/** Where a log is read from: the static files of C2SP tlog-tiles under one prefix. */
export interface LogSource {
  /** The bytes of `checkpoint`, `tile/0/000`, `tile/entries/x001/234.p/17` …; undefined where there is none. */
  get(path: string): Promise<Uint8Array | undefined>;
}

type Fetch = (url: string) => Promise<{ ok: boolean; status: number; arrayBuffer(): Promise<ArrayBuffer> }>;

/** A log behind a URL prefix (no trailing slash). */
export function httpSource(prefix: string, fetch: Fetch = globalThis.fetch): LogSource {
  return {
    async get(path) {
      const response = await fetch(`${prefix}/${path}`);
      return response.ok ? new Uint8Array(await response.arrayBuffer()) : undefined;
    },
  };
}

/** Tile path of C2SP tlog-tiles "Merkle Tree"; `width` 256 is a full tile. */
export function pathOfTile(level: number | 'entries', index: number, width: number): string {
  const digits = index.toString().padStart(Math.ceil(index.toString().length / 3) * 3, '0');
  const groups = digits.match(/.{3}/g)!;
  const last = groups.pop();
  const folder = groups.map((group) => `x${group}/`).join('');
  return `tile/${level}/${folder}${last}${width < 256 ? `.p/${width}` : ''}`;
}

/** Widths of the tiles of one level in a tree of `size` leaves: full tiles, then the partial one's width (0: none). */
export function tilesOfLevel(level: number, size: number): { full: number; partial: number } {
  const hashes = Math.floor(size / 256 ** level);
  return { full: Math.floor(hashes / 256), partial: hashes % 256 };
}

/**
 * Reads a tile or entry bundle; a partial one that is gone may be cut from the full one (tlog-tiles "Partial Tiles").
 * `cut`: there is more in it than was asked for.
 */
export async function readTile(
  source: LogSource,
  level: number | 'entries',
  index: number,
  width: number,
): Promise<{ path: string; bytes: Uint8Array | undefined; cut: boolean }> {
  const path = pathOfTile(level, index, width);
  const bytes = await source.get(path);
  if (bytes !== undefined || width === 256) return { path, bytes, cut: false };
  return { path, bytes: await source.get(pathOfTile(level, index, 256)), cut: true };
}
