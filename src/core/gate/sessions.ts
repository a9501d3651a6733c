import { createPublicKey, hash, type KeyObject, sign, verify } from 'node:crypto';
import type pg from 'pg';
import type { Clock } from '../../ground/clock.ts';
import { SekishoError } from '../../ground/errors.ts';
import type { Log } from '../../ground/log.ts';
import type { Randomness } from '../../ground/randomness.ts';
import { latestClock } from './latest-clock.ts';
import type { MacValue, RowMacs } from './row-mac.ts';
import type { Staff, StaffMember } from './staff.ts';
import type { Terminal, Terminals } from './terminals.ts';

export const idleMs = 15 * 60_000;
export const absoluteMs = 8 * 3_600_000;
const nonceMs = 2 * 60_000;
/** A clock may be set right by this much without ending sessions. */
const clockSlackMs = 60_000;

/** A live session, bound to one member, one terminal and one municipality. */
export interface Session {
  /** First 16 hex digits of the hash: names the session in lines and budgets, and opens nothing. */
  readonly ref: string;
  readonly hash: Buffer;
  readonly member: StaffMember;
  readonly terminal: Terminal;
  /** ms since 1970: both factors were shown then. */
  readonly startedAt: number;
  usedAt: number;
  storedAt: number;
  /** ms since 1970: both factors were last shown then. In memory: after a restart it counts from the start again. */
  freshAt: number;
  /** Why it may not be used any more, though it has not run out. */
  ended?: 'session-invalid' | 'suspended';
}

const rawKeyPrefix = Buffer.from('302a300506032b6570032100', 'hex');

/** A KeyObject of 32 raw Ed25519 bytes (RFC 8410 §4 SubjectPublicKeyInfo). */
export function ed25519PublicKey(raw: Buffer): KeyObject {
  return createPublicKey({ key: Buffer.concat([rawKeyPrefix, raw]), format: 'der', type: 'spki' });
}

/** What a device does with the nonce it was given: sign its characters. Base64. */
export function signNonce(privateKey: KeyObject, nonce: string): string {
  return sign(null, Buffer.from(nonce, 'utf8'), privateKey).toString('base64');
}

const failed = (reason: string): SekishoError => new SekishoError('sign-in-failed', { reason });

/** The sessions of this gate. In memory for the path of a disclosure, their hashes in the database for a restart. */
export class Sessions {
  readonly #pool: pg.Pool;
  readonly #clock: Clock;
  readonly #latest: Clock;
  readonly #randomness: Randomness;
  readonly #staff: Staff;
  readonly #terminals: Terminals;
  readonly #log: Log;
  readonly #macs: RowMacs;
  readonly #sessions = new Map<string, Session>();
  readonly #nonces = new Map<string, { staff: string; until: number }>();

  constructor(o: {
    pool: pg.Pool;
    clock: Clock;
    randomness: Randomness;
    staff: Staff;
    terminals: Terminals;
    macs: RowMacs;
    log: Log;
  }) {
    this.#pool = o.pool;
    this.#clock = o.clock;
    this.#latest = latestClock(o.clock);
    this.#randomness = o.randomness;
    this.#staff = o.staff;
    this.#terminals = o.terminals;
    this.#macs = o.macs;
    this.#log = o.log;
  }

