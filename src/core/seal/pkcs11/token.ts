import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import type * as Pkcs11js from 'pkcs11js';
import { isSekishoError, SekishoError } from '../../../ground/errors.ts';
import { tagBytes } from '../aead.ts';
import type { TokenAccess, TokenKeyKind, TokenOperation } from './messages.ts';

// PKCS #11 3.0 names that the 2.40 bindings do not know.
const CKM_EC_EDWARDS_KEY_PAIR_GEN = 0x1055;
const CKM_EDDSA = 0x1057;
/** CKA_EC_PARAMS: the object identifier of Ed25519, 1.3.101.112 (RFC 8410 §3), as DER. */
const ed25519Parameters = Buffer.from('06032b6570', 'hex');
const alreadyInitialised = 0x191;
const alreadyLoggedIn = 0x100;
const pinLocked = 0xa4;
/** PIN incorrect, invalid, of wrong length, expired. */
const pinCodes = new Set([0xa0, 0xa1, 0xa2, 0xa3]);
/** What tokens answer to a wrong GCM tag; SoftHSM says CKR_GENERAL_ERROR, others are more exact. */
const wrongTagCodes = new Set([0x05, 0x06, 0x20, 0x40, 0x41, 0x42]);

type Bindings = typeof Pkcs11js;
type Handle = Pkcs11js.Handle;

function loadBindings(): Bindings {
  try {
    return createRequire(import.meta.url)('pkcs11js') as Bindings;
  } catch (error) {
    // The package is optional and must be compiled: `npm rebuild pkcs11js --ignore-scripts=false`.
    throw new SekishoError('unsupported', { what: 'pkcs11js', reason: 'not-compiled' }, { cause: error });
  }
}

function codeOf(error: unknown): number | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'number' ? error.code : undefined;
}

/** One session with one token. Every call blocks until the token has answered: this runs in a thread of its own. */
export class Token {
  readonly #p11: Bindings;
  readonly #library: Pkcs11js.PKCS11;
  readonly #access: TokenAccess;
  readonly #handles = new Map<string, Handle>();
  #session: Handle | null = null;

  /**
   * @throws unsupported {what: 'pkcs11js'}; keystore-missing {missing: 'module' | 'token' | 'pin'};
   *   keystore-wrong-secret {reason: 'pin' | 'pin-locked'}
   */
  constructor(access: TokenAccess) {
    this.#p11 = loadBindings();
    this.#access = access;
    if (access.pin === '') throw new SekishoError('keystore-missing', { missing: 'pin' });
    if (!existsSync(access.module)) {
      throw new SekishoError('keystore-missing', { missing: 'module', module: access.module });
    }
    this.#library = new this.#p11.PKCS11();
    try {
      this.#library.load(access.module);
      // Another store of this process may use the same library from another thread.
      this.#library.C_Initialize({ flags: this.#p11.CKF_OS_LOCKING_OK });
    } catch (error) {
      if (codeOf(error) !== alreadyInitialised) throw this.#trouble(error);
    }
    this.#open();
  }

  /** @throws seal-broken (decrypt), keystore-missing {missing: 'token' | 'token-key'}, keystore-unsafe */
  run(operation: TokenOperation): Uint8Array | boolean {
    try {
      return this.#run(operation);
    } catch (error) {
      if (isSekishoError(error)) throw error;
      // A failed call can leave its operation open in the session: begin a new one.
      this.close();
      throw this.#trouble(error);
    }
  }

  close(): void {
    const session = this.#session;
    this.#session = null;
    this.#handles.clear();
    if (session === null) return;
    try {
      // With its last session the token logs the process out.
      this.#library.C_CloseSession(session);
    } catch {
      // The token is gone; so is the session.
    }
  }

