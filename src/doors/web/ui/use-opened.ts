import { useCallback, useEffect, useRef, useState } from 'react';

/** What is shown until then. */
export type Opened<Value> = Value & {
  /** ms since 1970 */
  endsAt: number;
};
export type AllOpened<Value> = ReadonlyMap<string, Opened<Value>>;

/** Those that may still be shown at `now`; the very same map where none is over. */
export function stillOpen<Value>(opened: AllOpened<Value>, now: number): AllOpened<Value> {
  const left = [...opened].filter(([, { endsAt }]) => endsAt > now);
  return left.length === opened.size ? opened : new Map(left);
}

/** When the next one is over; null when none is open. */
export function nextEnd(opened: AllOpened<unknown>): number | null {
  return opened.size === 0 ? null : Math.min(...[...opened.values()].map(({ endsAt }) => endsAt));
}

/**
 * Opened values by name, in this component's state and nowhere else. They close after `openMs`, when the page is hidden or left,
 * and with the component.
 */
export function useOpened<Value extends object>(openMs: number, onClosedByItself: () => void) {
  const [opened, setOpened] = useState<AllOpened<Value>>(new Map());
  const told = useRef(onClosedByItself);
  told.current = onClosedByItself;
  const put = useCallback(
    (values: Readonly<Record<string, Value>>) =>
      setOpened((now) => {
        // The answer came after he had left the tab.
        if (document.visibilityState === 'hidden') return now;
        const endsAt = Date.now() + openMs;
        return new Map([
          ...now,
          ...Object.entries(values).map(([name, value]) => [name, { ...value, endsAt }] as const),
        ]);
      }),
    [openMs],
  );
  const close = useCallback(
    (name: string) => setOpened((now) => new Map([...now].filter(([each]) => each !== name))),
    [],
  );
  useEffect(() => {
    const end = nextEnd(opened);
    if (end === null) return;
    const timer = setTimeout(
      () => {
        setOpened((now) => stillOpen(now, Date.now()));
        told.current();
      },
      Math.max(0, end - Date.now()),
    );
    return () => clearTimeout(timer);
  }, [opened]);
  useEffect(() => {
    const closeAll = () => setOpened(new Map());
    const hide = () => {
      if (document.visibilityState === 'hidden') closeAll();
    };
    document.addEventListener('visibilitychange', hide);
    window.addEventListener('pagehide', closeAll);
    return () => {
      document.removeEventListener('visibilitychange', hide);
      window.removeEventListener('pagehide', closeAll);
    };
  }, []);
  return { opened, put, close };
}
