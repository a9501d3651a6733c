import { createContext, type ReactNode, useCallback, useContext, useRef, useState } from 'react';
import { useAct } from '../ui/act.ts';
import { Button } from '../ui/button.tsx';
import { Actions, Dialog } from '../ui/dialog.tsx';
import { PasskeyProblem } from '../ui/passkey-problem.tsx';
import { kindOf } from '../ui/problem.tsx';
import { useUiWords } from '../ui/words.ts';
import { stepUpWithPasskey } from './passkey.ts';
import { useDesk } from './session.tsx';
import { useDeskWords } from './words.ts';

type WithStepUp = <T>(work: () => Promise<T>) => Promise<T>;
const Context = createContext<WithStepUp>((work) => work());

interface Waiting {
  goOn: () => void;
  giveUp: (error: unknown) => void;
  error: unknown;
}

/** Asks for the second factor where the gate wants it fresh, and then goes on with what was begun. */
export function StepUpProvider({ children }: { children: ReactNode }) {
  const { stepUp: t, signIn } = useDeskWords();
  const ui = useUiWords();
  const client = useDesk();
  const act = useAct();
  const [open, setOpen] = useState(false);
  const waiting = useRef<Waiting | null>(null);

  const withStepUp = useCallback(async <T,>(work: () => Promise<T>): Promise<T> => {
    try {
      return await work();
    } catch (error) {
      if (kindOf(error) !== 'second-factor-required') throw error;
      await new Promise<void>((goOn, giveUp) => {
        waiting.current = { goOn, giveUp, error };
        setOpen(true);
      });
      return await work();
    }
  }, []);

  const end = (confirmed: boolean) => {
    act.clear();
    setOpen(false);
    const now = waiting.current;
    waiting.current = null;
    if (confirmed) now?.goOn();
    else now?.giveUp(now.error);
  };

  return (
    <Context value={withStepUp}>
      {children}
      <Dialog title={t.title} open={open} onClose={() => end(false)}>
        <p className="text-std-16N-170">{t.text}</p>
        <div className="mt-4 empty:hidden">
          <PasskeyProblem error={act.error} t={signIn} />
        </div>
        <Actions>
          <Button
            busy={act.busy}
            onClick={() =>
              act.run(
                () => stepUpWithPasskey(client),
                () => end(true),
              )
            }
          >
            {t.confirm}
          </Button>
          <Button look="outline" onClick={() => end(false)}>
            {ui.cancel}
          </Button>
        </Actions>
      </Dialog>
    </Context>
  );
}

export const useStepUp = (): WithStepUp => useContext(Context);
