import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type FreshDatabase, freshDatabase } from '../../../test/database.ts';
import { bigintArray, byteaArray } from './arrays.ts';
import { journalMigrations } from './index.ts';

let database: FreshDatabase;
beforeAll(async () => {
  database = await freshDatabase([journalMigrations]);
});
afterAll(() => database.drop());

async function echoed(type: 'bytea' | 'bigint', array: Buffer): Promise<unknown[]> {
  const { rows } = await database.pool('gate', 1).query(`SELECT $1::${type}[] AS array`, [array]);
  return rows[0].array;
}

describe('binary arrays', () => {
  it('of bytes are what PostgreSQL reads, nulls included', async () => {
    const value = fc.option(fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes)));
    await fc.assert(
      fc.asyncProperty(fc.array(value, { minLength: 1, maxLength: 60 }), async (values) => {
        expect(await echoed('bytea', byteaArray(values))).toEqual(values);
      }),
      { numRuns: 30 },
    );
  });

  it('of integers are what PostgreSQL reads, up to 2^53 and below zero', async () => {
    const edges = [
      0,
      1,
      -1,
      2 ** 31,
      2 ** 32 - 1,
      2 ** 32,
      -(2 ** 32),
      -(2 ** 32) - 1,
      2 ** 53 - 1,
      1 - 2 ** 53,
    ];
    expect(await echoed('bigint', bigintArray(edges))).toEqual(edges.map(String));
    await fc.assert(
      fc.asyncProperty(fc.array(fc.maxSafeInteger(), { minLength: 1, maxLength: 60 }), async (values) => {
        expect(await echoed('bigint', bigintArray(values))).toEqual(values.map(String));
      }),
      { numRuns: 30 },
    );
  });
});
