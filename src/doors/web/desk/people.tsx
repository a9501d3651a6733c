import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { Button } from '../ui/button.tsx';
import { useLanguage } from '../ui/language.tsx';
import { momentInWords } from '../ui/moment.ts';
import { Page } from '../ui/page.tsx';
import { ProblemNotice } from '../ui/problem.tsx';
import { type Column, Table } from '../ui/table.tsx';
import { Tabs } from '../ui/tabs.tsx';
import type { Staff, Terminal } from './desk-client.ts';
import { EnrolMember, EnrolTerminal } from './enrol-people.tsx';
import { Invite, type Invitee } from './invite.tsx';
import { mayEnrol } from './roles.ts';
import { useDesk, useSession } from './session.tsx';
import { StopPasskeys } from './stop-passkeys.tsx';
import { SuspendDialog, type Suspending } from './suspend.tsx';
import { WaitingEnrolments } from './waiting-enrolments.tsx';
import { useDeskWords, useOfficeWords, wordOf } from './words.ts';

/** Staff and terminals: who there is, invite, suspend with one click and a confirmation, reinstate. */
export function People() {
  const words = useDeskWords();
  const t = useOfficeWords().people;
  const { role } = useSession();
  const [suspending, setSuspending] = useState<Suspending | null>(null);
  const [invitee, setInvitee] = useState<Invitee | null>(null);
  const [stopping, setStopping] = useState<string | null>(null);
  const client = useDesk();
  const queries = useQueryClient();
  const acts = { onSuspend: setSuspending, onInvite: setInvitee, onStopPasskeys: setStopping };
  return (
    <Page title={t.title} site={words.site} lead={t.lead}>
      <Tabs
        label={t.title}
        tabs={[
          {
            id: 'staff',
            title: t.staff,
            panel: (
              <>
                <StaffTable {...acts} />
                <WaitingEnrolments />
                {mayEnrol(role) && <EnrolMember />}
              </>
            ),
          },
          {
            id: 'terminals',
            title: t.terminals,
            panel: (
              <>
                <TerminalTable {...acts} />
                {mayEnrol(role) && <EnrolTerminal />}
              </>
            ),
          },
        ]}
      />
      <SuspendDialog suspending={suspending} onClose={() => setSuspending(null)} />
      <Invite invitee={invitee} onClose={() => setInvitee(null)} />
      <StopPasskeys
        title={t.stopPasskeysOf(stopping ?? '')}
        open={stopping !== null}
        onClose={() => setStopping(null)}
        stop={() => client.stopStaffPasskeys({ name: stopping ?? '' })}
        onStopped={() => void queries.invalidateQueries({ queryKey: ['staff'] })}
      />
    </Page>
  );
}

interface Acts {
  onSuspend: (suspending: Suspending) => void;
  onInvite: (invitee: Invitee) => void;
  onStopPasskeys: (staff: string) => void;
}

function StaffTable(acts: Acts) {
  const words = useDeskWords();
  const t = useOfficeWords().people;
  const { language } = useLanguage();
  const { staff: me } = useSession();
  const client = useDesk();
  const { data, error } = useQuery({ queryKey: ['staff'], queryFn: () => client.staff() });
  const columns: Column<Staff>[] = [
    { key: 'name', title: t.columns.name, heads: true, cell: ({ staff }) => staff },
    { key: 'role', title: t.columns.role, cell: ({ role }) => wordOf(words.roles, role) },
    { key: 'office', title: t.columns.office, cell: ({ office }) => office },
    { key: 'state', title: t.columns.state, cell: ({ state }) => <State state={state} /> },
    {
      key: 'passkeys',
      title: t.columns.passkeys,
      numeric: true,
      cell: ({ passkeys }) => t.passkeys(passkeys),
    },
    {
      key: 'enrolledAt',
      title: t.columns.enrolledAt,
      cell: ({ enrolledAt }) => momentInWords(enrolledAt, language),
    },
    {
      key: 'go',
      title: t.columns.go,
      cell: ({ staff, state, role, passkeys }) => (
        <RowActs
          {...acts}
          name={staff}
          target="staff"
          state={state}
          mayInvite={role !== 'resident'}
          passkeys={passkeys}
          self={staff === me}
        />
      ),
    },
  ];
  return (
    <>
      <ProblemNotice error={error} />
      {data && (
        <Table
          caption={t.staff}
          captionHidden
          columns={columns}
          rows={data.staff.filter(({ role }) => role !== 'resident')}
          rowKey={({ staff }) => staff}
          empty={t.noStaff}
        />
      )}
    </>
  );
}

function TerminalTable(acts: Acts) {
  const t = useOfficeWords().people;
  const { language } = useLanguage();
  const client = useDesk();
  const { data, error } = useQuery({ queryKey: ['terminals'], queryFn: () => client.terminals() });
  const columns: Column<Terminal>[] = [
    { key: 'name', title: t.columns.name, heads: true, cell: ({ terminal }) => terminal },
    { key: 'office', title: t.columns.office, cell: ({ office }) => office },
    { key: 'state', title: t.columns.state, cell: ({ state }) => <State state={state} /> },
    {
      key: 'enrolledAt',
      title: t.columns.enrolledAt,
      cell: ({ enrolledAt }) => momentInWords(enrolledAt, language),
    },
    {
      key: 'go',
      title: t.columns.go,
      cell: ({ terminal, state }) => (
        <RowActs
          {...acts}
          name={terminal}
          target="terminal"
          state={state}
          mayInvite
          passkeys={0}
          self={false}
        />
      ),
    },
  ];
  return (
    <>
      <ProblemNotice error={error} />
      {data && (
        <Table
          caption={t.terminals}
          captionHidden
          columns={columns}
          rows={data.terminals}
          rowKey={({ terminal }) => terminal}
          empty={t.noTerminals}
        />
      )}
    </>
  );
}

function State({ state }: { state: string }) {
  const { states } = useOfficeWords().people;
  return <span className={state === 'active' ? '' : 'font-700 text-error-2'}>{wordOf(states, state)}</span>;
}

function RowActs({
  name,
  target,
  state,
  mayInvite,
  passkeys,
  self,
  onSuspend,
  onInvite,
  onStopPasskeys,
}: Acts & {
  name: string;
  target: 'staff' | 'terminal';
  state: string;
  mayInvite: boolean;
  passkeys: number;
  self: boolean;
}) {
  const t = useOfficeWords().people;
  const { role } = useSession();
  const active = state === 'active';
  const label = active ? t.suspendOf(name) : t.reinstateOf(name);
  const invites = target === 'staff' ? t.inviteOf(name) : t.inviteTerminalOf(name);
  return (
    <div className="flex flex-wrap gap-2">
      {!self && (
        <Button
          size="sm"
          look="outline"
          aria-label={label}
          onClick={() => onSuspend({ name, target, end: !active })}
        >
          {active ? t.suspend : t.reinstate}
        </Button>
      )}
      {active && mayInvite && mayEnrol(role) && (
        <Button size="sm" look="outline" aria-label={invites} onClick={() => onInvite({ name, target })}>
          {t.invite}
        </Button>
      )}
      {passkeys > 0 && mayEnrol(role) && (
        <Button
          size="sm"
          look="outline"
          aria-label={t.stopPasskeysOf(name)}
          onClick={() => onStopPasskeys(name)}
        >
          {t.stopPasskeys}
        </Button>
      )}
    </div>
  );
}
