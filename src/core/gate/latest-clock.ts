import type { Clock } from '../../ground/clock.ts';

/** A clock that never goes back: what has run out stays run out when the machine's clock is turned back. */
export function latestClock(clock: Clock): Clock {
  let latest = 0;
  return {
    now() {
      latest = Math.max(latest, clock.now());
      return latest;
    },
  };
}
