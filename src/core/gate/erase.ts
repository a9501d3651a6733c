import type pg from 'pg';
import { SekishoError } from '../../ground/errors.ts';
import type { MunicipalityCode, PersonId } from '../../ground/ids.ts';
import type { Log } from '../../ground/log.ts';
import { decodeLine, type LogReader, type Receipt } from '../journal/index.ts';
import type { PersonKeys } from '../seal/index.ts';
import type { Authority } from './authority.ts';
import { carriedStates } from './carried-line.ts';
import type { Cases, StaffCase } from './cases.ts';
import type { GateJournal } from './journal-port.ts';
import type { LinePlace } from './line-place.ts';
import { actorOf, basisOf, spokenReason } from './lines.ts';
import type { RecordStore, WholeRow } from './record-store.ts';
import type { Refusals } from './refusals.ts';
import type { StoredResidentSessions } from './resident-sessions.ts';
import { stateDigest } from './row-digest.ts';
import type { Session, Sessions } from './sessions.ts';

export interface EraseInput {
  session: string;
  terminal?: string | undefined;
  caseId: string;
  person: PersonId;
  reason: string;
}

export interface EraseParts {
  pool: pg.Pool;
  sessions: Sessions;
  cases: Cases;
  authority: Authority;
  refusals: Refusals;
  records: RecordStore;
  keys: PersonKeys;
  residents: StoredResidentSessions;
  journalOf: (municipality: MunicipalityCode) => GateJournal;
  hashes: { statutes: string; policies: string };
  log: Log;
  /** Between two tries to finish an erasure. */
  erasureRetryMs?: number | undefined;
}

const retryMs = 10_000;

/** Erases a person: line first, then the keys. His ciphertext, here and in every backup, stays shut for ever. */
export class Eraser {
  readonly #parts: EraseParts;
  #again: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(parts: EraseParts) {
    this.#parts = parts;
  }

  async erase(input: EraseInput, caller: string): Promise<{ line: number; receipt: Receipt }> {
    const { sessions, cases, authority, records, refusals } = this.#parts;
    let session: Session | undefined;
    let staffCase: StaffCase | undefined;
    const { person } = input;
    try {
      session = sessions.get(input.session, input.terminal);
      staffCase = cases.get(input.caseId, session);
      const { municipality } = session.member;
      const decision = authority.decide({
        action: 'write',
        session,
        staffCase,
        purpose: staffCase.purpose,
        asks: ['write:person.erased'],
      });
      if (input.reason.trim() === '')
        throw new SekishoError('bad-input', { at: 'reason', reason: 'required' });
      const row = (await records.wholeRows(municipality, [person])).get(person);
      if (!row) throw new SekishoError('not-found', { what: records.table.name });
      const status = String(row.values['status']);
      // Nothing brings keys back: whoever is still a resident is first written out by a life event.
      if (records.table.erasable !== undefined && !records.table.erasable.includes(status))
        throw new SekishoError('conflict', { what: 'status', status });
      await this.#requireHere(municipality, row);
      const body = {
        ...actorOf(session, caller),
        case: staffCase.caseId,
        ...basisOf(decision, this.#parts.hashes),
        before: stateDigest(records.table, municipality, person, row.values).toString('hex'),
        reason: spokenReason(input.reason),
        outcome: 'erased',
      };
      const journal = this.#parts.journalOf(municipality);
      const [line] = await journal.append({
        lines: [{ kind: 'person.erased', person, body }],
        within: (tx, [index]) =>
          this.#order(tx, municipality, row, { log: journal.number, lineIndex: index! }),
      });
      // From the line on nothing of his opens, whatever comes of the keys.
      this.#parts.keys.shut(person);
      await this.#finish(municipality, person);
      return { line: line!.index, receipt: line!.receipt };
    } catch (error) {
      throw await refusals.note('write.refused', error, {
        session,
        caller,
        person,
        body: {
          case: input.caseId,
          ...(staffCase === undefined ? {} : { purpose: staffCase.purpose }),
          event: 'person.erased',
        },
      });
    }
  }

  /** The line stands, so he is erased: what fails now is tried again until it is done, here or at the next start. */
  async #finish(municipality: MunicipalityCode, person: PersonId): Promise<void> {
    try {
      await this.#parts.residents.endOf(person);
      await this.settle(municipality);
    } catch (error) {
      this.#parts.log.error('erasure-not-finished', error);
      this.#tryAgain(municipality);
    }
  }

  #tryAgain(municipality: MunicipalityCode): void {
    if (this.#again !== undefined || this.#closed) return;
    this.#again = setTimeout(() => {
      this.#again = undefined;
      this.settle(municipality).catch((error: unknown) => {
        this.#parts.log.error('erasure-not-finished', error);
        this.#tryAgain(municipality);
      });
    }, this.#parts.erasureRetryMs ?? retryMs);
    this.#again.unref();
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#again);
  }

  /**
   * A person has one key, wherever he lived: who has moved on is erased where he is registered now, for his record
   * there would be lost with the one left behind here.
   */
  async #requireHere(municipality: MunicipalityCode, row: WholeRow): Promise<void> {
    const { records } = this.#parts;
    for (const { column, national } of Object.values(records.table.indexes)) {
      const value = row.values[column];
      if (!national || !Buffer.isBuffer(value)) continue;
      const entry = (await records.nationalEntries(national, [value])).get(value.toString('hex'));
      if (entry?.state === 'active' && entry.municipality !== municipality) {
        throw new SekishoError('conflict', { reason: 'registered-elsewhere', what: records.table.name });
      }
    }
  }

  /**
   * In the line's transaction: the nation-wide indexes are retired, never freed, and the keys put down for erasure. Retiring
   * locks them, so nobody moves in elsewhere between the look and the line.
   * @throws conflict where he has moved in elsewhere meanwhile
   */
  async #order(
    tx: pg.PoolClient,
    municipality: MunicipalityCode,
    row: WholeRow,
    place: LinePlace,
  ): Promise<void> {
    const { records } = this.#parts;
    for (const { column, national } of Object.values(records.table.indexes)) {
      const value = row.values[column];
      if (national && Buffer.isBuffer(value)) await records.retire(tx, national, [value]);
    }
    if (await records.isKeptElsewhere(tx, municipality, row.person))
      throw new SekishoError('conflict', { reason: 'registered-elsewhere' });
    // His ways in go with him.
    for (const table of ['gate.passkey', 'gate.invitation'])
      await tx.query(`DELETE FROM ${table} WHERE person_id = $1`, [row.person]);
    await tx.query(
      `INSERT INTO gate.erasure_due (municipality_code, person_id, log_number, line_index) VALUES ($1, $2, $3, $4)
       ON CONFLICT (municipality_code, person_id) DO NOTHING`,
      [municipality, row.person, place.log, place.lineIndex],
    );
  }

  /** Erases the keys of all whose line is durable; run again at the start, should the gate have died in between. */
  async settle(municipality: MunicipalityCode): Promise<void> {
    await settleErasures(this.#parts, municipality, this.#parts.journalOf(municipality));
  }
}

