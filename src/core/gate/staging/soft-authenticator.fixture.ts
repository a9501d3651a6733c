import { createHash, generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto';
import type {
  AuthenticationResponseJSON,
  PublicKeyCredentialCreationOptionsJSON,
  PublicKeyCredentialRequestOptionsJSON,
  RegistrationResponseJSON,
} from '../webauthn.ts';

/** What an attacker, or a broken device, does otherwise than it should. */
export interface Forgery {
  origin?: string;
  rpId?: string;
  challenge?: string;
  type?: string;
  /** The holder was not verified by the device. */
  unverified?: boolean;
  /** Nobody touched it. */
  absent?: boolean;
  crossOrigin?: boolean;
  topOrigin?: string;
  counter?: number;
  userHandle?: string;
  format?: string;
  /** Signs with another key than the one enrolled. */
  key?: KeyObject;
}

const base64url = (bytes: Buffer | string) => Buffer.from(bytes).toString('base64url');
const sha256 = (data: Buffer | string) => createHash('sha256').update(data).digest();
const text = (word: string) => Buffer.concat([Buffer.from([0x60 | word.length]), Buffer.from(word)]);
function bytes(value: Buffer): Buffer {
  const head = value.length < 256 ? [0x58, value.length] : [0x59, value.length >> 8, value.length & 255];
  return Buffer.concat([Buffer.from(head), value]);
}

/** An authenticator of software: real WebAuthn answers (ES256), from keys that anybody may copy. For tests alone. */
export class SoftAuthenticator {
  readonly id = randomBytes(32);
  readonly #keys = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  readonly #origin: string;
  #userHandle: string | undefined;
  counter: number;

  /** @param counter 0: one that never counts, as synced passkeys do */
  constructor(origin: string, counter = 1) {
    this.#origin = origin;
    this.counter = counter;
  }

  get key(): KeyObject {
    return this.#keys.privateKey;
  }

  #clientData(type: string, challenge: string, forged: Forgery): Buffer {
    return Buffer.from(
      JSON.stringify({
        type: forged.type ?? type,
        challenge: forged.challenge ?? challenge,
        origin: forged.origin ?? this.#origin,
        crossOrigin: forged.crossOrigin ?? false,
        ...(forged.topOrigin === undefined ? {} : { topOrigin: forged.topOrigin }),
      }),
    );
  }

  #authenticatorData(rpId: string, forged: Forgery, attested?: Buffer): Buffer {
    const flags =
      (forged.absent === true ? 0 : 1) | (forged.unverified === true ? 0 : 4) | (attested ? 0x40 : 0);
    const counter = Buffer.alloc(4);
    counter.writeUInt32BE(forged.counter ?? this.counter);
    const head = [sha256(forged.rpId ?? rpId), Buffer.from([flags]), counter];
    return Buffer.concat(attested ? [...head, attested] : head);
  }

  #attested(): Buffer {
    const { x, y } = this.#keys.publicKey.export({ format: 'jwk' });
    const cose = Buffer.concat([
      Buffer.from('a501020326200121', 'hex'),
      bytes(Buffer.from(x!, 'base64url')),
      Buffer.from([0x22]),
      bytes(Buffer.from(y!, 'base64url')),
    ]);
    return Buffer.concat([Buffer.alloc(16), Buffer.from([0, this.id.length]), this.id, cose]);
  }

  /** `navigator.credentials.create` */
  make(options: PublicKeyCredentialCreationOptionsJSON, forged: Forgery = {}): RegistrationResponseJSON {
    this.#userHandle = options.user.id;
    const clientData = this.#clientData('webauthn.create', options.challenge, forged);
    const data = this.#authenticatorData(options.rp.id!, forged, this.#attested());
    const attestationObject = Buffer.concat([
      Buffer.from([0xa3]),
      ...[text('fmt'), text(forged.format ?? 'none'), text('attStmt'), Buffer.from([0xa0])],
      ...[text('authData'), bytes(data)],
    ]);
    return {
      ...{
        id: base64url(this.id),
        rawId: base64url(this.id),
        type: 'public-key',
        clientExtensionResults: {},
      },
      response: {
        clientDataJSON: base64url(clientData),
        attestationObject: base64url(attestationObject),
        transports: ['internal'],
      },
    };
  }

  /** `navigator.credentials.get` */
  answer(options: PublicKeyCredentialRequestOptionsJSON, forged: Forgery = {}): AuthenticationResponseJSON {
    if (this.counter > 0) this.counter++;
    const clientData = this.#clientData('webauthn.get', options.challenge, forged);
    const data = this.#authenticatorData(options.rpId!, forged);
    const signature = sign('sha256', Buffer.concat([data, sha256(clientData)]), forged.key ?? this.key);
    const handle = forged.userHandle ?? this.#userHandle;
    return {
      ...{
        id: base64url(this.id),
        rawId: base64url(this.id),
        type: 'public-key',
        clientExtensionResults: {},
      },
      response: {
        clientDataJSON: base64url(clientData),
        authenticatorData: base64url(data),
        signature: base64url(signature),
        ...(handle === undefined ? {} : { userHandle: handle }),
      },
    };
  }
}
