import { setTimeout as sleep } from 'node:timers/promises';
import type pg from 'pg';
import { SekishoError } from '../../ground/errors.ts';
import type { MunicipalityCode } from '../../ground/ids.ts';
import { freeLock, takeLock } from './lock.ts';

const FIRST_WAIT_MS = 50;
const LONGEST_WAIT_MS = 2_000;

/** The connection that writes, with the lock it holds. Lost, it is opened anew, with growing pauses. */
export class Session {
  readonly #pool: pg.Pool;
  readonly #municipality: MunicipalityCode;
  #client: pg.PoolClient | undefined;
  #closed = false;

  constructor(pool: pg.Pool, municipality: MunicipalityCode) {
    this.#pool = pool;
    this.#municipality = municipality;
  }

  /** `journal-unavailable` (reason second-sequencer) where another process writes this log. */
  static async open(pool: pg.Pool, municipality: MunicipalityCode): Promise<Session> {
    const session = new Session(pool, municipality);
    await session.#connect();
    return session;
  }

  client(): pg.PoolClient {
    if (this.#client === undefined)
      throw new SekishoError('journal-unavailable', { reason: 'not-connected' });
    return this.#client;
  }

  async #connect(): Promise<void> {
    const client = await this.#pool.connect();
    try {
      await takeLock(client, this.#municipality);
    } catch (error) {
      client.release(true);
      throw error;
    }
    this.#client = client;
  }

  /**
   * After a failure: ends the connection (and with it whatever transaction was open) and opens a new one, as often as
   * it takes. The old connection's lock may outlive it for a moment at the server.
   */
  async reconnect(): Promise<void> {
    this.#client?.release(true);
    this.#client = undefined;
    let wait = FIRST_WAIT_MS;
    while (!this.#closed) {
      try {
        await this.#connect();
        return;
      } catch {
        await sleep(wait, undefined, { ref: false });
        wait = Math.min(2 * wait, LONGEST_WAIT_MS);
      }
    }
    throw new SekishoError('journal-unavailable', { reason: 'closed' });
  }

  /** No new connection from now on: a database that is away must not keep the process from ending. */
  closing(): void {
    this.#closed = true;
  }

  async close(): Promise<void> {
    this.#closed = true;
    const client = this.#client;
    this.#client = undefined;
    if (client === undefined) return;
    const freed = await freeLock(client, this.#municipality).then(
      () => true,
      () => false,
    );
    client.release(!freed);
  }
}
