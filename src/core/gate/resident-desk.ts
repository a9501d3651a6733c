import type pg from 'pg';
import { SekishoError } from '../../ground/errors.ts';
import type { MunicipalityCode, PersonId } from '../../ground/ids.ts';
import type { GateJournal } from './journal-port.ts';
import { type Locks, longestLockMs } from './locks.ts';
import { type OwnInput, type ResidentActs, residentActor } from './resident-acts.ts';
import type { SealedTable } from './sealed-table.ts';

/** What a resident sees of his own state before he opens anything. */
export interface OwnState {
  municipality: MunicipalityCode;
  /** As his lines name him. */
  person: PersonId;
  /** Of his row here; null where there is none (any more). */
  status: string | null;
  lock: { until: number } | null;
  /** How many contests he has made. */
  contests: number;
}

export interface ResidentDeskParts {
  pool: pg.Pool;
  table: SealedTable;
  acts: ResidentActs;
  locks: Locks;
  journalOf: (municipality: MunicipalityCode) => GateJournal;
  now: () => number;
}

/** A resident's own state, and his lock on look-ups that no law demands. */
export class ResidentDesk {
  readonly #parts: ResidentDeskParts;

  constructor(parts: ResidentDeskParts) {
    this.#parts = parts;
  }

  async me(input: OwnInput, caller: string): Promise<OwnState> {
    return await this.#parts.acts.act('me', input, caller, async ({ municipality, person }) => {
      const { pool, table, locks } = this.#parts;
      const [{ rows }, { rows: contests }] = await Promise.all([
        pool.query<{ status: string }>(
          `SELECT status FROM ${table.table} WHERE municipality_code = $1 AND person_id = $2`,
          [municipality, person],
        ),
        pool.query<{ count: number }>(
          'SELECT count(*)::int AS count FROM gate.contest WHERE person_id = $1',
          [person],
        ),
      ]);
      const until = locks.until(person);
      return {
        municipality,
        person,
        status: rows[0]?.status ?? null,
        lock: until === undefined ? null : { until },
        contests: contests[0]!.count,
      };
    });
  }

  /** Stops look-ups that no law demands, from the next request on. @throws bad-input for a moment that is past or too far */
  async lock(input: OwnInput & { until: number }, caller: string): Promise<{ lock: { until: number } }> {
    return await this.#parts.acts.act('lock', input, caller, async (resident, journal) => {
      const { locks, now } = this.#parts;
      const { municipality, person } = resident;
      const setAt = now();
      const { until } = input;
      if (until <= setAt || until > setAt + longestLockMs)
        throw new SekishoError('bad-input', { at: 'until', reason: 'range' });
      // A lock of his elsewhere would outlast this one: it ends with it.
      await this.#lift(resident, caller, municipality);
      const lock = { municipality, person, until, setAt };
      await journal.append({
        lines: [
          { kind: 'lock.set', person, body: { ...residentActor(resident, caller), until, outcome: 'done' } },
        ],
        within: (tx) => locks.store(tx, lock),
      });
      locks.know(lock);
      return { lock: { until } };
    });
  }

  async unlock(input: OwnInput, caller: string): Promise<{ lock: null }> {
    return await this.#parts.acts.act('unlock', input, caller, async (resident) => {
      await this.#lift(resident, caller);
      return { lock: null };
    });
  }

  /** Lifts his locks, each by a line where it was set. */
  async #lift(
    resident: Parameters<typeof residentActor>[0],
    caller: string,
    except?: MunicipalityCode,
  ): Promise<void> {
    const { locks, now, journalOf } = this.#parts;
    const { person } = resident;
    for (const municipality of locks.places(person)) {
      if (municipality === except) continue;
      const lock = { municipality, person, until: 0, setAt: now() };
      await journalOf(municipality).append({
        lines: [
          { kind: 'lock.lifted', person, body: { ...residentActor(resident, caller), outcome: 'done' } },
        ],
        within: (tx) => locks.store(tx, lock),
      });
      locks.know(lock);
    }
  }
}
