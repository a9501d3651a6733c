import { isSekishoError, SekishoError } from '../../../ground/errors.ts';
import type { Masked } from '../../../ground/masked.ts';
import { type Randomness, systemRandomness } from '../../../ground/randomness.ts';
import { ivBytes, keyBytes, sealOverheadBytes, sealVersion } from '../aead.ts';
import { checkKeyName, checkShard } from '../key-names.ts';
import type { KeyStore } from '../key-store.ts';
import { KeyFolder } from './key-folder.ts';
import type { TokenKeyKind } from './messages.ts';
import { TokenThread } from './token-thread.ts';

export interface Pkcs11Options {
  /** Path of the token maker's PKCS#11 library, e.g. `/usr/lib/softhsm/libsofthsm2.so`. */
  readonly module: string;
  /** The token's label. */
  readonly token: string;
  readonly pin: Masked;
  /** Begins the labels of this store's objects in the token, e.g. `sekisho-131016`. */
  readonly store: string;
  /** Folder of its own for what lies beside the token: marks of the keys made, wrapped secrets. */
  readonly folder: string;
  /** Key-encryption keys in the token; default 16. Rows name their shard: it may grow, never shrink. */
  readonly shards?: number;
  readonly randomness?: Randomness;
}

export const pkcs11StoreShards = 16;
const secretWrap = 'secret-wrap';

/**
 * Opens the key store of a PKCS#11 token. Key-encryption, HMAC and signing keys are made in the token at their first
 * use, not extractable, and never leave it; each process that uses the token should have made its keys before a
 * second one starts.
 * @throws unsupported {what: 'pkcs11js'} where the optional binding is not compiled; keystore-missing
 *   {missing: 'module' | 'token' | 'pin' | 'token-key' | 'keystore-folder'}; keystore-wrong-secret {reason: 'pin'}
 */
export async function openPkcs11KeyStore(options: Pkcs11Options): Promise<Pkcs11KeyStore> {
  const folder = new KeyFolder(options.folder);
  checkKeyName(options.store);
  const { module, token } = options;
  const thread = await TokenThread.start({ module, token, pin: options.pin.reveal() });
  try {
    const store = new Pkcs11KeyStore(thread, folder, options);
    await folder.prepare();
    await store.anchor();
    return store;
  } catch (error) {
    thread.close();
    throw error;
  }
}

/** Calls answer with promises; those of one turn of the event loop go to the token's thread in one message. */
export class Pkcs11KeyStore implements KeyStore {
  readonly shards: number;
  readonly #thread: TokenThread;
  readonly #folder: KeyFolder;
  readonly #store: string;
  readonly #randomness: Randomness;
  readonly #present = new Map<string, Promise<string>>();

  constructor(thread: TokenThread, folder: KeyFolder, options: Pkcs11Options) {
    this.#thread = thread;
    this.#folder = folder;
    this.#store = options.store;
    this.shards = options.shards ?? pkcs11StoreShards;
    this.#randomness = options.randomness ?? systemRandomness();
  }

  async wrap(shard: number, key: Buffer, place: string): Promise<Buffer> {
    if (key.length !== keyBytes) throw new SekishoError('bad-input', { what: 'key', reason: 'length' });
    const name = `wrap/${checkShard(shard, this.shards)}`;
    return await this.#seal(await this.#key('aes', name), key, `wrap/${place}`);
  }

  async unwrap(shard: number, wrapped: Buffer, place: string): Promise<Buffer> {
    const name = `wrap/${checkShard(shard, this.shards)}`;
    return await this.#unseal(await this.#key('aes', name), wrapped, `wrap/${place}`);
  }

