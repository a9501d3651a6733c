import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { groupWords } from '../../words/index.ts';
import { useAct } from '../ui/act.ts';
import { Button } from '../ui/button.tsx';
import { useSecondsLeft } from '../ui/countdown.tsx';
import { Actions, Dialog } from '../ui/dialog.tsx';
import { useLanguage } from '../ui/language.tsx';
import { countInWords, momentInWords } from '../ui/moment.ts';
import { Page, Section } from '../ui/page.tsx';
import { ProblemNotice } from '../ui/problem.tsx';
import { type Column, Table } from '../ui/table.tsx';
import { useUiWords } from '../ui/words.ts';
import { AskGrant } from './ask-grant.tsx';
import type { Grant } from './desk-client.ts';
import { useDesk, usePurposes, useSession } from './session.tsx';
import { useStepUp } from './step-up.tsx';
import { useDeskWords, useOfficeWords, wordOf } from './words.ts';

interface Asked {
  what: 'approve' | 'revoke';
  grant: Grant;
}

/** Bulk grants: asked for by one, approved by another who has just shown both factors, revoked by either. */
export function Grants() {
  const words = useDeskWords();
  const t = useOfficeWords().grants;
  const client = useDesk();
  const { role } = useSession();
  const [asked, setAsked] = useState<Asked | null>(null);
  const { data, error } = useQuery({
    queryKey: ['grants'],
    queryFn: () => client.grants(),
  });
  return (
    <Page title={t.title} site={words.site} lead={t.lead}>
      <Section title={t.list}>
        <ProblemNotice error={error} />
        {data !== undefined && <GrantTable grants={data.grants} onAct={setAsked} />}
      </Section>
      {(role === 'clerk' || role === 'supervisor') && (
        <Section title={t.ask}>
          <AskGrant />
        </Section>
      )}
      <ConfirmGrant asked={asked} onClose={() => setAsked(null)} />
    </Page>
  );
}

function GrantTable({ grants, onAct }: { grants: readonly Grant[]; onAct: (asked: Asked) => void }) {
  const t = useOfficeWords().grants;
  const { language } = useLanguage();
  const { staff, role } = useSession();
  const titles = new Map(usePurposes().map(({ purpose, title }) => [purpose, title[language]]));
  const count = (n: number) => countInWords(n, language);
  const groupsIn = ({ groups }: Grant) =>
    groups
      .map((group) =>
        Object.hasOwn(groupWords, group) ? groupWords[group as keyof typeof groupWords][language] : group,
      )
      .join(language === 'ja' ? '、' : ', ');
  const columns: Column<Grant>[] = [
    {
      key: 'purpose',
      title: t.columns.purpose,
      heads: true,
      cell: ({ purpose }) => titles.get(purpose) ?? purpose,
    },
    { key: 'state', title: t.columns.state, cell: ({ state }) => wordOf(t.states, state) },
    { key: 'groups', title: t.columns.groups, cell: groupsIn },
    {
      key: 'left',
      title: t.columns.left,
      numeric: true,
      cell: (g) => t.leftOf(count(g.left), count(g.count)),
    },
    { key: 'ends', title: t.columns.ends, cell: (grant) => <Ends endsAt={grant.endsAt} /> },
    { key: 'people', title: t.columns.people, cell: (g) => t.by(g.askedBy, g.approvedBy ?? t.notYet) },
    {
      key: 'go',
      title: t.columns.go,
      cell: (grant) => (
        <div className="flex flex-wrap gap-2">
          {grant.state === 'asked' && role === 'supervisor' && grant.askedBy !== staff && (
            <Button size="sm" onClick={() => onAct({ what: 'approve', grant })}>
              {t.approve}
            </Button>
          )}
          {grant.state === 'asked' && role === 'supervisor' && grant.askedBy === staff && (
            <span className="text-solid-gray-700">{t.ownRequest}</span>
          )}
          {(grant.state === 'asked' || grant.state === 'active') &&
            (role !== 'clerk' || grant.askedBy === staff) && (
              <Button size="sm" look="outline" onClick={() => onAct({ what: 'revoke', grant })}>
                {t.revoke}
              </Button>
            )}
        </div>
      ),
    },
  ];
  return (
    <Table
      caption={t.list}
      captionHidden
      columns={columns}
      rows={grants}
      rowKey={({ grant }) => grant}
      empty={t.none}
    />
  );
}

/** The end, and the time until then, counted down by the minute. */
function Ends({ endsAt }: { endsAt: number }) {
  const t = useOfficeWords().grants;
  const { language } = useLanguage();
  const seconds = useSecondsLeft(endsAt);
  return (
    <>
      {t.until(momentInWords(endsAt, language))}
      <span role="timer" className="block text-solid-gray-700">
        {t.timeLeft(Math.floor(seconds / 3_600), Math.floor((seconds % 3_600) / 60))}
      </span>
    </>
  );
}

function ConfirmGrant({ asked, onClose }: { asked: Asked | null; onClose: () => void }) {
  const t = useOfficeWords().grants;
  const ui = useUiWords();
  const client = useDesk();
  const queries = useQueryClient();
  const act = useAct();
  const withStepUp = useStepUp();
  const approves = asked?.what === 'approve';
  const go = () => {
    if (asked === null) return;
    const { grant } = asked.grant;
    act.run(
      () => withStepUp(() => (approves ? client.approveGrant({ grant }) : client.revokeGrant({ grant }))),
      () => {
        void queries.invalidateQueries({ queryKey: ['grants'] });
        onClose();
      },
    );
  };
  return (
    <Dialog
      title={approves ? t.approveTitle : t.revokeTitle}
      open={asked !== null}
      onClose={() => {
        act.clear();
        onClose();
      }}
    >
      <p className="text-std-16N-170">{approves ? t.approveText : t.revokeText}</p>
      <div className="mt-3">
        <ProblemNotice error={act.error} />
      </div>
      <Actions>
        <Button busy={act.busy} look={approves ? 'solid' : 'danger'} onClick={go}>
          {approves ? t.approve : t.revoke}
        </Button>
        <Button
          look="outline"
          onClick={() => {
            act.clear();
            onClose();
          }}
        >
          {ui.cancel}
        </Button>
      </Actions>
    </Dialog>
  );
}
