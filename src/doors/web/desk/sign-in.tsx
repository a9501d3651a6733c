import { useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useAct } from '../ui/act.ts';
import { Button } from '../ui/button.tsx';
import { Notice } from '../ui/notice.tsx';
import { Page } from '../ui/page.tsx';
import { passkeysWork } from '../ui/passkey.ts';
import { PasskeyProblem } from '../ui/passkey-problem.tsx';
import { signInWithPasskey } from './passkey.ts';
import { useDesk } from './session.tsx';
import { useDeskWords } from './words.ts';

/** Shown wherever nobody is signed in. The address stays: after signing in one is where one wanted to be. */
export function SignIn() {
  const words = useDeskWords();
  const t = words.signIn;
  const client = useDesk();
  const queries = useQueryClient();
  const act = useAct();
  return (
    <Page title={t.title} site={words.site} lead={t.lead}>
      <div className="max-w-xl space-y-6">
        {passkeysWork() ? (
          <Button
            size="lg"
            busy={act.busy}
            onClick={() =>
              act.run(
                () => signInWithPasskey(client),
                () => void queries.resetQueries({ queryKey: ['session'] }),
              )
            }
          >
            {t.passkey}
          </Button>
        ) : (
          <Notice kind="warning" title={t.unsupported} />
        )}
        {client.notSignedOut !== null && (
          <Notice kind="error" title={t.notSignedOut} live>
            <p>{t.notSignedOutText}</p>
          </Notice>
        )}
        <PasskeyProblem error={act.error} t={t} />
        <p className="text-std-16N-170 text-solid-gray-700">{t.rules}</p>
        <p className="text-std-16N-170">
          {t.invited}: <Link to="/enrol">{t.toEnrol}</Link>
        </p>
      </div>
    </Page>
  );
}
