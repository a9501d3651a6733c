import type {
  PublicKeyCredentialCreationOptionsJSON,
  PublicKeyCredentialRequestOptionsJSON,
} from '@simplewebauthn/browser';
import {
  type Budget,
  type BudgetLeft,
  type Case,
  type Contest,
  type Grant,
  type Hour,
  type Invited,
  type LineFilter,
  OfficeClient,
  OfficeError,
  type OfficeRequest,
  type Purpose,
  type SeenLine,
  type SessionState,
  type Staff,
  type Terminal,
  type Verification,
} from '../../api/client.gen.ts';
import { pageFetch } from '../ui/page-fetch.ts';

export type {
  Budget,
  BudgetLeft,
  Case,
  Contest,
  Grant,
  Hour,
  Invited,
  LineFilter,
  Purpose,
  SeenLine,
  Staff,
  Terminal,
  Verification,
};
export { OfficeError };

export type DeskSession = SessionState;

const post = (path: string, body: unknown = {}): OfficeRequest => ({ method: 'POST', path, body });

/**
 * The office's client as the desk uses it: with the browser's cookie instead of a bearer, and with the two things a page has to
 * notice about every answer: that a request was made (the idle time begins anew), and that the session is over.
 */
export class DeskClient extends OfficeClient {
  /** ms since 1970 of the last request that a person caused. */
  lastUsedAt = Date.now();
  onSessionOver: () => void = () => {};
  /** Why signing out did not reach the office: the session may still live. */
  notSignedOut: unknown = null;

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

  session$(): Promise<DeskSession> {
    return this.send({ method: 'GET', path: '/v1/session' });
  }
  enrolOptions(invitation: string): Promise<{ options: PublicKeyCredentialCreationOptionsJSON }> {
    return this.send(post('/v1/passkeys/options', { for: 'enrol', invitation }));
  }
  requestOptions(what: 'sign-in' | 'step-up'): Promise<{ options: PublicKeyCredentialRequestOptionsJSON }> {
    return this.send(post('/v1/passkeys/options', { for: what }));
  }
}
