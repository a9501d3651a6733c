import { useAct } from '../ui/act.ts';
import { Button } from '../ui/button.tsx';
import { Actions, Dialog } from '../ui/dialog.tsx';
import { useAnnounce } from '../ui/live-region.tsx';
import { ProblemNotice } from '../ui/problem.tsx';
import { useUiWords } from '../ui/words.ts';
import { useStepUp } from './step-up.tsx';
import { useOfficeWords } from './words.ts';

/** Takes all passkeys of somebody who has lost a device: he signs in nowhere until he is given a new code. */
export function StopPasskeys({
  title,
  open,
  onClose,
  stop,
  onStopped,
}: {
  title: string;
  open: boolean;
  onClose: () => void;
  stop: () => Promise<{ stopped: number }>;
  onStopped: () => void;
}) {
  const t = useOfficeWords().people;
  const ui = useUiWords();
  const announce = useAnnounce();
  const withStepUp = useStepUp();
  const act = useAct();
  const close = () => {
    act.clear();
    onClose();
  };
  const go = () =>
    act.run(
      () => withStepUp(stop),
      ({ stopped }) => {
        announce(t.passkeysStopped(stopped));
        onStopped();
        close();
      },
    );
  return (
    <Dialog title={title} open={open} onClose={close}>
      <p className="text-std-16N-170">{t.stopPasskeysText}</p>
      <div className="mt-3 empty:hidden">
        <ProblemNotice error={act.error} />
      </div>
      <Actions>
        <Button look="danger" busy={act.busy} onClick={go}>
          {t.stopPasskeys}
        </Button>
        <Button look="outline" onClick={close}>
          {ui.cancel}
        </Button>
      </Actions>
    </Dialog>
  );
}
