import { z } from 'zod';
import { history } from '../history-schemas.ts';
import type { Office } from '../office.ts';
import { type Route, route } from '../route.ts';
import { budgetLeft, caseId, groups, note, personId, receipt, sealedFields, uuid } from '../schemas.ts';

const tag = 'residents';
const params = z.strictObject({ person: personId });
const text = z.string().trim().min(1).max(300);

const searchBy = z
  .union([
    z.strictObject({ number: z.string().min(12).max(40) }),
    z.strictObject({ residentCode: z.string().min(11).max(40) }),
    z.strictObject({ reading: text, birthDate: z.string().min(6).max(40).optional() }),
    z.strictObject({ address: text }),
    z.strictObject({ addressNumber: text }),
  ])
  .meta({ id: 'SearchBy', description: 'exactly one way to look a resident up' });

const hit = z
  .object({ person: z.string(), masked: z.record(z.string(), z.string()), status: z.string() })
  .meta({ id: 'Hit', description: 'a resident found, masked' });

/** Finding residents, opening fields, the history of who did so, and life events. */
export const residentsRoutes = ({ gate, deskOf }: Office): Route[] => [
  route({
    operationId: 'searchResidents',
    method: 'POST',
    path: '/v1/residents/search',
    tag,
    summary: { ja: '住民を探す（結果は伏せて示す）', en: 'find residents; hits come back masked' },
    body: z.strictObject({ caseId, by: searchBy, limit: z.int().min(1).max(100).optional() }),
    answer: z.object({ hits: z.array(hit), line: z.int(), budget: budgetLeft.optional() }),
    handle({ session, body: { caseId, by, limit } }) {
      const { service } = deskOf(session);
      const desk = { session, caseId };
      // Spellings of dates and the like are the register's affair; a code or a reading alone goes as it is.
      if ('reading' in by && by.birthDate !== undefined) {
        return service.find(desk, { reading: by.reading, birthDate: by.birthDate }, limit);
      }
      if ('number' in by || 'address' in by || 'addressNumber' in by) return service.find(desk, by, limit);
      return gate.search({ ...desk, by, limit });
    },
  }),
  route({
    operationId: 'openFields',
    method: 'POST',
    path: '/v1/residents/{person}/open',
    tag,
    summary: { ja: '項目を開く（記録され、受領証が付く）', en: 'open fields; journalled, with a receipt' },
    params,
    body: z.strictObject({ caseId, groups, grant: uuid.optional() }),
    answer: z.object({ fields: sealedFields, receipt, budget: budgetLeft }),
    handle: ({ session, params: { person }, body }) => gate.open({ session, person, ...body }),
  }),
  route({
    operationId: 'residentHistory',
    method: 'POST',
    path: '/v1/residents/{person}/history',
    tag,
    summary: { ja: '誰が何を開いたか（証明付き）', en: 'who opened what, with proofs' },
    params,
    body: z.strictObject({
      caseId: caseId.optional(),
      limit: z.int().min(1).max(200).optional(),
      before: z.int().min(0).optional(),
    }),
    answer: history,
    handle: ({ session, params: { person }, body }) => gate.history({ session, person, ...body }),
  }),
  route({
    operationId: 'erasePerson',
    method: 'POST',
    path: '/v1/residents/{person}/erase',
    tag,
    summary: { ja: '鍵を消去する（取り消せない）', en: 'erase the keys of a person; cannot be undone' },
    params,
    body: z.strictObject({ caseId, reason: note }),
    answer: z.object({ line: z.int(), receipt }),
    handle: ({ session, params: { person }, body }) => gate.erase({ session, person, ...body }),
  }),
];
