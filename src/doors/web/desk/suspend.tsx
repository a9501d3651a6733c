import { useQueryClient } from '@tanstack/react-query';
import { type SyntheticEvent, useState } from 'react';
import { useAct } from '../ui/act.ts';
import { Button } from '../ui/button.tsx';
import { Actions, Dialog } from '../ui/dialog.tsx';
import { toFirstFault } from '../ui/first-fault.ts';
import { useAnnounce } from '../ui/live-region.tsx';
import { ProblemNotice } from '../ui/problem.tsx';
import { TextField } from '../ui/text-field.tsx';
import { useUiWords } from '../ui/words.ts';
import { useDesk } from './session.tsx';
import { useStepUp } from './step-up.tsx';
import { useOfficeWords } from './words.ts';

export interface Suspending {
  name: string;
  target: 'staff' | 'terminal';
  /** Ends a suspension instead of beginning one. */
  end: boolean;
}

/** Asks for the reason, and suspends or reinstates: it holds from the next request on. */
export function SuspendDialog({
  suspending,
  onClose,
}: {
  suspending: Suspending | null;
  onClose: () => void;
}) {
  const t = useOfficeWords().people;
  const title =
    suspending === null
      ? ''
      : suspending.end
        ? t.reinstateTitle(suspending.name)
        : t.suspendTitle(suspending.name);
  return (
    <Dialog title={title} open={suspending !== null} onClose={onClose}>
      {suspending !== null && <SuspendForm {...suspending} onClose={onClose} />}
    </Dialog>
  );
}

function SuspendForm({ name, target, end, onClose }: Suspending & { onClose: () => void }) {
  const t = useOfficeWords().people;
  const ui = useUiWords();
  const client = useDesk();
  const queries = useQueryClient();
  const announce = useAnnounce();
  const withStepUp = useStepUp();
  const act = useAct();
  const [reason, setReason] = useState('');
  const [tried, setTried] = useState(false);
  const submit = (event: SyntheticEvent<HTMLFormElement>) => {
    event.preventDefault();
    toFirstFault(event.currentTarget);
    setTried(true);
    if (reason.trim() === '') return;
    const order = { name, target, body: { reason: reason.trim() } };
    act.run(
      async () => {
        if (!end) return t.suspended(name, (await withStepUp(() => client.suspend(order))).sessionsEnded);
        await withStepUp(() => client.reinstate(order));
        return t.reinstated(name);
      },
      (said) => {
        void queries.invalidateQueries({ queryKey: [target === 'staff' ? 'staff' : 'terminals'] });
        announce(said);
        onClose();
      },
    );
  };
  return (
    <form onSubmit={submit} noValidate className="space-y-4">
      {!end && <p className="text-std-16N-170">{t.suspendText}</p>}
      <TextField
        label={t.reason}
        hint={t.reasonHint}
        required
        maxLength={200}
        value={reason}
        onChange={(event) => setReason(event.target.value)}
        error={tried && reason.trim() === '' ? t.reasonError : undefined}
      />
      <ProblemNotice error={act.error} />
      <Actions>
        <Button type="submit" look={end ? 'solid' : 'danger'} busy={act.busy}>
          {end ? t.reinstate : t.suspend}
        </Button>
        <Button look="outline" onClick={onClose}>
          {ui.cancel}
        </Button>
      </Actions>
    </form>
  );
}
