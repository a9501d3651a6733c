import { useQueryClient } from '@tanstack/react-query';
import { Link, useNavigate } from '@tanstack/react-router';
import { type SyntheticEvent, useState } from 'react';
import { useAct } from '../ui/act.ts';
import { Button } from '../ui/button.tsx';
import { toFirstFault } from '../ui/first-fault.ts';
import { Notice } from '../ui/notice.tsx';
import { Page } from '../ui/page.tsx';
import { PasskeyProblem } from '../ui/passkey-problem.tsx';
import { TextField } from '../ui/text-field.tsx';
import { enrolPasskey } from './passkey.ts';
import { useDesk } from './session.tsx';
import { useDeskWords } from './words.ts';

/** An invitation's address carries its code behind `#`, where no server is told of it. */
const codeInAddress = () => decodeURIComponent(window.location.hash.replace(/^#/, '')).slice(0, 100);

/** Enrols a passkey with the code an administrator gave. */
export function Enrol() {
  const words = useDeskWords();
  const t = words.enrol;
  const client = useDesk();
  const queries = useQueryClient();
  const navigate = useNavigate();
  const act = useAct();
  const [code, setCode] = useState(codeInAddress);
  const [missing, setMissing] = useState(false);
  /** Made in a browser that is no terminal. */
  const [elsewhere, setElsewhere] = useState(false);
  const submit = (event: SyntheticEvent<HTMLFormElement>) => {
    event.preventDefault();
    toFirstFault(event.currentTarget);
    setMissing(code.trim() === '');
    if (code.trim() === '') return;
    act.run(
      () => enrolPasskey(client, code.trim()),
      (signedIn) => {
        // The code is used up: it goes from the address too.
        void navigate({ to: signedIn ? '/' : '/enrol', hash: '', replace: true });
        if (signedIn) void queries.resetQueries({ queryKey: ['session'] });
        else setElsewhere(true);
      },
    );
  };
  return (
    <Page title={t.title} site={words.site} lead={t.lead}>
      <form className="max-w-xl space-y-6" onSubmit={submit} noValidate>
        <TextField
          label={t.code}
          hint={t.codeHint}
          required
          value={code}
          onChange={(event) => setCode(event.target.value)}
          error={missing ? t.codeMissing : undefined}
          className="font-mono"
        />
        <Button type="submit" size="lg" busy={act.busy}>
          {t.submit}
        </Button>
        <PasskeyProblem error={act.error} t={words.signIn} />
        {elsewhere && (
          <Notice kind="warning" title={t.elsewhere} live>
            <p>{t.elsewhereText}</p>
          </Notice>
        )}
        <p className="text-std-16N-170">
          <Link to="/">{t.toSignIn}</Link>
        </p>
      </form>
    </Page>
  );
}
