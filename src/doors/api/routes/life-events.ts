import { z } from 'zod';
import type { PersonId } from '../../../ground/ids.ts';
import {
  birth,
  correction,
  death,
  householdChange,
  moveIn,
  moveOut,
  moveWithin,
  nameChange,
  numberChange,
  type RegisterService,
  removal,
} from '../../../records/register/index.ts';
import type { Office } from '../office.ts';
import { type Route, route } from '../route.ts';
import { caseId, note, personId, sealedFields, uuid } from '../schemas.ts';
import { statedFields, statedNewcomer } from '../stated-resident.ts';

const text = z.string().max(300);
const reason = note.max(200);
const household = z.strictObject({ householdNumber: text, relation: text });
const notice = z.strictObject({
  requestId: uuid.meta({ description: 'drawn by the caller; sent again it is done once' }),
  caseId,
  eventDate: z.string().min(6).max(40).meta({ description: '2026-04-01, also era dates' }),
});
const about = notice.extend({
  person: personId,
  expect: z
    .string()
    .regex(/^[0-9a-f]{64}$/)
    .optional()
    .meta({ description: 'state digest that the desk saw' }),
});

const newcomer = z
  .strictObject({
    addressNumber: text,
    householdNumber: text,
    relation: text,
    name: text,
    reading: text,
    formerName: text.default(''),
    alias: text.default(''),
    birthDate: z.string().max(40),
    birthDateStated: z.string().max(40).default(''),
    sex: z.enum(['male', 'female', 'unknown']),
    postcode: text,
    address: text,
    residentCode: z.string().max(40),
  })
  .meta({ id: 'Newcomer', description: 'the entries of Basic Resident Registration Act art. 7' });

const cause = z
  .strictObject({
    by: z.enum(['request', 'ex-officio']),
    circumstance: z.enum(['leak', 'theft', 'loss', 'seen-by-others']),
    leaked: z.boolean(),
    misuseFeared: z.boolean(),
    evidenceSeen: z.boolean(),
  })
  .meta({ id: 'NumberChangeCause', description: 'Individual Number Act art. 7(2)' });

const lifeEvent = z
  .discriminatedUnion('event', [
    notice.extend({ event: z.literal('move-in'), newcomer }),
    notice.extend({ event: z.literal('birth'), newcomer }),
    about.extend({ event: z.literal('move-out') }),
    about.extend({
      event: z.literal('move-within'),
      to: z.strictObject({ postcode: text, address: text }),
      household: household.optional(),
    }),
    about.extend({ event: z.literal('death') }),
    about.extend({
      event: z.literal('name-change'),
      name: z.strictObject({
        name: text,
        reading: text,
        formerName: text.default(''),
        alias: text.default(''),
      }),
    }),
    about.extend({ event: z.literal('correction'), fields: sealedFields, reason }),
    about.extend({ event: z.literal('removal'), reason }),
    about.extend({ event: z.literal('household-change'), household }),
    about.extend({ event: z.literal('number-change'), cause }),
  ])
  .meta({ id: 'LifeEvent' });
type LifeEvent = z.output<typeof lifeEvent>;

/** The op for the gate that a notice turns into. */
async function opOf(register: RegisterService, notice: LifeEvent) {
  const today = register.today();
  if (notice.event === 'move-in' || notice.event === 'birth') {
    const stated = {
      requestId: notice.requestId,
      municipality: register.municipality,
      eventDate: register.date(notice.eventDate),
      today,
    };
    const newcomer = statedNewcomer(notice.event, notice.newcomer, today);
    return notice.event === 'birth' ? birth(stated, newcomer) : moveIn(stated, newcomer);
  }
  const { person, event, requestId, eventDate, expect } = notice;
  const record = await register.notice({
    person: person as PersonId,
    event,
    requestId,
    eventDate,
    ...(expect === undefined ? {} : { expect }),
  });
  const fieldsOf = (fields: Record<string, Record<string, string>>) =>
    statedFields(notice.event, fields, today);
  switch (notice.event) {
    case 'move-out':
      return moveOut(record);
    case 'move-within': {
      const household = notice.household && statedHousehold(notice.household, fieldsOf);
      return moveWithin(record, fieldsOf({ address: notice.to })['address'] as typeof notice.to, household);
    }
    case 'death':
      return death(record);
    case 'name-change': {
      const { name, reading, formerName, alias } = notice.name;
      const stated = fieldsOf({ name: { name, reading, former_name: formerName, alias } })['name']!;
      return nameChange(record, {
        name: stated['name']!,
        reading: stated['reading']!,
        formerName: stated['former_name']!,
        alias: stated['alias']!,
      });
    }
    case 'correction':
      return correction(record, fieldsOf(notice.fields), notice.reason);
    case 'removal':
      return removal(record, notice.reason);
    case 'household-change':
      return householdChange(record, statedHousehold(notice.household, fieldsOf));
    case 'number-change':
      return numberChange(record, notice.cause);
  }
}

function statedHousehold(
  { householdNumber, relation }: z.output<typeof household>,
  fieldsOf: (fields: Record<string, Record<string, string>>) => Record<string, Record<string, string>>,
) {
  const stated = fieldsOf({ household: { household_number: householdNumber, relation } })['household']!;
  return { householdNumber: stated['household_number']!, relation: stated['relation']! };
}

/** Life events (異動): a notice becomes one op for the gate, which writes row and line together. */
export const lifeEventRoutes = ({ deskOf, staffOf, gate }: Office): Route[] => [
  route({
    operationId: 'lifeEvent',
    method: 'POST',
    path: '/v1/residents/events',
    tag: 'residents',
    summary: {
      ja: '異動を記録する（転入・出生・転居・死亡など）',
      en: 'enter a life event (move, birth, death, …)',
    },
    status: 201,
    body: lifeEvent,
    answer: z.object({ person: z.string(), outcome: z.string(), line: z.int().nullable() }),
    async handle({ session, body }) {
      // The register is read before the gate writes: who has no session or no case here must not learn a resident's status.
      staffOf(session);
      await gate.budgetLeft({ session, caseId: body.caseId });
      const { service } = deskOf(session);
      const op = await opOf(service, body);
      const result = await service.applyOne({ session, caseId: body.caseId }, op);
      return { person: result.person ?? op.person ?? '', outcome: result.outcome, line: result.line ?? null };
    },
  }),
];
