import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  createFileKeyStore,
  type KeyStore,
  keyedIndex,
  openFileKeyStore,
} from '../../src/core/seal/index.ts';
import { asSekishoError } from '../../src/ground/errors.ts';
import { Masked } from '../../src/ground/masked.ts';
import { TestHouse } from '../house.ts';

/** A gate started on this house's database with another house's keystore: it opens nothing, and spoils nothing. */

let house: TestHouse;
let other: KeyStore;
beforeAll(async () => {
  house = await TestHouse.start();
  await house.importTown(20);
  const file = `${house.folder}/foreign.json`;
  const unlock = { passphrase: new Masked('passphrase', 'the passphrase of another house') };
  await createFileKeyStore(file, unlock, house.randomness, { cost: { n: 16_384, r: 8, p: 1 } });
  other = await openFileKeyStore(file, unlock);
});
afterAll(() => house[Symbol.asyncDispose]());

const kindOf = (work: Promise<unknown>) =>
  work.then(
    () => 'done',
    (error: unknown) => asSekishoError(error).kind,
  );

describe('another house’s keystore', () => {
  it('does not start the gate: the journal’s signed head is not its own, and no line is added', async () => {
    await house.journal().flush();
    const before = house.journal().head().size;
    await house.closeGate();
    const kind = await kindOf(house.openGate({ keystore: other }));
    expect(['bad-input', 'log-forked', 'seal-broken', 'journal-unavailable']).toContain(kind);
    await house.openGate();
    expect(house.journal().head().size).toBe(before);
  });

  it('opens no person’s key and no field', async () => {
    const { rows } = await house.superuser.query(
      'SELECT person_id, key_version, shard, wrapped FROM keys.person_key LIMIT 5',
    );
    for (const { person_id, key_version, shard, wrapped } of rows) {
      const place = `keys.person_key/${person_id}/${key_version}`;
      expect(() => other.unwrap(shard, wrapped, place)).toThrow(
        expect.objectContaining({ kind: 'seal-broken' }),
      );
      expect(house.keystore.unwrap(shard, wrapped, place)).toHaveLength(32);
    }
  });

  it('finds nobody: its keyed indexes are others', async () => {
    const { rows } = await house.superuser.query<{ number_index: Buffer }>(
      'SELECT number_index FROM national.number_index',
    );
    const held = new Set(rows.map(({ number_index }) => number_index.toString('hex')));
    const desk = await house.openCase('number-verification');
    const [person] = await house.persons();
    const { fields } = await house.gate.open({ ...desk, person: person!, groups: ['number'] });
    const number = new Masked('individual-number', fields['number']!['number']!);
    expect(held.has((await keyedIndex.number(house.keystore, number)).toString('hex'))).toBe(true);
    expect(held.has((await keyedIndex.number(other, number)).toString('hex'))).toBe(false);
  });

  it('the house goes on with its own as if nothing had been', async () => {
    expect(await house.inspect()).toMatchObject({ log: { ok: true }, findings: [] });
    const desk = await house.openCase('residence-certificate');
    const [person] = await house.persons();
    expect(await kindOf(house.gate.open({ ...desk, person: person!, groups: ['name'] }))).toBe('done');
  });

  it('a wrong passphrase says that it is wrong, a missing file what is missing', async () => {
    const wrong = { passphrase: new Masked('passphrase', 'not the passphrase of it') };
    const opened = openFileKeyStore(house.keystoreFile, wrong);
    await expect(opened).rejects.toMatchObject({ kind: 'keystore-wrong-secret' });
    const gone = openFileKeyStore(`${house.folder}/none.json`, wrong);
    await expect(gone).rejects.toMatchObject({ kind: 'keystore-missing' });
  });
});
