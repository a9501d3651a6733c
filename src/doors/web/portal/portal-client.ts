import type {
  PublicKeyCredentialCreationOptionsJSON,
  PublicKeyCredentialRequestOptionsJSON,
} from '@simplewebauthn/browser';
import { OfficeError, type OfficeRequest, PortalClient } from '../../api/portal-client.gen.ts';
import { pageFetch } from '../ui/page-fetch.ts';

export { OfficeError };

/** Who is signed in, as far as the page needs it: that somebody is, and until when. */
export type PortalSession = Awaited<ReturnType<PortalClient['sessionState']>>;

const post = (path: string, body: unknown = {}): OfficeRequest => ({ method: 'POST', path, body });

/**
 * The portal's client with the browser's cookie instead of a bearer, and with what a page has to notice about every answer: that
 * a request was made (the idle time begins anew), and that the session is over.
 */
export class OwnClient extends PortalClient {
  /** ms since 1970 of the last request that the person caused. */
  lastUsedAt = Date.now();
  onSessionOver: () => void = () => {};

  constructor() {
    super({ url: '', fetch: pageFetch });
  }

  protected override async send<Answer>(request: OfficeRequest, signal?: AbortSignal): Promise<Answer> {
    this.lastUsedAt = Date.now();
    try {
      return await super.send<Answer>(request, signal);
    } catch (error) {
      if (error instanceof OfficeError && error.kind === 'session-invalid') this.onSessionOver();
      throw error;
    }
  }

  enrolOptions(invitation: string): Promise<{ options: PublicKeyCredentialCreationOptionsJSON }> {
    return this.send(post('/v1/passkeys/options', { for: 'enrol', invitation }));
  }
  signInOptions(): Promise<{ options: PublicKeyCredentialRequestOptionsJSON }> {
    return this.send(post('/v1/passkeys/options', { for: 'sign-in' }));
  }
}
