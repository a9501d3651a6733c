import {
  createPrivateKey,
  createPublicKey,
  createSecretKey,
  type KeyObject,
  sign as signWith,
} from 'node:crypto';
import { SekishoError } from '../../ground/errors.ts';
import type { Randomness } from '../../ground/randomness.ts';
import { keyBytes, openBytes, sealBytes } from './aead.ts';
import { hmacOf, type Pads, padsOf } from './hmac.ts';
import { checkKeyName, checkShard } from './key-names.ts';
import type { KeyStore } from './key-store.ts';
import { deriveKey } from './keystore-file.ts';

/** Random-IV GCM allows 2^32 wraps a key (SP 800-38D §8.3): 4,096 shards carry 2^44, far over any nation's keys. */
export const fileStoreShards = 4_096;

// Names are ours and few: a column times 1,741 municipalities. Beyond this the cache starts anew.
const cacheLimit = 65_536;
// RFC 8410: the fixed DER before an Ed25519 seed (PKCS #8) and before its public key (SPKI).
const ed25519SeedPrefix = Buffer.from('302e020100300506032b657004220420', 'hex');
const ed25519PublicPrefixBytes = 12;

/** The keystore of one file: every key is derived from its root by HKDF-SHA256 and kept while the process lives. */
export class FileKeyStore implements KeyStore {
  readonly shards = fileStoreShards;
  readonly #storeId: Buffer;
  readonly #randomness: Randomness;
  readonly #keys = new Map<string, KeyObject>();
  readonly #pads = new Map<string, Pads>();
  readonly #wrapping: KeyObject[] = [];
  #root: Buffer | null;

  /** @param root 32 bytes, owned by this object from now on: overwritten by {@link close} */
  constructor(root: Buffer, storeId: Buffer, randomness: Randomness) {
    this.#root = root;
    this.#storeId = storeId;
    this.#randomness = randomness;
  }

  wrap(shard: number, key: Buffer, place: string): Buffer {
    if (key.length !== keyBytes) throw new SekishoError('bad-input', { what: 'key', reason: 'length' });
    return sealBytes(this.#wrappingKey(shard), wrapPlace(place), key, this.#randomness);
  }

  unwrap(shard: number, wrapped: Buffer, place: string): Buffer {
    return openBytes(this.#wrappingKey(shard), wrapPlace(place), wrapped, { what: 'wrapped-key', shard });
  }

  mac(name: string, data: Buffer | string): Buffer {
    let pads = this.#pads.get(name);
    if (pads === undefined) {
      const key = this.#derive('mac', checkKeyName(name));
      pads = padsOf(key);
      key.fill(0);
      if (this.#pads.size >= cacheLimit) this.#forgetPads();
      this.#pads.set(name, pads);
    }
    return hmacOf(pads, data);
  }

  sign(name: string, data: Buffer): Buffer {
    return signWith(null, data, this.#key('sign', name, ed25519Key));
  }

  publicKey(name: string): Buffer {
    const der = createPublicKey(this.#key('sign', name, ed25519Key)).export({ format: 'der', type: 'spki' });
    return der.subarray(ed25519PublicPrefixBytes);
  }

  secret(name: string): Buffer {
    return this.#derive('secret', checkKeyName(name));
  }

  close(): void {
    this.#root?.fill(0);
    this.#root = null;
    this.#keys.clear();
    this.#forgetPads();
    this.#wrapping.length = 0;
  }

  #forgetPads(): void {
    for (const { inner, outer } of this.#pads.values()) {
      inner.fill(0);
      outer.fill(0);
    }
    this.#pads.clear();
  }

  #derive(purpose: string, name: string): Buffer {
    if (this.#root === null)
      throw new SekishoError('keystore-missing', { missing: 'root', reason: 'closed' });
    return deriveKey(this.#root, this.#storeId, purpose, name);
  }

  #wrappingKey(shard: number): KeyObject {
    const known = this.#wrapping[shard];
    if (known !== undefined) return known;
    const bytes = this.#derive('wrap', String(checkShard(shard, this.shards)));
    const key = createSecretKey(bytes);
    bytes.fill(0);
    this.#wrapping[shard] = key;
    return key;
  }

  #key(purpose: string, name: string, make: (bytes: Buffer) => KeyObject): KeyObject {
    const id = `${purpose}|${name}`;
    const known = this.#keys.get(id);
    if (known !== undefined) return known;
    const bytes = this.#derive(purpose, checkKeyName(name));
    const key = make(bytes);
    bytes.fill(0);
    if (this.#keys.size >= cacheLimit) this.#keys.clear();
    this.#keys.set(id, key);
    return key;
  }
}

function wrapPlace(place: string): Buffer {
  return Buffer.from(`sekisho/wrap/v1\0${place}`, 'utf8');
}

function ed25519Key(seed: Buffer): KeyObject {
  const der = Buffer.concat([ed25519SeedPrefix, seed]);
  const key = createPrivateKey({ key: der, format: 'der', type: 'pkcs8' });
  der.fill(0);
  return key;
}
