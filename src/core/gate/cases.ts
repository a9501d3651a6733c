import type pg from 'pg';
import type { Clock } from '../../ground/clock.ts';
import { isSekishoError, SekishoError } from '../../ground/errors.ts';
import type { MunicipalityCode, PersonId } from '../../ground/ids.ts';
import type { Randomness } from '../../ground/randomness.ts';
import { type KeyStore, openField, type Place, sealField } from '../seal/index.ts';
import type { Session } from './sessions.ts';
import type { Statute } from './statute-table.ts';

/** A case closes by itself after a day: who still needs it opens it anew and says why. */
export const caseMs = 24 * 3_600_000;

/** A piece of work at the desk: one purpose, one legal basis. */
export interface StaffCase {
  readonly caseId: string;
  readonly municipality: MunicipalityCode;
  readonly staffId: string;
  readonly office: string;
  readonly purpose: string;
  /** Id of the statute row it was opened under. */
  readonly basis: string;
  readonly openedAt: number;
  closed: boolean;
  /** What was decided in it: ask and session → decision, kept only while epoch and day are the same. */
  readonly decisions: Map<string, unknown>;
}

/** The open cases of this gate, in memory. */
export class Cases {
  readonly #pool: pg.Pool;
  readonly #clock: Clock;
  readonly #store: KeyStore;
  readonly #randomness: Randomness;
  readonly #cases = new Map<string, StaffCase>();

  constructor(o: { pool: pg.Pool; clock: Clock; store: KeyStore; randomness: Randomness }) {
    this.#pool = o.pool;
    this.#clock = o.clock;
    this.#store = o.store;
    this.#randomness = o.randomness;
  }

  async load(): Promise<void> {
    const { rows } = await this.#pool.query<{
      municipality_code: MunicipalityCode;
      case_id: string;
      staff_id: string;
      office: string;
      purpose: string;
      statute_id: string;
      opened_at_ms: string;
    }>('SELECT * FROM gate.staff_case WHERE closed_at_ms IS NULL AND opened_at_ms > $1', [
      this.#clock.now() - caseMs,
    ]);
    for (const row of rows) {
      this.add({
        caseId: row.case_id,
        municipality: row.municipality_code,
        staffId: row.staff_id,
        office: row.office,
        purpose: row.purpose,
        basis: row.statute_id,
        openedAt: Number(row.opened_at_ms),
        closed: false,
        decisions: new Map(),
      });
    }
  }

  add(staffCase: StaffCase): void {
    this.#cases.set(staffCase.caseId, staffCase);
  }

  /**
   * The case, open or closed; whether it may be used is the policy's to say.
   * @throws case-required for an unknown one, one of another municipality, or one older than a day
   */
  get(caseId: string, session: Session): StaffCase {
    const found = this.#cases.get(caseId);
    if (!found || found.municipality !== session.member.municipality) {
      throw new SekishoError('case-required', { reason: 'unknown' });
    }
    if (found.openedAt + caseMs <= this.#clock.now()) {
      this.#cases.delete(caseId);
      throw new SekishoError('case-required', { reason: 'over' });
    }
    return found;
  }

  /** The cases of a session's member and of his office that are not a day old, the newest first. */
  seenBy({ member }: Session): StaffCase[] {
    const since = this.#clock.now() - caseMs;
    return [...this.#cases.values()]
      .filter(({ municipality, openedAt }) => municipality === member.municipality && openedAt > since)
      .filter(({ staffId, office }) => staffId === member.staffId || office === member.office)
      .sort((a, b) => b.openedAt - a.openedAt || (a.caseId < b.caseId ? 1 : -1));
  }

  /** The notes of cases. One that somebody put there past the gate is left out: its seal does not hold. */
  async notes(municipality: MunicipalityCode, caseIds: readonly string[]): Promise<Map<string, string>> {
    const notes = new Map<string, string>();
    if (caseIds.length === 0) return notes;
    const { rows } = await this.#pool.query<{ case_id: string; note_sealed: Buffer }>(
      'SELECT case_id, note_sealed FROM gate.staff_case WHERE municipality_code = $1 AND case_id = ANY($2::uuid[])',
      [municipality, caseIds],
    );
    const key = await this.#store.secret('case-note');
    for (const { case_id: id, note_sealed: sealed } of rows) {
      try {
        notes.set(id, openField(key, notePlace(id), sealed).toString('utf8'));
      } catch (error) {
        if (!isSekishoError(error, 'seal-broken')) throw error;
      }
    }
    return notes;
  }

  /** Stores a case within its line's transaction. The note may name people, so it is sealed. */
  async store(tx: pg.PoolClient, staffCase: StaffCase, statute: Statute, note: string): Promise<void> {
    const key = await this.#store.secret('case-note');
    await tx.query(
      `INSERT INTO gate.staff_case (municipality_code, case_id, staff_id, office, purpose, statute_id, note_sealed,
         opened_at_ms) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
      [
        staffCase.municipality,
        staffCase.caseId,
        staffCase.staffId,
        staffCase.office,
        staffCase.purpose,
        statute.id,
        sealField(key, notePlace(staffCase.caseId), Buffer.from(note, 'utf8'), this.#randomness),
        staffCase.openedAt,
      ],
    );
  }

  async storeClosed(tx: pg.PoolClient, staffCase: StaffCase, at: number): Promise<void> {
    await tx.query(
      'UPDATE gate.staff_case SET closed_at_ms = $3 WHERE municipality_code = $1 AND case_id = $2',
      [staffCase.municipality, staffCase.caseId, at],
    );
  }

  close(staffCase: StaffCase): void {
    staffCase.closed = true;
    staffCase.decisions.clear();
  }
}

/** A note is sealed for its case, which stands where a person would. */
const notePlace = (caseId: string): Place => ({
  table: 'gate.staff_case',
  column: 'note_sealed',
  person: caseId as PersonId,
  keyVersion: 1,
});