  #run(operation: TokenOperation): Uint8Array | boolean {
    const session = this.#session ?? this.#open();
    const { label } = operation;
    switch (operation.op) {
      case 'find':
        return this.#find(session, operation.kind, label) !== undefined;
      case 'create':
        this.#create(session, operation.kind, label);
        return true;
      case 'encrypt': {
        const data = bufferOf(operation.data);
        this.#library.C_EncryptInit(session, this.#gcm(operation), this.#handle(session, 'aes', label));
        return this.#library.C_Encrypt(session, data, Buffer.alloc(data.length + tagBytes));
      }
      case 'decrypt':
        return this.#decrypt(session, operation);
      case 'mac': {
        const mechanism = { mechanism: this.#p11.CKM_SHA256_HMAC };
        this.#library.C_SignInit(session, mechanism, this.#handle(session, 'hmac', label));
        // An empty message is no argument for C_Sign.
        if (operation.data.length === 0) return this.#library.C_SignFinal(session, Buffer.alloc(32));
        return this.#library.C_Sign(session, bufferOf(operation.data), Buffer.alloc(32));
      }
      case 'sign': {
        const key = this.#handle(session, 'ed25519', label);
        this.#library.C_SignInit(session, { mechanism: CKM_EDDSA }, key);
        return this.#library.C_Sign(session, bufferOf(operation.data), Buffer.alloc(64));
      }
      case 'publicKey':
        return this.#publicKey(session, label);
    }
  }

