import { useQueryClient } from '@tanstack/react-query';
import { Link, Outlet, useRouterState } from '@tanstack/react-router';
import { useAct } from '../ui/act.ts';
import { Button } from '../ui/button.tsx';
import { Header, SkipLink } from '../ui/header.tsx';
import { IdleWatch } from '../ui/idle-watch.tsx';
import { LiveRegion } from '../ui/live-region.tsx';
import { Main, Page } from '../ui/page.tsx';
import { kindOf, ProblemNotice } from '../ui/problem.tsx';
import { useUiWords } from '../ui/words.ts';
import type { DeskSession } from './desk-client.ts';
import { mayUse, type Screen, screens } from './roles.ts';
import { forget, SessionProvider, useDesk, useSessionQuery } from './session.tsx';
import { SignIn } from './sign-in.tsx';
import { StepUpProvider } from './step-up.tsx';
import { useDeskWords, wordOf } from './words.ts';

/** Header, navigation and the screen; the sign-in screen while nobody is signed in. */
export function Frame() {
  const words = useDeskWords();
  const ui = useUiWords();
  const session = useSessionQuery();
  const path = useRouterState({ select: (state) => state.location.pathname });
  const screen = () => {
    if (path === '/enrol') return <Outlet />;
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
    if (session.data === null) return <SignIn />;
    return (
      <SessionProvider value={session.data}>
        <StepUpProvider>
          <Outlet />
          <DeskIdleWatch />
        </StepUpProvider>
      </SessionProvider>
    );
  };
  return (
    <LiveRegion>
      <div className="flex min-h-dvh flex-col">
        <SkipLink />
        <Header site={words.site} nav={session.data && <Navigation role={session.data.role} />}>
          {session.data && <Who session={session.data} />}
        </Header>
        <Main>{screen()}</Main>
      </div>
    </LiveRegion>
  );
}

function Who({ session }: { session: DeskSession }) {
  const words = useDeskWords();
  const client = useDesk();
  const queries = useQueryClient();
  const act = useAct();
  const { staff, role, office } = session;
  return (
    <div className="flex flex-wrap items-center gap-x-3 print:hidden">
      <span className="text-dns-14N-130 text-solid-gray-700">
        {words.frame.signedInAs(staff, wordOf(words.roles, role), office)}
      </span>
      <Button
        look="text"
        size="sm"
        busy={act.busy}
        onClick={() => {
          // Signed out here whatever the office says: nothing stays on the screen.
          act.run(async () => {
            client.notSignedOut = await client.signOut().then(
              () => null,
              (error: unknown) => (kindOf(error) === 'session-invalid' ? null : error),
            );
            forget(queries);
          });
        }}
      >
        {words.frame.signOut}
      </Button>
    </div>
  );
}

function Navigation({ role }: { role: string }) {
  const t = useDeskWords().nav;
  const offered = (Object.keys(screens) as Screen[]).filter((screen) => mayUse(screen, role));
  const look =
    'text-std-16N-170 inline-flex min-h-11 items-center border-b-4 border-transparent px-3 text-solid-gray-900 no-underline hover:underline aria-[current=page]:border-key-900 aria-[current=page]:font-700';
  return (
    <nav aria-label={t.label} className="mx-auto max-w-6xl px-1 print:hidden">
      <ul className="flex flex-wrap">
        <li>
          <Link to="/" activeOptions={{ exact: true }} className={look}>
            {t.home}
          </Link>
        </li>
        {offered.map((screen) => (
          <li key={screen}>
            <Link to={`/${screen}`} className={look}>
              {t[screen]}
            </Link>
          </li>
        ))}
      </ul>
    </nav>
  );
}

function DeskIdleWatch() {
  const client = useDesk();
  return <IdleWatch t={useDeskWords().frame} client={client} ask={() => client.session$()} forget={forget} />;
}

export function NoSuchPage() {
  const words = useDeskWords();
  return (
    <Page title={words.frame.noSuchPage} site={words.site}>
      <Link to="/">{words.frame.toHome}</Link>
    </Page>
  );
}
