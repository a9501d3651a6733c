import { z } from 'zod';
import type { Office } from '../office.ts';
import { type Route, route } from '../route.ts';
import { uuid } from '../schemas.ts';

const tag = 'imports';
const params = z.strictObject({ importId: uuid });

const importState = z
  .object({
    importId: z.string(),
    state: z.enum(['running', 'refused', 'finished', 'failed']),
    phase: z.enum(['checking', 'writing']),
    rows: z.int(),
    rowsTotal: z.int().nullable(),
    bytes: z.int(),
    bytesTotal: z.int(),
    rowsRead: z.int(),
    rowsRefused: z.int(),
    rowsCreated: z.int(),
    rowsChanged: z.int(),
    rowsUnchanged: z.int(),
    encoding: z.string().nullable(),
    startedAt: z.int(),
    finishedAt: z.int().nullable(),
    kind: z.string().nullable().meta({ description: 'error kind, when it failed' }),
    facts: z
      .record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()]))
      .meta({ description: 'facts of that error; never a value of the file' }),
  })
  .meta({ id: 'ImportState' });

const refusedRow = z
  .object({
    line: z.int(),
    column: z.string().nullable(),
    reason: z.string(),
    kind: z.string().nullable().meta({ description: 'error kind, where the gate refused the row' }),
    words: z.object({ ja: z.string(), en: z.string() }),
  })
  .meta({ id: 'RefusedRow', description: 'never holds the value that was refused' });

/** The resident file comes as a stream; on its way it lies on disk only under a key of this process's memory. */
export const importsRoutes = ({ imports, staffOf, deskOf }: Office): Route[] => [
  route({
    operationId: 'importResidents',
    method: 'POST',
    path: '/v1/imports',
    tag,
    summary: {
      ja: '住民ファイル（CSV）を送る。受け取ると取込みを始める',
      en: 'send a resident file (CSV); its import starts once it is in',
    },
    status: 202,
    query: z.strictObject({
      caseId: z.string().min(1).max(64),
      encoding: z.enum(['utf-8', 'cp932']).optional(),
      acceptGood: z
        .enum(['true', 'false'])
        .optional()
        .meta({ description: 'import the good rows of a file that has bad ones; default: none of it' }),
    }),
    upload: 'text/csv',
    answer: importState,
    handle: ({ session, query: { caseId, encoding, acceptGood }, stream }) =>
      imports.start({
        session,
        staff: staffOf(session),
        desk: deskOf(session),
        caseId,
        encoding,
        acceptGood: acceptGood === 'true',
        stream,
      }),
  }),
  route({
    operationId: 'importState',
    method: 'GET',
    path: '/v1/imports/{importId}',
    tag,
    summary: { ja: '取込みの状態', en: 'state of an import' },
    params,
    answer: importState,
    handle: async ({ session, params: { importId } }) => imports.state(importId, staffOf(session)),
  }),
  route({
    operationId: 'refusedRows',
    method: 'GET',
    path: '/v1/imports/{importId}/refused',
    tag,
    summary: { ja: '受け付けなかった行の一覧', en: 'rows that were refused, with line, column and reason' },
    params,
    query: z.strictObject({
      from: z.coerce.number().int().min(0).optional(),
      limit: z.coerce.number().int().min(1).max(10_000).optional(),
    }),
    answer: z.object({ rows: z.array(refusedRow), total: z.int() }),
    handle: async ({ session, params: { importId }, query: { from = 0, limit = 1_000 } }) =>
      imports.refused(importId, staffOf(session), from, limit),
  }),
];
