import { Notice } from './notice.tsx';
import { wasCancelled } from './passkey.ts';
import { ProblemNotice } from './problem.tsx';

/** An error of a passkey: given up is no fault, and said so in the site's words. */
export function PasskeyProblem({
  error,
  t,
}: {
  error: unknown;
  t: { cancelled: string; cancelledText: string };
}) {
  if (error === null) return null;
  return wasCancelled(error) ? (
    <Notice kind="warning" title={t.cancelled} live>
      <p>{t.cancelledText}</p>
    </Notice>
  ) : (
    <ProblemNotice error={error} />
  );
}
