import type { Clock } from '../../ground/clock.ts';

/**
 * Time that only goes forward, made of a clock that may be set: what it jumps back is left out, what it jumps forward
 * counts. So a clock set back can never make an overdue head look fresh.
 */
export class Elapsed {
  readonly #clock: Clock;
  #seen: number;
  #sum = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#seen = clock.now();
  }

  /** Milliseconds since this was made, as far as observed. */
  now(): number {
    const now = this.#clock.now();
    if (now > this.#seen) this.#sum += now - this.#seen;
    this.#seen = now;
    return this.#sum;
  }
}
