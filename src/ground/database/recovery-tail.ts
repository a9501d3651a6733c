import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { isSekishoError, SekishoError } from '../errors.ts';
import { type EmbeddedServer, startEmbedded } from './embedded.ts';
import { embeddedOptions, type Plan } from './recovery-plan.ts';
import { parseSegment } from './recovery-wal.ts';

/** What the old cluster still had to give: all of it, segments to copy by hand, or nothing, for it is lost. */
export type Tail =
  | { kind: 'archived' }
  | { kind: 'files'; folder: string; names: Set<string> }
  | { kind: 'lost' };

/**
 * Starts the old cluster once more, so that its last WAL gets into the archive, with a commit after the moment asked
 * for: replay that does not meet it has not seen everything. A cluster that does not start gives its files.
 */
export async function flushTail(plan: Plan): Promise<Tail> {
  const { o, archive, home, base } = plan;
  const cluster = join(home, 'cluster');
  if (!existsSync(cluster)) return { kind: 'lost' };
  try {
    const server = await startEmbedded({
      ...embeddedOptions(o),
      folder: o.folder,
      archive: { folder: archive },
    });
    try {
      await o.withOld?.(server);
      await commitAndArchive(server, archive);
    } finally {
      await server.stop();
    }
    return { kind: 'archived' };
  } catch (error) {
    if (!isSekishoError(error, 'database-unavailable')) throw error;
    o.log.info('restore-tail-by-hand');
    const folder = join(cluster, 'pg_wal');
    const size = base.manifest.wal_segment_size_bytes;
    const names = existsSync(folder) ? await readdir(folder) : [];
    const segments = names.filter(
      (name) => parseSegment(name, size) !== undefined && !existsSync(join(archive, name)),
    );
    return { kind: 'files', folder, names: new Set(segments) };
  }
}

async function commitAndArchive(server: EmbeddedServer, archive: string): Promise<void> {
  const client = new pg.Client(server.connection());
  client.on('error', () => {});
  await client.connect();
  try {
    // A transaction with an id writes a commit record with its time even when it changed nothing.
    await client.query('SELECT pg_current_xact_id()');
    const { rows } = await client.query('SELECT pg_walfile_name(pg_switch_wal()) AS name');
    const { name } = rows[0];
    for (let waited = 0; !existsSync(join(archive, name)); waited += 50) {
      if (waited >= 60_000) throw new SekishoError('timeout', { what: 'wal-archive', place: name });
      await sleep(50);
    }
  } finally {
    await client.end();
  }
}
