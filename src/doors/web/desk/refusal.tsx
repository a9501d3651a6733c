import { Link } from '@tanstack/react-router';
import { useLanguage } from '../ui/language.tsx';
import { timeInWords } from '../ui/moment.ts';
import { kindOf, ProblemNotice } from '../ui/problem.tsx';
import { mayUse } from './roles.ts';
import { useBudget, useSession } from './session.tsx';
import { useDeskWords } from './words.ts';

/** A refusal within a case: what happened, and the ways on that this refusal leaves open. */
export function Refusal({ error, caseId }: { error: unknown; caseId: string }) {
  const t = useDeskWords().open.refused;
  const { language } = useLanguage();
  const { role } = useSession();
  const { data: budget } = useBudget(caseId);
  if (error === null || error === undefined) return null;
  const kind = kindOf(error);
  const spent = kind === 'budget-spent';
  const freesAt = budget?.freesAt ?? null;
  return (
    <ProblemNotice error={error}>
      {spent && freesAt !== null && <p>{t.waitUntil(timeInWords(freesAt, language))}</p>}
      {spent && mayUse('grants', role) && (
        <p>
          <Link to="/grants">{t.grant}</Link>
        </p>
      )}
      {['no-authority', 'policy-denied', 'locked', 'case-required'].includes(kind) && (
        <p>
          <Link to="/">{t.otherPurpose}</Link>
        </p>
      )}
    </ProblemNotice>
  );
}