  /** Loads what was live before the start. The idle time runs from the last stored use, at most a minute early. */
  async load(): Promise<void> {
    const { rows } = await this.#pool.query<{
      municipality_code: string;
      session_hash: Buffer;
      staff_id: string;
      terminal_id: string;
      started_at_ms: string;
      used_at_ms: string;
      row_mac: Buffer;
    }>('SELECT * FROM gate.session WHERE started_at_ms > $1', [this.#clock.now() - absoluteMs]);
    const own = await this.#macs.own('gate.session', rows, (row) => [
      row.municipality_code,
      row.session_hash,
      row.staff_id,
      row.terminal_id,
      Number(row.started_at_ms),
    ]);
    for (const row of own) {
      const member = this.#staff.find(row.staff_id);
      const terminal = member && this.#terminals.find(member.municipality, row.terminal_id);
      if (!member || !terminal) continue;
      const usedAt = Number(row.used_at_ms);
      this.#sessions.set(
        row.session_hash.toString('hex'),
        newSession(row.session_hash, member, terminal, Number(row.started_at_ms), usedAt),
      );
    }
  }

  /** A nonce that can be signed once within two minutes; given for unknown names too, so it tells nothing. */
  challenge(staff: string): string {
    const now = this.#latest.now();
    // Oldest first, and the clock never goes back: behind the first that still holds all do.
    for (const [nonce, { until }] of this.#nonces) {
      if (until > now) break;
      this.#nonces.delete(nonce);
    }
    if (this.#nonces.size >= 100_000) throw new SekishoError('timeout', { reason: 'too-many-challenges' });
    const nonce = `sekisho-sign-in/v1 ${staff} ${this.#randomness.bytes(32).toString('base64url')}`;
    this.#nonces.set(nonce, { staff, until: now + nonceMs });
    return nonce;
  }

  /**
   * Checks both factors: the device key (possession) and the PIN (knowledge). The nonce is used up whatever comes of it.
   * @throws sign-in-failed with a reason that the server keeps to itself and the line
   */
  async verify(i: {
    staff: string;
    terminal: string;
    nonce: string;
    signature: string;
    pin: string;
  }): Promise<{ member: StaffMember; terminal: Terminal }> {
    const challenge = this.#nonces.get(i.nonce);
    this.#nonces.delete(i.nonce);
    const member = this.#staff.find(i.staff);
    if (!challenge || challenge.staff !== i.staff || challenge.until <= this.#latest.now())
      throw failed('nonce');
    if (member && !verify(null, Buffer.from(i.nonce), keyOf(member), Buffer.from(i.signature, 'base64'))) {
      // Before the PIN: without the device nobody can lock a colleague out.
      throw failed('signature');
    }
    const right = await this.#staff.checkPin(member, i.pin);
    if (!member) throw failed('unknown');
    if (!right) throw failed(member.state === 'active' ? 'pin' : member.state);
    const terminal = this.#terminals.find(member.municipality, i.terminal);
    if (terminal?.state !== 'active') throw failed('terminal');
    return { member, terminal };
  }

  /** Draws a session's id, 256 bits; `store` puts its hash into the line's transaction, `add` makes it live. */
  draw(member: StaffMember, terminal: Terminal): { id: string; session: Session } {
    const id = this.#randomness.bytes(32).toString('base64url');
    const now = this.#clock.now();
    return { id, session: newSession(hash('sha256', id, 'buffer'), member, terminal, now, now) };
  }

  async store(tx: pg.PoolClient, session: Session): Promise<void> {
    const { member, terminal } = session;
    await tx.query(
      `INSERT INTO gate.session (municipality_code, session_hash, staff_id, terminal_id, started_at_ms, used_at_ms,
         row_mac) VALUES ($1, $2, $3, $4, $5, $6, $7)`,
      [
        member.municipality,
        session.hash,
        member.staffId,
        terminal.terminalId,
        session.startedAt,
        session.usedAt,
        await this.#macs.of('gate.session', macValues(session)),
      ],
    );
  }

  add(session: Session): void {
    const now = this.#clock.now();
    for (const [key, old] of this.#sessions)
      if (now >= old.startedAt + absoluteMs) this.#sessions.delete(key);
    this.#sessions.set(session.hash.toString('hex'), session);
  }

  /**
   * The live session of an id.
   * @param terminal where the caller says the request comes from; if given, it must be the session's own
   * @throws session-invalid with reason unknown, idle, absolute, clock or terminal
   */
  get(id: string, terminal?: string): Session {
    const key = hash('sha256', id, 'hex');
    const session = this.#sessions.get(key);
    if (!session) throw invalid('unknown');
    if (session.ended !== undefined) throw new SekishoError(session.ended, { reason: 'ended' });
    const now = this.#clock.now();
    // Behind its own last use the clock was turned back: nobody can say how old the session is.
    if (now < session.usedAt - clockSlackMs) throw invalid('clock');
    const reason = this.#ending(session, Math.max(now, session.usedAt));
    if (reason !== undefined) {
      this.#sessions.delete(key);
      throw invalid(reason);
    }
    if (terminal !== undefined && terminal !== session.terminal.terminalId) throw invalid('terminal');
    session.usedAt = Math.max(now, session.usedAt);
    if (session.usedAt - session.storedAt > 60_000) this.#storeUse(session);
    return session;
  }

  #ending(session: Session, now: number): string | undefined {
    if (now >= session.startedAt + absoluteMs) return 'absolute';
    if (now >= session.usedAt + idleMs) return 'idle';
    return undefined;
  }

  /** Behind the request, once a minute; if it is lost the session only ends earlier after a restart. */
  #storeUse(session: Session): void {
    session.storedAt = session.usedAt;
    this.#pool
      .query('UPDATE gate.session SET used_at_ms = $3 WHERE municipality_code = $1 AND session_hash = $2', [
        session.member.municipality,
        session.hash,
        session.usedAt,
      ])
      .catch((error: unknown) => this.#log.error('session-use-not-stored', error));
  }

  /**
   * Ends sessions: in memory at once, then in the database. They are kept in memory until they run out, so that the
   * next request is told why.
   */
  async end(
    which: (session: Session) => boolean,
    why: 'session-invalid' | 'suspended',
    db: pg.Pool | pg.PoolClient = this.#pool,
  ): Promise<number> {
    const ended: Buffer[] = [];
    for (const session of this.#sessions.values()) {
      if (session.ended !== undefined || !which(session)) continue;
      session.ended = why;
      ended.push(session.hash);
    }
    if (ended.length > 0) await db.query('DELETE FROM gate.session WHERE session_hash = ANY($1)', [ended]);
    return ended.length;
  }
}

const invalid = (reason: string): SekishoError => new SekishoError('session-invalid', { reason });

function newSession(
  digest: Buffer,
  member: StaffMember,
  terminal: Terminal,
  startedAt: number,
  usedAt: number,
): Session {
  return {
    ref: digest.toString('hex', 0, 8),
    hash: digest,
    member,
    terminal,
    startedAt,
    usedAt,
    storedAt: usedAt,
    freshAt: startedAt,
  };
}

/** The last use is left out: it changes by the minute, and can only lengthen a session up to its eight hours. */
const macValues = ({ hash: digest, member, terminal, startedAt }: Session): MacValue[] => [
  member.municipality,
  digest,
  member.staffId,
  terminal.terminalId,
  startedAt,
];

function keyOf(member: StaffMember): KeyObject {
  return ed25519PublicKey(member.publicKey);
}
