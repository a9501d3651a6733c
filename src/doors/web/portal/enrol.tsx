import { useQueryClient } from '@tanstack/react-query';
import { Link, useNavigate } from '@tanstack/react-router';
import { type SyntheticEvent, useState } from 'react';
import { useAct } from '../ui/act.ts';
import { Button } from '../ui/button.tsx';
import { Page } from '../ui/page.tsx';
import { PasskeyProblem } from '../ui/passkey-problem.tsx';
import { TextField } from '../ui/text-field.tsx';
import { enrolPasskey } from './passkey.ts';
import { usePortal } from './session.tsx';
import { usePortalWords } from './words.ts';

/** An invitation's address carries its code behind `#`, where no server is told of it. */
const codeInAddress = () => decodeURIComponent(window.location.hash.replace(/^#/, '')).slice(0, 100);

/** Makes a passkey with the code that the counter gave. */
export function Enrol() {
  const words = usePortalWords();
  const t = words.enrol;
  const client = usePortal();
  const queries = useQueryClient();
  const navigate = useNavigate();
  const act = useAct();
  const [code, setCode] = useState(codeInAddress);
  const [missing, setMissing] = useState(false);
  const submit = (event: SyntheticEvent) => {
    event.preventDefault();
    setMissing(code.trim() === '');
    if (code.trim() === '') return;
    act.run(
      () => enrolPasskey(client, code.trim()),
      () => {
        // The code is used up: it goes from the address too.
        void navigate({ to: '/', replace: true });
        void queries.resetQueries({ queryKey: ['session'] });
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
        <p className="text-std-16N-170">
          <Link to="/">{t.toSignIn}</Link>
        </p>
      </form>
    </Page>
  );
}
