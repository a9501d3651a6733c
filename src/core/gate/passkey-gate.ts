import type { MunicipalityCode, PersonId } from '../../ground/ids.ts';
import type {
  AuthenticationResponseJSON,
  PublicKeyCredentialCreationOptionsJSON,
  PublicKeyCredentialRequestOptionsJSON,
  RegistrationResponseJSON,
} from './webauthn.ts';

/** What a page is told of its session at the desk. Times are ms since 1970. */
export interface DeskState {
  municipality: MunicipalityCode;
  staff: string;
  role: string;
  office: string;
  terminal: string;
  startedAt: number;
  /** Until then the second factor counts as just shown. */
  freshUntil: number;
  idleAt: number;
  expiresAt: number;
}

export interface ResidentState {
  municipality: MunicipalityCode;
  idleAt: number;
  expiresAt: number;
}

/** With the session's id: for the process that puts it into a cookie, and for nobody else. */
export type DeskSignedIn = DeskState & { session: string };
export type ResidentSignedIn = ResidentState & { session: string };

/** A one-time code: shown this once. */
export interface Invited {
  /** Eight groups of four. */
  code: string;
  /** What to open; the code stands behind `#`, or is all that the address is for. */
  url: string;
  expiresAt: number;
}

/** What `/enter/<code>` of the desk gives a browser: it becomes that terminal, and with a sign-in link somebody is signed in. */
export interface DeskEntered {
  terminal: string;
  /** What the browser keeps, as its proof of being that terminal. */
  terminalSecret: string;
  signedIn?: DeskSignedIn;
}

export type PasskeyOptionsInput =
  | { for: 'sign-in' }
  | { for: 'enrol'; invitation: string }
  | { for: 'step-up'; session: string };
export interface PasskeyOptions {
  options: PublicKeyCredentialCreationOptionsJSON | PublicKeyCredentialRequestOptionsJSON;
}

export interface EnrolPasskeyInput {
  invitation: string;
  response: RegistrationResponseJSON;
}

/**
 * Sign-in of people with a browser. Desk and portal have operations of their own, so that the table of callers keeps them apart.
 * Without configured sites each is refused with `unsupported`.
 */
export interface PasskeyGate {
  deskPasskeyOptions(i: PasskeyOptionsInput): Promise<PasskeyOptions>;
  /** Whose browser is a terminal is signed in at once. */
  enrolDeskPasskey(
    i: EnrolPasskeyInput & { terminalSecret?: string | undefined },
  ): Promise<{ signedIn?: DeskSignedIn }>;
  signInAtDesk(i: { response: AuthenticationResponseJSON; terminalSecret: string }): Promise<DeskSignedIn>;
  /** The second factor shown again, within a session. */
  stepUp(i: { session: string; response: AuthenticationResponseJSON }): Promise<{ freshUntil: number }>;
  deskSession(i: { session: string }): Promise<DeskState>;
  enterDesk(i: { code: string }): Promise<DeskEntered>;

  inviteStaff(i: { session: string; staff: string }): Promise<Invited>;
  inviteTerminal(i: { session: string; terminal: string }): Promise<Invited>;
  /** At the counter, in a case of the purpose that checks who he is. Counts as opening him. */
  inviteResident(i: { session: string; caseId: string; person: PersonId }): Promise<Invited>;
  /** A lost device: all passkeys of one, his sessions and his open code with them. */
  stopPasskeys(
    i: { session: string; staff: string } | { session: string; caseId: string; person: PersonId },
  ): Promise<{ stopped: number }>;

  portalPasskeyOptions(i: Exclude<PasskeyOptionsInput, { for: 'step-up' }>): Promise<PasskeyOptions>;
  enrolPortalPasskey(i: EnrolPasskeyInput): Promise<{ signedIn: ResidentSignedIn }>;
  signInAtPortal(i: { response: AuthenticationResponseJSON }): Promise<ResidentSignedIn>;
  portalSession(i: { session: string }): Promise<ResidentState>;
  signOutOfPortal(i: { session: string }): Promise<void>;
  enterPortal(i: { code: string }): Promise<{ signedIn: ResidentSignedIn }>;

  /** A link that signs in once, for the demonstration. A gate in production refuses it, and what one left behind. */
  issueSignInLink(
    i:
      | { municipality: MunicipalityCode; staff: string; terminal: string }
      | { municipality: MunicipalityCode; person: PersonId },
  ): Promise<Invited>;
}
