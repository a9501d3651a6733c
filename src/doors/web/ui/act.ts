import { useCallback, useRef, useState } from 'react';

/** One act at a time: what it is doing, and what came of it if that was an error. */
export interface Act {
  busy: boolean;
  error: unknown;
  /** Starts `work`; `done` gets its answer. While one is under way another is not started. */
  run: <T>(work: () => Promise<T>, done?: (answer: T) => void) => void;
  clear: () => void;
}

/** State of an act that a button starts. An error stays on the screen until the next try or `clear`. */
export function useAct(): Act {
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const going = useRef(false);
  const run = useCallback(<T>(work: () => Promise<T>, done?: (answer: T) => void) => {
    if (going.current) return;
    going.current = true;
    setBusy(true);
    setError(null);
    work()
      .then((answer) => done?.(answer), setError)
      .catch(setError)
      .finally(() => {
        going.current = false;
        setBusy(false);
      });
  }, []);
  const clear = useCallback(() => setError(null), []);
  return { busy, error, run, clear };
}
