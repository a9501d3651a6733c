import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { WaitingEnrolment } from '../../api/client.gen.ts';
import { useAct } from '../ui/act.ts';
import { Button } from '../ui/button.tsx';
import { Section } from '../ui/page.tsx';
import { ProblemNotice } from '../ui/problem.tsx';
import { Table } from '../ui/table.tsx';
import { useDesk, useSession } from './session.tsx';
import { useStepUp } from './step-up.tsx';
import { useDeskWords, useOfficeWords, wordOf } from './words.ts';

/** Enrolments of those who approve: a second person, both factors just shown, confirms them. Asked for on demand: it needs them fresh. */
export function WaitingEnrolments() {
  const t = useOfficeWords().people;
  const { roles } = useDeskWords();
  const { staff: me } = useSession();
  const client = useDesk();
  const queries = useQueryClient();
  const withStepUp = useStepUp();
  const act = useAct();
  const [waiting, setWaiting] = useState<readonly WaitingEnrolment[] | null>(null);
  const read = async () => setWaiting((await client.enrolments()).enrolments);
  const confirm = async (enrolment: string) => {
    await client.confirmEnrolment({ enrolment });
    void queries.invalidateQueries({ queryKey: ['staff'] });
    await read();
  };
  const run = (work: () => Promise<void>) => act.run(() => withStepUp(work));
  return (
    <Section title={t.waiting}>
      <Button look="outline" busy={act.busy} onClick={() => run(read)}>
        {t.showWaiting}
      </Button>
      <ProblemNotice error={act.error} />
      {waiting !== null && (
        <Table
          caption={t.waiting}
          rows={waiting}
          rowKey={({ enrolment }) => enrolment}
          empty={t.noneWaiting}
          columns={[
            { key: 'name', title: t.columns.name, heads: true, cell: ({ staff }) => staff },
            { key: 'role', title: t.columns.role, cell: ({ role }) => wordOf(roles, role) },
            { key: 'by', title: t.askedBy, cell: ({ askedBy }) => askedBy },
            {
              key: 'go',
              title: t.columns.go,
              cell: ({ enrolment, askedBy, staff }) =>
                askedBy === me ? null : (
                  <Button
                    size="sm"
                    aria-label={t.confirmOf(staff)}
                    onClick={() => run(() => confirm(enrolment))}
                  >
                    {t.confirm}
                  </Button>
                ),
            },
          ]}
        />
      )}
    </Section>
  );
}
