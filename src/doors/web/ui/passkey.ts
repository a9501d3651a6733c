import { WebAuthnError } from '@simplewebauthn/browser';

/** The person or the browser gave up, before anything was sent. */
export const wasCancelled = (error: unknown): boolean =>
  (error instanceof WebAuthnError && error.code === 'ERROR_CEREMONY_ABORTED') ||
  (error instanceof Error && ['NotAllowedError', 'AbortError', 'TimeoutError'].includes(error.name));

/** The device has one of this holder's already. */
export const wasThere = (error: unknown): boolean =>
  error instanceof WebAuthnError && error.code === 'ERROR_AUTHENTICATOR_PREVIOUSLY_REGISTERED';

export const passkeysWork = (): boolean => typeof window.PublicKeyCredential === 'function';
