import { z } from 'zod';
import type { Office } from '../office.ts';
import { type Route, route } from '../route.ts';

const finding = z
  .object({
    finding: z.enum(['changed', 'inserted', 'removed']),
    municipality: z.string(),
    person: z.string().nullable(),
    line: z.int(),
    log: z.int().optional(),
    history: z.literal(true).optional(),
  })
  .meta({ id: 'Finding', description: 'a record that was changed past the gate' });

const verified = z
  .object({ lines: z.int(), rows: z.int(), findings: z.int() })
  .meta({ id: 'Verified', description: 'how much was checked, and how many findings there are in all' });

/** Recomputes every record's state from the journal's lines and names what was changed past the gate. */
export const recordsRoutes = ({ gate }: Office): Route[] => [
  route({
    operationId: 'verifyRecords',
    method: 'POST',
    path: '/v1/records/verify',
    tag: 'records',
    summary: { ja: '台帳を記録簿と照合する', en: 'hold every record against the journal' },
    answer: z.object({ verified, findings: z.array(finding) }),
    handle: ({ session }) => gate.verifyRecords({ session }),
  }),
];
