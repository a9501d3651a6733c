import { useAct } from '../ui/act.ts';
import { Button } from '../ui/button.tsx';
import { Countdown } from '../ui/countdown.tsx';
import { useAnnounce } from '../ui/live-region.tsx';
import { Section } from '../ui/page.tsx';
import { ProblemNotice } from '../ui/problem.tsx';
import { Table } from '../ui/table.tsx';
import { useOpened } from '../ui/use-opened.ts';
import { openMs } from './opened.ts';
import { usePortal } from './session.tsx';
import { usePortalWords } from './words.ts';

type Members = readonly Readonly<Record<string, string>>[];
const place = 'household';

/** Names and relations of those in the same household, covered until asked for. */
export function Household() {
  const words = usePortalWords();
  const t = words.household;
  const client = usePortal();
  const announce = useAnnounce();
  const act = useAct();
  const { opened, put, close } = useOpened<{ members: Members }>(openMs, () =>
    announce(words.record.autoCovered),
  );
  const now = opened.get(place);
  return (
    <Section title={t.title}>
      <p className="text-std-16N-170 mb-4 max-w-3xl text-solid-gray-700">{t.lead}</p>
      <div className="mb-4 flex flex-wrap items-center gap-3">
        {now === undefined ? (
          <Button
            look="outline"
            busy={act.busy}
            onClick={() =>
              act.run(
                () => client.household(),
                ({ members }) => put({ [place]: { members } }),
              )
            }
          >
            {t.show}
          </Button>
        ) : (
          <>
            <Button look="outline" onClick={() => close(place)}>
              {t.hide}
            </Button>
            <Countdown endsAt={now.endsAt} />
          </>
        )}
      </div>
      <ProblemNotice error={act.error} />
      {now !== undefined && (
        <Table
          caption={t.table}
          captionHidden
          columns={[
            { key: 'name', title: t.name, heads: true, cell: (row) => <span lang="ja">{row['name']}</span> },
            { key: 'relation', title: t.relation, cell: (row) => <span lang="ja">{row['relation']}</span> },
          ]}
          rows={now.members.map((member, i) => ({ ...member, key: String(i) }) as Record<string, string>)}
          rowKey={(row) => row['key']!}
          empty={t.none}
        />
      )}
    </Section>
  );
}
