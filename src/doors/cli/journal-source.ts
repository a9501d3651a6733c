import { createHash, createPublicKey, verify } from 'node:crypto';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { z } from 'zod';
import type { LogSource, Policy, Primitives } from '../../core/journal/verify/index.ts';
import { isSekishoError, SekishoError } from '../../ground/errors.ts';
import type { Cli } from './cli.ts';
import { dataFolder } from './house.ts';

const ED25519_SPKI_PREFIX = Buffer.from('302a300506032b6570032100', 'hex'); // RFC 8410 §4

/** Hash and signature check of node:crypto, synchronous: several times faster over a long log than WebCrypto. */
export const nodePrimitives: Primitives = {
  sha256: (data) => createHash('sha256').update(data).digest(),
  ed25519(publicKey, message, signature) {
    const key = createPublicKey({
      key: Buffer.concat([ED25519_SPKI_PREFIX, publicKey]),
      format: 'der',
      type: 'spki',
    });
    return verify(null, message, key, signature);
  },
};

const isMissing = (error: unknown) =>
  error instanceof Error && ['ENOENT', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '');

/** A log in a folder. */
export function folderSource(folder: string): LogSource {
  return {
    async get(path) {
      try {
        return await readFile(join(folder, path));
      } catch (error) {
        if (isMissing(error)) return undefined;
        throw error;
      }
    },
  };
}

/** A log behind a URL. Only "not there" is an answer; a server that fails must not look like a tile that is gone. */
export function urlSource(prefix: string, signal: AbortSignal): LogSource {
  const base = prefix.replace(/\/+$/, '');
  return {
    async get(path) {
      let response: Response;
      try {
        response = await fetch(`${base}/${path}`, { signal, redirect: 'error' });
      } catch (cause) {
        if (signal.aborted) throw cause;
        throw new SekishoError('unreachable', { url: base }, { cause });
      }
      if (response.status === 404) return undefined;
      if (!response.ok) throw new SekishoError('unreachable', { url: base, status: response.status });
      return new Uint8Array(await response.arrayBuffer());
    },
  };
}

/** A log in a folder or behind a URL, as typed. */
export function logSource(cli: Cli, where: string): LogSource {
  return /^https?:\/\//.test(where) ? urlSource(where, cli.signal) : folderSource(resolve(where));
}

/**
 * Reads through to `source` and keeps a copy of every file in `folder`. Held back: the checkpoint, which `finish`
 * writes last, so that a copy that was broken off never looks whole.
 */
export function copyingSource(source: LogSource, folder: string): LogSource & { finish(): Promise<number> } {
  const copied = new Set<string>();
  let checkpoint: Uint8Array | undefined;
  const store = async (path: string, bytes: Uint8Array) => {
    const file = join(folder, path);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(`${file}.part`, bytes);
    await rename(`${file}.part`, file);
    copied.add(path);
  };
  return {
    async get(path) {
      const bytes = await source.get(path);
      if (bytes === undefined) return undefined;
      if (path === 'checkpoint') checkpoint = bytes;
      else await store(path, bytes);
      return bytes;
    },
    async finish() {
      if (checkpoint !== undefined) await store('checkpoint', checkpoint);
      return copied.size;
    },
  };
}

const trustSchema = z.strictObject({
  origin: z.string().min(1),
  log_key: z.string().min(1),
  witness_keys: z.array(z.string()),
  quorum: z.int().min(0),
});
const trustFileSchema = z.union([trustSchema, z.record(z.string().regex(/^\d{6}$/), trustSchema)]);
type Trust = z.infer<typeof trustSchema>;

/**
 * Whom a verification trusts: --trust FILE, else `journal-trust.json` of the data folder, which holds the public keys
 * of each municipality's log and witnesses. Never fetched from the log itself: a log that names its own judges is
 * believed by nobody.
 *
 * @param municipality picks one entry of a file for several; a file with a single one needs none
 */
export async function readTrust(cli: Cli, file: string | undefined, municipality?: string): Promise<Policy> {
  const place = resolve(file ?? join(dataFolder(cli), 'journal-trust.json'));
  let data: unknown;
  try {
    data = JSON.parse(await readFile(place, 'utf8'));
  } catch (cause) {
    if (isMissing(cause))
      throw new SekishoError('not-found', { what: 'journal-trust', file: place }, { cause });
    if (isSekishoError(cause)) throw cause;
    throw new SekishoError('config-invalid', { file: place, reason: 'not-json' }, { cause });
  }
  const parsed = trustFileSchema.safeParse(data);
  if (!parsed.success) throw new SekishoError('config-invalid', { file: place, reason: 'format' });
  return toPolicy(pickTrust(parsed.data, municipality, place));
}

function pickTrust(
  data: z.infer<typeof trustFileSchema>,
  municipality: string | undefined,
  file: string,
): Trust {
  if (trustSchema.safeParse(data).success) return data as Trust;
  const entries = data as Record<string, Trust>;
  const codes = Object.keys(entries);
  const code = municipality ?? (codes.length === 1 ? codes[0] : undefined);
  const trust = code !== undefined && Object.hasOwn(entries, code) ? entries[code] : undefined;
  if (trust === undefined) throw new SekishoError('not-found', { what: 'journal-trust', file });
  return trust;
}

function toPolicy(trust: Trust): Policy {
  const { origin, log_key: logKey, witness_keys: witnessKeys, quorum } = trust;
  return { origin, logKey, witnessKeys, quorum };
}

/** The municipality a log's address ends in, where it does: `data/journal/131016`, `…/journal/131016/`. */
export function municipalityOf(where: string): string | undefined {
  return /(?:^|[/\\])(\d{6})[/\\]?$/.exec(where)?.[1];
}
