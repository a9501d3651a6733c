import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type FreshDatabase, freshDatabase } from '../../../test/database.ts';
import { isSekishoError } from '../errors.ts';
import { inTransaction, isDatabaseError, mapDatabaseError, openPool } from './index.ts';

let db: FreshDatabase;
let owner: pg.Pool;

beforeAll(async () => {
  db = await freshDatabase([]);
  owner = db.pool('superuser');
  await owner.query('CREATE TABLE item (id int PRIMARY KEY, day date)');
});
afterAll(() => db.drop());

const thrown = (promise: Promise<unknown>) =>
  promise.then(
    () => expect.unreachable(),
    (error: unknown) => error,
  );
const count = async () => (await owner.query('SELECT count(*)::int AS n FROM item')).rows[0].n;

describe('inTransaction', () => {
  it('commits what the work did and gives its result', async () => {
    const result = await inTransaction(owner, async (tx) => {
      await tx.query('INSERT INTO item VALUES (1)');
      return 'done';
    });
    expect(result).toBe('done');
    expect(await count()).toBe(1);
  });

  it('rolls back when the work throws, and passes the very error on', async () => {
    const mine = new RangeError('mine');
    const error = await thrown(
      inTransaction(owner, async (tx) => {
        await tx.query('INSERT INTO item VALUES (2)');
        throw mine;
      }),
    );
    expect(error).toBe(mine);
    expect(await count()).toBe(1);
  });

  it('a failure that the work swallowed is not reported as success', async () => {
    const error = await thrown(
      inTransaction(owner, async (tx) => {
        await tx.query('INSERT INTO item VALUES (3)');
        await tx.query('INSERT INTO item VALUES (3)').catch(() => {});
      }),
    );
    expect(isSekishoError(error, 'internal')).toBe(true);
    expect(error).toMatchObject({ facts: { reason: 'transaction-aborted' } });
    expect(await count()).toBe(1);
  });

  it('gives the connection back after success and after failure', async () => {
    const one = db.pool('superuser', 1);
    for (let i = 0; i < 5; i++) {
      await inTransaction(one, (tx) => tx.query('SELECT 1'));
      await thrown(inTransaction(one, (tx) => tx.query('SELECT nothing')));
    }
    expect(one.totalCount).toBe(1);
    expect(one.idleCount).toBe(1);
    expect(one.waitingCount).toBe(0);
  });

  it('a server process killed in mid-transaction is database-unavailable, and the pool goes on', async () => {
    const error = await thrown(
      inTransaction(db.pool('gate', 1), async (tx) => {
        const pid = (await tx.query('SELECT pg_backend_pid() AS pid')).rows[0].pid;
        await owner.query('SELECT pg_terminate_backend($1)', [pid]);
        await sleep(50);
        await tx.query('SELECT 1');
      }),
    );
    expect(isSekishoError(error, 'database-unavailable')).toBe(true);
  });

  it('a connection lost during COMMIT leaves the outcome unknown, and says so', async () => {
    const pool = db.pool('superuser', 1);
    const error = await thrown(
      inTransaction(pool, async (tx) => {
        const query = tx.query.bind(tx) as (text: string) => Promise<unknown>;
        tx.query = (async (text: string) => {
          if (text !== 'COMMIT') return query(text);
          await owner.query('SELECT pg_terminate_backend($1)', [
            (tx as unknown as { processID: number }).processID,
          ]);
          await sleep(50);
          return query(text);
        }) as never;
      }),
    );
    expect(error).toMatchObject({ kind: 'database-unavailable', facts: { outcome: 'unknown' } });
    expect((await pool.query('SELECT 1 AS one')).rows).toEqual([{ one: 1 }]);
  });
});

