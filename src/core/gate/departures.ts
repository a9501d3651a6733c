import type pg from 'pg';
import type { MunicipalityCode, PersonId } from '../../ground/ids.ts';
import type { Log } from '../../ground/log.ts';
import { decodeLine } from '../journal/index.ts';
import type { PersonKeys } from '../seal/index.ts';
import type { GateJournal } from './journal-port.ts';
import { replacing } from './line-place.ts';
import type { RecordStore, WholeRow } from './record-store.ts';
import { stateDigest } from './row-digest.ts';
import type { RowSealer } from './row-sealer.ts';
import type { Rows, SealedRow } from './rows.ts';

export interface DeparturesParts {
  pool: pg.Pool;
  records: RecordStore;
  sealer: RowSealer;
  rows: Rows;
  keys: PersonKeys;
  /** Undefined where another gate serves the municipality: it finds the departure at its start. */
  journalOf: (municipality: MunicipalityCode) => GateJournal | undefined;
  log: Log;
}

interface Departure {
  person_id: PersonId;
  arrived_in: MunicipalityCode;
  event_date: string | null;
}

/**
 * Writes movers out of the municipality they left: its own line, its own row. The arrival has put the departure into
 * `gate.departure` in its own transaction, so a crash in between loses nothing: it is settled at the next start.
 */
export class Departures {
  readonly #parts: DeparturesParts;

  constructor(parts: DeparturesParts) {
    this.#parts = parts;
  }

  /** Settles all departures of a municipality. Failing is no fault of the arrival: it is logged and tried again. */
  async settle(municipality: MunicipalityCode): Promise<number> {
    const { pool, log } = this.#parts;
    const journal = this.#parts.journalOf(municipality);
    if (!journal) return 0;
    let settled = 0;
    try {
      const { rows } = await pool.query<Departure>(
        'SELECT person_id, arrived_in, event_date FROM gate.departure WHERE municipality_code = $1',
        [municipality],
      );
      for (const departure of rows) {
        if (!(await this.#hasArrived(municipality, departure))) {
          log.error('rows-not-written-by-the-gate', undefined, { table: 'gate.departure', count: 1 });
          continue;
        }
        await this.#writeOut(municipality, journal, departure);
        settled++;
      }
    } catch (error) {
      log.error('departure-not-settled', error);
    }
    return settled;
  }

  /**
   * True when the journal of the municipality he moved to says that he came from here: a row put into the table past
   * the gate moves nobody out. Where another gate keeps that journal it cannot be asked, and the row is believed.
   */
  async #hasArrived(municipality: MunicipalityCode, departure: Departure): Promise<boolean> {
    const there = this.#parts.journalOf(departure.arrived_in);
    if (!there) return true;
    const lines = await there.linesOf(departure.person_id, { limit: 500 });
    return lines.some((line) => {
      if (line.erased) return false;
      const { kind, body } = decodeLine(line.payload);
      return kind === 'record.moved' && body['from'] === municipality;
    });
  }

  async #writeOut(municipality: MunicipalityCode, journal: GateJournal, departure: Departure): Promise<void> {
    const { records } = this.#parts;
    const person = departure.person_id;
    const base = (await records.wholeRows(municipality, [person])).get(person);
    if (!base) return;
    const values = await this.#movedOut(municipality, base, departure.event_date);
    const digest = (row: WholeRow['values']) =>
      stateDigest(records.table, municipality, person, row).toString('hex');
    await journal.append({
      lines: [
        {
          kind: 'record.moved',
          person,
          body: {
            actor: 'gate',
            table: records.table.name,
            fields: [],
            outcome: 'changed',
            before: digest(base.values),
            after: digest(values),
            ...replacing(base, journal.number),
            status: 'moved-out',
            from: municipality,
            to: departure.arrived_in,
          },
        },
      ],
      within: async (tx, [index]) => {
        await records.replace(tx, municipality, [
          { person, log: journal.number, lineIndex: index!, values, from: base },
        ]);
        await tx.query('DELETE FROM gate.departure WHERE municipality_code = $1 AND person_id = $2', [
          municipality,
          person,
        ]);
      },
    });
  }

  /** The row with the open columns of one who has left; what is sealed stays as it is. */
  async #movedOut(
    municipality: MunicipalityCode,
    base: WholeRow,
    eventDate: string | null,
  ): Promise<Record<string, Buffer | string | number | null>> {
    const { records, sealer, rows, keys } = this.#parts;
    const { table } = records;
    const clear: Record<string, string | null> = { ...sealer.clearOf(base.values), status: 'moved-out' };
    if (table.clear.includes('event')) clear['event'] = 'move-out';
    if (table.clear.includes('event_date') && eventDate !== null) clear['event_date'] = eventDate;
    const values = { ...base.values, ...clear };
    const wrapped = (await keys.fetchWrapped([base.person])).get(base.person);
    // Erased meanwhile: nothing can be compared any more, so the digest of the content may stay.
    if (!wrapped) return values;
    const row = { ...base.values, municipality_code: municipality, person_id: base.person } as SealedRow;
    const fields = await rows.open(table, { row, wrapped }, Object.keys(table.groups));
    return { ...values, content_digest: await sealer.contentDigest(municipality, fields, clear) };
  }
}
