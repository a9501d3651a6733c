import type pg from 'pg';
import type { Clock } from '../../ground/clock.ts';
import { inTransaction, isDatabaseError } from '../../ground/database/index.ts';
import { SekishoError } from '../../ground/errors.ts';
import { isUuid, type PersonId, uuidBytes } from '../../ground/ids.ts';
import type { Randomness } from '../../ground/randomness.ts';
import { keyBytes } from './aead.ts';
import { exportKeys, importKeys, type KeyBackup } from './key-backup.ts';
import { allReady, type KeyStore, type Ready, whenReady } from './key-store.ts';
import {
  copyKeys,
  countErased,
  type Erasure,
  eraseRows,
  lockForAdding,
  lockForErasing,
  selectKeys,
  type WrappedKey,
} from './person-key-rows.ts';

/** A person's data key in the open: for one request, never stored. */
export interface PersonKey {
  readonly person: PersonId;
  readonly version: number;
  /** 32 bytes. */
  readonly key: Buffer;
}

/** The shard that wraps a person's keys: from the last four bytes of his id, which are random in a version 7 UUID. */
export function shardOf(person: PersonId, shards: number): number {
  return uuidBytes(person).readUInt32BE(12) % shards;
}

function keyPlace(person: PersonId, version: number): string {
  // A UUID has a fixed form, so the three parts cannot run into one another.
  return `keys.person_key/${person}/${version}`;
}

/**
 * The persons' data keys: one 256-bit key a person and version, wrapped by the key store, in schema `keys`. To erase
 * a person is to erase his keys: whatever ciphertext lies in old backups stays closed (Personal Information
 * Protection Act, art. 22).
 */
export class PersonKeys {
  readonly #pool: pg.Pool;
  readonly #store: KeyStore;
  readonly #clock: Clock;
  readonly #randomness: Randomness;
  /** Whose erasure is ordered but not done yet: nothing of theirs opens any more. */
  readonly #shut = new Set<PersonId>();

  /** @param pool connected as sekisho_keys to the database that holds schema `keys` */
  constructor(pool: pg.Pool, store: KeyStore, clock: Clock, randomness: Randomness) {
    this.#pool = pool;
    this.#store = store;
    this.#clock = clock;
    this.#randomness = randomness;
  }

