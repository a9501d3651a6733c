import { z } from 'zod';
import { answeredPasskey, madePasskey } from '../../core/gate/index.ts';
import { isUuid, type PersonId } from '../../ground/ids.ts';

/** Shapes that several operations share. `meta.id` makes them named types of the document and of the client. */

export const uuid = z
  .string()
  .refine(isUuid, { error: 'uuid' })
  .meta({ format: 'uuid', pattern: '^[0-9a-f-]{36}$', description: 'UUID, lower case' });

export const personId = uuid
  .transform((text) => text as PersonId)
  .meta({ description: 'id of a resident (UUID version 7), never a number' });

/** A word that names staff, terminals, offices, purposes, groups. */
export const word = z.string().regex(/^[\p{L}\p{N}][\p{L}\p{N}.@_-]{0,63}$/u);
export const purposeName = z.string().regex(/^[a-z0-9-]{1,64}$/);
export const groupName = z.string().regex(/^[a-z_]{1,40}$/);
export const groups = z.array(groupName).min(1).max(16);
export const note = z.string().trim().min(1).max(500);
export const caseId = z.string().min(1).max(64);
export const millis = z.int().min(0).meta({ description: 'milliseconds since 1970-01-01T00:00:00Z' });
/** Six characters and more, as the gate wants a new one. */
export const newPin = z.string().min(6).max(64);
export const base64 = z
  .string()
  .regex(/^[A-Za-z0-9+/]*={0,2}$/)
  .max(4096);
export const localGovernmentCode = z
  .string()
  .regex(/^\d{6}$/)
  .meta({ description: 'local government code, 6 digits' });

export const sealedFields = z
  .record(groupName, z.record(z.string().regex(/^[a-z_]{1,40}$/), z.string().max(2_000)))
  .meta({ id: 'Fields', description: 'field values by group and field' });

export const receipt = z
  .object({
    statement: z.string(),
    signature: z.string(),
    index: z.int().min(0),
    leafHash: z.string(),
    path: z.array(z.string()).readonly(),
  })
  .meta({ id: 'Receipt', description: 'the log has promised this line at this index; keep it' });

export const budgetLeft = z
  .object({
    session: z.int(),
    terminal: z.int(),
    purpose: z.int(),
    office: z.int(),
  })
  .meta({ id: 'BudgetLeft', description: 'people that may still be opened in this window' });

export const problem = z
  .looseObject({
    type: z.string(),
    title: z.string(),
    status: z.int(),
    detail: z.string().optional(),
    instance: z.string().optional(),
    kind: z.string().optional(),
  })
  .meta({
    id: 'Problem',
    description: 'RFC 9457 problem details; `kind` is one of the closed list of error kinds',
  });

export const contestState = z
  .enum(['open', 'taken', 'accepted', 'rejected'])
  .meta({ id: 'ContestState', description: 'how far the desk has got' });

export const contestAbout = z
  .union([
    z.object({ line: z.object({ municipality: localGovernmentCode, index: z.int().min(0) }) }),
    z.object({ group: groupName }),
  ])
  .meta({ id: 'ContestAbout', description: 'a line of the journal, or what a field group says' });

/** Browsers' answers in the gate's own shape. */
export const passkeyMade = madePasskey.meta({
  id: 'PasskeyMade',
  description: 'RegistrationResponseJSON of Web Authentication, as far as it is looked at',
});
export const passkeyAnswer = answeredPasskey.meta({
  id: 'PasskeyAnswer',
  description: 'AuthenticationResponseJSON of Web Authentication, as far as it is looked at',
});

export const invited = z
  .object({ code: z.string(), url: z.string(), expiresAt: millis })
  .meta({ id: 'Invited', description: 'a one-time code: shown this once' });

export const deskState = z
  .object({
    municipality: z.string(),
    staff: z.string(),
    role: z.string(),
    office: z.string(),
    terminal: z.string(),
    startedAt: millis,
    freshUntil: millis.meta({ description: 'until then the second factor counts as just shown' }),
    idleAt: millis,
    expiresAt: millis,
  })
  .meta({ id: 'SessionState' });

export const done = z.object({ done: z.literal(true) }).meta({ id: 'Done' });

/** A one-time code as it was typed. */
export const invitation = z.string().min(1).max(100);