  async mac(name: string, data: Buffer | string): Promise<Buffer> {
    const label = await this.#key('hmac', `mac/${checkKeyName(name)}`);
    return bufferOf(await this.#thread.run({ op: 'mac', label, data: Buffer.from(data) }));
  }

  async sign(name: string, data: Buffer): Promise<Buffer> {
    const label = await this.#key('ed25519', `sign/${checkKeyName(name)}`);
    return bufferOf(await this.#thread.run({ op: 'sign', label, data }));
  }

  async publicKey(name: string): Promise<Buffer> {
    const label = await this.#key('ed25519', `sign/${checkKeyName(name)}`);
    return bufferOf(await this.#thread.run({ op: 'publicKey', label }));
  }

  async secret(name: string): Promise<Buffer> {
    const label = await this.#key('aes', secretWrap);
    const place = `secret/${checkKeyName(name)}`;
    const kept = await this.#folder.secret(name);
    if (kept !== undefined) return await this.#unseal(label, kept, place);
    const secret = Buffer.from(this.#randomness.bytes(keyBytes));
    try {
      await this.#folder.addSecret(name, await this.#seal(label, secret, place));
      return secret;
    } catch (error) {
      if (!isSekishoError(error, 'already-exists')) throw error;
      return await this.secret(name);
    }
  }

  close(): void {
    this.#thread.close();
  }

  /** Settles when the token's thread has logged out. */
  get ended(): Promise<void> {
    return this.#thread.ended;
  }

  /**
   * Holds folder and token against each other by their first key.
   * @throws keystore-missing {missing: 'keystore-folder'} when the token has our keys and the folder knows of none
   */
  async anchor(): Promise<void> {
    const label = `${this.#store}/${secretWrap}`;
    const inToken = await this.#thread.run({ op: 'find', kind: 'aes', label });
    if (inToken === true && (await this.#folder.stateOf(label)) === 'unknown') {
      throw new SekishoError('keystore-missing', { missing: 'keystore-folder', folder: this.#folder.folder });
    }
    await this.#key('aes', secretWrap);
  }

  async #seal(label: string, plain: Buffer, place: string): Promise<Buffer> {
    const iv = this.#randomness.bytes(ivBytes);
    const sealed = await this.#thread.run({
      op: 'encrypt',
      label,
      data: plain,
      place: placeBytes(place),
      iv,
    });
    return Buffer.concat([Buffer.of(sealVersion), iv, bufferOf(sealed)]);
  }

  async #unseal(label: string, sealed: Buffer, place: string): Promise<Buffer> {
    const what = 'wrapped-key';
    if (sealed.length < sealOverheadBytes) throw new SekishoError('seal-broken', { what, reason: 'length' });
    if (sealed[0] !== sealVersion) throw new SekishoError('seal-broken', { what, reason: 'version' });
    const iv = sealed.subarray(1, 1 + ivBytes);
    const data = sealed.subarray(1 + ivBytes);
    return bufferOf(await this.#thread.run({ op: 'decrypt', label, data, place: placeBytes(place), iv }));
  }

  /** The label of a key that is surely there, made if it never was. */
  #key(kind: TokenKeyKind, name: string): Promise<string> {
    const label = `${this.#store}/${name}`;
    const known = this.#present.get(label);
    if (known !== undefined) return known;
    const present = this.#ensure(kind, label);
    this.#present.set(label, present);
    // A failure is not remembered: the token may be back at the next call.
    present.catch(() => this.#present.delete(label));
    return present;
  }

  async #ensure(kind: TokenKeyKind, label: string): Promise<string> {
    const state = await this.#folder.stateOf(label);
    const found = await this.#thread.run({ op: 'find', kind, label });
    if (found === true) {
      if (state !== 'made') await this.#folder.setState(label, 'made');
      return label;
    }
    if (state === 'made') throw new SekishoError('keystore-missing', { missing: 'token-key', label });
    await this.#folder.setState(label, 'making');
    await this.#thread.run({ op: 'create', kind, label });
    await this.#folder.setState(label, 'made');
    return label;
  }
}

function placeBytes(place: string): Buffer {
  return Buffer.from(`sekisho/token/v1\0${place}`, 'utf8');
}

function bufferOf(value: Uint8Array | boolean): Buffer {
  if (typeof value === 'boolean') throw new SekishoError('internal', { what: 'token-answer' });
  return Buffer.from(value.buffer, value.byteOffset, value.byteLength);
}