  #open(): Handle {
    const { token, pin } = this.#access;
    const slot = this.#library
      .C_GetSlotList(true)
      .find((candidate) => this.#library.C_GetTokenInfo(candidate).label.trimEnd() === token);
    if (slot === undefined) throw new SekishoError('keystore-missing', { missing: 'token', token });
    const session = this.#library.C_OpenSession(
      slot,
      this.#p11.CKF_SERIAL_SESSION | this.#p11.CKF_RW_SESSION,
    );
    try {
      this.#library.C_Login(session, this.#p11.CKU_USER, pin);
    } catch (error) {
      if (codeOf(error) !== alreadyLoggedIn) {
        this.#library.C_CloseSession(session);
        throw this.#trouble(error);
      }
    }
    this.#session = session;
    return session;
  }

  #gcm(o: { iv: Uint8Array; place: Uint8Array }): Pkcs11js.Mechanism {
    const parameter: Pkcs11js.AesGCM = {
      type: this.#p11.CK_PARAMS_AES_GCM,
      iv: bufferOf(o.iv),
      aad: bufferOf(o.place),
      ivBits: o.iv.length * 8,
      tagBits: tagBytes * 8,
    };
    return { mechanism: this.#p11.CKM_AES_GCM, parameter };
  }

  #decrypt(session: Handle, operation: Extract<TokenOperation, { op: 'decrypt' }>): Buffer {
    const key = this.#handle(session, 'aes', operation.label);
    this.#library.C_DecryptInit(session, this.#gcm(operation), key);
    try {
      const data = bufferOf(operation.data);
      return this.#library.C_Decrypt(session, data, Buffer.alloc(data.length));
    } catch (error) {
      if (!wrongTagCodes.has(codeOf(error) ?? -1)) throw error;
      throw new SekishoError('seal-broken', { what: 'wrapped-key', reason: 'tag' });
    }
  }

  /** The raw 32 bytes out of CKA_EC_POINT, which is a DER OCTET STRING around them in most tokens. */
  #publicKey(session: Handle, label: string): Uint8Array {
    const template = [
      { type: this.#p11.CKA_CLASS, value: this.#p11.CKO_PUBLIC_KEY },
      { type: this.#p11.CKA_LABEL, value: label },
    ];
    const [handle, another] = this.#search(session, template);
    if (handle === undefined) throw new SekishoError('keystore-missing', { missing: 'token-key', label });
    if (another !== undefined) throw new SekishoError('keystore-unsafe', { reason: 'label-twice', label });
    const [point] = this.#library.C_GetAttributeValue(session, handle, [{ type: this.#p11.CKA_EC_POINT }]);
    return new Uint8Array((point?.value ?? Buffer.alloc(0)).subarray(-32));
  }

  #handle(session: Handle, kind: TokenKeyKind, label: string): Handle {
    const handle = this.#handles.get(label) ?? this.#find(session, kind, label);
    if (handle === undefined) throw new SekishoError('keystore-missing', { missing: 'token-key', label });
    return handle;
  }

  #find(session: Handle, kind: TokenKeyKind, label: string): Handle | undefined {
    const objectClass = kind === 'ed25519' ? this.#p11.CKO_PRIVATE_KEY : this.#p11.CKO_SECRET_KEY;
    const [handle, another] = this.#search(session, [
      { type: this.#p11.CKA_CLASS, value: objectClass },
      { type: this.#p11.CKA_LABEL, value: label },
    ]);
    if (handle === undefined) return undefined;
    // Two processes that made it at once: which of the two sealed what, nobody can say.
    if (another !== undefined) throw new SekishoError('keystore-unsafe', { reason: 'label-twice', label });
    const [sensitive, extractable] = this.#library.C_GetAttributeValue(session, handle, [
      { type: this.#p11.CKA_SENSITIVE },
      { type: this.#p11.CKA_EXTRACTABLE },
    ]);
    if (sensitive?.value[0] !== 1 || extractable?.value[0] !== 0) {
      throw new SekishoError('keystore-unsafe', { reason: 'key-extractable', label });
    }
    this.#handles.set(label, handle);
    return handle;
  }

  #search(session: Handle, template: Pkcs11js.Template): Handle[] {
    this.#library.C_FindObjectsInit(session, template);
    try {
      return this.#library.C_FindObjects(session, 2);
    } finally {
      this.#library.C_FindObjectsFinal(session);
    }
  }

  #create(session: Handle, kind: TokenKeyKind, label: string): void {
    const p11 = this.#p11;
    const kept = [
      { type: p11.CKA_LABEL, value: label },
      { type: p11.CKA_TOKEN, value: true },
      { type: p11.CKA_PRIVATE, value: true },
      { type: p11.CKA_SENSITIVE, value: true },
      { type: p11.CKA_EXTRACTABLE, value: false },
    ];
    if (kind === 'ed25519') {
      const open = [
        { type: p11.CKA_LABEL, value: label },
        { type: p11.CKA_TOKEN, value: true },
        { type: p11.CKA_VERIFY, value: true },
        { type: p11.CKA_EC_PARAMS, value: ed25519Parameters },
      ];
      const mechanism = { mechanism: CKM_EC_EDWARDS_KEY_PAIR_GEN };
      const sealed = [...kept, { type: p11.CKA_SIGN, value: true }];
      this.#handles.set(label, this.#library.C_GenerateKeyPair(session, mechanism, open, sealed).privateKey);
      return;
    }
    const uses = kind === 'aes' ? [p11.CKA_ENCRYPT, p11.CKA_DECRYPT] : [p11.CKA_SIGN];
    const template = [
      { type: p11.CKA_CLASS, value: p11.CKO_SECRET_KEY },
      { type: p11.CKA_KEY_TYPE, value: kind === 'aes' ? p11.CKK_AES : p11.CKK_GENERIC_SECRET },
      { type: p11.CKA_VALUE_LEN, value: 32 },
      ...kept,
      ...uses.map((type) => ({ type, value: true })),
    ];
    const mechanism = kind === 'aes' ? p11.CKM_AES_KEY_GEN : p11.CKM_GENERIC_SECRET_KEY_GEN;
    this.#handles.set(label, this.#library.C_GenerateKey(session, { mechanism }, template));
  }

  #trouble(error: unknown): SekishoError {
    if (isSekishoError(error)) return error;
    const code = codeOf(error);
    if (code === pinLocked) return new SekishoError('keystore-wrong-secret', { reason: 'pin-locked' });
    if (code !== undefined && pinCodes.has(code))
      return new SekishoError('keystore-wrong-secret', { reason: 'pin' });
    const reason = code === undefined ? 'library' : `0x${code.toString(16)}`;
    return new SekishoError('keystore-missing', { missing: 'token', token: this.#access.token, reason });
  }
}

function bufferOf(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
