import type pg from 'pg';
import { SekishoError } from '../../ground/errors.ts';
import type { MunicipalityCode } from '../../ground/ids.ts';
import type { LogKeys } from '../journal/index.ts';
import type { Authority } from './authority.ts';
import type { GateJournal } from './journal-port.ts';
import { actorOf } from './lines.ts';
import type { Refusals } from './refusals.ts';
import type { MacValue, RowMacs } from './row-mac.ts';
import type { Session, Sessions } from './sessions.ts';

/** What came of verifying the served log of a municipality. */
export interface Verification {
  /** `ok`, or the checker's reason. */
  verdict: string;
  /** Lines under the head that was checked. */
  size: number;
  /** ms since 1970 */
  at: number;
  staff: string;
}

export interface VerificationInput {
  session: string;
  municipality: MunicipalityCode;
}

export interface JournalVerificationParts {
  pool: pg.Pool;
  sessions: Sessions;
  authority: Authority;
  refusals: Refusals;
  macs: RowMacs;
  journals: ReadonlyMap<MunicipalityCode, GateJournal>;
  now: () => number;
}

const macValues = (municipality: string, v: Verification): MacValue[] => [
  municipality,
  v.verdict,
  v.size,
  v.at,
  v.staff,
];

/**
 * Verifying the served log is the office's work, with a program that shares no code with the writer; who may have it done, and
 * what came of it, is the gate's to say and to write down. The last one of each municipality is kept.
 */
export class JournalVerification {
  readonly #parts: JournalVerificationParts;

  constructor(parts: JournalVerificationParts) {
    this.#parts = parts;
  }

  /** The keys of the logs this gate writes. Public: whoever checks compares them with those published elsewhere. */
  keys(): { journals: (LogKeys & { municipality: MunicipalityCode })[] } {
    return {
      journals: [...this.#parts.journals].map(([municipality, journal]) => ({
        municipality,
        ...journal.keys(),
      })),
    };
  }

  /** The last verification, and the leave to make another. @throws policy-denied for anybody but the security officer */
  async last(input: VerificationInput, caller: string): Promise<{ last: Verification | null }> {
    return await this.#act('last-verification', input, caller, async () => ({
      last: await this.#stored(input.municipality),
    }));
  }

  /** Writes down what came of a verification: a line, and the place where the last one is kept. */
  async note(
    input: VerificationInput & { verdict: string; size: number },
    caller: string,
  ): Promise<Verification> {
    return await this.#act('note-verification', input, caller, async (session, journal) => {
      const { municipality, verdict, size } = input;
      const done: Verification = { verdict, size, at: this.#parts.now(), staff: session.member.staffId };
      const mac = await this.#parts.macs.of('gate.journal_verification', macValues(municipality, done));
      const outcome = verdict === 'ok' ? 'done' : 'failed';
      const body = { ...actorOf(session, caller), verdict, size, outcome };
      await journal.append({
        lines: [{ kind: 'journal.verified', body }],
        within: async (tx) => {
          await tx.query(
            `INSERT INTO gate.journal_verification (municipality_code, verdict, size, verified_at_ms, staff_id, row_mac)
             VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (municipality_code) DO UPDATE SET
               verdict = $2, size = $3, verified_at_ms = $4, staff_id = $5, row_mac = $6`,
            [municipality, verdict, size, done.at, done.staff, mac],
          );
        },
      });
      return done;
    });
  }

  async #stored(municipality: MunicipalityCode): Promise<Verification | null> {
    const { rows } = await this.#parts.pool.query<{
      verdict: string;
      size: string;
      verified_at_ms: string;
      staff_id: string;
      row_mac: Buffer;
    }>('SELECT * FROM gate.journal_verification WHERE municipality_code = $1', [municipality]);
    const stored = rows.map((row) => ({
      verdict: row.verdict,
      size: Number(row.size),
      at: Number(row.verified_at_ms),
      staff: row.staff_id,
      row_mac: row.row_mac,
    }));
    const [own] = await this.#parts.macs.own('gate.journal_verification', stored, (row) =>
      macValues(municipality, row),
    );
    if (own === undefined) return null;
    const { row_mac: _mac, ...verification } = own;
    return verification;
  }

  async #act<T>(
    operation: string,
    input: VerificationInput,
    caller: string,
    act: (session: Session, journal: GateJournal) => Promise<T>,
  ): Promise<T> {
    let session: Session | undefined;
    try {
      session = this.#parts.sessions.get(input.session);
      this.#parts.authority.requireAct('readJournal', session);
      const { municipality } = session.member;
      if (input.municipality !== municipality) throw new SekishoError('no-authority', { at: 'municipality' });
      const journal = this.#parts.journals.get(municipality);
      if (journal === undefined) throw new SekishoError('journal-unavailable');
      return await act(session, journal);
    } catch (error) {
      const body = { operation };
      throw await this.#parts.refusals.note('request.refused', error, { session, caller, body });
    }
  }
}
