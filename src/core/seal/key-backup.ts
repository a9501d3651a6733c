import { createHash, type Hash, timingSafeEqual } from 'node:crypto';
import type { FileHandle } from 'node:fs/promises';
import type pg from 'pg';
import { z } from 'zod';
import type { Clock } from '../../ground/clock.ts';
import { inTransaction } from '../../ground/database/index.ts';
import { SekishoError } from '../../ground/errors.ts';
import type { PersonId } from '../../ground/ids.ts';
import { openPrivateFile, PrivateFileWriter } from '../../ground/private-file.ts';
import type { KeyStore } from './key-store.ts';
import { type Erasure, eraseRows, lockForErasing } from './person-key-rows.ts';

/**
 * A backup of keys undoes erasures for as long as it exists, so it lives shortly: at most 35 days, a monthly cycle
 * with some grace. Backups of the ciphertext may live as long as the law asks.
 */
export const keyBackupMaximumMs = 35 * 86_400_000;

export interface KeyBackup {
  readonly file: string;
  readonly keys: number;
  readonly erasures: number;
  /** Milliseconds since 1970. */
  readonly expiresAt: number;
}

const macName = 'key-backup';
const pageRows = 2_000;

const uuid = z.uuid();
const lineSchema = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('head'),
    format: z.literal('sekisho-key-backup/v1'),
    created_at_ms: z.number().int(),
    expires_at_ms: z.number().int(),
  }),
  z.strictObject({
    kind: z.literal('key'),
    person_id: uuid,
    key_version: z.number().int().min(1),
    shard: z.number().int().min(0),
    wrapped: z.base64(),
    created_at: z.string(),
  }),
  z.strictObject({
    kind: z.literal('erasure'),
    person_id: uuid,
    line_index: z.number().int().min(0).nullable(),
  }),
  z.strictObject({ kind: z.literal('end'), mac: z.base64() }),
]);
type Line = z.infer<typeof lineSchema>;
type KeyLine = Extract<Line, { kind: 'key' }>;

/**
 * Writes the wrapped keys and the erasures as of one moment: JSON lines, mode 0600, closed by an HMAC under the key
 * store, so that neither a key nor the day of expiry can be changed. Memory does not grow with the table.
 * @throws bad-input when it would expire in the past or after {@link keyBackupMaximumMs}; already-exists; disk-full
 */
export async function exportKeys(
  pool: pg.Pool,
  store: KeyStore,
  clock: Clock,
  file: string,
  expiresAt: number,
): Promise<KeyBackup> {
  const now = clock.now();
  if (!(expiresAt > now && expiresAt - now <= keyBackupMaximumMs)) {
    throw new SekishoError('bad-input', { what: 'expires-at', maximumDays: keyBackupMaximumMs / 86_400_000 });
  }
  const writer = await PrivateFileWriter.open(file);
  try {
    const digest = createHash('sha256');
    const counts = { key: 0, erasure: 0, head: 0, end: 0 };
    const put = async (lines: readonly Line[]) => {
      const text = lines.map((line) => `${JSON.stringify(line)}\n`).join('');
      for (const line of lines) counts[line.kind]++;
      digest.update(text);
      await writer.write(text);
    };
    const head = { kind: 'head', format: 'sekisho-key-backup/v1', created_at_ms: now } as const;
    await put([{ ...head, expires_at_ms: expiresAt }]);
    await inTransaction(pool, async (tx) => {
      await tx.query('SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY');
      for await (const page of keyPages(tx)) await put(page);
      for await (const page of erasurePages(tx)) await put(page);
    });
    const mac = await store.mac(macName, digest.digest());
    await writer.write(`${JSON.stringify({ kind: 'end', mac: mac.toString('base64') } satisfies Line)}\n`);
    await writer.commit(false);
    return { file, keys: counts.key, erasures: counts.erasure, expiresAt };
  } catch (error) {
    await writer.abort();
    throw error;
  }
}

async function* keyPages(tx: pg.PoolClient): AsyncGenerator<KeyLine[]> {
  let after: [string, number] = ['00000000-0000-0000-0000-000000000000', 0];
  for (;;) {
    const { rows } = await tx.query<Omit<KeyLine, 'kind'>>(
      `SELECT person_id, key_version, shard, translate(encode(wrapped, 'base64'), E'\\n', '') AS wrapped,
          to_json(created_at)#>>'{}' AS created_at
        FROM keys.person_key WHERE (person_id, key_version) > ($1::uuid, $2::int)
        ORDER BY person_id, key_version LIMIT ${pageRows}`,
      after,
    );
    const last = rows.at(-1);
    if (last === undefined) return;
    yield rows.map((row) => ({ kind: 'key', ...row }));
    after = [last.person_id, last.key_version];
  }
}

async function* erasurePages(tx: pg.PoolClient): AsyncGenerator<Line[]> {
  let after = '00000000-0000-0000-0000-000000000000';
  for (;;) {
    const { rows } = await tx.query<{ person_id: string; line_index: string | null }>(
      `SELECT person_id, line_index FROM keys.erasure WHERE person_id > $1 ORDER BY person_id LIMIT ${pageRows}`,
      [after],
    );
    const last = rows.at(-1);
    if (last === undefined) return;
    yield rows.map(({ person_id, line_index }) => ({
      kind: 'erasure',
      person_id,
      line_index: line_index === null ? null : Number(line_index),
    }));
    after = last.person_id;
  }
}

