import { useQueryClient } from '@tanstack/react-query';
import { Link, useNavigate, useParams } from '@tanstack/react-router';
import { useState } from 'react';
import type { Hit, SearchBy } from '../../api/client.gen.ts';
import { useAct } from '../ui/act.ts';
import { Button } from '../ui/button.tsx';
import { useLanguage } from '../ui/language.tsx';
import { momentInWords } from '../ui/moment.ts';
import { Notice } from '../ui/notice.tsx';
import { Page } from '../ui/page.tsx';
import { ProblemNotice } from '../ui/problem.tsx';
import { useUiWords } from '../ui/words.ts';
import { BudgetBar } from './budget-bar.tsx';
import type { Case, Purpose } from './desk-client.ts';
import { eventsOf, isNewcomerEvent } from './event-facts.ts';
import { EventForm } from './event-form.tsx';
import { FindForm } from './find-form.tsx';
import { type Found, Hits } from './hits.tsx';
import { Refusal } from './refusal.tsx';
import { Resident } from './resident.tsx';
import { mayUse } from './roles.ts';
import { useCases, useDesk, usePurposes, useSession } from './session.tsx';
import { useDeskWords } from './words.ts';

/** The work in one case. Who was found lives here, in no address. */
export function CasePage() {
  const words = useDeskWords();
  const t = words.case;
  const ui = useUiWords();
  const { caseId } = useParams({ from: '/cases/$caseId' });
  const cases = useCases();
  const purposes = usePurposes();
  const found = cases.data?.find((each) => each.caseId === caseId);
  const purpose = purposes.find((each) => each.purpose === found?.purpose);
  if (cases.isPending || purposes.length === 0) return <p role="status">{ui.loading}</p>;
  if (found === undefined || purpose === undefined || found.closed)
    return (
      <Page title={found?.closed ? t.closed : t.notFound} site={words.site}>
        <ProblemNotice error={cases.error} />
        <p className="text-std-16N-170 mb-4">{t.closedText}</p>
        <Link to="/">{words.frame.toHome}</Link>
      </Page>
    );
  return <OpenCase key={caseId} of={found} purpose={purpose} />;
}

function OpenCase({ of, purpose }: { of: Case; purpose: Purpose }) {
  const words = useDeskWords();
  const t = words.case;
  const { language } = useLanguage();
  return (
    <Page title={t.title} site={words.site}>
      <div className="flex flex-wrap items-start justify-between gap-x-6 gap-y-2 print:hidden">
        <dl className="text-std-16N-170 grid grid-cols-[auto_1fr] gap-x-3">
          <dt className="font-700">{words.newCase.purpose}</dt>
          <dd>
            {purpose.title[language]}
            <span className="block text-solid-gray-700">
              {purpose.law[language]} {purpose.article}
            </span>
          </dd>
          {of.note !== undefined && (
            <>
              <dt className="font-700">{t.note}</dt>
              <dd>{of.note}</dd>
            </>
          )}
          <dt className="font-700">{t.openedAt}</dt>
          <dd>{momentInWords(of.openedAt, language)}</dd>
        </dl>
        <CloseCase caseId={of.caseId} />
      </div>
      <BudgetBar caseId={of.caseId} />
      <CaseWork caseId={of.caseId} purpose={purpose} />
    </Page>
  );
}

function CloseCase({ caseId }: { caseId: string }) {
  const t = useDeskWords().case;
  const client = useDesk();
  const queries = useQueryClient();
  const navigate = useNavigate();
  const act = useAct();
  return (
    <div>
      <Button
        look="outline"
        size="sm"
        busy={act.busy}
        onClick={() =>
          act.run(
            () => client.closeCase({ caseId }),
            () => {
              void queries.invalidateQueries({ queryKey: ['cases'] });
              void navigate({ to: '/' });
            },
          )
        }
      >
        {t.close}
      </Button>
      <ProblemNotice error={act.error} />
    </div>
  );
}

type View = { at: 'find' } | { at: 'resident'; hit: Hit } | { at: 'newcomer' };

/** Find, choose, open; or enter somebody new. */
function CaseWork({ caseId, purpose }: { caseId: string; purpose: Purpose }) {
  const words = useDeskWords();
  const t = words.case;
  const { role } = useSession();
  const client = useDesk();
  const queries = useQueryClient();
  const act = useAct();
  const [found, setFound] = useState<Found | null>(null);
  const [view, setView] = useState<View>({ at: 'find' });
  const spent = () => void queries.invalidateQueries({ queryKey: ['budget', caseId] });
  const search = (by: SearchBy, limit: number) => {
    setFound(null);
    act.run(
      () => client.searchResidents({ body: { caseId, by, limit } }).finally(spent),
      ({ hits, line }) => setFound({ hits, line, limit }),
    );
  };
  const toFind = () => setView({ at: 'find' });
  if (view.at === 'resident')
    return (
      <Resident
        caseId={caseId}
        purpose={purpose}
        hit={view.hit}
        onSpent={spent}
        onBack={toFind}
        key={view.hit.person}
      />
    );
  const newcomers = eventsOf(purpose.purpose).filter(isNewcomerEvent);
  if (view.at === 'newcomer')
    return <EventForm caseId={caseId} events={newcomers} person={null} onBack={toFind} onSpent={spent} />;
  return (
    <>
      {newcomers.length > 0 && (
        <p className="mb-6">
          <Button look="outline" onClick={() => setView({ at: 'newcomer' })}>
            {t.newcomer}
          </Button>
        </p>
      )}
      <h2 className="text-std-22B-150 mb-3">{t.find}</h2>
      {purpose.searchesBy.length === 0 ? (
        <Notice kind="info" title={t.nothingToFind}>
          {mayUse('imports', role) && <Link to="/imports">{words.nav.imports}</Link>}
        </Notice>
      ) : (
        <FindForm searchesBy={purpose.searchesBy} busy={act.busy} onSearch={search} />
      )}
      <div className="mt-4">
        <Refusal error={act.error} caseId={caseId} />
      </div>
      {found !== null && <Hits found={found} onChoose={(hit) => setView({ at: 'resident', hit })} />}
    </>
  );
}