  /**
   * Draws, wraps and commits version 1 for new persons, before their records commit: a key without a record is
   * harmless, a record without its key is lost. About 2,000 persons a call keep the process answering.
   * @throws already-exists when one has a key; key-erased when one was erased: his id never comes back
   */
  async create(persons: readonly PersonId[]): Promise<PersonKey[]> {
    if (persons.length === 0) return [];
    const keys = persons.map((person) => this.#draw(person, 1));
    await this.#add(keys);
    return keys;
  }

  /** The newest wrapped key of each person that has one: nothing is opened. Missing from the map: erased or unknown. */
  async fetchWrapped(persons: readonly PersonId[]): Promise<Map<PersonId, WrappedKey>> {
    const newest = new Map<PersonId, WrappedKey>();
    for (const [person, [first]] of await this.fetchVersions(persons)) if (first) newest.set(person, first);
    return newest;
  }

  /** All versions, newest first: for rows not yet sealed anew after a rotation. */
  async fetchVersions(persons: readonly PersonId[]): Promise<Map<PersonId, WrappedKey[]>> {
    const found = new Map<PersonId, WrappedKey[]>();
    for (const key of await selectKeys(this.#pool, persons)) {
      if (this.#shut.has(key.person)) continue;
      const versions = found.get(key.person);
      if (versions === undefined) found.set(key.person, [key]);
      else versions.push(key);
    }
    return found;
  }

  /**
   * Opens a wrapped key: at once with the file store.
   * @throws seal-broken when it is not this person's, this version's or this store's
   */
  unwrap(wrapped: WrappedKey): Ready<Buffer> {
    return this.#store.unwrap(wrapped.shard, wrapped.wrapped, keyPlace(wrapped.person, wrapped.version));
  }

  /**
   * Adds a new version. The old ones open what they sealed until {@link retire}.
   * @throws key-erased when the person has no key
   */
  async rotate(person: PersonId): Promise<PersonKey> {
    const newest = (await this.fetchWrapped([person])).get(person);
    if (newest === undefined) throw new SekishoError('key-erased', { what: 'person-key' });
    const key = this.#draw(person, newest.version + 1);
    await this.#add([key]);
    return key;
  }

  /** Deletes the versions below `version`, once every row of the person is sealed under that or a later one. */
  async retire(person: PersonId, version: number): Promise<number> {
    const { rowCount } = await this.#pool.query(
      `DELETE FROM keys.person_key WHERE person_id = $1 AND key_version < $2 AND EXISTS
        (SELECT 1 FROM keys.person_key kept WHERE kept.person_id = $1 AND kept.key_version >= $2)`,
      [person, version],
    );
    return rowCount ?? 0;
  }

  /**
   * Deletes all keys of the persons and notes the erasure; afterwards nothing of them can be opened again.
   * @param lineIndex the journal's line that orders it
   * @returns number of persons whose keys were still there
   */
  async erase(persons: readonly PersonId[], lineIndex: number | null = null): Promise<number> {
    return await this.replayErasures(persons.map((person) => ({ person, lineIndex })));
  }

  /** Opens nothing of a person any more, while his keys still wait to be erased. */
  shut(person: PersonId): void {
    this.#shut.add(person);
  }

  /**
   * Erases once more whom the journal says was erased: a restore of this database must call it before it serves.
   * @returns number of persons whose keys the restore had brought back
   */
  async replayErasures(list: readonly Erasure[]): Promise<number> {
    if (list.length === 0) return 0;
    const erased = await inTransaction(this.#pool, async (tx) => {
      await lockForErasing(tx);
      return await eraseRows(tx, list, this.#clock.now());
    });
    for (const { person } of list) this.#shut.delete(person);
    return erased;
  }

  /** Writes all wrapped keys to a short-lived backup file; see {@link exportKeys}. */
  async exportKeys(destination: string, options: { expiresAt: number }): Promise<KeyBackup> {
    return await exportKeys(this.#pool, this.#store, this.#clock, destination, options.expiresAt);
  }

  /** Brings a backup back, erasures replayed in the same transaction; see {@link importKeys}. */
  async importKeys(
    source: string,
    options: { erasures: readonly Erasure[] },
  ): Promise<{ keys: number; erased: number }> {
    return await importKeys(this.#pool, this.#store, this.#clock, source, options.erasures);
  }

  #draw(person: PersonId, version: number): PersonKey {
    if (!isUuid(person)) throw new SekishoError('bad-input', { what: 'person-id' });
    return { person, version, key: Buffer.from(this.#randomness.bytes(keyBytes)) };
  }

  #wrap({ person, version, key }: PersonKey): Ready<WrappedKey> {
    const shard = shardOf(person, this.#store.shards);
    const wrapped = this.#store.wrap(shard, key, keyPlace(person, version));
    return whenReady(wrapped, (bytes) => ({ person, version, shard, wrapped: bytes }));
  }

  async #add(keys: readonly PersonKey[]): Promise<void> {
    const wrapped = await allReady(keys.map((key) => this.#wrap(key)));
    try {
      await inTransaction(this.#pool, async (tx) => {
        await lockForAdding(tx);
        const persons = keys.map((key) => key.person);
        if ((await countErased(tx, persons)) > 0)
          throw new SekishoError('key-erased', { what: 'person-key' });
        await copyKeys(tx, wrapped, this.#clock.now());
      });
    } catch (error) {
      if (isDatabaseError(error, '23505')) {
        throw new SekishoError('already-exists', { what: 'person-key' }, { cause: error });
      }
      throw error;
    }
  }
}