/**
 * Brings a backup's keys back. The whole file is checked first; then keys, the file's own erasures and the journal's
 * go in as ONE transaction, so that no key of an erased person can be served even for a moment. Keys that are there
 * already stay as they are.
 * @param erasures all erasures that the journal holds; an empty list says that there were none
 * @throws keystore-unsafe {reason: 'expired'}, seal-broken (changed, cut short, another store's), keystore-missing
 */
export async function importKeys(
  pool: pg.Pool,
  store: KeyStore,
  clock: Clock,
  file: string,
  erasures: readonly Erasure[],
): Promise<{ keys: number; erased: number }> {
  const handle = await openPrivateFile(file, 'key-backup');
  try {
    const head = await checkBackup(handle, store);
    if (clock.now() >= head.expires_at_ms) {
      throw new SekishoError('keystore-unsafe', { reason: 'expired', what: 'key-backup', file });
    }
    return await inTransaction(pool, async (tx) => {
      await lockForErasing(tx);
      let keys = 0;
      let erased = 0;
      for await (const batch of batches(handle)) {
        keys += await insertKeys(tx, batch);
        const own = batch.filter((line) => line.kind === 'erasure');
        const list = own.map((line) => ({ person: line.person_id as PersonId, lineIndex: line.line_index }));
        if (list.length > 0) erased += await eraseRows(tx, list, clock.now());
      }
      erased += await eraseRows(tx, erasures, clock.now());
      erased += await eraseKnown(tx);
      return { keys, erased };
    });
  } finally {
    await handle.close();
  }
}

/** Persons that this database itself, surviving the loss, knows to be erased. */
async function eraseKnown(tx: pg.PoolClient): Promise<number> {
  const { rows } = await tx.query<{ person_id: string }>(
    'DELETE FROM keys.person_key WHERE person_id IN (SELECT person_id FROM keys.erasure) RETURNING person_id',
  );
  return new Set(rows.map((row) => row.person_id)).size;
}

async function insertKeys(tx: pg.PoolClient, lines: readonly Line[]): Promise<number> {
  const keys = lines.filter((line) => line.kind === 'key');
  if (keys.length === 0) return 0;
  const { rowCount } = await tx.query(
    `INSERT INTO keys.person_key (person_id, key_version, shard, wrapped, created_at)
      SELECT person_id, key_version, shard, decode(wrapped, 'base64'), created_at
      FROM unnest($1::uuid[], $2::int[], $3::int[], $4::text[], $5::timestamptz[])
        AS backup (person_id, key_version, shard, wrapped, created_at)
      ON CONFLICT (person_id, key_version) DO NOTHING`,
    [
      keys.map((key) => key.person_id),
      keys.map((key) => key.key_version),
      keys.map((key) => key.shard),
      keys.map((key) => key.wrapped),
      keys.map((key) => key.created_at),
    ],
  );
  return rowCount ?? 0;
}

/** First pass: the HMAC over all lines, so that the second pass reads only what we wrote. */
async function checkBackup(handle: FileHandle, store: KeyStore): Promise<Extract<Line, { kind: 'head' }>> {
  const broken = (reason: string) => new SekishoError('seal-broken', { what: 'key-backup', reason });
  const digest: Hash = createHash('sha256');
  let head: Line | undefined;
  let end: string | undefined;
  for await (const text of textLines(handle)) {
    if (end !== undefined) throw broken('after-end');
    if (text.startsWith('{"kind":"end"')) end = text;
    else digest.update(`${text}\n`);
    head ??= parseLine(text);
  }
  if (head === undefined || head.kind !== 'head') throw broken('head');
  if (end === undefined) throw broken('cut-short');
  const last = parseLine(end);
  const mac = last.kind === 'end' ? Buffer.from(last.mac, 'base64') : Buffer.alloc(0);
  const expected = await store.mac(macName, digest.digest());
  if (mac.length !== expected.length || !timingSafeEqual(mac, expected)) throw broken('mac');
  return head;
}

function parseLine(text: string): Line {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new SekishoError('seal-broken', { what: 'key-backup', reason: 'not-json' });
  }
  const parsed = lineSchema.safeParse(value);
  if (!parsed.success) throw new SekishoError('seal-broken', { what: 'key-backup', reason: 'form' });
  return parsed.data;
}

async function* batches(handle: FileHandle): AsyncGenerator<Line[]> {
  let batch: Line[] = [];
  for await (const text of textLines(handle)) {
    batch.push(parseLine(text));
    if (batch.length === pageRows) {
      yield batch;
      batch = [];
    }
  }
  if (batch.length > 0) yield batch;
}

/** Reads the open file from its start; it stays open for another pass. */
async function* textLines(handle: FileHandle): AsyncGenerator<string> {
  const stream = handle.createReadStream({ start: 0, autoClose: false, encoding: 'utf8' });
  let rest = '';
  for await (const chunk of stream) {
    const lines = (rest + chunk).split('\n');
    rest = lines.pop() ?? '';
    yield* lines;
  }
  if (rest !== '') yield rest;
}
