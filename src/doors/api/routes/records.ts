import { z } from 'zod';
import type { Office } from '../office.ts';
import { type Route, route } from '../route.ts';

const finding = z
  .object({ person: z.string().nullable(), reason: z.string(), line: z.int().nullable() })
  .meta({ id: 'Finding', description: 'a record that is not what its lines say' });

const MOST_FINDINGS = 1_000;

/** Recomputes every record's state from the journal's lines and names what was changed past the gate. */
export const recordsRoutes = ({ deskOf }: Office): Route[] => [
  route({
    operationId: 'verifyRecords',
    method: 'POST',
    path: '/v1/records/verify',
    tag: 'records',
    summary: { ja: '台帳を記録簿と照合する', en: 'hold every record against the journal' },
    body: z.strictObject({ most: z.int().min(1).max(100_000).optional() }),
    answer: z.object({
      findings: z.array(finding),
      more: z.boolean().meta({ description: 'there are more findings than were asked for' }),
      records: z.int().meta({ description: 'records on the register, whatever their status' }),
    }),
    async handle({ session, body: { most = MOST_FINDINGS }, signal }) {
      const { service } = deskOf(session);
      const findings: z.output<typeof finding>[] = [];
      let more = false;
      for await (const { person, reason, line } of service.verify(session)) {
        if (findings.length === most || signal.aborted) {
          more = true;
          break;
        }
        findings.push({ person, reason, line: line ?? null });
      }
      const counts = await service.counts();
      return { findings, more, records: Object.values(counts).reduce((sum, count) => sum + count, 0) };
    },
  }),
];