/** Erases the keys of all whose erasure a line of this log ordered and that are still put down for it. */
export async function settleErasures(
  { pool, keys, log }: Pick<EraseParts, 'pool' | 'keys' | 'log'>,
  municipality: MunicipalityCode,
  journal: LogReader,
): Promise<void> {
  const { rows } = await pool.query<{ person_id: PersonId; log_number: number; line_index: string }>(
    'SELECT person_id, log_number, line_index FROM gate.erasure_due WHERE municipality_code = $1',
    [municipality],
  );
  if (rows.length === 0) return;
  const ordered: { person: PersonId; lineIndex: number }[] = [];
  for (const { person_id: person, log_number, line_index } of rows) {
    const lineIndex = Number(line_index);
    if (log_number === journal.number && (await isOrdered(journal, person, lineIndex)))
      ordered.push({ person, lineIndex });
  }
  if (ordered.length < rows.length) {
    const count = rows.length - ordered.length;
    log.error('rows-not-written-by-the-gate', undefined, { table: 'gate.erasure_due', count });
  }
  await keys.replayErasures(ordered);
  await pool.query(
    'DELETE FROM gate.erasure_due WHERE municipality_code = $1 AND person_id = ANY($2::uuid[])',
    [municipality, ordered.map(({ person }) => person)],
  );
}

/** Only a line makes a key go: a row put into the table past the gate erases nobody. */
async function isOrdered(journal: LogReader, person: PersonId, index: number): Promise<boolean> {
  for await (const line of journal.read(index, index + 1)) {
    if (line.erased) return false;
    const decoded = decodeLine(line.payload);
    return decoded.kind === 'person.erased' && decoded.person === person;
  }
  return false;
}

/** All erasures a journal tells of: what a restore of the key database replays before anything is served. */
export async function* erasuresOf(
  journal: Pick<LogReader, 'read' | 'head'>,
): AsyncIterable<{ person: PersonId; lineIndex: number }> {
  for await (const line of journal.read(0, journal.head().size)) {
    if (line.erased) continue;
    const { kind, person, body } = decodeLine(line.payload);
    if (kind === 'person.erased' && person !== undefined) yield { person, lineIndex: line.index };
    // Ordered in a log before this one.
    if (kind === 'records.carried')
      for (const each of carriedStates(body).erased) yield { person: each, lineIndex: line.index };
  }
}
