import { useState } from 'react';
import { useAct } from '../ui/act.ts';
import { Button } from '../ui/button.tsx';
import { Actions, Dialog } from '../ui/dialog.tsx';
import { useLanguage } from '../ui/language.tsx';
import { momentInWords } from '../ui/moment.ts';
import { ProblemNotice } from '../ui/problem.tsx';
import { useUiWords } from '../ui/words.ts';
import type { Invited } from './desk-client.ts';
import { addressOf, SpokenCode } from './portal-invitation.tsx';
import { useDesk } from './session.tsx';
import { useStepUp } from './step-up.tsx';
import { useOfficeWords } from './words.ts';

export interface Invitee {
  name: string;
  target: 'staff' | 'terminal';
}

/** Makes a code for a member of staff, or for the browser of a terminal; it is shown this once. */
export function Invite({ invitee, onClose }: { invitee: Invitee | null; onClose: () => void }) {
  const t = useOfficeWords().people;
  const title =
    invitee === null
      ? ''
      : invitee.target === 'staff'
        ? t.inviteOf(invitee.name)
        : t.inviteTerminalOf(invitee.name);
  return (
    <Dialog title={title} open={invitee !== null} onClose={onClose}>
      {invitee !== null && <InviteBody {...invitee} onClose={onClose} />}
    </Dialog>
  );
}

function InviteBody({ name, target, onClose }: Invitee & { onClose: () => void }) {
  const t = useOfficeWords().people;
  const ui = useUiWords();
  const { language } = useLanguage();
  const client = useDesk();
  const withStepUp = useStepUp();
  const act = useAct();
  const [made, setMade] = useState<Invited | null>(null);
  const make = () =>
    act.run(
      () =>
        withStepUp(() =>
          target === 'staff' ? client.inviteStaff({ name }) : client.inviteTerminal({ name }),
        ),
      setMade,
    );
  return (
    <>
      <p className="text-std-16N-170 mb-4">{target === 'staff' ? t.codeText : t.terminalCodeText}</p>
      <ProblemNotice error={act.error} />
      {made !== null && (
        <div role="status" className="space-y-3">
          {target === 'staff' && (
            <>
              <p className="text-std-16B-170">{t.code}</p>
              <SpokenCode code={made.code} />
            </>
          )}
          <p className="text-std-16B-170">{t.codeUrl}</p>
          <p className="text-mono-16N-150">{target === 'staff' ? addressOf(made.url) : made.url}</p>
          <p className="text-std-16N-170">{t.until(momentInWords(made.expiresAt, language))}</p>
        </div>
      )}
      <Actions>
        {made === null && (
          <Button busy={act.busy} onClick={make}>
            {t.invite}
          </Button>
        )}
        <Button look="outline" onClick={onClose}>
          {made === null ? ui.cancel : ui.close}
        </Button>
      </Actions>
    </>
  );
}
