import pg from 'pg';
import { SekishoError } from '../errors.ts';
import { mapDatabaseError } from './faults.ts';

export interface PoolOptions {
  /** Connections at most; default 10. */
  max?: number;
  /** Shown by the server as application_name. */
  name?: string;
  /** A statement that runs longer is cancelled (`timeout`); default 60,000 ms, 0 is never. */
  statementTimeoutMs?: number;
  /** How long to wait for a connection (`timeout`); default 10,000 ms. */
  connectTimeoutMs?: number;
}

/** OID of `date`: kept as `YYYY-MM-DD`, for a calendar day has no time zone and a JavaScript Date has one. */
const dateOid = 1082;
const types = {
  getTypeParser: ((oid: number, format?: 'text' | 'binary') =>
    oid === dateOid && format !== 'binary'
      ? (text: string) => text
      : pg.types.getTypeParser(oid, format as 'text')) as typeof pg.types.getTypeParser,
};

/**
 * A pool whose `query` and `connect` reject with `disk-full`, `database-unavailable` or `timeout` where the
 * machine is at fault; all other errors stay PostgreSQL's own (see `isDatabaseError`).
 */
export function openPool(connection: pg.PoolConfig, options: PoolOptions = {}): pg.Pool {
  const pool = new pg.Pool({
    types,
    keepAlive: true,
    connectionTimeoutMillis: options.connectTimeoutMs ?? 10_000,
    statement_timeout: options.statementTimeoutMs ?? 60_000,
    idleTimeoutMillis: 60_000,
    ...(options.name === undefined ? {} : { application_name: options.name }),
    ...connection,
    max: options.max ?? connection.max ?? 10,
  });
  // Without listeners Node ends the process when a connection breaks: idle ones report on the pool, used ones on
  // themselves. Whoever uses the connection next gets the error as a rejection.
  pool.on('error', () => {});
  pool.on('connect', (client) => {
    client.on('error', () => {});
  });
  mapRejections(pool, 'query');
  mapRejections(pool, 'connect');
  return pool;
}

/** Wraps the promise form of a method; the callback form (used by `pg` inside) is left as it is. */
function mapRejections(pool: pg.Pool, method: 'query' | 'connect'): void {
  const original = pool[method].bind(pool) as (...values: unknown[]) => unknown;
  const wrapped = (...values: unknown[]): unknown => {
    const result = original(...values);
    if (!(result instanceof Promise)) return result;
    return result.catch((error: unknown) => {
      throw mapDatabaseError(error);
    });
  };
  Object.defineProperty(pool, method, { value: wrapped, configurable: true, writable: true });
}

/**
 * Runs `work` in one transaction on one connection and gives its result back after COMMIT.
 * Anything thrown rolls back. A connection lost during COMMIT gives `database-unavailable` with
 * `outcome: 'unknown'`: the caller must ask the database what happened before it tries again.
 */
export async function inTransaction<T>(pool: pg.Pool, work: (tx: pg.PoolClient) => Promise<T>): Promise<T> {
  const tx = await pool.connect();
  let committing = false;
  let broken = false;
  try {
    await tx.query('BEGIN');
    const result = await work(tx);
    committing = true;
    const { command } = await tx.query('COMMIT');
    // A statement failed and `work` swallowed it: the server answers COMMIT with ROLLBACK, without any error.
    if (command !== 'COMMIT') throw new SekishoError('internal', { reason: 'transaction-aborted' });
    return result;
  } catch (error) {
    const mapped = mapDatabaseError(error, committing ? { outcome: 'unknown' } : {});
    broken = await tx.query('ROLLBACK').then(
      () => false,
      () => true,
    );
    throw mapped;
  } finally {
    tx.release(broken);
  }
}
