/** Time comes in as an argument, so that tests can stop it, jump it and turn it back. */
export interface Clock {
  /** Milliseconds since 1970-01-01T00:00:00Z. */
  now(): number;
}

export const systemClock: Clock = { now: () => Date.now() };

/** A clock that stands still until told. */
export interface ManualClock extends Clock {
  set(ms: number): void;
  advance(ms: number): void;
}

/** @param start milliseconds since 1970; default 2026-04-01T00:00:00Z */
export function manualClock(start = 1_774_998_000_000): ManualClock {
  let now = start;
  return {
    now: () => now,
    set: (ms) => {
      now = ms;
    },
    advance: (ms) => {
      now += ms;
    },
  };
}

/** ISO date (YYYY-MM-DD) of a moment in Japan (UTC+9, no summer time). */
export function japanDate(ms: number): string {
  return new Date(ms + 9 * 3_600_000).toISOString().slice(0, 10);
}
