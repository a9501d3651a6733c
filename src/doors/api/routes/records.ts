import { z } from 'zod';
import type { ApiPorts } from '../ports.ts';
import { type Route, route } from '../route.ts';

const finding = z
  .object({ person: z.string(), what: z.string(), line: z.int().nullable() })
  .meta({ id: 'Finding', description: 'a record that is not what its lines say' });

/** Recomputes every record's state from the journal's lines and names what was changed past the gate. */
export const recordsRoutes = ({ records }: ApiPorts): Route[] => [
  route({
    operationId: 'verifyRecords',
    method: 'POST',
    path: '/v1/records/verify',
    tag: 'records',
    summary: { ja: '台帳を記録簿と照合する', en: 'hold every record against the journal' },
    body: z.strictObject({ most: z.int().min(1).max(100_000).optional() }),
    answer: z.object({ checked: z.int(), findings: z.array(finding), more: z.boolean() }),
    handle: ({ session, body, signal }) => records.verify({ session, most: body.most ?? 1_000, signal }),
  }),
];
