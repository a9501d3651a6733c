import { createContext, type ReactNode, useCallback, useContext, useRef, useState } from 'react';

const Context = createContext<(text: string) => void>(() => {});

/** Reads texts out to a screen reader without showing them; the same text twice is read twice. */
export function LiveRegion({ children }: { children: ReactNode }) {
  const [text, setText] = useState('');
  const turn = useRef(false);
  const announce = useCallback((next: string) => {
    turn.current = !turn.current;
    setText(turn.current ? next : `${next}\u200b`);
  }, []);
  return (
    <Context value={announce}>
      {children}
      <div aria-live="polite" data-live-announcer className="hidden-visually">
        {text}
      </div>
    </Context>
  );
}

export const useAnnounce = (): ((text: string) => void) => useContext(Context);
