import { z } from 'zod';
import { isUuid, type MunicipalityCode, type PersonId } from '../../ground/ids.ts';
import type { Rights } from './rights.ts';

/** What comes over the wire for the pages of desk and portal; see messages.ts. */

const id = z.string().min(1).max(200);
const name = z.string().regex(/^[a-z0-9][a-z0-9.@-]{0,63}$/);
const uuid = z.string().refine(isUuid, 'uuid');
const own = { session: id };
const word = z.string().min(1).max(64);
const moment = z.int().min(0);
const person = uuid as unknown as z.ZodType<PersonId, PersonId>;
const municipality = z.string().regex(/^[0-9]{6}$/) as unknown as z.ZodType<
  MunicipalityCode,
  MunicipalityCode
>;
const within = { session: id, terminal: name.optional() };
const about = z.union([
  z.strictObject({ line: z.strictObject({ municipality, index: z.int().min(0) }) }),
  z.strictObject({ group: word }),
]);

export const rightsMessages = {
  listCases: z.strictObject(within),
  budgetLeft: z.strictObject({ ...within, caseId: uuid }),
  listGrants: z.strictObject(within),
  listStaff: z.strictObject(within),
  listTerminals: z.strictObject(within),
  me: z.strictObject(own),
  lockLookUps: z.strictObject({ ...own, until: moment }),
  unlockLookUps: z.strictObject(own),
  openOwn: z.strictObject({ ...own, groups: z.array(word).min(1).max(32) }),
  household: z.strictObject(own),
  ownHistory: z.strictObject({
    ...own,
    limit: z.int().min(1).max(200).optional(),
    before: z.int().min(0).optional(),
    municipality: municipality.optional(),
  }),
  contest: z.strictObject({ ...own, about, text: z.string().min(1).max(2_000) }),
  ownContests: z.strictObject(own),
  contests: z.strictObject({ session: id }),
  readContest: z.strictObject({ session: id, contest: uuid }),
  takeContest: z.strictObject({ session: id, contest: uuid }),
  answerContest: z.strictObject({
    ...{ session: id, contest: uuid, state: z.enum(['accepted', 'rejected']) },
    answer: z.string().min(1).max(500),
  }),
  searchLines: z.strictObject({
    session: id,
    from: moment.optional(),
    to: moment.optional(),
    person: person.optional(),
    staff: name.optional(),
    office: word.optional(),
    terminal: name.optional(),
    purpose: word.optional(),
    kinds: z.array(word).min(1).max(32).optional(),
    outcome: z.enum(['done', 'refused']).optional(),
    limit: z.int().min(1).max(200),
    before: z.int().min(0).optional(),
  }),
  lineActivity: z.strictObject({ session: id, from: moment, to: moment }),
  journalKeys: z.strictObject({}),
  lastVerification: z.strictObject({ session: id, municipality }),
  noteVerification: z.strictObject({
    ...{ session: id, municipality, size: z.int().min(0) },
    verdict: z.string().regex(/^[a-z-]{1,40}$/),
  }),
} as const satisfies Record<keyof Rights, z.ZodType>;
