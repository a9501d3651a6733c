import { type ImportGate, importResidents, wordsOf } from '../../records/register/index.ts';
import type { RunImport } from './imports.ts';
import type { ApiPorts, GatePort } from './ports.ts';

/** The register's importer, with this office's ports filled in. */
export function runImport(
  ports: Pick<ApiPorts, 'clock' | 'randomness' | 'uploadFolder'> & { gate: GatePort },
): RunImport {
  return async ({ session, caseId, staff, desk, source, encoding, acceptGood, onProgress }) => {
    const result = await importResidents({
      gate: ports.gate as ImportGate,
      store: desk.store,
      session,
      caseId,
      staff,
      municipality: desk.service.municipality,
      source,
      clock: ports.clock,
      randomness: ports.randomness,
      temporaryFolder: ports.uploadFolder,
      ...(encoding === undefined ? {} : { encoding }),
      acceptGood,
      onProgress,
    });
    const { state, rowsRead, rowsRefused, rowsCreated, rowsChanged, rowsUnchanged, report } = result;
    return {
      state,
      encoding: result.encoding,
      rowsRead,
      rowsRefused,
      rowsCreated,
      rowsChanged,
      rowsUnchanged,
      refusedRows: report.refusals.map(({ line, column, reason, kind }) => ({
        line,
        column,
        reason,
        kind: kind ?? null,
        words: wordsOf(reason),
      })),
    };
  };
}
