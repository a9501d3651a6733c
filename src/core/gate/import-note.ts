import type { MunicipalityCode } from '../../ground/ids.ts';
import type { Authority } from './authority.ts';
import type { Cases } from './cases.ts';
import type { GateJournal } from './journal-port.ts';
import { actorOf, basisOf } from './lines.ts';
import type { Refusals } from './refusals.ts';
import type { Session, Sessions } from './sessions.ts';

/** What an importer tells of its run. No file name and no digest: of a file with one row either could be guessed back. */
export interface ImportNote {
  session: string;
  terminal?: string | undefined;
  caseId: string;
  importId: string;
  state: 'begun' | 'finished';
  /** Rows of the file. */
  rows: number;
  encoding: string;
  /** When finished: what became of the rows. */
  outcome?: { created: number; changed: number; unchanged: number; refused: number } | undefined;
}

export interface ImportNoteParts {
  sessions: Sessions;
  cases: Cases;
  authority: Authority;
  refusals: Refusals;
  journalOf: (municipality: MunicipalityCode) => GateJournal;
  hashes: { statutes: string; policies: string };
}

/** Begin and end of an import as lines of their own: one that was cut short has a beginning and no end. */
export class ImportNotes {
  readonly #parts: ImportNoteParts;

  constructor(parts: ImportNoteParts) {
    this.#parts = parts;
  }

  /** @throws as a write under the same case would be refused */
  async note(input: ImportNote, caller: string): Promise<{ line: number }> {
    const { sessions, cases, authority, refusals, journalOf, hashes } = this.#parts;
    let session: Session | undefined;
    try {
      session = sessions.get(input.session, input.terminal);
      const staffCase = cases.get(input.caseId, session);
      const { purpose } = staffCase;
      const asks = ['write:record.created' as const];
      const decision = authority.decide({ action: 'write', session, staffCase, purpose, asks });
      const body = {
        ...actorOf(session, caller),
        case: staffCase.caseId,
        ...basisOf(decision, hashes),
        import: input.importId,
        rows: input.rows,
        encoding: input.encoding,
        ...(input.state === 'finished' ? input.outcome : {}),
        outcome: input.state,
      };
      const kind = input.state === 'begun' ? 'import.begun' : 'import.finished';
      const [line] = await journalOf(session.member.municipality).append({ lines: [{ kind, body }] });
      return { line: line!.index };
    } catch (error) {
      const body = { operation: 'note-import', case: input.caseId, import: input.importId };
      throw await refusals.note('request.refused', error, { session, caller, body });
    }
  }
}
