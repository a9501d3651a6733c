import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createFileKeyStore, openField, openFileKeyStore, PersonKeys } from '../../src/core/seal/index.ts';
import type { PersonId } from '../../src/ground/ids.ts';
import { Masked } from '../../src/ground/masked.ts';
import { TestHouse } from '../house.ts';
import { type Cell, dumpSchemas, haystackOf } from './dump.ts';
import { findNeedles, needlesOf, textsOf } from './plaintexts.ts';

/** Row 3 of the attacker table: a copy of the key database alone. Wrapped keys, no records. */

let house: TestHouse;
let cells: Cell[];
beforeAll(async () => {
  house = await TestHouse.start();
  await house.importTown(60);
  cells = await dumpSchemas(house.superuser, ['keys']);
});
afterAll(() => house[Symbol.asyncDispose]());

interface KeyRow {
  person_id: PersonId;
  key_version: number;
  shard: number;
  wrapped: Buffer;
}

const keyRows = async (): Promise<KeyRow[]> =>
  (await house.superuser.query<KeyRow>('SELECT * FROM keys.person_key ORDER BY person_id')).rows;

const sealedNames = async () =>
  (
    await house.superuser.query<{ person_id: PersonId; key_version: number; name_sealed: Buffer }>(
      'SELECT person_id, key_version, name_sealed FROM register.resident',
    )
  ).rows;

describe('a copy of the key database', () => {
  it('holds a wrapped key a person and nothing of any record', async () => {
    expect(cells.map(({ table }) => table)).not.toContain('register.resident');
    const columns = new Set(cells.map(({ table, column }) => `${table}.${column}`));
    expect([...columns].sort()).toEqual([
      'keys.person_key.created_at',
      'keys.person_key.key_version',
      'keys.person_key.person_id',
      'keys.person_key.shard',
      'keys.person_key.wrapped',
    ]);
    expect(await keyRows()).toHaveLength(60);
    expect(findNeedles(haystackOf(cells), needlesOf(house.residents.flatMap(textsOf)))).toEqual([]);
  });

  it('holds no key: none of its values, nor any part of them, opens any ciphertext of the records', async () => {
    const rows = await keyRows();
    const candidates = rows.flatMap(({ wrapped }) =>
      Array.from({ length: wrapped.length - 31 }, (_, at) => wrapped.subarray(at, at + 32)),
    );
    expect(candidates.length).toBeGreaterThan(1_000);
    const { person_id: person, key_version: keyVersion, name_sealed: sealed } = (await sealedNames())[0]!;
    const place = { table: 'register.resident/202029', column: 'name_sealed', person, keyVersion };
    for (const key of candidates) {
      expect(() => openField(key, place, sealed)).toThrow(expect.objectContaining({ kind: 'seal-broken' }));
    }
  });

  it('unwraps nothing with any key store made of what the dump holds', async () => {
    const rows = await keyRows();
    const other = `${house.folder}/other-keystore.json`;
    const guesses = [rows[0]!.person_id, rows[0]!.wrapped.toString('base64'), String(rows[0]!.wrapped)];
    for (const [i, guess] of guesses.entries()) {
      const unlock = { passphrase: new Masked('passphrase', guess) };
      const own = openFileKeyStore(house.keystoreFile, unlock);
      await expect(own).rejects.toMatchObject({ kind: 'keystore-wrong-secret' });
      await createFileKeyStore(`${other}-${i}`, unlock, house.randomness, {
        cost: { n: 16_384, r: 8, p: 1 },
      });
      const store = await openFileKeyStore(`${other}-${i}`, unlock);
      const keys = new PersonKeys(house.database.pool('keys'), store, house.clock, house.randomness);
      for (const { person_id: person, key_version: version, shard, wrapped } of rows.slice(0, 20)) {
        const unwrapped = async () => keys.unwrap({ person, version, shard, wrapped });
        await expect(unwrapped()).rejects.toMatchObject({ kind: 'seal-broken' });
      }
      store.close();
    }
  });

  it('even with the key store gives one person’s key to no other: a wrapped key moved to another row stays shut', async () => {
    const [own, other] = await keyRows();
    const keys = new PersonKeys(house.database.pool('keys'), house.keystore, house.clock, house.randomness);
    const { wrapped } = own!;
    const right = { person: own!.person_id, version: own!.key_version, shard: own!.shard, wrapped };
    expect((await keys.unwrap(right)).length).toBe(32);
    const moved = { person: other!.person_id, version: other!.key_version, shard: own!.shard, wrapped };
    const unwrapped = async (key: typeof right) => keys.unwrap(key);
    await expect(unwrapped(moved)).rejects.toMatchObject({ kind: 'seal-broken' });
    await expect(unwrapped({ ...right, version: 2 })).rejects.toMatchObject({ kind: 'seal-broken' });
    await expect(unwrapped({ ...right, shard: right.shard + 1 })).rejects.toMatchObject({
      kind: 'seal-broken',
    });
  });

  it('is read by the role of the keys alone: gate and office roles are refused by PostgreSQL', async () => {
    for (const role of ['gate', 'office', 'portal'] as const) {
      const read = house.database.pool(role).query('SELECT * FROM keys.person_key');
      await expect(read).rejects.toMatchObject({ code: '42501' });
    }
    const write = house.database.pool('office').query(`UPDATE register.resident SET status = 'removed'`);
    await expect(write).rejects.toMatchObject({ code: '42501' });
  });
});
