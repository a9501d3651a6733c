import { useEffect, useState } from 'react';
import { useUiWords } from './words.ts';

/** Whole seconds until `endsAt` (ms since 1970), told anew each second; 0 when it is over. */
export function useSecondsLeft(endsAt: number | null): number {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    if (endsAt === null) return;
    setNow(Date.now());
    const timer = setInterval(() => setNow(Date.now()), 1_000);
    return () => clearInterval(timer);
  }, [endsAt]);
  return endsAt === null ? 0 : Math.max(0, Math.ceil((endsAt - now) / 1_000));
}

/** Seconds left, for the eye; a screen reader finds them when it looks, and is not told each one. */
export function Countdown({ endsAt }: { endsAt: number }) {
  const t = useUiWords();
  const seconds = useSecondsLeft(endsAt);
  return (
    <span role="timer" className="text-std-16N-170 tabular-nums">
      {t.left(seconds)}
    </span>
  );
}
