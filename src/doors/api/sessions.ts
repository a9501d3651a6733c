import { createHash } from 'node:crypto';
import type { Clock } from '../../ground/clock.ts';

/** What the office remembers of a sign-in it passed on: for showing it, never for deciding anything. */
export interface KnownSession {
  readonly expiresAt: number;
  readonly role: string;
  readonly office: string;
  readonly staff: string;
  readonly terminal: string;
  /** Where the gate says so. */
  readonly municipality?: string;
}

const MOST_SESSIONS = 100_000;

/**
 * Sessions by the hash of their token. The gate alone says whether one holds; this only answers "who am I" and
 * counts them. The oldest is forgotten first when there are too many.
 */
export class KnownSessions {
  readonly #clock: Clock;
  readonly #known = new Map<string, KnownSession>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  add(token: string, session: KnownSession): void {
    const { expiresAt, role, office, staff, terminal, municipality } = session;
    if (this.#known.size >= MOST_SESSIONS) this.#known.delete(this.#known.keys().next().value!);
    this.#known.set(hashOf(token), {
      expiresAt,
      role,
      office,
      staff,
      terminal,
      ...(municipality === undefined ? {} : { municipality }),
    });
  }

  find(token: string): KnownSession | undefined {
    const key = hashOf(token);
    const known = this.#known.get(key);
    if (known === undefined || known.expiresAt > this.#clock.now()) return known;
    this.#known.delete(key);
    return undefined;
  }

  remove(token: string): void {
    this.#known.delete(hashOf(token));
  }

  /** Sessions that have not run out, for the metrics. */
  count(): number {
    for (const [key, { expiresAt }] of this.#known)
      if (expiresAt <= this.#clock.now()) this.#known.delete(key);
    return this.#known.size;
  }
}

const hashOf = (token: string) => createHash('sha256').update(token).digest('base64');
