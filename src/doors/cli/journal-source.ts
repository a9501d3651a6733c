import { createHash, createPublicKey, verify } from 'node:crypto';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { z } from 'zod';
import type { LogSource, Policy, Primitives } from '../../core/journal/verify/index.ts';
import { SekishoError } from '../../ground/errors.ts';
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

/** What `sekisho init` decided (src/processes), as far as a verification needs it. */
const settingsSchema = z.looseObject({
  municipalities: z.array(z.looseObject({ code: z.string(), origin: z.string() })),
  log_public_key: z.base64(),
  witness: z.looseObject({ name: z.string(), public_key: z.base64() }),
});

/** A verifier key of C2SP signed-note: name, 4 bytes of hash, type and key. Type 1 is Ed25519, 4 its cosignature. */
export function verifierKey(name: string, type: 1 | 4, publicKey: Buffer): string {
  const typed = Buffer.concat([Buffer.of(type), publicKey]);
  const id = createHash('sha256').update(`${name}\n`).update(typed).digest('hex').slice(0, 8);
  return `${name}+${id}+${typed.toString('base64')}`;
}

/** The public keys of a house of one's own, by municipality. */
function trustOfSettings(data: unknown, file: string): Record<string, Trust> {
  const parsed = settingsSchema.safeParse(data);
  if (!parsed.success) throw new SekishoError('config-invalid', { file, reason: 'format' });
  const { municipalities, log_public_key, witness } = parsed.data;
  const witnessKey = verifierKey(witness.name, 4, Buffer.from(witness.public_key, 'base64'));
  return Object.fromEntries(
    municipalities.map(({ code, origin }) => [
      code,
      {
        origin,
        log_key: verifierKey(origin, 1, Buffer.from(log_public_key, 'base64')),
        witness_keys: [witnessKey],
        quorum: 1,
      },
    ]),
  );
}

async function readJsonFile(file: string): Promise<unknown> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (cause) {
    if (isMissing(cause)) throw new SekishoError('not-found', { what: 'journal-trust', file }, { cause });
    throw cause;
  }
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new SekishoError('config-invalid', { file, reason: 'not-json' }, { cause });
  }
}

/**
 * Whom a verification trusts: --trust FILE, else the keys of the house in the data folder. Never fetched from the log
 * itself: a log that names its own judges is believed by nobody.
 *
 * @param municipality picks one entry of a file for several; a file with a single one needs none
 */
export async function readTrust(
  cli: Cli,
  file: string | undefined,
  municipality?: string,
  log = 1,
): Promise<Policy> {
  const settings = join(dataFolder(cli), 'settings.json');
  const place = file === undefined ? settings : resolve(file);
  const data = await readJsonFile(place);
  const parsed = trustFileSchema.safeParse(data);
  if (parsed.success) return toPolicy(pickTrust(parsed.data, municipality, place), log);
  // A settings.json handed over with --trust is as good.
  return toPolicy(pickTrust(trustOfSettings(data, place), municipality, place), log);
}

/** As `readTrust`, for a proof that names its log: the entry with this origin. A log we hold no keys of is `not-found`. */
export async function readTrustOf(cli: Cli, file: string | undefined, origin: string): Promise<Policy> {
  const settings = join(dataFolder(cli), 'settings.json');
  const place = file === undefined ? settings : resolve(file);
  const data = await readJsonFile(place);
  const parsed = trustFileSchema.safeParse(data);
  const known = parsed.success ? parsed.data : trustOfSettings(data, place);
  const single = trustSchema.safeParse(known);
  const entries = single.success ? [single.data] : Object.values(known as Record<string, Trust>);
  const trust = entries.find((entry) => entry.origin === origin);
  if (trust === undefined) throw new SekishoError('not-found', { what: 'journal-trust', file: place });
  return toPolicy(trust);
}

/** The same trust as a file that can be given to somebody outside. */
export async function trustFile(cli: Cli): Promise<Record<string, Trust>> {
  const settings = join(dataFolder(cli), 'settings.json');
  return trustOfSettings(await readJsonFile(settings), settings);
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

/** One key signs all logs of a municipality, each under its own name: a successor's is `<origin>/2` and so on. */
function toPolicy(trust: Trust, log = 1): Policy {
  const { witness_keys: witnessKeys, quorum } = trust;
  const origin = log === 1 ? trust.origin : `${trust.origin}/${log}`;
  const key = Buffer.from(trust.log_key.split('+').slice(2).join('+'), 'base64').subarray(1);
  const logKey = log === 1 ? trust.log_key : verifierKey(origin, 1, key);
  return { origin, logKey, witnessKeys, quorum };
}

/** The municipality a log's address ends in, where it does: `data/journal/131016`, `…/journal/131016/`. */
export function municipalityOf(where: string): string | undefined {
  return /(?:^|[/\\])(\d{6})(?:[/\\]\d{1,4})?[/\\]?$/.exec(where)?.[1];
}

/** The number of the log an address or an origin ends in: `…/131016/2` is the second of its municipality. */
export const logNumberOf = (where: string): number =>
  Number(/(?:^|[/\\])\d{6}[/\\](\d{1,4})[/\\]?$/.exec(where)?.[1] ?? 1);
