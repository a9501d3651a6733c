import { useCallback, useEffect, useRef, useState } from 'react';

/** Opened fields stay this long. */
export const openMs = 60_000;

export interface OpenedGroup {
  fields: Readonly<Record<string, string>>;
  /** ms since 1970 */
  endsAt: number;
  /** Of the journal, or null where the gate wrote none. */
  line: number;
}
export type OpenedGroups = ReadonlyMap<string, OpenedGroup>;

/** Those that may still be shown at `now`; the very same map where none is over. */
export function stillOpen(opened: OpenedGroups, now: number): OpenedGroups {
  const left = [...opened].filter(([, { endsAt }]) => endsAt > now);
  return left.length === opened.size ? opened : new Map(left);
}

/** When the next one is over; null when none is open. */
export function nextEnd(opened: OpenedGroups): number | null {
  return opened.size === 0 ? null : Math.min(...[...opened.values()].map(({ endsAt }) => endsAt));
}

/**
 * The opened fields of one person, in this component's state and nowhere else. They close after 60 seconds, when the page is
 * hidden or left, and with the component.
 */
export function useOpenedGroups(onClosedByItself: () => void): {
  opened: OpenedGroups;
  put: (fields: Readonly<Record<string, Readonly<Record<string, string>>>>, line: number) => void;
  close: (group: string) => void;
  closeAll: () => void;
} {
  const [opened, setOpened] = useState<OpenedGroups>(new Map());
  const told = useRef(onClosedByItself);
  told.current = onClosedByItself;
  const put = useCallback(
    (fields: Readonly<Record<string, Readonly<Record<string, string>>>>, line: number) =>
      setOpened((now) => {
        // The answer came after he had left the tab.
        if (document.visibilityState === 'hidden') return now;
        const endsAt = Date.now() + openMs;
        return new Map([
          ...now,
          ...Object.entries(fields).map(
            ([group, values]) => [group, { fields: values, endsAt, line }] as const,
          ),
        ]);
      }),
    [],
  );
  const close = useCallback(
    (group: string) => setOpened((now) => new Map([...now].filter(([name]) => name !== group))),
    [],
  );
  const closeAll = useCallback(() => setOpened(new Map()), []);
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
    const hide = () => {
      if (document.visibilityState === 'hidden') closeAll();
    };
    document.addEventListener('visibilitychange', hide);
    window.addEventListener('pagehide', closeAll);
    return () => {
      document.removeEventListener('visibilitychange', hide);
      window.removeEventListener('pagehide', closeAll);
    };
  }, [closeAll]);
  return { opened, put, close, closeAll };
}
