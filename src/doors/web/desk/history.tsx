import { useState } from 'react';
import { useAct } from '../ui/act.ts';
import { Button } from '../ui/button.tsx';
import { Notice } from '../ui/notice.tsx';
import { Section } from '../ui/page.tsx';
import { Refusal } from './refusal.tsx';
import { useDesk } from './session.tsx';
import { useDeskWords } from './words.ts';

/** That lines are there, for a resident who asks at the desk; what they say he reads himself, with their proofs, in the portal. */
export function History({
  caseId,
  person,
  onSpent,
}: {
  caseId: string;
  person: string;
  onSpent: () => void;
}) {
  const t = useDeskWords().open.history;
  const client = useDesk();
  const act = useAct();
  const [count, setCount] = useState<{ lines: number; more: boolean } | null>(null);
  return (
    <Section title={t.title}>
      <p className="text-std-16N-170 mb-3">{t.lead}</p>
      <Button
        look="outline"
        busy={act.busy}
        onClick={() =>
          act.run(
            () => client.residentHistory({ person, body: { caseId, limit: 200 } }).finally(onSpent),
            ({ lines, coarse, hidden, older }) => {
              const kept = hidden.reduce((sum, each) => sum + each.count, 0);
              setCount({ lines: lines.length + coarse.length + kept, more: older.length > 0 });
            },
          )
        }
      >
        {t.show}
      </Button>
      <div className="mt-4 space-y-4">
        <Refusal error={act.error} caseId={caseId} />
        {count !== null && <Notice kind="info" title={t.lines(count.lines, count.more)} live />}
      </div>
    </Section>
  );
}
