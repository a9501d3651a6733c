import {
  type AuthenticationResponseJSON,
  generateAuthenticationOptions,
  generateRegistrationOptions,
  type PublicKeyCredentialCreationOptionsJSON,
  type PublicKeyCredentialRequestOptionsJSON,
  type RegistrationResponseJSON,
  verifyAuthenticationResponse,
  verifyRegistrationResponse,
} from '@simplewebauthn/server';
import { decodeAttestationObject, isoBase64URL } from '@simplewebauthn/server/helpers';
import { SekishoError } from '../../ground/errors.ts';
import { challengeMs } from './passkey-challenges.ts';
import type { SiteIdentity } from './sites.ts';

export type {
  AuthenticationResponseJSON,
  PublicKeyCredentialCreationOptionsJSON,
  PublicKeyCredentialRequestOptionsJSON,
  RegistrationResponseJSON,
};

/** ES256, EdDSA, RS256: what authenticators make. A new algorithm of the library's does not come in by itself. */
const algorithms = [-7, -8, -257];
/** We ask for no attestation: formats that bring chains of certificates along are not even looked at. */
const attestations = new Set(['none', 'packed']);

export const signInFailed = (reason: string): SekishoError => new SekishoError('sign-in-failed', { reason });

/** A credential as it was made. */
export interface MadeCredential {
  id: Buffer;
  /** COSE key. */
  publicKey: Buffer;
  signCount: number;
}

/** What a browser is told so that it makes a passkey: discoverable, and only with the holder verified by the device. */
export function creationOptions(
  { rpId, site }: SiteIdentity,
  o: { challenge: Buffer; userHandle: Buffer; userName: string; exclude: readonly Buffer[] },
): Promise<PublicKeyCredentialCreationOptionsJSON> {
  return generateRegistrationOptions({
    rpID: rpId,
    rpName: site === 'desk' ? '関所 窓口' : '関所 住民ポータル',
    userName: o.userName,
    userDisplayName: o.userName,
    userID: new Uint8Array(o.userHandle),
    challenge: new Uint8Array(o.challenge),
    timeout: challengeMs,
    attestationType: 'none',
    excludeCredentials: o.exclude.map((id) => ({ id: id.toString('base64url') })),
    authenticatorSelection: { residentKey: 'required', userVerification: 'required' },
    supportedAlgorithmIDs: algorithms,
  });
}

/** What a browser is told so that a passkey answers. `allow`: only these; none named, whichever of this site the holder picks. */
export function requestOptions(
  { rpId }: SiteIdentity,
  o: { challenge: Buffer; allow?: readonly Buffer[] },
): Promise<PublicKeyCredentialRequestOptionsJSON> {
  return generateAuthenticationOptions({
    rpID: rpId,
    challenge: new Uint8Array(o.challenge),
    timeout: challengeMs,
    userVerification: 'required',
    ...(o.allow === undefined
      ? {}
      : { allowCredentials: o.allow.map((id) => ({ id: id.toString('base64url') })) }),
  });
}

/** The challenge that a response says it answers; '' where there is none to be read. */
export function answeredChallenge(clientDataJSON: string): string {
  const { challenge } = clientData(clientDataJSON);
  return typeof challenge === 'string' ? challenge : '';
}

function clientData(encoded: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(Buffer.from(encoded, 'base64url').toString('utf8'));
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}

/** A ceremony begun in somebody's frame is none of ours, wherever the frame's page comes from. */
function requireTopLevel(encoded: string): void {
  const { crossOrigin, topOrigin } = clientData(encoded);
  if ((crossOrigin !== undefined && crossOrigin !== false) || topOrigin !== undefined)
    throw signInFailed('framed');
}

/** The library's reasons quote what came in: they stay here. */
async function verified<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    if (cause instanceof SekishoError) throw cause;
    throw new SekishoError('sign-in-failed', { reason: 'passkey' }, { cause });
  }
}

/** @param challenge one that has just been taken. @throws sign-in-failed with a reason for the line */
export async function verifyMade(
  site: SiteIdentity,
  challenge: string,
  response: RegistrationResponseJSON,
): Promise<MadeCredential> {
  requireTopLevel(response.response.clientDataJSON);
  return await verified(async () => {
    const object = decodeAttestationObject(isoBase64URL.toBuffer(response.response.attestationObject));
    if (!attestations.has(object.get('fmt'))) throw signInFailed('attestation');
    const { verified: good, registrationInfo } = await verifyRegistrationResponse({
      response,
      expectedChallenge: challenge,
      expectedOrigin: site.origin,
      expectedRPID: site.rpId,
      requireUserVerification: true,
      supportedAlgorithmIDs: algorithms,
    });
    if (!good || registrationInfo === undefined) throw signInFailed('passkey');
    const { id, publicKey, counter } = registrationInfo.credential;
    return { id: Buffer.from(id, 'base64url'), publicKey: Buffer.from(publicKey), signCount: counter };
  });
}

/** Gives the passkey's new count of signatures. @throws sign-in-failed with a reason for the line */
export async function verifyAnswered(
  site: SiteIdentity,
  challenge: string,
  response: AuthenticationResponseJSON,
  credential: MadeCredential,
): Promise<number> {
  requireTopLevel(response.response.clientDataJSON);
  return await verified(async () => {
    const { verified: good, authenticationInfo } = await verifyAuthenticationResponse({
      response,
      expectedChallenge: challenge,
      expectedOrigin: site.origin,
      expectedRPID: site.rpId,
      requireUserVerification: true,
      credential: {
        id: credential.id.toString('base64url'),
        publicKey: new Uint8Array(credential.publicKey),
        // Looked at in the row, where two answers at once cannot both pass.
        counter: 0,
      },
    });
    if (!good) throw signInFailed('passkey');
    return authenticationInfo.newCounter;
  });
}