describe('openPool', () => {
  it('an idle connection killed by the server does not end the process', async () => {
    const pool = db.pool('office', 1);
    const pid = (await pool.query('SELECT pg_backend_pid() AS pid')).rows[0].pid;
    await owner.query('SELECT pg_terminate_backend($1)', [pid]);
    await sleep(50);
    expect((await pool.query('SELECT 1 AS one')).rows).toEqual([{ one: 1 }]);
  });

  it('a server that is not there is database-unavailable, for query and connect', async () => {
    const pool = openPool({ host: '/nonexistent', user: 'x', password: 'x' });
    expect(await thrown(pool.query('SELECT 1'))).toMatchObject({ kind: 'database-unavailable' });
    expect(await thrown(pool.connect())).toMatchObject({ kind: 'database-unavailable' });
    await pool.end();
  });

  it('a wrong password is database-unavailable', async () => {
    const pool = openPool({ ...db.connection('gate'), password: 'wrong' });
    expect(await thrown(pool.query('SELECT 1'))).toMatchObject({
      kind: 'database-unavailable',
      facts: { sqlstate: '28P01' },
    });
    await pool.end();
  });

  it('a statement over its time is timeout', async () => {
    const pool = openPool(db.connection('gate'), { statementTimeoutMs: 30 });
    expect(await thrown(pool.query('SELECT pg_sleep(5)'))).toMatchObject({ kind: 'timeout' });
    await pool.end();
  });

  it('no free connection in time is timeout', async () => {
    const pool = openPool(db.connection('gate'), { max: 1, connectTimeoutMs: 1_000 });
    const held = await pool.connect();
    expect(await thrown(pool.query('SELECT 1'))).toMatchObject({ kind: 'timeout' });
    held.release();
    await pool.end();
  });

  it('too many connections for a role is database-unavailable', async () => {
    // A role of its own: roles belong to the cluster, and other files' tests use ours at the same time.
    await owner.query(`CREATE ROLE crowded LOGIN PASSWORD 'x' CONNECTION LIMIT 0`);
    await owner.query(`GRANT CONNECT ON DATABASE ${db.name} TO crowded`);
    const pool = openPool({ ...db.connection('superuser'), user: 'crowded', password: 'x' });
    try {
      expect(await thrown(pool.query('SELECT 1'))).toMatchObject({
        kind: 'database-unavailable',
        facts: { sqlstate: '53300' },
      });
    } finally {
      await pool.end();
      await owner.query('DROP OWNED BY crowded');
      await owner.query('DROP ROLE crowded');
    }
  });

  it('a constraint violation stays PostgreSQL’s own error', async () => {
    const error = await thrown(owner.query('INSERT INTO item VALUES (1)'));
    expect(isDatabaseError(error, '23505')).toBe(true);
    expect(isDatabaseError(error, '23503')).toBe(false);
    expect(isSekishoError(error)).toBe(false);
  });

  it('dates come as they stand, without a time zone', async () => {
    const { rows } = await owner.query(
      `SELECT date '1868-10-23' AS day, 7::int AS seven, ARRAY[1,2] AS list`,
    );
    expect(rows).toEqual([{ day: '1868-10-23', seven: 7, list: [1, 2] }]);
  });

  it('carries the name it was given', async () => {
    const pool = openPool(db.connection('gate'), { name: 'sekisho-gate' });
    expect((await pool.query('SHOW application_name')).rows[0].application_name).toBe('sekisho-gate');
    await pool.end();
  });

  it('still serves callers with a callback', async () => {
    const value = await new Promise((done) =>
      owner.query('SELECT 5 AS five', (_, result) => done(result.rows[0].five)),
    );
    expect(value).toBe(5);
  });
});

describe('mapDatabaseError', () => {
  const server = (code: string, message = 'x') => {
    const error = new pg.DatabaseError(message, 1, 'error');
    error.code = code;
    error.detail = 'Key (name)=(山田太郎) already exists.';
    return error;
  };
  it.each([
    [server('53100'), 'disk-full'],
    [server('58030', 'could not write file: No space left on device'), 'disk-full'],
    [server('58030'), 'database-unavailable'],
    [server('53200'), 'database-unavailable'],
    [server('57P01'), 'database-unavailable'],
    [server('57P03'), 'database-unavailable'],
    [server('08006'), 'database-unavailable'],
    [server('57014'), 'timeout'],
    [server('55P03'), 'timeout'],
    [Object.assign(new Error('x'), { code: 'ENOSPC' }), 'disk-full'],
    [Object.assign(new Error('x'), { code: 'ECONNREFUSED' }), 'database-unavailable'],
    [new Error('Connection terminated unexpectedly'), 'database-unavailable'],
    [new Error('Connection terminated due to connection timeout'), 'timeout'],
  ])('%s %s', (error, kind) => {
    const mapped = mapDatabaseError(error);
    expect(isSekishoError(mapped) && mapped.kind).toBe(kind);
    expect((mapped as Error).cause).toBe(error);
    expect((mapped as Error).message).not.toContain('山田');
  });

  it.each([[server('23505')], [server('42P01')], [new RangeError('x')], ['text'], [undefined]])(
    'leaves %s as it is',
    (error) => expect(mapDatabaseError(error)).toBe(error),
  );

  it('finds the SQLSTATE again below the mapped error', () => {
    expect(isDatabaseError(mapDatabaseError(server('53100')), '53100')).toBe(true);
    expect(isDatabaseError(mapDatabaseError(server('53100')), '53200')).toBe(false);
  });
});
