import { z } from 'zod';
import { isUuid, type MunicipalityCode, type PersonId } from '../../ground/ids.ts';
import type { LineKind } from '../journal/index.ts';
import type { GateOperation } from './gate.ts';
import { passkeyMessages } from './passkey-messages.ts';
import { rightsMessages } from './rights-messages.ts';
import { roles } from './staff.ts';

/** What comes over the wire, operation by operation. Anything not named here is refused. */

const id = z.string().min(1).max(200);
const name = z.string().regex(/^[a-z0-9][a-z0-9.@-]{0,63}$/);
const uuid = z.string().refine(isUuid, 'uuid');
const person = uuid as unknown as z.ZodType<PersonId, PersonId>;
const municipality = z.string().regex(/^[0-9]{6}$/) as unknown as z.ZodType<
  MunicipalityCode,
  MunicipalityCode
>;
const groups = z.array(z.string().min(1).max(64)).min(1).max(32);
const text = z.string().max(2_000);
const within = { session: id, terminal: name.optional() };

const writeOp = z.strictObject({
  requestId: id,
  table: z.string().max(64),
  // Whether there is such a kind, and whether it may be written, is the statute table's to say.
  kind: z.string().max(64) as unknown as z.ZodType<LineKind, LineKind>,
  municipality,
  person: person.optional(),
  findBy: z.enum(['address_number', 'resident_code', 'number']).optional(),
  expect: z
    .string()
    .regex(/^[0-9a-f]{64}$/)
    .optional(),
  fields: z.record(z.string().max(64), z.record(z.string().max(64), z.string().max(4_000))),
  clear: z.record(z.string().max(64), z.string().max(200).nullable()),
  draw: z.literal('number').optional(),
  reason: text.optional(),
});

const searchBy = z.union([
  z.strictObject({ number: z.string().max(64) }),
  z.strictObject({ residentCode: z.string().max(64) }),
  z.strictObject({ reading: z.string().min(1).max(200), birthDate: z.string().max(10).optional() }),
  z.strictObject({ address: z.string().min(1).max(400) }),
  z.strictObject({ addressNumber: z.string().min(1).max(64) }),
]);

const suspend = z.strictObject({
  session: id,
  staff: name.optional(),
  terminal: name.optional(),
  reason: text.optional(),
});
const grant = z.strictObject({ ...within, grant: uuid });

export const messages = {
  challenge: z.strictObject({ staff: z.string().min(1).max(64) }),
  signIn: z.strictObject({
    staff: z.string().min(1).max(64),
    terminal: z.string().min(1).max(64),
    nonce: z.string().max(400),
    signature: z.string().max(200),
    pin: z.string().max(64),
  }),
  signOut: z.strictObject(within),
  openCase: z.strictObject({ ...within, purpose: z.string().max(64), note: text }),
  closeCase: z.strictObject({ ...within, caseId: uuid }),
  search: z.strictObject({
    ...within,
    caseId: uuid,
    by: searchBy,
    limit: z.int().min(1).max(1_000).optional(),
  }),
  open: z.strictObject({ ...within, caseId: uuid, person, groups, grant: uuid.optional() }),
  write: z.strictObject({
    ...within,
    caseId: uuid.optional(),
    importId: id.optional(),
    ops: z.array(writeOp).min(1).max(5_000),
  }),
  noteImport: z.strictObject({
    ...within,
    caseId: uuid,
    importId: id,
    state: z.enum(['begun', 'finished']),
    rows: z.int().min(0),
    encoding: z.enum(['utf-8', 'cp932']),
    outcome: z
      .strictObject({
        created: z.int().min(0),
        changed: z.int().min(0),
        unchanged: z.int().min(0),
        refused: z.int().min(0),
      })
      .optional(),
  }),
  noteBackup: z.strictObject({
    municipality,
    backup: z.string().regex(/^[a-z0-9][a-zA-Z0-9-]{0,63}$/),
    size: z.int().min(0),
    digest: z.string().regex(/^[0-9a-f]{64}$/),
    to: z.int().min(0),
  }),
  erase: z.strictObject({ ...within, caseId: uuid, person, reason: text }),
  askGrant: z.strictObject({
    ...within,
    caseId: uuid,
    groups,
    count: z.int().min(1).max(2_000_000),
    endsAt: z.int().min(0),
    reason: text,
  }),
  approveGrant: grant,
  revokeGrant: grant,
  grant,
  history: z.strictObject({
    ...within,
    caseId: uuid.optional(),
    person: person.optional(),
    limit: z.int().min(1).max(500).optional(),
    before: z.int().min(0).optional(),
    municipality: municipality.optional(),
  }),
  enrolStaff: z.strictObject({
    session: id.optional(),
    terminal: name.optional(),
    municipality,
    staff: name,
    role: z.enum(roles),
    office: name,
    requester: name.optional(),
    person: person.optional(),
    publicKey: z.string().max(64).optional(),
    pin: z.string().max(64).optional(),
  }),
  enrolments: z.strictObject(within),
  confirmEnrolment: z.strictObject({ ...within, enrolment: uuid }),
  changePin: z.strictObject({ ...within, oldPin: z.string().max(64), newPin: z.string().max(64) }),
  enrolTerminal: z.strictObject({ session: id.optional(), municipality, terminal: name, office: name }),
  suspend,
  reinstate: suspend,
  markHoney: z.strictObject({ ...within, person }),
  verifyRecords: z.strictObject(within),
  head: z.strictObject({ municipality }),
  honey: z.strictObject({ municipality, persons: z.array(person).max(10_000) }),
  ...rightsMessages,
  ...passkeyMessages,
} as const satisfies Record<GateOperation, z.ZodType>;

/** `POST /gate/v1/<operation>`, the name in kebab case. */
export const routeOf = (operation: GateOperation): string =>
  `/gate/v1/${operation.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
