import { useCallback, useEffect, useRef, useState } from 'react';

/** Opened fields stay this long. */
export const openMs = 120_000;

export interface Opened<Value> {
  value: Value;
  /** ms since 1970 */
  endsAt: number;
}

/**
 * Opened values by name, in this component's state and nowhere else. They are covered after two minutes, when the page is hidden
 * or left, and with the component.
 */
export function useOpened<Value>(onCovered: () => void) {
  const [opened, setOpened] = useState<ReadonlyMap<string, Opened<Value>>>(new Map());
  const told = useRef(onCovered);
  told.current = onCovered;
  const put = useCallback(
    (name: string, value: Value) =>
      setOpened((now) =>
        document.visibilityState === 'hidden'
          ? now
          : new Map([...now, [name, { value, endsAt: Date.now() + openMs }]]),
      ),
    [],
  );
  const cover = useCallback(
    (name: string) => setOpened((now) => new Map([...now].filter(([each]) => each !== name))),
    [],
  );
  useEffect(() => {
    if (opened.size === 0) return;
    const next = Math.min(...[...opened.values()].map(({ endsAt }) => endsAt));
    const timer = setTimeout(
      () => {
        setOpened((now) => new Map([...now].filter(([, { endsAt }]) => endsAt > Date.now())));
        told.current();
      },
      Math.max(0, next - Date.now()),
    );
    return () => clearTimeout(timer);
  }, [opened]);
  useEffect(() => {
    const coverAll = () => setOpened(new Map());
    const hide = () => {
      if (document.visibilityState === 'hidden') coverAll();
    };
    document.addEventListener('visibilitychange', hide);
    window.addEventListener('pagehide', coverAll);
    return () => {
      document.removeEventListener('visibilitychange', hide);
      window.removeEventListener('pagehide', coverAll);
    };
  }, []);
  return { opened, put, cover };
}
