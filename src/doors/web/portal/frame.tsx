import { useQueryClient } from '@tanstack/react-query';
import { Link, Outlet, useRouterState } from '@tanstack/react-router';
import { lazy, Suspense } from 'react';
import { useAct } from '../ui/act.ts';
import { Button } from '../ui/button.tsx';
import { Header, SkipLink } from '../ui/header.tsx';
import { LiveRegion } from '../ui/live-region.tsx';
import { Main, Page } from '../ui/page.tsx';
import { ProblemNotice } from '../ui/problem.tsx';
import { useUiWords } from '../ui/words.ts';
import { forget, usePortal, useSessionQuery } from './session.tsx';
import { SignIn } from './sign-in.tsx';
import { usePortalWords } from './words.ts';

// Comes behind the first screen: it has thirteen minutes.
const IdleWatch = lazy(() => import('../ui/idle-watch.tsx').then((it) => ({ default: it.IdleWatch })));

/** Screens that need nobody signed in. */
const open = ['/enrol', '/marks'];

/** Header, navigation and the screen; the sign-in screen while nobody is signed in. */
export function Frame() {
  const words = usePortalWords();
  const ui = useUiWords();
  const client = usePortal();
  const session = useSessionQuery();
  const path = useRouterState({ select: (state) => state.location.pathname });
  const signedIn = session.data !== null && session.data !== undefined;
  const screen = () => {
    if (open.includes(path)) return <Outlet />;
    if (session.isPending)
      return (
        <p role="status" className="text-std-16N-170">
          {ui.loading}
        </p>
      );
    if (session.isError)
      return (
        <Page title={words.signIn.title} site={words.site}>
          <ProblemNotice error={session.error}>
            <Button look="outline" onClick={() => void session.refetch()}>
              {ui.again}
            </Button>
          </ProblemNotice>
        </Page>
      );
    return signedIn ? <Outlet /> : <SignIn />;
  };
  return (
    <LiveRegion>
      <div className="flex min-h-dvh flex-col">
        <SkipLink />
        <Header site={words.site} nav={signedIn && <Navigation />}>
          {signedIn && <SignOut />}
        </Header>
        <Main>
          {screen()}
          {signedIn && (
            <Suspense>
              <IdleWatch t={words.frame} client={client} ask={() => client.sessionState()} forget={forget} />
            </Suspense>
          )}
        </Main>
      </div>
    </LiveRegion>
  );
}

function SignOut() {
  const t = usePortalWords().frame;
  const client = usePortal();
  const queries = useQueryClient();
  const act = useAct();
  return (
    <Button
      look="text"
      size="sm"
      busy={act.busy}
      onClick={() =>
        // Signed out here whatever the server says, in a page that knows nothing of what was read.
        act.run(async () => {
          await client.signOut().catch(() => {});
          forget(queries);
          window.location.replace('/');
        })
      }
    >
      {t.signOut}
    </Button>
  );
}

const screens = [
  ['/', 'record'],
  ['/looked', 'looked'],
  ['/contests', 'contests'],
  ['/lock', 'lock'],
  ['/marks', 'marks'],
] as const;

function Navigation() {
  const t = usePortalWords().nav;
  return (
    <nav aria-label={t.label} className="mx-auto max-w-6xl px-1">
      <ul className="flex flex-wrap">
        {screens.map(([to, name]) => (
          <li key={to}>
            <Link
              to={to}
              activeOptions={{ exact: true }}
              className="text-std-16N-170 inline-flex min-h-11 items-center border-b-4 border-transparent px-3 text-solid-gray-900 no-underline hover:underline aria-[current=page]:border-key-900 aria-[current=page]:font-700"
            >
              {t[name]}
            </Link>
          </li>
        ))}
      </ul>
    </nav>
  );
}

export function NoSuchPage() {
  const words = usePortalWords();
  return (
    <Page title={words.frame.noSuchPage} site={words.site}>
      <Link to="/">{words.frame.toRecord}</Link>
    </Page>
  );
}
