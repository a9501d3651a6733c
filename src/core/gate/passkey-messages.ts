import { z } from 'zod';
import { isUuid, type MunicipalityCode, type PersonId } from '../../ground/ids.ts';
import type { PasskeyGate } from './passkey-gate.ts';
import type { AuthenticationResponseJSON, RegistrationResponseJSON } from './webauthn.ts';

const id = z.string().min(1).max(200);
const name = z.string().regex(/^[a-z0-9][a-z0-9.@-]{0,63}$/);
const uuid = z.string().refine(isUuid, 'uuid');
const person = uuid as unknown as z.ZodType<PersonId, PersonId>;
const municipality = z.string().regex(/^[0-9]{6}$/) as unknown as z.ZodType<
  MunicipalityCode,
  MunicipalityCode
>;
const code = z.string().min(1).max(100);
const base64url = (max: number) =>
  z
    .string()
    .regex(/^[A-Za-z0-9_-]+$/)
    .max(max);

const credential = {
  id: base64url(1_400),
  rawId: base64url(1_400),
  type: z.literal('public-key'),
};
// What a browser adds besides (extension results, the kind of device) decides nothing here: it is dropped.
const made = z
  .object({
    ...credential,
    response: z.object({ clientDataJSON: base64url(4_000), attestationObject: base64url(16_000) }),
  })
  .transform((given) => ({ ...given, clientExtensionResults: {} }));
const answered = z
  .object({
    ...credential,
    response: z.object({
      clientDataJSON: base64url(4_000),
      authenticatorData: base64url(4_000),
      signature: base64url(4_000),
      userHandle: base64url(100).optional(),
    }),
  })
  .transform((given) => ({ ...given, clientExtensionResults: {} }));

/** A browser's answers, whittled down to what is looked at; the doors take them in the same shape. */
export const madePasskey = made as unknown as z.ZodType<RegistrationResponseJSON, RegistrationResponseJSON>;
export const answeredPasskey = answered as unknown as z.ZodType<
  AuthenticationResponseJSON,
  AuthenticationResponseJSON
>;

const forSignIn = z.strictObject({ for: z.literal('sign-in') });
const forEnrolment = z.strictObject({ for: z.literal('enrol'), invitation: code });
const forStepUp = z.strictObject({ for: z.literal('step-up'), session: id });

export const passkeyMessages = {
  deskPasskeyOptions: z.discriminatedUnion('for', [forSignIn, forEnrolment, forStepUp]),
  enrolDeskPasskey: z.strictObject({
    invitation: code,
    response: madePasskey,
    terminalSecret: id.optional(),
  }),
  signInAtDesk: z.strictObject({ response: answeredPasskey, terminalSecret: id }),
  stepUp: z.strictObject({ session: id, response: answeredPasskey }),
  deskSession: z.strictObject({ session: id }),
  enterDesk: z.strictObject({ code }),
  inviteStaff: z.strictObject({ session: id, staff: name }),
  inviteTerminal: z.strictObject({ session: id, terminal: name }),
  inviteResident: z.strictObject({ session: id, caseId: uuid, person }),
  stopPasskeys: z.union([
    z.strictObject({ session: id, staff: name }),
    z.strictObject({ session: id, caseId: uuid, person }),
  ]),
  portalPasskeyOptions: z.discriminatedUnion('for', [forSignIn, forEnrolment]),
  enrolPortalPasskey: z.strictObject({ invitation: code, response: madePasskey }),
  signInAtPortal: z.strictObject({ response: answeredPasskey }),
  portalSession: z.strictObject({ session: id }),
  signOutOfPortal: z.strictObject({ session: id }),
  enterPortal: z.strictObject({ code }),
  issueSignInLink: z.union([
    z.strictObject({ municipality, staff: name, terminal: name }),
    z.strictObject({ municipality, person }),
  ]),
} as const satisfies Record<keyof PasskeyGate, z.ZodType>;
