import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { systemClock } from '../clock.ts';
import { isSekishoError, SekishoError } from '../errors.ts';
import { type BaseCopyOptions, makeBaseCopy } from './base-copy.ts';
import type { BaseCopy } from './base-copy-manifest.ts';
import { type EmbeddedServer, startEmbedded } from './embedded.ts';
import { type Recovered, type RecoveryOptions, recoverTo } from './recovery.ts';

const silent = { info: () => {} };
const small = { shared_buffers: '32MB', max_wal_size: '128MB', min_wal_size: '32MB', max_connections: '20' };

/** A cluster with an archive, base copies, and one table `row_seen(name)` that says what it remembers. */
export class ArchivedCluster {
  readonly folder = mkdtempSync(join(tmpdir(), 'sekisho-recovery-'));
  readonly database = join(this.folder, 'postgres');
  readonly archive = join(this.folder, 'archive');
  readonly bases = join(this.folder, 'base');
  server!: EmbeddedServer;

  constructor() {
    chmodSync(this.folder, 0o755);
  }

  static async make(): Promise<ArchivedCluster> {
    const made = new ArchivedCluster();
    await made.start();
    await made.sql('CREATE TABLE row_seen (name text PRIMARY KEY)');
    return made;
  }

  async start(archiving = true): Promise<void> {
    this.server = await startEmbedded({
      folder: this.database,
      ...(archiving ? { archive: { folder: this.archive } } : {}),
      log: silent,
      settings: small,
    });
  }

  async sql(text: string, values: unknown[] = []): Promise<Record<string, unknown>[]> {
    const client = new pg.Client(this.server.connection());
    await client.connect();
    try {
      return (await client.query(text, values)).rows;
    } finally {
      await client.end();
    }
  }

  /** Writes one row and returns a moment after its commit and before any later one. */
  async remember(name: string): Promise<number> {
    await this.sql('INSERT INTO row_seen VALUES ($1)', [name]);
    await sleep(10);
    const now = systemClock.now();
    await sleep(10);
    return now;
  }

  async remembered(): Promise<string[]> {
    return (await this.sql('SELECT name FROM row_seen ORDER BY name')).map(({ name }) => String(name));
  }

  backup(more: Partial<BaseCopyOptions> = {}): Promise<BaseCopy> {
    return makeBaseCopy({ server: this.server, folder: this.bases, log: silent, ...more });
  }

  /** The server must be stopped. */
  recover(to: number, more: Partial<RecoveryOptions> = {}): Promise<Recovered> {
    const { database: folder, archive, bases } = this;
    return recoverTo({
      folder,
      archive,
      bases,
      to,
      clock: systemClock,
      log: silent,
      settings: small,
      ...more,
    });
  }

  /** Stops, goes back, starts: what `sekisho restore` and `sekisho up` do together. */
  async goBack(to: number, more: Partial<RecoveryOptions> = {}): Promise<Recovered> {
    await this.server.stop();
    const recovered = await this.recover(to, more);
    await this.start();
    return recovered;
  }

  async remove(): Promise<void> {
    await this.server.stop();
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** Clusters of one test file, each removed after its test. */
export class Clusters {
  readonly #all: ArchivedCluster[] = [];

  async make(): Promise<ArchivedCluster> {
    const made = await ArchivedCluster.make();
    this.#all.push(made);
    return made;
  }

  async removeAll(): Promise<void> {
    for (const made of this.#all.splice(0)) await made.remove();
  }
}

/** The error a promise ends with. */
export async function failure(promise: Promise<unknown>): Promise<SekishoError> {
  const error = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!isSekishoError(error)) throw error ?? new SekishoError('internal', { reason: 'no-error' });
  return error;
}
