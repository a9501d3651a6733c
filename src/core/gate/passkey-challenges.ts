import type { Clock } from '../../ground/clock.ts';
import { SekishoError } from '../../ground/errors.ts';
import type { Randomness } from '../../ground/randomness.ts';

export const challengeMs = 2 * 60_000;
const challengesMax = 100_000;

/** What a challenge was given out for: an answer to it is taken for nothing else. */
export interface ChallengeUse {
  use: 'desk/sign-in' | 'desk/step-up' | 'desk/enrol' | 'portal/sign-in' | 'portal/enrol';
  /** The session that is stepped up, or the invitation that is followed. */
  bound: string;
}

/** Challenges that may be answered once within two minutes. In memory: a restart of the gate asks for another try. */
export class PasskeyChallenges {
  readonly #clock: Clock;
  readonly #randomness: Randomness;
  readonly #open = new Map<string, ChallengeUse & { until: number }>();

  /** @param clock one that never goes back */
  constructor(clock: Clock, randomness: Randomness) {
    this.#clock = clock;
    this.#randomness = randomness;
  }

  /** 256 fresh bits. @throws timeout where far too many are waiting to be answered */
  draw({ use, bound }: ChallengeUse): Buffer {
    const now = this.#clock.now();
    // Oldest first: behind the first that still holds all do.
    for (const [challenge, { until }] of this.#open) {
      if (until > now) break;
      this.#open.delete(challenge);
    }
    if (this.#open.size >= challengesMax)
      throw new SekishoError('timeout', { reason: 'too-many-challenges' });
    const challenge = Buffer.from(this.#randomness.bytes(32));
    this.#open.set(challenge.toString('base64url'), { use, bound, until: now + challengeMs });
    return challenge;
  }

  /** True once, and for what it was drawn for. Whatever comes of the answer, the challenge is used up. */
  take(challenge: string, { use, bound }: ChallengeUse): boolean {
    const found = this.#open.get(challenge);
    this.#open.delete(challenge);
    return (
      found !== undefined && found.use === use && found.bound === bound && found.until > this.#clock.now()
    );
  }
}
