/** What may be ready at once (file store) or later (a token): `await` takes both. */
export type Ready<T> = T | Promise<T>;

/**
 * Where the keys above the persons' keys live. The file store derives all of them from one 32-byte root and answers
 * at once; the PKCS#11 store keeps them in the token and answers with promises. Names are paths of lower-case words
 * (`number/national`, `reading/131016`); one name is one key, and a name under `mac` has nothing to do with the same
 * name under `sign` or `secret`.
 */
export interface KeyStore {
  /** Number of key-encryption keys; a shard is 0 … shards − 1. */
  readonly shards: number;
  /** Seals a person's 32-byte key under a key-encryption key, bound to its place. */
  wrap(shard: number, key: Buffer, place: string): Ready<Buffer>;
  /** @throws seal-broken when shard, place or bytes are not those of `wrap` */
  unwrap(shard: number, wrapped: Buffer, place: string): Ready<Buffer>;
  /** HMAC-SHA256 under the named key, 32 bytes. */
  mac(name: string, data: Buffer | string): Ready<Buffer>;
  /** Ed25519 signature (RFC 8032) under the named key, 64 bytes. */
  sign(name: string, data: Buffer): Ready<Buffer>;
  /** The named signing key's public half, 32 raw bytes. */
  publicKey(name: string): Ready<Buffer>;
  /** A 32-byte secret that must live in process memory: payload keys, link scalars. The caller may overwrite his copy. */
  secret(name: string): Ready<Buffer>;
  /** Forgets all keys; every later call is refused with keystore-missing. */
  close(): void;
}

/** Goes on with a value at once if it is there, else when it arrives: keeps the file store's path synchronous. */
export function whenReady<T, U>(value: Ready<T>, next: (value: T) => U): Ready<U> {
  return value instanceof Promise ? value.then(next) : next(value);
}

/** All values of a batch: at once if all are there, else together (a token then gets them in one message). */
export function allReady<T>(values: readonly Ready<T>[]): Ready<T[]> {
  return values.some((value) => value instanceof Promise) ? Promise.all(values) : (values as T[]);
}
