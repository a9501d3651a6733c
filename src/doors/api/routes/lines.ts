import { z } from 'zod';
import type { MunicipalityCode } from '../../../ground/ids.ts';
import type { Office } from '../office.ts';
import { type Route, route } from '../route.ts';
import { localGovernmentCode, millis, personId, purposeName, word } from '../schemas.ts';

const tag = 'journal';

const seenLine = z
  .object({
    index: z.int(),
    at: millis,
    kind: z.string(),
    person: z.string().optional(),
    body: z.record(z.string(), z.unknown()),
  })
  .meta({ id: 'SeenLine', description: 'a line of the journal; never the value of a field' });

const counts = z.object({ opened: z.int(), searched: z.int(), written: z.int(), refused: z.int() });
const hour = counts.extend({ at: millis }).meta({ id: 'Hour', description: 'what one hour saw' });

const verification = z
  .object({ verdict: z.string(), size: z.int(), at: millis, staff: z.string() })
  .meta({ id: 'Verification', description: '`ok`, or why the served log does not hold' });

const params = z.strictObject({
  municipality: localGovernmentCode.transform((code) => code as MunicipalityCode),
});

/** What the security officer reads of the journal, and has checked. Which words a filter knows is the gate's affair. */
export const linesRoutes = ({ gate, servedLogs }: Office): Route[] => [
  route({
    operationId: 'searchLines',
    method: 'POST',
    path: '/v1/lines/search',
    tag,
    summary: {
      ja: '記録簿を探す（この照会も記録される）',
      en: 'look through the journal; journalled itself',
    },
    body: z
      .strictObject({
        from: millis.optional(),
        to: millis.optional(),
        person: personId.optional(),
        staff: word.optional(),
        office: word.optional(),
        terminal: word.optional(),
        purpose: purposeName.optional(),
        kinds: z.array(z.string().min(1).max(64)).min(1).max(32).optional(),
        outcome: z.enum(['done', 'refused']).optional(),
        limit: z.int().min(1).max(200),
        before: z.int().min(0).optional(),
      })
      .meta({ id: 'LineFilter', description: 'what is left out does not matter' }),
    answer: z.object({ lines: z.array(seenLine), next: z.int().nullable() }),
    handle: ({ session, body }) => gate.searchLines({ session, ...body }),
  }),
  route({
    operationId: 'journalActivity',
    method: 'POST',
    path: '/v1/lines/activity',
    tag,
    summary: { ja: '一時間ごとの件数', en: 'openings, searches, writes and refusals by the hour' },
    body: z.strictObject({ from: millis, to: millis }),
    answer: z.object({ hours: z.array(hour), total: counts, whole: z.boolean() }),
    handle: ({ session, body }) => gate.lineActivity({ session, ...body }),
  }),
  route({
    operationId: 'lastVerification',
    method: 'GET',
    path: '/v1/journals/{municipality}/verification',
    tag,
    summary: { ja: '記録簿の前回の検証', en: 'the last verification of the served log' },
    params,
    answer: z.object({ last: verification.nullable() }),
    handle: ({ session, params: { municipality } }) => gate.lastVerification({ session, municipality }),
  }),
  route({
    operationId: 'verifyJournal',
    method: 'POST',
    path: '/v1/journals/{municipality}/verify',
    tag,
    summary: { ja: '公開中の記録簿を今検証する', en: 'verify the served log now' },
    params,
    answer: verification,
    async handle({ session, params: { municipality } }) {
      // The leave first: it costs a while, and is the officer's alone.
      await gate.lastVerification({ session, municipality });
      const { journals } = await gate.journalKeys({});
      const found = await servedLogs.verify(journals.find((each) => each.municipality === municipality));
      return await gate.noteVerification({ session, municipality, ...found });
    },
  }),
];
