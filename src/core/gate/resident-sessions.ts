import { hash } from 'node:crypto';
import type pg from 'pg';
import type { Clock } from '../../ground/clock.ts';
import { SekishoError } from '../../ground/errors.ts';
import type { MunicipalityCode, PersonId } from '../../ground/ids.ts';
import type { Log } from '../../ground/log.ts';
import type { Randomness } from '../../ground/randomness.ts';
import type { MacValue, RowMacs } from './row-mac.ts';
import { absoluteMs, idleMs } from './sessions.ts';

/** Who a resident's session belongs to: all that his own operations know of him. */
export interface Resident {
  readonly municipality: MunicipalityCode;
  readonly person: PersonId;
  /** First 16 hex digits of the session's hash: names it in lines, and opens nothing. */
  readonly ref: string;
}

/** What the resident's own operations ask of the sign-in. */
export interface ResidentSessions {
  /** @throws session-invalid */
  require(session: string): Resident;
}

/** A resident's session on its way into the table. */
export interface StartedSession {
  /** 256 bits, base64url: what the portal hands over. */
  id: string;
  expiresAt: number;
  live: LiveSession;
}

/** One that holds, with its times. */
export interface LiveSession extends Resident {
  readonly hash: Buffer;
  /** ms since 1970 */
  readonly startedAt: number;
  usedAt: number;
  storedAt: number;
}

/** A clock may be set right by this much without ending sessions. */
const clockSlackMs = 60_000;
const invalid = (reason: string): SekishoError => new SekishoError('session-invalid', { reason });

/** The last use is left out: it changes by the minute, and can only lengthen a session up to its eight hours. */
const macValues = (session: LiveSession): MacValue[] => [
  session.municipality,
  session.hash,
  session.person,
  session.startedAt,
];

/** Residents' sessions: in memory for every request, their hashes in the database for a restart. 15 idle minutes or 8 hours. */
export class StoredResidentSessions implements ResidentSessions {
  readonly #pool: pg.Pool;
  readonly #clock: Clock;
  readonly #randomness: Randomness;
  readonly #macs: RowMacs;
  readonly #log: Log;
  readonly #sessions = new Map<string, LiveSession>();

  constructor(o: { pool: pg.Pool; clock: Clock; randomness: Randomness; macs: RowMacs; log: Log }) {
    this.#pool = o.pool;
    this.#clock = o.clock;
    this.#randomness = o.randomness;
    this.#macs = o.macs;
    this.#log = o.log;
  }

  async load(): Promise<void> {
    const { rows } = await this.#pool.query<{
      municipality_code: MunicipalityCode;
      session_hash: Buffer;
      person_id: PersonId;
      started_at_ms: string;
      used_at_ms: string;
      row_mac: Buffer;
    }>('SELECT * FROM gate.resident_session WHERE started_at_ms > $1', [this.#clock.now() - absoluteMs]);
    const stored = rows.map((row) => ({
      ...liveOf(
        row.session_hash,
        { municipality: row.municipality_code, person: row.person_id },
        Number(row.started_at_ms),
        Number(row.used_at_ms),
      ),
      row_mac: row.row_mac,
    }));
    for (const { row_mac: _mac, ...session } of await this.#macs.own(
      'gate.resident_session',
      stored,
      macValues,
    ))
      this.#sessions.set(session.hash.toString('hex'), session);
  }

  /** Draws a session. `store` puts its hash into the transaction of the sign-in's line, `add` makes it live. */
  draw(of: { municipality: MunicipalityCode; person: PersonId }): StartedSession {
    const id = this.#randomness.bytes(32).toString('base64url');
    const now = this.#clock.now();
    const live = liveOf(hash('sha256', id, 'buffer'), of, now, now);
    return { id, expiresAt: now + absoluteMs, live };
  }

  async store(db: pg.Pool | pg.PoolClient, { live }: StartedSession): Promise<void> {
    await db.query(
      `INSERT INTO gate.resident_session (municipality_code, session_hash, person_id, started_at_ms, used_at_ms, row_mac)
       VALUES ($1, $2, $3, $4, $5, $6)`,
      [
        live.municipality,
        live.hash,
        live.person,
        live.startedAt,
        live.usedAt,
        await this.#macs.of('gate.resident_session', macValues(live)),
      ],
    );
  }

  add({ live }: StartedSession): void {
    const now = this.#clock.now();
    for (const [key, old] of this.#sessions)
      if (now >= old.startedAt + absoluteMs) this.#sessions.delete(key);
    this.#sessions.set(live.hash.toString('hex'), live);
  }

  /** All three in one, for a sign-in that has no line to share a transaction with. */
  async start(of: {
    municipality: MunicipalityCode;
    person: PersonId;
  }): Promise<{ session: string; expiresAt: number }> {
    const started = this.draw(of);
    await this.store(this.#pool, started);
    this.add(started);
    return { session: started.id, expiresAt: started.expiresAt };
  }

  /** @throws session-invalid with reason unknown, idle, absolute or clock */
  require(id: string): LiveSession {
    const key = hash('sha256', id, 'hex');
    const session = this.#sessions.get(key);
    if (session === undefined) throw invalid('unknown');
    const now = this.#clock.now();
    // Behind its own last use the clock was turned back: nobody can say how old the session is.
    if (now < session.usedAt - clockSlackMs) throw invalid('clock');
    const latest = Math.max(now, session.usedAt);
    const reason =
      latest >= session.startedAt + absoluteMs
        ? 'absolute'
        : latest >= session.usedAt + idleMs
          ? 'idle'
          : undefined;
    if (reason !== undefined) {
      this.#sessions.delete(key);
      throw invalid(reason);
    }
    session.usedAt = latest;
    if (session.usedAt - session.storedAt > 60_000) this.#storeUse(session);
    return session;
  }

  /** Behind the request, once a minute; if it is lost the session only ends earlier after a restart. */
  #storeUse(session: LiveSession): void {
    session.storedAt = session.usedAt;
    this.#pool
      .query(
        'UPDATE gate.resident_session SET used_at_ms = $3 WHERE municipality_code = $1 AND session_hash = $2',
        [session.municipality, session.hash, session.usedAt],
      )
      .catch((error: unknown) => this.#log.error('session-use-not-stored', error));
  }

  /** Ends one session, or none where it is not live. */
  async end(id: string): Promise<void> {
    const digest = hash('sha256', id, 'buffer');
    await this.#end((session) => session.hash.equals(digest));
  }

  /** Ends all sessions of a resident. */
  async endOf(person: PersonId): Promise<number> {
    return await this.#end((session) => session.person === person);
  }

  async #end(which: (session: LiveSession) => boolean): Promise<number> {
    const ended: Buffer[] = [];
    for (const [key, session] of this.#sessions) {
      if (!which(session)) continue;
      this.#sessions.delete(key);
      ended.push(session.hash);
    }
    if (ended.length > 0)
      await this.#pool.query('DELETE FROM gate.resident_session WHERE session_hash = ANY($1)', [ended]);
    return ended.length;
  }
}

function liveOf(
  digest: Buffer,
  { municipality, person }: { municipality: MunicipalityCode; person: PersonId },
  startedAt: number,
  usedAt: number,
): LiveSession {
  const ref = digest.toString('hex', 0, 8);
  return { municipality, person, ref, hash: digest, startedAt, usedAt, storedAt: usedAt };
}
