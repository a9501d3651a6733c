import type { MunicipalityCode } from '../../ground/ids.ts';
import type { GateJournal } from './journal-port.ts';
import type { Refusals } from './refusals.ts';

/** A backup of the database that holds this municipality's records. */
export interface BackupNote {
  municipality: MunicipalityCode;
  /** Its name. */
  backup: string;
  /** Lines under the published head when it was begun. */
  size: number;
  /** SHA-256 of its manifest, hex. */
  digest: string;
  /** The earliest moment it can be taken back to, milliseconds since 1970. */
  to: number;
}

export interface BackupNoteParts {
  refusals: Refusals;
  journalOf: (municipality: MunicipalityCode) => GateJournal;
}

/**
 * A backup as a line: it holds every record and the persons' wrapped keys, so that there is one must not go unseen. Who
 * makes it holds the machine, not a session; the line names the process that told of it.
 */
export class BackupNotes {
  readonly #parts: BackupNoteParts;

  constructor(parts: BackupNoteParts) {
    this.#parts = parts;
  }

  /** @throws not-found where this gate does not serve the municipality */
  async note({ municipality, ...made }: BackupNote, caller: string): Promise<{ line: number }> {
    try {
      const body = { caller, outcome: 'done', ...made };
      const [line] = await this.#parts
        .journalOf(municipality)
        .append({ lines: [{ kind: 'backup.made', body }] });
      return { line: line!.index };
    } catch (error) {
      throw await this.#parts.refusals.note('request.refused', error, {
        caller,
        body: { operation: 'note-backup' },
      });
    }
  }
}
