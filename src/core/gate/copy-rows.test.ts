import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type FreshDatabase, freshDatabase } from '../../../test/database.ts';
import { inTransaction } from '../../ground/database/index.ts';
import { columnTypes, copyRows } from './copy-rows.ts';
import type { StoredValue } from './row-digest.ts';

let database: FreshDatabase;
beforeAll(async () => {
  database = await freshDatabase([]);
  await database
    .pool('superuser')
    .query(
      'CREATE TABLE public.kinds (t text, b bytea, u uuid, i int, s smallint, l bigint, d date, x timestamptz)',
    );
});
afterAll(async () => {
  await database.drop();
});

const columns = ['t', 'b', 'u', 'i', 's', 'l', 'd'];
const copy = async (rows: StoredValue[][], names = columns) => {
  const types = await columnTypes(database.pool('superuser'), 'public.kinds');
  await inTransaction(database.pool('superuser'), (tx) => copyRows(tx, 'public.kinds', names, types, rows));
};

describe('copying rows', () => {
  it('stores every type as an INSERT would', async () => {
    const uuid = '01890000-0000-7000-8000-000000000001';
    const far = '9007199254740993';
    await copy([
      ['髙橋\t\\N', Buffer.from([0, 255, 10]), uuid, -5, 7, far, '2026-04-01'],
      [null, null, null, null, null, null, null],
      ['', Buffer.alloc(0), uuid, 0, -1, 3, '1912-07-30'],
    ]);
    const { rows } = await database.pool('superuser').query('SELECT t, b, u, i, s, l, d FROM public.kinds');
    expect(rows).toEqual([
      { t: '髙橋\t\\N', b: Buffer.from([0, 255, 10]), u: uuid, i: -5, s: 7, l: far, d: '2026-04-01' },
      { t: null, b: null, u: null, i: null, s: null, l: null, d: null },
      { t: '', b: Buffer.alloc(0), u: uuid, i: 0, s: -1, l: '3', d: '1912-07-30' },
    ]);
  });
  it('of more rows than one chunk stores them all', async () => {
    await database.pool('superuser').query('TRUNCATE public.kinds');
    await copy(Array.from({ length: 1_234 }, (_, i) => [String(i), null, null, i, null, null, null]));
    const { rows } = await database
      .pool('superuser')
      .query('SELECT count(*)::int AS n, sum(i)::int AS s FROM public.kinds');
    expect(rows[0]).toEqual({ n: 1_234, s: (1_233 * 1_234) / 2 });
  });
  it('of none asks the server nothing', async () => {
    await expect(copy([])).resolves.toBeUndefined();
  });
  it('into a column of a type it does not know is refused', async () => {
    await expect(copy([['2026-04-01']], ['x'])).rejects.toMatchObject({ kind: 'schema-mismatch' });
  });
  it('of a date that is none is refused, and nothing is stored', async () => {
    await database.pool('superuser').query('TRUNCATE public.kinds');
    await expect(copy([['a', null, null, null, null, null, 'soon']])).rejects.toMatchObject({
      kind: 'bad-input',
    });
    const { rows } = await database.pool('superuser').query('SELECT count(*)::int AS n FROM public.kinds');
    expect(rows[0].n).toBe(0);
  });
});
